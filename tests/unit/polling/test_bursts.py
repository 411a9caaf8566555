"""Polls outside the slots: for whom, how often, and that they take nothing from the slots."""

from __future__ import annotations

from typing import Any

import pytest

from monitord.core.model import SECOND, Answer, Silence
from monitord.decoding.model import Decoding
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import DeviceSettings
from monitord.polling.burst import Budget
from tests.support.polling import Bench, TimedReader, device, lane_bench
from tests.support.shared_sockets import Member

BURST = {"burst": True}


class Suspects:
    """The level that the core would give."""

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)

    def __call__(self) -> frozenset[str]:
        return self.names


def bench_of(*readers: TimedReader, suspects: Suspects, every_s: float = 1, **more: Any) -> Bench:
    named = {f"d{number}": reader for number, reader in enumerate(readers)}
    devices = [device(name, every_s, **BURST) for name in named]
    return Bench(devices, {"suspects": suspects, **more}, **named)


async def test_a_suspected_device_is_asked_five_times_a_second() -> None:
    """Its slots stay where they are; the last fifth of a second before one is left to the slot."""
    bench = bench_of(TimedReader(), suspects=Suspects("d0"))
    await bench.run_to(2.1)
    assert bench.sent_s("d0") == [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2]
    assert bench.state("d0").bursts == 8
    await bench.stop()


async def test_a_suspicion_between_two_slots_is_followed_at_once() -> None:
    """The level is looked at when answers were judged; the poller need not be awake."""
    suspects = Suspects()
    bench = bench_of(TimedReader(), suspects=suspects, every_s=10)
    await bench.run_to(3)
    suspects.names = frozenset({"d0"})
    bench.poller.answers_evaluated()
    await bench.run_to(3.5)
    assert bench.sent_s("d0") == [0, 3, 3.2, 3.4]
    suspects.names = frozenset()
    await bench.run_to(9)
    assert len(bench.sent_s("d0")) == 4
    await bench.stop()


