"""Silent and slow devices, full inboxes, slow points: which slots are asked, and counted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from monitord.core.model import SECOND, Answer, Silence
from monitord.decoding.model import Decoding
from monitord.devices.model import DeviceSettings
from monitord.devices.remarks import KINDS
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from tests.support.polling import START, Bench, TimedReader, device


def answers(bench: Bench, name: str) -> list[Answer]:
    return [one for one in bench.inbox if isinstance(one, Answer) and one.device == name]


async def test_a_silent_device_is_left_alone_more_and_more_in_whole_slots() -> None:
    """Its polls keep its slots, without drift; the slots left out are counted."""
    bench = Bench([device("a")], a=TimedReader(None))
    await bench.run_to(20.9)
    assert bench.sent_s("a") == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18]
    state = bench.state("a")
    assert (state.silences, state.slots_left_out, state.slots_skipped) == (13, 8, 0)
    await bench.run_to(600)
    asked = bench.sent_s("a")
    assert asked[-1] - asked[-2] == 30
    await bench.stop()


async def test_slots_left_out_are_silences_of_nobody() -> None:
    """The core gets only polls that were made; the watchdog sees that the poller works."""
    bench = Bench([device("a")], a=TimedReader(None))
    await bench.run_to(100.9)
    state = bench.state("a")
    assert len(bench.inbox) == state.silences == bench.poller.polls_ended
    assert bench.poller.work_done == state.silences + state.slots_left_out == 101
    await bench.stop()


async def test_who_comes_back_has_all_slots_again_and_a_second_look() -> None:
    """Two answers prove what one cannot; the second comes before the next slot."""
    reader = TimedReader(None)
    bench = Bench([device("a", burst=True)], a=reader)
    await bench.run_to(100)
    reader.latency = 10_000
    await bench.run_to(140)
    back = [(one.sent_at - START) / SECOND for one in answers(bench, "a")][:5]
    first = back[0]
    assert first <= 130
    assert [round(at - first, 3) for at in back] == [0, 0.2, 1, 2, 3]
    await bench.stop()


async def test_a_device_with_a_full_inbox_is_not_asked() -> None:
    """What nobody could take in is not read; the slot counts as skipped, and others go on."""
    bench = Bench([device("a"), device("b")], a=TimedReader(), b=TimedReader())
    await bench.run_to(1.4)
    bench.full.add("a")
    await bench.run_to(4.4)
    bench.full.clear()
    await bench.run_to(6.4)
    assert bench.sent_s("a") == [0, 1, 5, 6]
    assert bench.sent_s("b") == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert bench.poller.polls_skipped == 3
    await bench.stop()


async def test_a_device_that_slows_is_polled_every_second_slot_and_reported() -> None:
    """Rule 8; once it is well it has all its slots again."""
    reader = TimedReader(10_000)
    bench = Bench([device("a", burst=True)], a=reader)
    with capture_logs() as logs:
        await bench.run_to(25.5)
        reader.latency = 400_000
        await bench.run_to(60.5)
        slow = [at for at in bench.sent_s("a") if at > 40]
        reader.latency = 10_000
        await bench.run_to(120.5)
    assert slow[1] - slow[0] == 2
    assert len({round(b - a) for a, b in pairwise(slow)}) == 1
    assert bench.sent_s("a")[-1] - bench.sent_s("a")[-2] == 1
    told = [line for line in logs if line["event"] == "device_remark"]
    assert [(line["kind"], line["log_level"]) for line in told] == [("slows", "warning")]
    await bench.stop()


@pytest.mark.parametrize(
    "noticed", [[], [("restarts", "engine restarted: boots 4 -> 5")]], ids=["uptime", "and-boots"]
)
async def test_a_device_that_restarts_is_spared_for_a_minute_and_reported(
    noticed: list[tuple[str, str]],
) -> None:
    """Its uptime went back, and perhaps its boots rose: a minute's rest, not two."""
    reader = TimedReader(raws=(500,))
    bench = Bench([device("a", uptime=0, burst=True)], a=reader)
    await bench.run_to(5.5)
    reader.raws = (3,)
    reader.noticed += noticed
    await bench.run_to(80)
    sent = [at for at in bench.sent_s("a") if at > 5]
    assert sent[:4] == [6, 8, 10, 12]
    assert sent[-1] - sent[-2] == 1
    assert bench.state("a").remarks.count("restarts") == 1 + len(noticed)
    await bench.stop()


