"""The omniscient observer: holds the record and the messages against what truly happened.

Knows the plant's truth; uses none of the core's judgement, only its events.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from monitord.core.apply import apply
from monitord.core.codec import canonical, to_plain
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Event
from simulators.plant.signals import Signal, intervals_where
from tests.simulation.plant import SimPlant, shortest_seen
from tests.simulation.run import History

TOLD_WITHIN = 600 * SECOND
"""How long after an outage its first message may take, with every failing channel drawn."""


@dataclass
class Verdict:
    """Counts for the closing line, and what was found wrong."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failures: list[str] = field(default_factory=list)

    def sees(self, holds: bool, text: str, *, honest: bool) -> None:
        """Note a failure, or a miss where states were too short to be surely seen."""
        if not honest and not holds:
            self.counts["misses"] += 1
        else:
            self.must(holds, text)

    def must(self, holds: bool, text: str) -> None:
        """Note a failure unless it holds."""
        if not holds:
            self.failures.append(text)


@dataclass(frozen=True)
class PieceSeen:
    """One recorded piece of a programme."""

    start: int
    finish: int
    possible: tuple[str, ...]
    blind: bool

    @property
    def bad_possible(self) -> bool:
        return any(p.startswith(("bad", "unknown")) for p in self.possible)

    @property
    def all_bad(self) -> bool:
        return all(p.startswith("bad") for p in self.possible)


def observe(history: History) -> Verdict:
    """Check everything that must be true of one history."""
    verdict = Verdict()
    plant = history.plant
    verdict.failures += history.problems
    _check_order(history.events, verdict)
    for programme in plant.on_air:
        pieces = list(_pieces(history, programme))
        _check_tiles(pieces, programme, verdict)
        _check_figures(plant, programme, pieces, verdict)
        _check_incidents(history, programme, pieces, verdict)
    _check_turns(history, verdict)
    _check_blindness(history, verdict)
    _check_messages(history, verdict)
    verdict.counts["faults"] += plant.faults
    verdict.counts["changeovers"] += plant.changeovers
    verdict.counts["restarts"] += history.restarts
    verdict.counts["messages"] += len(history.people.received)
    verdict.counts["events"] += len(history.events)
    verdict.counts["clock_steps"] += len(plant.clock_steps)
    return verdict


def _check_order(events: list[Event], verdict: Verdict) -> None:
    durable = Durable()
    for before, after in pairwise(events):
        if after.number != before.number + 1 or after.at < before.at:
            verdict.must(holds=False, text=f"order broken at {after.number}: {after.kind}")
            return
    for event in events:
        apply(durable, event)
    verdict.must(bool(canonical(to_plain(durable))), "the record does not fold")


def _pieces(history: History, programme: str) -> Iterator[PieceSeen]:
    bodies = [
        json.loads(event.body)
        for event in history.events
        if event.kind == "piece_opened" and event.subject == programme
    ]
    ends = [body["start"] for body in bodies[1:]] + [_last_settled(history, programme)]
    for body, finish in zip(bodies, ends, strict=True):
        blind = body["blind"] is not None
        yield PieceSeen(body["start"], finish, tuple(body["possible"]), blind)


def _last_settled(history: History, programme: str) -> int:
    for event in reversed(history.events):
        if event.kind == "stopped":
            return int(json.loads(event.body)["ends"][programme])
    raise AssertionError("a history ends with a clean stop")


def _check_tiles(pieces: list[PieceSeen], programme: str, verdict: Verdict) -> None:
    for piece in pieces:
        verdict.must(
            piece.start <= piece.finish,
            f"{programme}: piece at {piece.start} ends before it starts",
        )


