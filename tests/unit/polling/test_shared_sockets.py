"""How the poller uses a shared socket: members, wake-ups, and the way back to a reader."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from monitord.core.model import SECOND, Answer, Silence
from monitord.devices.shared_socket import PollResult
from monitord.polling.poller import SocketAssignment
from monitord.polling.slots import GRID
from tests.support.polling import START, Bench, TimedReader, device, lane_bench
from tests.support.shared_sockets import FakeSharedSocket, Member


def members(count: int, **more: int | None) -> dict[str, Member]:
    return {f"d{number}": Member(**more) for number in range(count)}  # type: ignore[arg-type]


async def test_the_reader_makes_the_first_poll_and_the_shared_socket_the_next() -> None:
    """Only what a reader has learned can be asked in one request; its socket is closed then."""
    bench = lane_bench(members(1))
    await bench.run_to(3.5)
    assert bench.sent_s("d0") == [0, 1, 2, 3]
    assert bench.readers["d0"].asked_s() == [0]
    assert bench.readers["d0"].closed == 1
    assert bench.lane().learned == [0]
    await bench.stop()


async def test_a_device_that_the_shared_socket_rejects_stays_with_its_reader() -> None:
    """The shared socket is tried again after each read."""
    bench = lane_bench({"d0": Member(learns=False)})
    await bench.run_to(2.5)
    assert bench.readers["d0"].asked_s() == [0, 1, 2]
    assert bench.lane().learned == [0, 0, 0]
    assert bench.lane().batches == []
    await bench.stop()


async def test_a_poll_the_shared_socket_cannot_complete_is_read_in_the_same_slot() -> None:
    """No slot is lost, and the shared socket takes the device back."""
    bench = lane_bench(members(1))
    await bench.run_to(1.5)
    bench.lane().members[0].refuses = True
    await bench.run_to(3.5)
    assert bench.readers["d0"].asked_s() == [0, 2 + GRID / SECOND]
    assert bench.sent_s("d0") == [0, 1, 2.05, 3]
    assert all(isinstance(one, Answer) for one in bench.inbox)
    assert bench.state("d0").slots_skipped == 0
    await bench.stop()


async def test_one_wake_up_drains_sweeps_hands_over_and_sends() -> None:
    """Twenty devices of one slot are one batch out and one batch in; idle slots wake nobody."""
    devices = [device(f"d{number}") for number in range(20)]
    bench = lane_bench(members(20), devices=devices)
    batches: list[int] = []
    put = bench.put_many
    bench.put_many = lambda items: (batches.append(len(items)), put(items))[1]  # type: ignore[method-assign]
    await bench.run_to(3)
    assert set(bench.lane().batches) == {1}
    bench = lane_bench(members(1))
    await bench.run_to(10)
    # A second has one slot that asks and one that takes the answer in.
    assert 20 <= len(bench.clock.wakes) <= 24
    await bench.stop()


async def test_a_late_wake_up_sends_what_was_missed_up_to_eight_batches() -> None:
    """After a stall all devices are due at once; the rest leaves with the next step."""
    bench = lane_bench(members(600))
    await bench.run_to(2)
    lane = bench.lane()
    assert max(lane.batches) <= 64
    lane.batches.clear()
    bench.clock.jump(START + 4 * SECOND)
    await bench.run_to(4.9)
    assert max(lane.batches) == 8 * 64
    late = {one.device for one in bench.inbox if one.sent_at >= START + 4 * SECOND}
    assert len(late) == 600
    await bench.stop()


async def test_a_timeout_is_reported_after_the_socket_was_drained() -> None:
    """A silence of the device, stamped at its deadline; it stays on the shared socket."""
    bench = lane_bench({"d0": Member(), "d1": Member()})
    await bench.run_to(1.9)
    bench.lane().members[1].latency = None
    await bench.run_to(4.4)
    silences = [one for one in bench.inbox if isinstance(one, Silence)]
    assert [(one.device, one.kind) for one in silences] == [("d1", "timeout")] * 2
    assert silences[0].at - silences[0].sent_at == 800_000
    assert bench.readers["d1"].asked_s() == [0.5]
    assert bench.state("d1").silent_in_a_row == 2
    assert bench.state("d0").silences == 0
    await bench.stop()


async def test_a_silent_device_that_is_configured_by_a_name_is_read_by_its_reader_again() -> None:
    """The shared socket knows one address; the name may have another by now."""
    lane = FakeSharedSocket([Member(latency=None, is_named=True), Member(latency=None)])
    readers = {"d0": TimedReader(0), "d1": TimedReader(0)}
    devices = [device("d0"), device("d1")]
    bench = Bench(devices, {"assignments": [SocketAssignment(lane, ("d0", "d1"))]}, **readers)
    await bench.run_to(4.9)
    assert len(readers["d0"].reads) > 1
    assert len(readers["d1"].reads) == 1
    await bench.stop()


class BrokenSharedSocket(FakeSharedSocket):
    """Raises where a real one would not."""

    def drain(self, now: int) -> list[PollResult]:
        if now > START + 2 * SECOND:
            raise KeyError("public")
        return super().drain(now)


class UnlearnedSharedSocket(FakeSharedSocket):
    """Raises when it is to take a member over."""

    def learn(self, member: int) -> bool:
        raise KeyError("public")


@pytest.mark.parametrize(
    ("kind", "silences"), [(BrokenSharedSocket, 1), (UnlearnedSharedSocket, 0)]
)
async def test_a_shared_socket_that_raises_is_replaced_by_the_readers(
    kind: type[FakeSharedSocket], silences: int
) -> None:
    """It is a defect of ours: logged without its text, and no device stays silent."""
    lane = kind([Member(), Member()])
    readers = {"d0": TimedReader(0), "d1": TimedReader(0)}
    devices = [device("d0"), device("d1")]
    bench = Bench(devices, {"assignments": [SocketAssignment(lane, ("d0", "d1"))]}, **readers)
    with capture_logs() as logs:
        await bench.run_to(5.2)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["lane_failed"]
    assert "public" not in str(logs)
    assert bench.sent_s("d0") == [0, 1, 2, 3, 4, 5]
    assert bench.state("d0").silences + bench.state("d1").silences == silences
    assert lane.closed == 1
    await bench.stop()


async def test_the_shared_socket_is_closed_with_the_readers() -> None:
    """Nothing stays behind."""
    bench = lane_bench(members(2))
    await bench.run_to(1)
    await bench.stop()
    assert bench.lane().closed == 1
    assert all(reader.closed for reader in bench.readers.values())


async def test_first_contacts_are_bounded_and_lose_only_slots() -> None:
    """A site of dead agents opens at most 256 sockets at once; the living get theirs."""
    names = [f"d{number}" for number in range(400)]
    lane = SocketAssignment(FakeSharedSocket([Member() for _ in names]), tuple(names))
    readers = {name: TimedReader(None if number % 10 else 0) for number, name in enumerate(names)}
    bench = Bench([device(name) for name in names], {"assignments": [lane]}, **readers)
    await bench.run_to(6)
    begun = sorted(asked for reader in readers.values() for asked, _ in reader.reads)
    dead = [asked for n in names if readers[n].latency is None for asked, _ in readers[n].reads]
    assert max(sum(at - SECOND // 2 < asked <= at for asked in dead) for at in begun) <= 256
    answered = {one.device for one in bench.inbox if isinstance(one, Answer)}
    assert answered == {f"d{number}" for number in range(0, 400, 10)}
    await bench.stop()
