"""Readings that need a second one, whichever are implausible, against the rule written plainly."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.chain import faulty_sides
from monitord.core.expression import Kind, truth
from monitord.core.model import Answer, Evidence, Input
from monitord.core.plan import ConditionPlan
from monitord.core.truths import truths_of
from monitord.core.values import Numbering
from tests.properties.scripts import Script, examples, inputs_of, lives
from tests.properties.test_timelines import closed_parts, keep_all, merged
from tests.support.seam import SECOND, T0, Driver, Site


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a condition. ``alone``: it counts by itself; ``second``: with another one."""

    evidence: Evidence
    alone: bool
    second: bool


def doubted(site: Site, script: Script, choice: int) -> list[Input]:
    """Return the inputs of a script, some of their values implausible, as ``choice`` says."""
    found: list[Input] = []
    for number, item in enumerate(inputs_of(site, script)):
        if isinstance(item, Answer):
            places = [
                place
                for place, value in enumerate(item.values)
                if value is not None and choice >> (number * 3 + place) % 61 & 1
            ]
            values = tuple(None if n in places else v for n, v in enumerate(item.values))
            marked = tuple((place, item.values[place]) for place in places)
            found.append(replace(item, values=values, suspected=marked))
        else:
            found.append(item)
    return found


def readings_of(site: Site, inputs: Sequence[Input], wanted: ConditionPlan) -> list[Reading]:
    """Return every reading of one condition, in order."""
    plan = next(d for d in site.plan.devices if d.id == wanted.device)
    index = plan.conditions.index(wanted)
    bad = faulty_sides(site.plan).get(wanted.id, frozenset())
    is_numbered = plan.numbering is Numbering.NUMBERED
    found = []
    for answer in inputs:
        if not isinstance(answer, Answer) or answer.device != plan.id:
            continue
        plausible = truths_of(plan, answer)[index]
        came = dict(answer.suspected)
        values = {p.id: came.get(n, answer.values[n]) for n, p in enumerate(plan.points)}
        value = truth(wanted.true_when, values)
        if value is None:
            continue
        lag = wanted.true_lag if value else wanted.false_lag
        evidence = Evidence(wanted.id, value, answer.sent_at - lag, answer.at)
        is_sure = plausible is not None
        found.append(Reading(evidence, is_sure and is_numbered, is_sure or value in bad))
    return found


def count(readings: Sequence[Reading], bound: int) -> dict[int, int]:
    """Return the readings that count, and when that was known: alone, or with the one before.

    The second of two may also be like what is held already.
    """
    counting: dict[int, int] = {}
    for number, reading in enumerate(readings):
        after = reading.evidence.not_after
        near = [n for n in range(number) if after - readings[n].evidence.not_after <= bound]
        like = [n for n in near if readings[n].evidence.value is reading.evidence.value]
        agrees = number - 1 in like and readings[number - 1].second
        held = max(set(counting).intersection(near), default=None)
        if reading.alone or (reading.second and (agrees or held in like)):
            if agrees:
                counting.setdefault(number - 1, after)
            counting[number] = after
    return counting


def read_plainly(
    readings: Sequence[Reading], counting: dict[int, int], bound: int
) -> list[tuple[int, int, Kind]]:
    """Return (from, to, kind): held where what counts is equal and nothing else was read.

    Blind where nothing was known to count for longer than the bound.
    """
    parts: list[tuple[int, int, Kind]] = []
    end, last = T0, None
    for number in sorted(counting):
        now = readings[number].evidence
        kind = Kind.TRUE if now.value else Kind.FALSE
        if last is None or counting[number] - readings[last].evidence.not_after > bound:
            parts.append((end, now.not_after, Kind.BLIND))
            end = now.not_after
        elif any(readings[n].evidence.value is not now.value for n in range(last, number)):
            parts.append((end, now.not_after, Kind.BETWEEN))
            end = now.not_after
        finish = max(end, now.not_before)
        parts.append((end, finish, kind))
        end, last = finish, number
    return merged(parts)


def play_inputs(site: Site, script: Script, inputs: list[Input], tick: int) -> Driver:
    """Play changed inputs of a script without restarts."""
    driver = Driver(site.plan, outcomes=script.outcomes, calendar=script.calendar, look=keep_all)
    driver.start(T0)
    moments = [item.at for item in inputs]
    end = max([T0, *moments]) + 5 * SECOND
    taken = 0
    for now in range(T0 + tick, end + tick, tick):
        upto = bisect_left(moments, now + 1)
        driver.tick(inputs[taken:upto], now)
        taken = upto
    return driver


def on_lines(site: Site, numberings: Sequence[Numbering]) -> Site:
    """Return the site with its devices on such lines, in turn."""
    devices = tuple(
        replace(one, numbering=numberings[place % len(numberings)])
        for place, one in enumerate(site.plan.devices)
    )
    return replace(site, plan=replace(site.plan, devices=devices))


LINES = st.lists(st.sampled_from([Numbering.NUMBERED, Numbering.SHAPED]), min_size=1, max_size=3)
DOUBTS = st.integers(0, 2**61 - 1)
ONE_RUN = {"restarts": False, "steps": False}


@examples(120)
@given(lives(**ONE_RUN), DOUBTS, LINES)
def test_a_condition_is_known_exactly_as_the_readings_that_count_prove(
    life: tuple[Site, Script], choice: int, lines: list[Numbering]
) -> None:
    """What counts, from when, and what is between: as the plain rule says."""
    site, script = on_lines(life[0], lines), life[1]
    inputs = doubted(site, script, choice)
    driver = play_inputs(site, script, inputs, script.tick)
    for plan in driver.situation.conditions.values():
        readings = readings_of(site, inputs, plan)
        expected = read_plainly(readings, count(readings, plan.bound), plan.bound)
        found = closed_parts(driver.situation.timelines[plan.id])
        if found and found[-1][2] is Kind.BLIND and len(found) == len(expected) + 1:
            found.pop()  # blind to the end, with two causes
        assert found == expected[: len(found)]
        is_watched = plan.id in driver.situation.watchers
        assert len(found) >= (len(expected) - 1 if is_watched else 0)


@examples(40)
@given(lives(**ONE_RUN), DOUBTS, LINES)
def test_the_record_does_not_depend_on_how_often_the_core_is_called(
    life: tuple[Site, Script], choice: int, lines: list[Numbering]
) -> None:
    """I2: readings that wait are part of what one call leaves to the next."""
    site, script = on_lines(life[0], lines), life[1]
    inputs = doubted(site, script, choice)
    often, seldom = (play_inputs(site, script, inputs, tick) for tick in (100_000, 2_700_000))
    kinds = ("condition_turned", "condition_lost")
    for kind in kinds:
        mine, others = (
            [(e.subject, e.body) for e in each.events if e.kind == kind] for each in (often, seldom)
        )
        # The last calls end at different moments.
        shorter = min(len(mine), len(others))
        assert mine[:shorter] == others[:shorter]
        assert abs(len(mine) - len(others)) <= len(often.situation.conditions)
