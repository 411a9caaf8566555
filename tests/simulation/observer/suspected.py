"""What nobody has proven: off before its hours and not seen since, or said by one reading alone."""

from __future__ import annotations

from collections.abc import Iterable

from tests.simulation.facts import SECOND, Span
from tests.simulation.observer.incidents import SUSPECTED
from tests.simulation.observer.truth import Truth, where, without
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Member, Word

UNSEEN = ("silent", "no_value")
"""How a device is named that shows nothing: it does not answer, or without the value."""
BEFORE = 15 * SECOND
"""A request that is lost so shortly before an opening is known to be lost behind it."""
SEEN_MAX = 60 * SECOND
"""So much between silences and stops may be too short for a first proof."""


def check_true(truth: Truth, words: Iterable[Word], verdict: Verdict) -> None:
    """A suspicion has its reason, proves no second, and is named by what is not seen."""
    for word in words:
        mine = [member for member in word.members if member.fault == SUSPECTED]
        for member in mine:
            verdict.counts["suspected_told"] += 1
            _check_member(truth, word, member, verdict)
        if mine and len(mine) == len(word.members) and len(word.incidents) < 2:
            devices, _, what = word.place.rpartition("/")
            last = word.composed if mine[0].ended is None else mine[0].ended[1]
            span = mine[0].began[0] - BEFORE, last
            silent = any(truth.no_answer(device, span) for device in devices.split("+"))
            text = f"{word.told} {word.incident} names {word.place!r}, which answered"
            is_true = what in UNSEEN and silent
            is_doubted = what == "doubted" and _said_once(truth, mine[0], last, devices)
            shared = [fault for fault in truth.facts.shared if fault.place == word.place]
            is_unheard = what == SUSPECTED and devices in _witnesses(truth)
            is_shared = any(fault.begin < last and span[0] < fault.end for fault in shared)
            verdict.must("suspected", is_true or is_doubted or is_unheard or is_shared, text)


def _witnesses(truth: Truth) -> list[str]:
    """Return what may suspect by what it does not receive: ``witnesses.py`` checks what it says."""
    return [witness.device for witness in truth.facts.witnesses.values()]


def _said_once(truth: Truth, member: Member, last: int, device: str = "") -> bool:
    """Return whether one reading of the device (of any: "") was wrong, or its programme was off.

    Blindness came before a second reading could agree: then the first one is all that is known.
    """
    wrong = truth.facts.wrong_readings
    moments = (at for name, times in wrong.items() if device in ("", name) for at in times)
    is_wrong = any(member.began[0] <= at <= last for at in moments)
    return is_wrong or truth.off[member.programme].within(member.began[0], last) > 0


def _lost_power(truth: Truth, word: Word, member: Member) -> bool:
    """Return whether the supply that it names did fail, just behind the last answer.

    Where each change is dated: what was not seen for two requests may have fallen with the first.
    """
    return member.programme in truth.facts.blames and any(
        fault.place == word.place and member.began[0] <= fault.begin <= word.composed
        for fault in truth.facts.shared
    )


def _check_member(truth: Truth, word: Word, member: Member, verdict: Verdict) -> None:
    at = member.began[1]
    last = word.composed if member.ended is None else member.ended[1]
    heard_by = truth.facts.witnesses.get(member.programme)
    if (
        _said_once(truth, member, last)
        or (heard_by is not None and word.place == f"{heard_by.device}/{SUSPECTED}")
        or _lost_power(truth, word, member)
    ):
        _check_least(word, member, verdict)
        return
    before = truth.off[member.programme].parts(truth.facts.begin, at)
    name = f"{word.told} {word.incident} suspects {member.programme} at {member.began}"
    verdict.must("suspected", bool(before), f"{name}: it never was off")
    if before:
        seen = _seen(truth, member.programme, (before[-1][1], at))
        text = f"{name}: it was seen on air for {seen} us before"
        verdict.must("suspected", seen <= SEEN_MAX, text)
    _check_least(word, member, verdict)


def _check_least(word: Word, member: Member, verdict: Verdict) -> None:
    if member.figures is not None:
        name = f"{word.told} {word.incident} suspects {member.programme} at {member.began}"
        text = f"{name}: {member.figures.least} us are called proven"
        verdict.must("suspected", member.figures.least == 0, text)


def _seen(truth: Truth, programme: str, span: Span) -> int:
    dark = where(truth.facts.unseen[programme], truth.facts.begin, truth.facts.end)
    blocked = [*dark.parts(*span), *truth.down.parts(*span)]
    return sum(b - a for a, b in without(span, blocked))
