"""Causes that several devices share: a link or the mains. What fails with them is one incident.

It names the cause, though each device shows only its own silence. Outages are checked as any other;
here is what nobody could see: blindness behind a link, and what its mains probably stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tests.simulation.facts import MINUTE, SECOND, PersonFacts, SharedFacts, Span
from tests.simulation.observer.incidents import OFF
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.truth import Truth, without
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import LAST, Word

REPORTS = "tel"
"""The box that shows them."""
NOT_WATCHED = "site/not_watched"
"""Our own stop."""
BEFORE = 10 * SECOND
"""What is lost or silent so shortly before is not surely a consequence."""
SLOT = 2 * SECOND
"""Of the slowest device behind a shared cause."""


def check_told(
    truth: Truth, words: list[Word], people: Sequence[PersonFacts], verdict: Verdict
) -> None:
    """What a shared cause took along is reported by its name, and as one incident."""
    for fault in truth.facts.shared:
        verdict.counts[f"shared_{fault.shows}"] += 1
        if fault.shows == "blind":
            _check_blind(truth, fault, words, verdict)
        elif fault.shows == "suspected":
            for person in people:
                _check_suspected(truth, fault, words, person, verdict)
        _check_one(fault, words, verdict)


def _check_blind(truth: Truth, fault: SharedFacts, words: list[Word], verdict: Verdict) -> None:
    """Blindness that began with the fault names its place."""
    for word, programme, began in _words_of(fault, words, "blind"):
        mine, others = fault.devices[programme], set(truth.devices_of(programme))
        others -= {mine}
        is_own = _silent_in(truth, (mine,), (fault.begin - BEFORE, fault.begin))
        hidden = _silent_in(
            truth, (REPORTS, *sorted(others)), (fault.begin - BEFORE, word.composed)
        )
        starts_with_it = abs(began[0] - fault.begin) < BEFORE
        if not starts_with_it or is_own or hidden or len(word.incidents) > 1:
            continue
        verdict.counts["shared_named"] += 1
        holds = word.place in (fault.place, *_also_right(truth, fault, programme, word))
        verdict.counts["wrong_causes"] += not holds
        text = f"{word.told} {word.incident} of {programme} names {word.place!r}, not {fault.place}"
        verdict.must("shared", holds, text)


def _also_right(truth: Truth, fault: SharedFacts, programme: str, word: Word) -> Iterator[str]:
    """Yield what else may be named: our own stop, and a device that is silent behind the fault.

    The stop where nobody could see the silence before or behind it. The device where it goes on
    without an answer once the fault is over for the clearing time.
    """
    mine, span = fault.devices[programme], (fault.begin, fault.end)
    bound = max(way.bound for way in truth.facts.blind_by[programme] if way.device == mine)
    if all(b - a <= bound for a, b in without(span, truth.down.parts(*span))):
        yield NOT_WATCHED
    clear_after = truth.facts.programmes[programme].blind.clear_after
    if word.composed >= fault.end + clear_after and truth.silent[mine].holds(fault.end):
        yield f"{mine}/silent"


def _silent_in(truth: Truth, devices: Iterable[str], span: Span) -> bool:
    """Return whether one of these devices was silent, or lost two polls in a row."""
    return any(
        truth.silent[device].parts(*span) or truth.lost_in_a_row(device, SLOT, span)
        for device in devices
    )


def _check_suspected(
    truth: Truth, fault: SharedFacts, words: list[Word], person: PersonFacts, verdict: Verdict
) -> None:
    """What lost its mains and its answers at once is reported as probably off."""
    condition = truth.facts.places[fault.place].condition
    seen = truth.watched_devices((REPORTS,), (fault.begin, fault.end))
    detected = 2 * condition.shortest
    if not any(b - a > detected for a, b in seen) or fault.end - fault.begin <= detected:
        return
    for programme, device in fault.devices.items():
        before = fault.begin - BEFORE, fault.begin
        is_known = truth.watched_devices(truth.devices_of(programme), before) == [before]
        was_off = truth.off[programme].parts(fault.begin - CALM, fault.begin)
        if not is_known or was_off or _silent_in(truth, (device,), before):
            continue
        if truth.down.parts(before[0], fault.end + MINUTE):
            continue
        plan = truth.facts.programmes[programme].off_air
        due = seen[0][0] + detected + plan.open_after + person.tell_after[plan.severity]
        severity = plan.severity
        if fault.end <= due:
            due, severity = truth.calm((programme,), fault.end, CALM) + detected, "closed"
        latest = truth.running(due, channel_slack(truth, person, due, severity))
        if latest >= truth.facts.end:
            continue
        verdict.counts["demands"] += 1
        mine = [
            word
            for word, name, _ in _words_of(fault, words, *OFF)
            if name == programme and word.person == person.id and word.at <= latest
        ]
        verdict.counts["missed"] += not mine
        text = f"{person.id} was not told that {programme} is probably off since {fault.begin}"
        verdict.must("shared", bool(mine), text)
        named = any(fault.place == word.place for word in mine) or any(
            len(word.incidents) > 1 for word in mine
        )
        text = f"{person.id} was told {[w.place for w in mine]} of {programme}, not {fault.place}"
        verdict.counts["wrong_causes"] += bool(mine) and not named
        verdict.must("shared", named or not mine, text)


def _check_one(fault: SharedFacts, words: list[Word], verdict: Verdict) -> None:
    """At each moment one open incident alone names the place to a person."""
    faults = OFF if fault.shows != "blind" else ("blind",)
    found: dict[tuple[str, str], list[int]] = {}
    for word, _, _ in _words_of(fault, words, *faults):
        if word.place == fault.place and word.told not in LAST and len(word.incidents) < 2:
            found.setdefault((word.person, word.incident), []).append(word.composed)
    for (person, incident), moments in found.items():
        others = [
            other
            for (who, other), times in found.items()
            if who == person
            and other != incident
            and min(times) <= max(moments)
            and min(moments) <= max(times)
        ]
        text = f"{person} was told of {fault.place} as {incident} and {others} at once"
        verdict.must("shared", not others, text)


def _words_of(
    fault: SharedFacts, words: list[Word], *faults: str
) -> Iterator[tuple[Word, str, Span]]:
    """Yield (word, programme, begin) of what is said of its programmes for its time."""
    for word in words:
        for member in word.members:
            mine = member.programme in fault.devices and member.fault in faults
            if mine and word.covers(member, fault.begin, fault.end):
                yield word, member.programme, member.began