async def test_a_burst_never_overlaps_a_read_and_ends_before_the_slot() -> None:
    """A device that takes 300 ms is asked when it has answered, with the time left as deadline."""
    reader = TimedReader(300_000)
    bench = bench_of(reader, suspects=Suspects("d0"))
    await bench.run_to(3.2)
    assert reader.outstanding_max == 1
    assert [at for at in reader.asked_s() if at % 1 == 0] == [0, 1, 2, 3]
    for asked, deadline in reader.reads:
        left = SECOND - asked % SECOND
        assert deadline <= max(SECOND // 2, left - 50_000)
    assert bench.state("d0").slots_skipped == 0
    await bench.stop()


async def test_a_burst_cut_short_is_no_silence_of_the_device() -> None:
    """It was given less than its deadline, so that its slot comes on time."""
    reader = TimedReader(450_000)
    bench = bench_of(reader, suspects=Suspects("d0"))
    await bench.run_to(5.9)
    assert not [one for one in bench.inbox if isinstance(one, Silence)]
    assert bench.state("d0").bursts > 3
    assert [at for at in bench.sent_s("d0") if at % 1 == 0] == [0, 1, 2, 3, 4, 5]
    await bench.stop()


async def test_a_slot_that_finds_a_burst_under_way_is_asked_right_after_it() -> None:
    """A reader that overran the time it was given delays its slot, and takes none away."""
    reader = TimedReader(320_000)
    reader.keeps_deadline = False
    bench = bench_of(reader, suspects=Suspects("d0"))
    await bench.run_to(2.0)
    assert bench.sent_s("d0") == [0, 0.35, 0.7, 1.05, 1.4]
    assert bench.state("d0").slots_skipped == 0
    await bench.stop()


async def test_a_first_silence_is_looked_at_quickly_and_slows_nothing() -> None:
    """One lost datagram: the device has answered again before its next slot."""
    reader = TimedReader()
    bench = bench_of(reader, suspects=Suspects())
    await bench.run_to(1.5)
    reader.latency = None
    await bench.run_to(2.4)
    reader.latency = 10_000
    await bench.run_to(5.1)
    assert bench.state("d0").silences == 1
    assert bench.sent_s("d0") == [0, 1, 2, 2.5, 3, 4, 5]
    await bench.stop()


async def test_a_device_that_may_not_be_burst_is_not() -> None:
    """An unverified profile does not know what load its device accepts."""
    bench = Bench([device("d0")], {"suspects": Suspects("d0")}, d0=TimedReader())
    await bench.run_to(3.5)
    assert bench.sent_s("d0") == [0, 1, 2, 3]
    await bench.stop()


@pytest.mark.parametrize("limit", [0, 7, 11])
async def test_the_budget_is_one_for_all_and_nobody_goes_without(limit: int) -> None:
    """The device with the oldest burst poll is next; slots need no budget."""
    readers = [TimedReader() for _ in range(6)]
    names = [f"d{number}" for number in range(6)]
    bench = bench_of(*readers, suspects=Suspects(*names), budget=Budget(limit))
    await bench.run_to(20.99)
    bursts = [bench.state(name).bursts for name in names]
    assert sum(bursts) <= 21 * limit
    assert sum(bursts) >= 20 * limit
    assert min(bursts) >= 20 * limit / len(bursts) / 2
    for name in names:
        assert len(bench.sent_s(name)) - bench.state(name).bursts == 21
    await bench.stop()


async def test_a_burst_of_a_device_on_a_shared_socket_is_read_by_its_reader() -> None:
    """What the socket reports as unchanged afterwards is compared with the read."""
    bench = lane_bench(
        {"d0": Member((1,))}, devices=[device("d0", **BURST)], suspects=(suspects := Suspects())
    )
    await bench.run_to(2.2)
    bench.readers["d0"].raws = (9,)
    suspects.names = frozenset({"d0"})
    bench.poller.answers_evaluated()
    await bench.run_to(2.35)
    suspects.names = frozenset()
    await bench.run_to(3.5)
    values = [one.values for one in bench.inbox if isinstance(one, Answer)]
    assert values == [(1,), (1,), (1,), (9,), (1,)]
    assert bench.readers["d0"].closed == 2
    await bench.stop()


async def test_poll_now_asks_once_however_often_it_was_said() -> None:
    """A storm of traps is one poll each fifth of a second, also where bursts are not allowed."""
    bench = Bench([device("d0", 10)], d0=TimedReader())
    await bench.run_to(3)
    for _ in range(1000):
        bench.poller.poll_now("d0")
    bench.poller.poll_now("nobody")
    await bench.run_to(5)
    assert bench.sent_s("d0") == [0, 3]
    await bench.stop()


async def test_poll_now_reaches_a_device_that_is_left_alone() -> None:
    """A coldStart shows that the dead one lives; its slots are asked again from then on."""
    reader = TimedReader(None)
    bench = Bench([device("d0")], d0=reader)
    await bench.run_to(200)
    reader.latency = 10_000
    asked = len(reader.reads)
    bench.poller.poll_now("d0")
    await bench.run_to(203.9)
    assert reader.asked_s()[asked:] == [200.05, 201, 202, 203]
    await bench.stop()


async def test_without_budget_poll_now_waits_for_it_or_for_the_slot() -> None:
    """The wish is kept, and the slot fulfils it."""
    bench = Bench([device("d0")], {"budget": Budget(0)}, d0=TimedReader())
    await bench.run_to(1.4)
    bench.poller.poll_now("d0")
    await bench.run_to(2.9)
    assert bench.sent_s("d0") == [0, 1, 2]
    await bench.stop()


def unit(name: str, unit_id: int) -> DeviceSettings:
    point = ModbusPoint("p", "coil", 0, "bit", "big", Decoding("boolean"))
    source = ModbusSource("127.0.0.1", 502, unit_id, (point,))
    return DeviceSettings(name, name, SECOND, 450_000, source, burst=True)


async def test_a_bus_carries_no_more_bursts_than_one_device_would() -> None:
    """Neighbours share them, and none reaches into a neighbour's slot."""
    units = [unit(f"d{number}", number) for number in range(2)]
    readers = {one.id: TimedReader(5_000) for one in units}
    bench = Bench(units, {"suspects": Suspects("d0", "d1")}, **readers)
    await bench.run_to(10)
    bursts = [bench.state(one.id).bursts for one in units]
    assert 10 <= sum(bursts) <= 50
    for reader in readers.values():
        for asked, deadline in reader.reads:
            if asked % (SECOND // 2):
                assert asked % (SECOND // 2) + deadline <= SECOND // 2 - 50_000
    await bench.stop()