class _Truth:
    """How long a signal is false inside any stretch; by sums over its changes."""

    def __init__(self, signal: Signal[bool], begin: int, end: int) -> None:
        self.off = intervals_where(signal, lambda value: not value, begin, end)
        self._starts = [a for a, _ in self.off]

    def off_within(self, begin: int, end: int) -> int:
        """Return how long it was off in [begin, end)."""
        index = max(0, bisect_right(self._starts, begin) - 1)
        total = 0
        for a, b in self.off[index:]:
            if a >= end:
                break
            total += max(0, min(b, end) - max(a, begin))
        return total


def _check_figures(
    plant: SimPlant, programme: str, pieces: list[PieceSeen], verdict: Verdict
) -> None:
    """L5, piece by piece, which is stronger than in the sum."""
    begin, end = pieces[0].start, pieces[-1].finish
    truth = _Truth(plant.on_air[programme], begin, end)
    least = most_seen = most = 0
    for piece in pieces:
        length = piece.finish - piece.start
        off = truth.off_within(piece.start, piece.finish)
        if piece.all_bad:
            least += length
            text = f"{programme}: {length - off} us called off air at {piece.start} were on air"
            verdict.sees(off == length, text, honest=plant.honest)
        if not piece.bad_possible:
            text = f"{programme}: {off} us off air at {piece.start} were called good"
            verdict.sees(off == 0, text, honest=plant.honest)
        else:
            most += length
            most_seen += 0 if piece.blind else length
    true = truth.off_within(begin, end)
    text = f"{programme}: not {least} <= {true} <= {most}"
    verdict.sees(least <= true <= most, text, honest=plant.honest)
    verdict.must(least <= most_seen <= most, f"{programme}: figures out of order")
    for name, value in (("least", least), ("true", true), ("most_seen", most_seen), ("most", most)):
        verdict.counts[f"{name}_s"] += value // SECOND


def _check_incidents(
    history: History, programme: str, pieces: list[PieceSeen], verdict: Verdict
) -> None:
    plant = history.plant
    begin, end = pieces[0].start, pieces[-1].finish
    truth = _Truth(plant.on_air[programme], begin, end)
    impacts = list(_impacts(history, programme))
    for start, finish, number in impacts:
        text = f"{programme}: incident {number} tells of an outage at {start} that was none"
        verdict.sees(truth.off_within(start, finish) > 0, text, honest=plant.honest)
    verdict.counts["off_air_impacts"] += len(impacts)
    told = _first_told(history)
    for a, b in truth.off:
        verdict.counts["true_outages"] += 1
        number = next((n for s, f, n in impacts if s < b and a < f), None)
        if number is None:
            verdict.counts["unseen_outages"] += 1
            text = f"{programme}: the outage {a}..{b} was watched and opened no incident"
            verdict.must(not _was_watched(history, programme, a, b), text)
        else:
            at = told.get((number, "desk"))
            verdict.must(at is not None, f"{programme}: nobody was told of incident {number}")


def _check_turns(history: History, verdict: Verdict) -> None:
    """Television has one condition: each time it is proven false, an incident reports it."""
    impacts = [(start, finish) for start, finish, _ in _impacts(history, "tv")]
    for event in history.events:
        if event.kind == "condition_turned" and event.subject == "tv.on":
            body = json.loads(event.body)
            seen = any(a <= body["not_after"] and body["not_before"] <= b for a, b in impacts)
            text = f"tv was proven bad at {body['not_after']} and no incident tells of it"
            verdict.must(body["value"] or seen, text)


def _check_blindness(history: History, verdict: Verdict) -> None:
    """Nobody is called blind while every device answered and monitord ran."""
    away = [
        i
        for d in history.plant.devices
        for i in intervals_where(d.silent, bool, history.plant.begin, history.plant.end)
    ]
    away += [(a[1], b[0]) for a, b in pairwise(history.up)]
    real: dict[str, bool] = {}
    for start, finish, number in _impacts(history, "fm", "blind"):
        verdict.counts["blind_impacts"] += 1
        # Within an open incident a few lost polls are blindness too, and real.
        overlaps = any(a < finish and start < b for a, b in away)
        real[number] = real.get(number, False) or overlaps
    for number in [number for number, overlaps in real.items() if not overlaps]:
        verdict.must(holds=False, text=f"incident {number} tells of blindness that was none")


