"""The wall clock: people get word of one that may be wrong, of its repair, and of nothing else.

How far it may be trusted follows from what it was made to show, and from nothing that core says.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.facts import MINUTE, SECOND, ClockAlarm, PersonFacts
from tests.simulation.observer.lateness import channel_slack
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Message, Word

FAULT = "clock_untrusted"
SEVERITY = "major"
COMPARED_WITHIN = 2 * SECOND
"""So fast a reading of the clock is compared."""
CLEARING = 10 * MINUTE
"""Three falls in ten minutes close ten minutes later."""


def seen_within(truth: Truth) -> int:
    """Return how late a change of the clock may be known: it is not read all the time."""
    return truth.facts.clock_read_every + COMPARED_WITHIN


def alarms_seen(truth: Truth) -> list[ClockAlarm]:
    """Return the alarms as a program that was not always running could know them, joined."""
    found: list[ClockAlarm] = []
    for alarm in truth.facts.clock_alarms:
        begin, end = truth.next_up(alarm.begin), truth.next_up(alarm.end)
        if found and begin <= found[-1].end:
            found[-1] = ClockAlarm(found[-1].begin, max(end, found[-1].end))
        elif begin < end:
            found.append(ClockAlarm(begin, end))
    return found


def check_told(
    truth: Truth,
    words: list[Word],
    people: Sequence[PersonFacts],
    verdict: Verdict,
) -> None:
    """Every person gets word in time of a clock that may be wrong, and that it is right again."""
    about = [w for w in words if w.member("", FAULT) is not None]
    for alarm in alarms_seen(truth):
        verdict.counts["clock_alarms"] += 1
        for person in people:
            mine = [w for w in about if w.person == person.id]
            _check_person(truth, alarm, person, mine, verdict)


def _check_person(
    truth: Truth, alarm: ClockAlarm, person: PersonFacts, mine: list[Word], verdict: Verdict
) -> None:
    late = seen_within(truth)
    due = alarm.begin + person.tell_after[SEVERITY] + late
    if alarm.end <= due:
        due = alarm.end + CLEARING + late
    latest = truth.running(due, channel_slack(truth, person, due, SEVERITY))
    if latest >= truth.facts.end:
        return
    verdict.counts["demands"] += 1
    told = [w for w in mine if _covers(w, alarm, late)]
    first = min((w.at for w in told), default=latest + 1)
    text = f"{person.id} was not told in time that the clock was wrong at {alarm.begin}"
    verdict.must("clock", first <= latest, text)
    over_by = alarm.end + CLEARING + late
    over_by = truth.running(over_by, channel_slack(truth, person, over_by, "closed"))
    if over_by < truth.facts.end:
        over = any(w.at <= over_by and (w.told in LAST or w.told == "storm") for w in told)
        text = f"{person.id} was not told in time that the clock is right since {alarm.end}"
        verdict.must("clock", over, text)


def _covers(word: Word, alarm: ClockAlarm, late: int) -> bool:
    member = word.member("", FAULT)
    return member is not None and word.covers(member, alarm.begin, alarm.end + late)


def check_true(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """Nobody gets word of a clock that was right; begin and end are those of the alarm."""
    alarms, late = alarms_seen(truth), seen_within(truth)
    for word in words:
        member = word.member("", FAULT)
        if member is None:
            continue
        verdict.counts["clock_told"] += 1
        name = f"{word.told} {word.incident} tells of the clock at {member.began}"
        mine = [a for a in alarms if abs(member.began[1] - a.begin) <= late]
        # Members of one incident may have fallen again: the end is that of any later alarm.
        ends = [a.end for a in alarms if a.end >= member.began[1]]
        verdict.must("clock", bool(mine), f"{name}: nothing was wrong with it from then on")
        if member.ended is not None:
            at = member.ended[1]
            right = any(abs(at - end) <= late for end in ends)
            verdict.must("clock", right, f"{name}: it was not right from {at} on")


def check_labels(truth: Truth, received: Sequence[Message], verdict: Verdict) -> None:
    """Every message says how far its times may be trusted; without a clock, since which boot."""
    for message in received:
        at, alert = message.composed, message.alert
        allowed = _trusts(truth, at)
        said = alert["clock"]
        name = f"{alert['told']} {alert['incident']} at {at}"
        verdict.must("clock", said in allowed, f"{name} calls the clock {said}, not {allowed}")
        verdict.counts[f"told_{said}"] += 1
        expected = None
        if said == "untrusted":
            booted = max(b.booted for b in truth.facts.boots if b.started <= at)
            expected = alert["began"][0] - booted
        since = alert["since_boot"]
        text = f"{name} says {since} us since the boot, not {expected}"
        verdict.must("clock", since == expected, text)


def _trusts(truth: Truth, at: int) -> set[str]:
    """Return what the trust may be at a moment: the one before too, where it has just changed."""
    before: tuple[str, ...] = ()
    allowed: set[str] = set()
    for trust in truth.facts.clock_trusts:
        since = truth.next_up(trust.at)
        if since > at:
            break
        allowed = set(trust.trusts)
        if at - since <= seen_within(truth):
            allowed |= set(before)
        before = trust.trusts
    return allowed
