"""Timelines of conditions and programmes, against a plain reading of all the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, product

from hypothesis import given

from monitord.core.expression import Kind
from monitord.core.model import Answer, Evidence
from monitord.core.plan import ConditionPlan
from monitord.core.timeline import Segment, Timeline
from monitord.core.truths import truths_of
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import T0, Driver, Site, bodies

OPEN = 1 << 62
"""An end that has not come."""


class Keeping(Timeline):
    """A timeline that forgets nothing, so that a test can read all of it at the end."""

    __slots__ = ()

    def forget(self, before: int) -> None:
        del before


def keep_all(driver: Driver) -> None:
    for line in driver.situation.timelines.values():
        line.__class__ = Keeping


def evidence_in(site: Site, driver: Driver, wanted: ConditionPlan) -> list[Evidence]:
    """Return what every answer of the run proves of one condition, in order."""
    plan = next(d for d in site.plan.devices if d.id == wanted.device)
    index = plan.conditions.index(wanted)
    answers = [i for i in driver.run.inputs if isinstance(i, Answer) and i.device == plan.id]
    truths = [(truths_of(plan, answer)[index], answer) for answer in answers]
    lags = {True: wanted.true_lag, False: wanted.false_lag}
    return [
        Evidence(wanted.id, value, answer.sent_at - lags[value], answer.at)
        for value, answer in truths
        if value is not None
    ]


def chains(evidence: list[Evidence], bound: int) -> Iterator[tuple[list[Evidence], bool]]:
    """Yield maximal runs of equal evidence within the bound, and whether a gap is before it."""
    chain: list[Evidence] = []
    gap = True
    for one in evidence:
        near = bool(chain) and one.not_after - chain[-1].not_after <= bound
        if near and one.value == chain[-1].value:
            chain.append(one)
            continue
        if chain:
            yield chain, gap
        chain, gap = [one], not near
    if chain:
        yield chain, gap


def read_plainly(evidence: list[Evidence], bound: int) -> list[tuple[int, int, Kind]]:
    """Return (from, to, kind) as the architecture defines them; the last held is open."""
    parts: list[tuple[int, int, Kind]] = []
    end = T0
    for chain, gap in chains(evidence, bound):
        begin = chain[0].not_after
        parts.append((end, begin, Kind.BLIND if gap else Kind.BETWEEN))
        end = max(begin, *(one.not_before for one in chain))
        parts.append((begin, end, Kind.TRUE if chain[0].value else Kind.FALSE))
    return merged(parts)


def merged(parts: list[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Return the parts without empty ones, equal neighbours as one."""
    found: list[tuple[int, int, Kind]] = []
    for begin, end, kind in parts:
        if begin == end:
            continue
        if found and found[-1][1:] == (begin, kind):
            found[-1] = (found[-1][0], end, kind)
        else:
            found.append((begin, end, kind))
    return found


def closed_parts(line: Timeline) -> list[tuple[int, int, Kind]]:
    """Return the parts that have ended. Blindness goes on where only its cause is another one."""
    closed = [(s.start, s.finish, s.kind) for s in line.closed]
    return merged([*closed, (line.start, OPEN, line.kind)])[:-1]


@examples(60)
@given(lives(restarts=False))
def test_a_condition_is_known_exactly_as_its_evidence_proves(life: tuple[Site, Script]) -> None:
    """L2: held, between and blind are those of a plain reading of all evidence at the end."""
    site, script = life
    driver = play(site, script, keep_all)
    for plan in driver.situation.conditions.values():
        line = driver.situation.timelines[plan.id]
        expected = read_plainly(evidence_in(site, driver, plan), plan.bound)
        found = closed_parts(line)
        assert found == expected[: len(found)]


@examples(60)
@given(lives(restarts=False))
def test_held_has_equal_evidence_no_further_apart_than_the_bound(
    life: tuple[Site, Script],
) -> None:
    """L2: from before its beginning to after its end, without any other evidence between."""
    site, script = life
    driver = play(site, script, keep_all)
    for plan in driver.situation.conditions.values():
        evidence = evidence_in(site, driver, plan)
        for segment in driver.situation.timelines[plan.id].closed:
            if segment.kind in (Kind.TRUE, Kind.FALSE):
                assert_covered(segment, evidence, plan.bound)


def assert_covered(segment: Segment, evidence: list[Evidence], bound: int) -> None:
    """Fail unless evidence of the segment's value covers it within the bound."""
    after = [number for number, e in enumerate(evidence) if e.not_after <= segment.start]
    reach = [number for number, e in enumerate(evidence) if e.not_before >= segment.finish]
    assert after
    assert reach
    inside = evidence[after[-1] : reach[0] + 1]
    assert all(e.value == (segment.kind is Kind.TRUE) for e in inside)
    assert all(b.not_after - a.not_after <= bound for a, b in pairwise(inside))


def pieces_of(driver: Driver, programme: str) -> list[dict[str, object]]:
    return [b for b in bodies(driver.events, "piece_opened") if b["subject"] == programme]