def _impacts(
    history: History, programme: str, fault: str = "off_air"
) -> Iterator[tuple[int, int, str]]:
    opened = {
        e.subject
        for e in history.events
        if e.kind == "incident_opened" and json.loads(e.body)["fault"] == fault
    }
    for event in history.events:
        if event.kind == "impact_ended" and event.subject in opened:
            body = json.loads(event.body)
            if body["programme"] == programme:
                yield body["began_not_before"], body["not_after"], event.subject


def _first_told(history: History) -> dict[tuple[str, str], int]:
    told: dict[tuple[str, str], int] = {}
    for received in history.people.received:
        told.setdefault((received.alert["incident"], received.person), received.at)
    return told


def _was_watched(history: History, programme: str, a: int, b: int) -> bool:
    """Return whether a stretch of the outage long enough to be surely seen had nothing in its way.

    In its way: monitord not running, a device not answering, a start (all blind until answers).
    """
    plant = history.plant
    uses = {"fm": ("fm1", "fm2", "io"), "tv": ("tv",)}[programme]
    need = 2 * max(shortest_seen(plant.plan, device) for device in uses)
    silent = [
        (s - need // 2, f)
        for device in plant.devices
        if device.id in uses
        for s, f in intervals_where(device.silent, bool, a - need, b + need)
    ]
    for up_from, up_to in history.up:
        begin, end = max(a, up_from), min(b, up_to)
        clear = [(s, f) for s, f in silent if s < end and f > begin]
        if _longest_gap(begin, end, clear) > need:
            return True
    return False


def _longest_gap(begin: int, end: int, blocked: list[tuple[int, int]]) -> int:
    longest, at = 0, begin
    for start, finish in sorted(blocked):
        longest = max(longest, start - at)
        at = max(at, finish)
    return max(longest, end - at)


def _check_messages(history: History, verdict: Verdict) -> None:
    duplicates = history.people.duplicates()
    verdict.counts["duplicates"] += duplicates
    verdict.counts["unconfirmed"] += history.people.unconfirmed
    verdict.counts["in_flight_at_kill"] += history.people.cut_off
    verdict.must(
        duplicates <= history.people.unconfirmed + history.people.cut_off,
        f"{duplicates} duplicates, more than {history.people.unconfirmed} unconfirmed and "
        f"{history.people.cut_off} in flight at a kill",
    )
    _check_last_words(history, verdict)
    _check_first_words(history, verdict)


def _check_first_words(history: History, verdict: Verdict) -> None:
    """An incident is opened to a person once; whatever says so again is the same message."""
    openings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for received in history.people.received:
        if received.alert["told"] in ("opened", "closed_before_told"):
            key = received.alert["incident"], received.person
            openings[key].add(received.alert["alert_id"])
    for (incident, person), ids in openings.items():
        # A crash may hide that the opening was sent: then the closing is sent as an opening.
        told = {alert_id.rpartition("-")[2] for alert_id in ids}
        verdict.must(len(ids) == len(told), f"{person} was told of {incident} as new: {ids}")


def _check_last_words(history: History, verdict: Verdict) -> None:
    """Every incident that closed well before the end was reported to its end, to each person."""
    last: dict[tuple[str, str], str] = {}
    for received in history.people.received:
        last[received.alert["incident"], received.person] = received.alert["told"]
    for event in history.events:
        if event.kind != "incident_closed" or event.at > history.plant.end - TOLD_WITHIN:
            continue
        for person in history.plant.plan.people:
            word = last.get((event.subject, person.id), "nothing")
            verdict.must(
                word in ("recovered", "closed_before_told"),
                f"{person.id} was told {word} of incident {event.subject} as the last word",
            )
