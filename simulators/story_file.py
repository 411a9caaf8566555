"""Reads a story: the faults of the station with their times, and the reports that are due.

Owns the form of the file and the check of the reports. Must not run anything.

A story file has ``title`` (zh, en), ``lasts``, ``faults`` (at, lasts, fault, device, amount;
one without ``lasts`` has no end) and ``told`` (programme, reason, event, by).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.durations import duration_text, read_duration
from simulators.plant.county.layout import Layout, LayoutError
from simulators.plant.county.vocabulary import NEVER, SITE, VOCABULARY, StationFault
from simulators.site_file import FileError, read_yaml

STORIES = Path(__file__).parent / "stories"
FULL_STORY = STORIES / "three-minutes.yaml"
EVENTS = ("opened", "recovered")
_FAULT_KEYS = ("at", "lasts", "fault", "device", "amount")
_TOLD_KEYS = ("programme", "reason", "event", "by")


@dataclass(frozen=True, slots=True)
class Expected:
    """A report that is due by plant time ``by``: an ``event`` of a programme with a reason."""

    programme: str
    reason: str
    event: str
    by: int


@dataclass(frozen=True, slots=True)
class StoryFile:
    """``faults`` and ``due`` in order of time; ``lasts`` in microseconds."""

    zh: str
    en: str
    lasts: int
    faults: tuple[StationFault, ...]
    due: tuple[Expected, ...]


def read_story(path: Path, layout: Layout) -> StoryFile:
    """Return the story in a file, for this station. Raises FileError for the first mistake."""
    found = read_yaml(path)
    _only(found, ("title", "lasts", "faults", "told"), str(path))
    title = found.get("title") or {}
    lasts = _duration(found.get("lasts"), f"{path}: lasts")
    faults = [
        _fault(raw, f"{path}: faults[{number}]", layout)
        for number, raw in enumerate(found.get("faults") or [])
    ]
    due = [
        _expected(raw, f"{path}: told[{number}]")
        for number, raw in enumerate(found.get("told") or [])
    ]
    return StoryFile(
        zh=str(title.get("zh", path.stem)),
        en=str(title.get("en", path.stem)),
        lasts=lasts,
        faults=tuple(sorted(faults, key=lambda fault: fault.at)),
        due=tuple(sorted(due, key=lambda expected: expected.by)),
    )


def missing_reports(
    story: StoryFile, messages: Iterable[Mapping[str, Any]], until: int
) -> list[str]:
    """Return a line for every report due by ``until`` that is missing.

    Each message counts once: two outages of one kind need two reports. A story that ends before
    any report is due has proved nothing, and this is one line too.
    """
    due = [expected for expected in story.due if expected.by <= until]
    if not due and story.due:
        return [f"nothing is due yet: the first is due after {duration_text(story.due[0].by)}"]
    left = list(messages)
    missing = []
    for expected in due:
        match = next((message for message in left if _matches(expected, message)), None)
        if match is None:
            what = f"{expected.programme}: {expected.reason} was not reported as {expected.event}"
            missing.append(f"{what} by {duration_text(expected.by)}")
        else:
            left.remove(match)
    return missing


def read_fault(words: list[str], at: int, layout: Layout) -> StationFault:
    """Return the fault of a command line: WORD [DEVICE] [AMOUNT], from ``at`` on without an end.

    Raises LayoutError for a fault that is impossible at this station.
    """
    what, *rest = words
    word = VOCABULARY.get(what)
    device = rest.pop(0) if rest and (word is None or word.applies_to != (SITE,)) else SITE
    amount = rest.pop(0) if rest else None
    if rest or (amount is not None and not amount.isdecimal()):
        raise LayoutError(
            f"got {' '.join(words)!r}, must be WORD DEVICE and perhaps a whole number"
        )
    fault = _made(at, None, what, device, None if amount is None else int(amount))
    layout.check([fault])
    return fault


def _made(at: int, lasts: int | None, what: str, device: str, amount: int | None) -> StationFault:
    word = VOCABULARY.get(what)
    until = NEVER if lasts is None else at + lasts
    if word is not None and word.is_moment and lasts is None:
        until = at + 1
    usual = word.usual if word is not None else 0
    return StationFault(at, until, what, device, usual if amount is None else amount)


def _fault(raw: Any, place: str, layout: Layout) -> StationFault:
    if not isinstance(raw, dict):
        raise FileError(f"{place}: got {raw!r}, must be keys with values")
    _only(raw, _FAULT_KEYS, place)
    at = _duration(raw.get("at"), f"{place}.at")
    lasts = None if "lasts" not in raw else _duration(raw["lasts"], f"{place}.lasts")
    amount = raw.get("amount")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise FileError(f"{place}.amount: got {amount!r}, must be a whole number")
    device = str(raw.get("device", SITE))
    fault = _made(at, lasts, str(raw.get("fault")), device, amount)
    try:
        layout.check([fault])
    except LayoutError as error:
        raise FileError(f"{place}: {error}") from error
    return fault


def _expected(raw: Any, place: str) -> Expected:
    if not isinstance(raw, dict) or sorted(raw) != sorted(_TOLD_KEYS):
        raise FileError(f"{place}: must have {', '.join(_TOLD_KEYS)}, and nothing else")
    if raw["event"] not in EVENTS:
        raise FileError(f"{place}.event: got {raw['event']!r}, must be {' or '.join(EVENTS)}")
    by = _duration(raw["by"], f"{place}.by")
    return Expected(str(raw["programme"]), str(raw["reason"]), raw["event"], by)


def _matches(expected: Expected, message: Mapping[str, Any]) -> bool:
    """Return whether a message reports it: of its first programme, or of another in ``members``."""
    about = message.get("members") or [message]
    return message.get("event") == expected.event and any(
        member.get("programme") == expected.programme and member.get("reason") == expected.reason
        for member in about
    )


def _duration(found: object, place: str) -> int:
    try:
        return read_duration(found)
    except ValueError as error:
        raise FileError(f"{place}: {error}") from error


def _only(found: dict[str, Any], known: tuple[str, ...], place: str) -> None:
    for key in found:
        if key not in known:
            raise FileError(f"{place}: unknown key {key!r}, must be one of {', '.join(known)}")