@examples(60)
@given(lives())
def test_pieces_begin_one_after_the_other(life: tuple[Site, Script]) -> None:
    """L1: a piece ends where the next begins, and starts never decrease: no gap, no overlap."""
    driver = play(*life)
    for programme in driver.plan.programmes:
        starts = [piece["start"] for piece in pieces_of(driver, programme.id)]
        assert starts[0] == T0
        assert starts == sorted(starts)
        assert driver.situation.durable.programmes[programme.id].piece.start == starts[-1]


@examples(60)
@given(lives(restarts=False))
def test_settled_time_is_not_changed(life: tuple[Site, Script]) -> None:
    """L1: no piece begins before the moment up to which the programme was settled."""
    settled: dict[str, int] = {}

    def look(driver: Driver) -> None:
        last = driver.run.events[driver.run.last_from :]
        for piece in bodies(last, "piece_opened"):
            assert piece["start"] >= settled.get(piece["subject"], 0)
        memories = driver.situation.programmes.items()
        settled.update({name: memory.settled_to for name, memory in memories})

    play(*life, look)


def kind_at(line: Timeline, at: int) -> Kind:
    return next((s.kind for s in line.closed if s.start <= at < s.finish), line.kind)


LAYERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "fm": (("fm1.radiating",), ("io.sound",)),
    "tv": (("a.radiating", "b.radiating"),),
    "one": (("fm1.radiating",), ("io1.sound",)),
    "two": (("fm1.radiating",), ("io2.sound",)),
}
"""Per programme the layers, each of which needs any one of its conditions."""
PLANT_LAYERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "one": (("tx1.radiating",), ("mux.one",)),
    "two": (("tx1.radiating",), ("mux.two",)),
    "three": (("tx2.radiating",), ("mux.two",)),
}
LOWS = {"tv": ("a.low", "b.low")}


def possible(site: str, programme: str, kinds: Mapping[str, Kind]) -> set[str]:
    """Return the qualities that the conditions leave possible, by trying every completion."""
    layers = (PLANT_LAYERS if site == "plant" else LAYERS)[programme]
    names = sorted({name for layer in layers for name in layer})
    decided = {Kind.TRUE: (True,), Kind.FALSE: (False,)}
    both = (True, False)
    results: dict[tuple[bool, ...], set[bool]] = {}
    for truths in product(*(decided.get(kinds[name], both) for name in names)):
        truth = dict(zip(names, truths, strict=True))
        good = all(any(truth[name] for name in layer) for layer in layers)
        seen = tuple(truth[name] for name in names if kinds[name] is not Kind.BLIND)
        results.setdefault(seen, set()).add(good)
    if set().union(*results.values()) == {False}:
        return {"bad"}
    if any(len(found) > 1 for found in results.values()):
        return {"unknown"}
    lows = {kinds[name] for name in LOWS.get(programme, ())}
    better = {"degraded"} if Kind.TRUE in lows else {"good"}
    # Blind conditions of quality make only the quality blind.
    if Kind.BETWEEN in lows and not lows & {Kind.TRUE, Kind.BLIND}:
        better.add("degraded")
    return better | ({"bad"} if {False} in results.values() else set())


@examples(60)
@given(lives(restarts=False))
def test_a_piece_is_the_table_applied_to_every_moment(life: tuple[Site, Script]) -> None:
    """L1: at any settled moment a programme is what its conditions then leave possible."""
    driver = play(*life, keep_all)
    lines = driver.situation.timelines
    edges = {s.start for line in lines.values() for s in line.closed}
    edges |= {line.start for line in lines.values()}
    for programme, memory in driver.situation.programmes.items():
        pieces = pieces_of(driver, programme)
        moments = edges | {piece["start"] for piece in pieces}
        for at in sorted(moment for moment in moments if moment < memory.settled_to):
            piece = [p for p in pieces if p["start"] <= at][-1]
            found = {observed.partition(":")[0] for observed in piece["possible"]}
            kinds = {name: kind_at(lines[name], at) for name in lines}
            assert found == possible(life[0].name, programme, kinds), (at, piece)


def frontiers(driver: Driver) -> dict[str, int]:
    """Return, per programme, up to when the evidence so far proves anything."""
    situation = driver.situation
    return {
        name: min(situation.timelines[use].known_to(driver.now) for use in memory.uses)
        for name, memory in situation.programmes.items()
    }


@examples(100)
@given(lives())
def test_blindness_begins_with_the_last_evidence_before_an_absence(
    life: tuple[Site, Script],
) -> None:
    """L1: after a start blindness begins no later than the end of the last proof."""
    proven: dict[int, dict[str, int]] = {}
    pieces: dict[str, int] = {}

    def look(driver: Driver) -> None:
        events = driver.run.events[driver.run.last_from :]
        absent = {p["subject"]: p["start"] for p in bodies(events, "piece_opened")}
        for started in bodies(events, "started"):
            if started["alive_at"] is not None:
                known = proven[started["alive_at"]]
                for name, start in absent.items():
                    assert start <= max(known[name], pieces[name])
        pieces.update(absent)
        proven.setdefault(driver.now, frontiers(driver))

    play(*life, look)
