"""The decisions do not depend on how inputs are divided, bundled and delayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.due_times import all_keys, due_time
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Event, Input
from monitord.core.pipeline import advance
from monitord.core.plan import Plan
from monitord.core.situation import Situation
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import SITES, T0, Driver, Run, Site, fold


def replayed(plan: Plan, run: Run, before: list[Event], cuts: Iterable[int]) -> list[Event]:
    """Return what a run's inputs decide when the core is called at these moments."""
    situation = Situation(plan, fold(before) if before else Durable())
    events: list[Event] = []
    waiting = list(run.inputs)
    for now in [*cuts, run.ticks[-1]]:
        taken = [item for item in waiting if item.at <= now]
        waiting = waiting[len(taken) :]
        events += advance(situation, taken, now).events
    return events


def assert_same_however_cut(plan: Plan, driver: Driver, every: int, at: Iterable[int]) -> None:
    before: list[Event] = []
    for run in driver.runs:
        first, last = run.inputs[0].at, run.ticks[-1]
        cuts = sorted(
            {first, *range(first, last, every), *(T0 + cut for cut in at if T0 + cut > first)}
        )
        taken = [cut for cut in cuts if cut < last]
        assert replayed(plan, run, before, taken) == run.events + run.lost
        before += run.events


REGULAR = st.sampled_from([70_000, 333_333, SECOND, 7 * SECOND, 61 * SECOND, 10**12])


@examples(120)
@given(lives(), REGULAR, st.lists(st.integers(0, 150 * SECOND), max_size=30))
def test_the_events_do_not_depend_on_when_the_core_is_called(
    life: tuple[Site, Script], every: int, cuts: list[int]
) -> None:
    """I2: a single call, regular ticks and random ticks decide the same."""
    assert_same_however_cut(life[0].plan, play(*life), every, cuts)


@examples(60)
@given(lives())
def test_the_index_of_dues_equals_the_function_of_facts(life: tuple[Site, Script]) -> None:
    """I4: after every tick the index has the due time of each key that the facts give."""

    def look(driver: Driver) -> None:
        situation = driver.situation
        asked = {key: due_time(situation, key) for key in all_keys(situation)}
        assert situation.dues.times == {k: at for k, at in asked.items() if at is not None}
        first = situation.dues.first()
        assert first is None or first[0] == min(situation.dues.times.values())

    play(*life, look)


@examples(60)
@given(lives())
def test_nothing_remains_due_in_the_past(life: tuple[Site, Script]) -> None:
    """I4: everything due by a tick was done in it."""

    def look(driver: Driver) -> None:
        assert all(at > driver.now for at in driver.situation.dues.times.values())

    play(*life, look)


def expanded(inputs: Iterable[Input]) -> list[Input]:
    """Return every answer of every run on its own, in the order of time, then of the runs."""
    found: list[tuple[int, int, Input]] = []
    for number, item in enumerate(inputs):
        repeats = item.repeats if isinstance(item, Answer) else 1
        for k in range(repeats):
            one = item
            if isinstance(item, Answer):
                later = k * item.every
                one = replace(
                    item, sent_at=item.sent_at + later, at=item.at + later, repeats=1, every=0
                )
            found.append((one.at, number, one))
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


@st.composite
def runs_of_answers(draw: st.DrawFn, site: Site, batch_s: int = 120) -> list[list[Answer]]:
    """Return batches of runs of equal answers; runs of devices overlap, some poll rarely."""
    batches: list[list[Answer]] = [[], [], []]
    for number, batch in enumerate(batches):
        end = T0 + (number + 1) * batch_s * SECOND
        for device in site.plan.devices:
            at = T0 + number * batch_s * SECOND + draw(st.integers(1, SECOND))
            for _ in range(draw(st.integers(0, 4))):
                every = draw(st.sampled_from([SECOND, 500_000, 2_700_000, 2_800_001, 5 * SECOND]))
                repeats = draw(st.sampled_from([1, 2, 3, 10, 40, 100]))
                repeats = min(repeats, (end - at - 10_000) // every)
                if repeats < 1:
                    break
                state = draw(st.sampled_from(["good", "good", *site.answers[device.id]]))
                values = site.answers[device.id][state]
                run = Answer(device.id, at, at + 9_000, values, repeats, every)
                batch.append(run if repeats > 1 else replace(run, every=0))
                at += repeats * every + draw(st.sampled_from([0, SECOND, 9 * SECOND]))
    return batches


@examples(90)
@given(st.data(), st.sampled_from(sorted(SITES)), st.sampled_from([0, 8 * SECOND]))
def test_a_run_of_equal_answers_equals_its_answers(
    data: st.DataObject, name: str, clear_after: int
) -> None:
    """I3: skipping equal answers skips no decision."""
    site = SITES[name]().with_(clear_after=clear_after)
    driver = Driver(site.plan)
    driver.start(T0)
    for number, batch in enumerate(data.draw(runs_of_answers(site))):
        driver.tick(batch, T0 + (number + 1) * 120 * SECOND)
    single = Run(expanded(driver.run.inputs), driver.run.ticks)
    assert replayed(site.plan, single, [], driver.run.ticks) == driver.run.events
