"""``monitord check``: reports all mistakes of a configuration, or what it monitors.

Reads files only: no device, no record, no daemon.
"""

from __future__ import annotations

from monitord.cli.configuration import mistakes_json
from monitord.cli.explanation import ExplanationReport
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.words import Words
from monitord.clock import read_instant
from monitord.config import ConfigErrors, explain, load
from monitord.config.days import day_of
from monitord.config.explain import (
    DeviceExplained,
    EarlyDelay,
    Explanation,
    ProgrammeExplained,
)
from monitord.config.holidays import unknown_holidays
from monitord.core.model import SECOND


def run(invocation: Invocation, *, explained: bool) -> int:
    """Print all mistakes and return 2, or print what is monitored and return 0.

    ``explained``: print everything, not only the shortest detectable outage of each programme.
    """
    words = Words(invocation.language)
    wall = read_instant().wall
    try:
        settings = load(invocation.config, wall=wall)
    except ConfigErrors as errors:
        _print_mistakes(invocation, errors, words)
        return ExitCode.MISTAKES
    if invocation.as_json:
        document = _document(invocation, explain(settings))
        since = unknown_holidays(settings, day_of(wall, settings.time_zone))
        found = {
            "open_secrets": list(settings.open_secrets),
            "holidays_unknown_from": None if since is None else str(since),
        }
        write_json(document | found, invocation.out)
        return ExitCode.OK
    report = ExplanationReport(settings, words, wall)
    lines = report.everything() if explained else report.claims()
    write_lines([words("explain.ok", file=invocation.config), *lines], invocation.out)
    return ExitCode.OK


def _print_mistakes(invocation: Invocation, errors: ConfigErrors, words: Words) -> None:
    if invocation.as_json:
        mistakes = mistakes_json(errors.errors, invocation.language)
        document = _document(invocation, None) | {"ok": False, "mistakes": mistakes}
        write_json(document, invocation.out)
        return
    summary = words("mistakes", count=len(errors.errors), file=invocation.config)
    write_lines([*errors.render(invocation.language), summary], invocation.out)


def _document(invocation: Invocation, explained: Explanation | None) -> Json:
    programmes = explained.programmes if explained else ()
    stale = explained.stale if explained else ()
    early = explained.early if explained else ()
    return {
        "file": str(invocation.config),
        "ok": True,
        "mistakes": [],
        "programmes": [_claim_json(programme) for programme in programmes],
        "stale": [_stale_json(device) for device in stale],
        "early": [_early_json(delay) for delay in early],
        "untold": list(explained.untold) if explained else [],
        "open_secrets": [],
        "holidays_unknown_from": None,
    }


def _claim_json(programme: ProgrammeExplained) -> Json:
    return {
        "id": programme.plan.id,
        "surely_seen_s": programme.surely_seen / SECOND,
        "decided_by": programme.decided_by.id,
        "unmonitored": list(programme.unmonitored),
    }


def _early_json(early: EarlyDelay) -> Json:
    return {
        "person": early.person.id,
        "severity": early.severity,
        "tell_after_s": early.delay / SECOND,
        "programme": early.programme,
        "fault": early.fault,
        "open_after_s": early.open_after / SECOND,
        "others": early.others,
    }


def _stale_json(device: DeviceExplained) -> Json:
    return {
        "device": device.settings.id,
        "age_worst_s": device.age_worst / SECOND,
        "bound_s": device.bound / SECOND,
    }
