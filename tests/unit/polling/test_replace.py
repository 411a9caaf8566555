"""A poller that goes on with other devices: who stays keeps every slot. On a clock of our own."""

from __future__ import annotations

from typing import Any

from monitord.core.model import SECOND
from monitord.polling.building import SocketAssignment, build_states
from tests.support.polling import (
    Bench,
    ScriptedReader,
    TimedReader,
    device,
    good,
    lane_bench,
    lasting,
)
from tests.support.shared_sockets import FakeSharedSocket, Member


def replace(bench: Bench, order: list[str], lanes: Any = (), **added: tuple[Any, Any]) -> None:
    """Go on with the devices in ``order``; ``added``: settings and reader of new and changed."""
    settings = [one for one, _ in added.values()]
    readers = {name: reader for name, (_, reader) in added.items()}
    for reader in readers.values():
        if isinstance(reader, TimedReader):
            reader.clock = bench.clock
    bench.readers |= readers
    bench.poller.replace(build_states(settings, readers, {}), order, lanes)


async def test_devices_that_stay_are_asked_at_the_same_moments_as_without_a_reload() -> None:
    """Twenty reloads add, change and leave out their neighbours; a control has none of them."""
    names = ["a", "b", "c"]
    bench = Bench([device(name) for name in names], **{name: TimedReader() for name in names})
    control = Bench([device(name) for name in names], **{name: TimedReader() for name in names})
    others: list[str] = []
    for turn in range(20):
        await bench.run_to(0.31 + turn * 0.77)
        name = f"n{turn}"
        others = [*others[-4:], name]
        replace(bench, [*others, "c", "a", "b"], **{name: (device(name, 0.7), TimedReader())})
    await bench.run_to(20)
    await control.run_to(20)
    for name in names:
        assert bench.readers[name].asked_s() == control.readers[name].asked_s()
        assert bench.state(name).slots_skipped == 0
    assert bench.readers["n19"].asked_s()
    await bench.stop()
    await control.stop()


async def test_a_finer_grid_for_many_more_devices_moves_no_slot_of_those_that_stay() -> None:
    """2,000 polls a second on a shared socket need a step of an eighth: the others' times stay."""
    bench = lane_bench({"a": Member(), "b": Member()}, devices=[device("a"), device("b", 0.5)])
    control = lane_bench({"a": Member(), "b": Member()}, devices=[device("a"), device("b", 0.5)])
    await bench.run_to(3.2)
    many = [f"m{n}" for n in range(2_000)]
    lane = SocketAssignment(FakeSharedSocket([Member() for _ in many]), tuple(many))
    added = {name: (device(name), TimedReader(0)) for name in many}
    replace(bench, ["a", "b", *many], [lane], **added)
    await bench.run_to(6)
    await control.run_to(6)
    for number in (0, 1):
        assert bench.lane().members[number].sent == control.lane().members[number].sent
    assert all(member.sent for member in lane.socket.members)  # type: ignore[attr-defined]
    await bench.stop()
    await control.stop()


async def test_a_device_left_out_is_asked_no_more_and_closed_once_its_read_has_ended() -> None:
    """Nothing of it reaches the inbox after the reload, not even what was under way."""
    itself: list[Bench] = []
    bench = Bench(
        [device("a"), device("b")], a=ScriptedReader(lasting(itself, 0.4)), b=ScriptedReader(good)
    )
    itself.append(bench)
    await bench.run_to(2.2)
    gone = bench.readers["a"]
    assert gone.outstanding == 1
    before = len([one for one in bench.inbox if one.device == "a"])
    replace(bench, ["b"])
    await bench.run_to(6)
    assert (gone.outstanding, gone.closed, gone.reads) == (0, 1, 3)
    assert len([one for one in bench.inbox if one.device == "a"]) == before
    assert set(bench.poller.statuses) == {"b"}
    await bench.stop()
    assert gone.closed == 1


async def test_a_changed_device_begins_again_by_its_new_reader() -> None:
    """The old reader is closed; the new one is asked within one slot."""
    bench = Bench([device("a"), device("b")], a=TimedReader(), b=TimedReader())
    await bench.run_to(2.2)
    old = bench.readers["a"]
    replace(bench, ["a", "b"], a=(device("a", 0.5), TimedReader()))
    await bench.run_to(5)
    new = bench.readers["a"]
    assert old.closed == 1
    assert old.asked_s()[-1] < 2.2 <= new.asked_s()[0] <= 2.7
    assert [round(b - a, 6) for a, b in zip(new.asked_s(), new.asked_s()[1:], strict=False)] == (
        [0.5] * (len(new.reads) - 1)
    )
    await bench.stop()


async def test_a_shared_socket_is_closed_with_its_last_member() -> None:
    """Until then it polls those that stay; one that left is never sent again."""
    bench = lane_bench({"a": Member(), "b": Member()})
    await bench.run_to(2)
    lane = bench.lane()
    replace(bench, ["b"])
    await bench.run_to(4)
    asked = list(lane.members[0].sent)
    assert lane.closed == 0
    assert lane.members[1].sent[-1] > asked[-1]
    replace(bench, ["c"], c=(device("c"), TimedReader()))
    await bench.run_to(6)
    assert lane.closed == 1
    assert lane.members[0].sent == asked
    assert bench.readers["c"].asked_s()
    await bench.stop()
    assert lane.closed == 1


async def test_a_poller_left_without_devices_takes_the_next_ones() -> None:
    """Nothing is due; a later reload brings a device, which is asked at once."""
    bench = Bench([device("a")], a=TimedReader())
    await bench.run_to(1.2)
    replace(bench, [])
    await bench.run_to(4)
    assert bench.readers["a"].asked_s() == [0, 1]
    replace(bench, ["b"], b=(device("b"), TimedReader()))
    await bench.run_to(6.5)
    assert len(bench.readers["b"].reads) in (2, 3)
    assert bench.readers["b"].reads[0][0] >= 4 * SECOND
    await bench.stop()


async def test_a_late_answer_of_a_member_that_left_reaches_nobody() -> None:
    """Its request was under way at the reload; the member that stays is answered as ever."""
    bench = lane_bench({"a": Member(latency=300_000), "b": Member()})
    await bench.run_to(2.1)
    before = len([one for one in bench.inbox if one.device == "a"])
    replace(bench, ["b"])
    await bench.run_to(5.2)
    assert len([one for one in bench.inbox if one.device == "a"]) == before
    assert bench.sent_s("b")[-1] >= 4.5
    await bench.stop()