async def test_remarks_of_a_reader_are_logged_once_and_counted() -> None:
    """DeviceRemarks are taken out of the reader; the log has the first of each kind."""
    reader = TimedReader()
    bench = Bench([device("a")], a=reader)
    with capture_logs() as logs:
        for second in range(5):
            reader.noticed.append(("second_master", "octets that nobody asked for"))
            reader.noticed.append(("strange", "x" * 5000))
            await bench.run_to(second + 0.5)
    counted = {kind: bench.state("a").remarks.count(kind) for kind in KINDS}
    assert {kind: count for kind, count in counted.items() if count} == {
        "second_master": 5,
        "other": 5,
    }
    warned = [line["kind"] for line in logs if line["log_level"] == "warning"]
    assert warned == ["second_master", "other"]
    assert max(len(line.get("detail", "")) for line in logs) == 200
    await bench.stop()


def of_two_paces(slow_every_s: int = 10) -> DeviceSettings:
    """Return a device whose second of three points is slow."""
    points = tuple(
        SnmpPoint(name, (1, number), Decoding("number", "W")) for number, name in enumerate("abc")
    )
    source = SnmpSource("127.0.0.1", 161, Community(V2C, "public"), points)
    fast = device("a")
    return replace(fast, source=source, slow=(1,), slow_every=slow_every_s * SECOND)


def paced(fast: TimedReader, slow: TimedReader, slow_every_s: int = 10) -> Bench:
    return Bench([of_two_paces(slow_every_s)], {"slow_readers": {"a": slow}}, a=fast)


async def test_slow_points_are_read_rarely_and_are_in_each_answer() -> None:
    """They are absent before their first read; the fast slots are those of any other device."""
    fast, slow = TimedReader(raws=(1, 3)), TimedReader(raws=(2,))
    bench = paced(fast, slow)
    await bench.run_to(30.5)
    assert bench.sent_s("a") == list(range(31))
    values = [one.values for one in answers(bench, "a")]
    assert values == [(1, None, 3)] + [(1, 2, 3)] * 30
    assert slow.asked_s() == [0.01, 10.01, 20.01, 30.01]
    await bench.stop()


async def test_an_unchanged_answer_of_two_paces_is_the_very_same_tuple() -> None:
    """Equal answers share their memory and are recognised without comparing."""
    bench = paced(TimedReader(raws=(1, 3)), TimedReader(raws=(2,)))
    await bench.run_to(25.5)
    assert len({id(one.values) for one in answers(bench, "a")[1:]}) == 1
    await bench.stop()


async def test_slow_points_that_are_too_old_are_absent() -> None:
    """They are used for slow_every and the deadline, so that the planned age is true."""
    fast, slow = TimedReader(raws=(1, 3)), TimedReader(raws=(2,))
    bench = paced(fast, slow)
    await bench.run_to(5)
    slow.latency = None
    with capture_logs() as logs:
        await bench.run_to(30.5)
    stood = [(one.sent_at - START) / SECOND for one in answers(bench, "a") if one.values[1] == 2]
    assert stood == list(range(1, 11))
    assert [line["log_level"] for line in logs if line["event"] == "slow_points_not_read"] == [
        "warning",
        *["debug"] * (bench.state("a").slow_failures - 1),
    ]
    assert not [one for one in bench.inbox if isinstance(one, Silence)]
    slow.latency = 10_000
    await bench.run_to(40.5)
    assert answers(bench, "a")[-1].values == (1, 2, 3)
    await bench.stop()


async def test_a_failed_slow_read_is_retried_after_a_sixth_of_its_interval() -> None:
    """Every 60 s, so every 10 s while it fails; after a success every 60 s again."""
    slow = TimedReader(None, raws=(2,))
    bench = paced(TimedReader(raws=(1, 3)), slow, slow_every_s=60)
    await bench.run_to(25)
    slow.latency = 10_000
    await bench.run_to(125)
    assert slow.asked_s() == [0.01, 10.01, 20.01, 30.01, 60.01, 120.01]
    await bench.stop()


async def test_the_poller_wakes_no_more_than_it_must() -> None:
    """Two devices with readers of their own: one wake-up of ours a poll."""
    bench = Bench([device("a"), device("b", 5)], a=TimedReader(), b=TimedReader())
    await bench.run_to(100.5)
    ours = [at for at in bench.clock.wakes if (at - START) % 50_000 == 0]
    assert len(ours) <= 101 + 21
    await bench.stop()


async def test_after_a_stall_of_ours_the_latest_slot_is_asked_and_the_next_is_on_time() -> None:
    """What passed meanwhile is skipped and counted; nothing is made up for, nothing moved."""
    bench = Bench([device("a")], a=TimedReader(0))
    await bench.run_to(1.5)
    bench.clock.jump(START + 4_700_000)
    await bench.run_to(7.5)
    assert bench.sent_s("a") == [0, 1, 4.7, 5, 6, 7]
    assert bench.state("a").slots_skipped == 2
    await bench.stop()
