"""What every device is promised, whatever the others do: its slots, its age, one request at a time.

Sites are drawn: living, slow and dead devices, on readers or a shared socket, some suspected.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import SECOND, Answer
from monitord.decoding.model import Decoding
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.polling.ages import worst_age
from monitord.polling.burst import Budget
from monitord.polling.poller import SocketAssignment
from monitord.polling.slots import GRID
from tests.properties.scripts import examples
from tests.support.polling import START, Bench, BusReader, Line, TimedReader, device
from tests.support.shared_sockets import FakeSharedSocket, Member

RUN_S = 25
BURSTS = 5


@dataclass(frozen=True)
class Kind:
    """``latency``: microseconds, None dead; ``every``: in hundredths of a second."""

    latency: int | None
    every: int
    in_lane: bool
    is_suspected: bool

    @property
    def every_us(self) -> int:
        return self.every * SECOND // 100


KINDS = st.builds(
    Kind,
    st.one_of(st.none(), st.integers(0, 499_000)),
    st.sampled_from([60, 100, 100, 100, 113, 200, 500]),
    st.booleans(),
    st.booleans(),
)


def bench_of(kinds: list[Kind]) -> Bench:
    """Return a site with one shared socket; every device may have burst polls."""
    devices, readers, members = [], {}, {}
    for number, kind in enumerate(kinds):
        name = f"d{number}"
        devices.append(device(name, kind.every / 100, burst=True))
        readers[name] = TimedReader(kind.latency)
        if kind.in_lane:
            members[name] = Member(latency=kind.latency, deadline=SECOND // 2)
    suspected = frozenset(f"d{n}" for n, kind in enumerate(kinds) if kind.is_suspected)
    lanes = (
        [SocketAssignment(FakeSharedSocket(list(members.values())), tuple(members))]
        if members
        else []
    )
    more = {"assignments": lanes, "suspects": lambda: suspected, "budget": Budget(BURSTS)}
    return Bench(devices, more, **readers)


def run(kinds: list[Kind]) -> Bench:
    async def play() -> Bench:
        bench = bench_of(kinds)
        await bench.run_to(RUN_S)
        await bench.stop()
        return bench

    return asyncio.run(play())


def base_slots(bench: Bench, number: int, kind: Kind) -> int:
    """Return how many slots began at least one second before the end of the run."""
    first = bench.readers[f"d{number}"].reads[0][0]
    assert START <= first < START + kind.every_us + GRID
    return max(0, (START + (RUN_S - 1) * SECOND - first) // kind.every_us)


@examples(25)
@given(st.lists(KINDS, min_size=1, max_size=12))
def test_a_living_device_has_every_slot_whatever_the_others_do(kinds: list[Kind]) -> None:
    """Dead, slow and suspected neighbours take none; nor does a burst of its own."""
    bench = run(kinds)
    for number, kind in enumerate(kinds):
        state = bench.state(f"d{number}")
        if kind.latency is None:
            continue
        assert state.slots_skipped == 0
        assert state.silences == 0
        assert state.slots_left_out == 0
        answered = sum(
            isinstance(one, Answer) and one.device == f"d{number}" for one in bench.inbox
        )
        assert answered >= base_slots(bench, number, kind)


@examples(25)
@given(st.lists(KINDS, min_size=1, max_size=12))
def test_no_answer_is_older_than_the_plan_says(kinds: list[Kind]) -> None:
    """However many are dead: what is known of a device that answers never gets older."""
    bench = run(kinds)
    for number, kind in enumerate(kinds):
        worst = worst_age(bench.devices[number]).total
        assert bench.state(f"d{number}").age_worst == worst
        if kind.latency is None:
            continue
        answers = [one for one in bench.inbox if one.device == f"d{number}"]
        # Handed over with the slot in which they came.
        for before, after in pairwise(answers):
            assert after.at - before.sent_at <= worst


@examples(25)
@given(st.lists(KINDS, min_size=1, max_size=12))
def test_one_request_at_a_time_and_bursts_within_the_budget(kinds: list[Kind]) -> None:
    """In any second no more bursts than the budget; a device is never asked twice at once."""
    bench = run(kinds)
    bursts = sum(state.bursts for state in bench.poller.statuses.values())
    assert bursts <= BURSTS * (RUN_S + 1)
    for number, kind in enumerate(kinds):
        reader = bench.readers[f"d{number}"]
        assert reader.outstanding_max <= 1
        polls = sorted((one.sent_at, one.at) for one in bench.inbox if one.device == f"d{number}")
        # Answers of a shared socket are stamped at the wake-up after they came.
        late = GRID if kind.in_lane else 0
        assert all(after[0] >= before[1] - late for before, after in pairwise(polls))


@examples(15)
@given(st.integers(1, 30), st.booleans())
def test_the_dead_cost_no_more_than_their_own_polls(dead: int, in_lane: bool) -> None:
    """Each is asked as often as if it were alone, and less and less."""
    alive = Kind(10_000, 100, in_lane, is_suspected=False)
    kinds = [alive] + [replace(alive, latency=None) for _ in range(dead)]
    bench = run(kinds)
    asked = {bench.state(f"d{number}").silences for number in range(1, dead + 1)}
    assert max(asked) <= 15
    assert max(asked) - min(asked) <= 1
    assert bench.state("d0").answers >= RUN_S - 1


def units(count: int, deadline: int) -> list[DeviceSettings]:
    point = ModbusPoint("p", "coil", 0, "bit", "big", Decoding("boolean"))
    return [
        DeviceSettings(
            f"d{number}",
            "io",
            SECOND,
            deadline,
            ModbusSource("127.0.0.1", 502, number, (point,)),
            burst=True,
        )
        for number in range(count)
    ]


@examples(25)
@given(st.integers(1, 7), st.integers(0, 3), st.integers(20_000, 140_000), st.booleans())
def test_on_a_shared_bus_the_dead_cost_their_neighbours_what_the_plan_says(
    dead: int, alive: int, deadline: int, is_suspected: bool
) -> None:
    """The deadlines of all others, in whole slots; a bus that sets the dead aside does better."""

    async def play() -> Bench:
        line = Line()
        devices = units(dead + alive + 1, deadline)
        readers = {one.id: BusReader(line, 5_000) for one in devices}
        for one in devices[alive + 1 :]:
            readers[one.id].latency = None
        suspected = frozenset(readers) if is_suspected else frozenset()
        bench = Bench(devices, {"suspects": lambda: suspected}, **readers)
        await bench.run_to(60)
        await bench.stop()
        return bench

    bench = asyncio.run(play())
    for number in range(alive + 1):
        answers = [
            one for one in bench.inbox if one.device == f"d{number}" and isinstance(one, Answer)
        ]
        assert len(answers) > 30
        worst = bench.state(f"d{number}").age_worst
        assert all(after.at - before.sent_at <= worst for before, after in pairwise(answers))
