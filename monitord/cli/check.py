"""``monitord check``: every mistake of a configuration at once, or what it amounts to.

Talks to no device, no record and no daemon.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from monitord.cli.common import Invocation, Json, mistake_json, run_command, write_json
from monitord.cli.explanation import ExplanationReport
from monitord.cli.words import Words
from monitord.clock import read_instant
from monitord.config import ConfigErrors, explain, load
from monitord.config.explain import DeviceExplained, ProgrammeExplained
from monitord.core.model import SECOND

CORRECT, MISTAKES = 0, 2


def run(path: Path, explain: bool, out: TextIO, language: str, *, as_json: bool = False) -> int:
    """Print the mistakes in the file at ``path`` and return 2, or what it amounts to and return 0.

    ``language``: zh or en, for all but the mistakes, which are in English. ``as_json``: one JSON
    document for scripts instead.
    """
    invocation = Invocation(path, language, as_json, out, sys.stderr)
    return run_command(
        invocation, _check_json if as_json else lambda invocation: _check(invocation, explain)
    )


def _check_json(invocation: Invocation) -> int:
    found: Json = {
        "file": str(invocation.config),
        "ok": True,
        "mistakes": [],
        "programmes": [],
        "stale": [],
    }
    try:
        explained = explain(load(invocation.config, wall=read_instant().wall))
    except ConfigErrors as errors:
        mistakes = [mistake_json(error) for error in errors.errors]
        write_json(found | {"ok": False, "mistakes": mistakes}, invocation.out)
        return MISTAKES
    found["programmes"] = [_claim_json(programme) for programme in explained.programmes]
    found["stale"] = [_stale_json(device) for device in explained.stale]
    write_json(found, invocation.out)
    return CORRECT


def _claim_json(programme: ProgrammeExplained) -> Json:
    return {
        "id": programme.plan.id,
        "surely_seen_s": programme.surely_seen / SECOND,
        "decided_by": programme.decided_by.id,
        "unmonitored": list(programme.unmonitored),
    }


def _stale_json(device: DeviceExplained) -> Json:
    return {
        "device": device.settings.id,
        "age_worst_s": device.age_worst / SECOND,
        "bound_s": device.bound / SECOND,
    }


def _check(invocation: Invocation, explain: bool) -> int:
    path, out, words = invocation.config, invocation.out, Words(invocation.language)
    try:
        settings = load(path, wall=read_instant().wall)
    except ConfigErrors as errors:
        for error in errors.errors:
            print(error, file=out)
        print(words("mistakes", file=path, count=len(errors.errors)), file=out)
        return MISTAKES
    print(words("explain.ok", file=path), file=out)
    report = ExplanationReport(settings, words)
    for line in report.everything() if explain else report.claims():
        print(line, file=out)
    return CORRECT
