"""When devices are read, and what is made of readings that end badly; on a clock of our own."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from monitord.core.model import SECOND, Answer, Silence
from monitord.core.values import Numbering
from monitord.devices.model import ReadError
from monitord.polling.slots import next_slot, spread
from tests.support.polling import (
    START,
    Bench,
    ScriptedReader,
    broken,
    deaf,
    device,
    good,
    lasting,
    slow_bench,
)


async def test_polls_keep_their_slots_however_long_each_takes() -> None:
    """Due times come from the start, not from the end of the poll before."""
    bench = slow_bench(0.3, 0.1, 0.9, 0.2)
    await bench.run_to(4)
    assert bench.sent_s("a") == [0, 1, 2, 3]
    await bench.stop()


async def test_a_slot_that_passed_is_skipped_and_not_made_up_for() -> None:
    """After a read of 2.5 slots the next is at the fourth slot, and no reads wait in a queue."""
    bench = slow_bench(2.5, 0.1)
    await bench.run_to(6.5)
    assert bench.sent_s("a") == [0, 3, 4, 5, 6]
    assert bench.poller.statuses["a"].slots_skipped == 2
    assert bench.readers["a"].outstanding_max == 1
    await bench.stop()


async def test_an_answer_is_stamped_before_sending_and_after_decoding() -> None:
    """sent_at and at hold the read between them."""
    bench = slow_bench(0.25)
    await bench.run_to(1)
    assert bench.inbox[0] == Answer("a", START, START + SECOND // 4, (1,))
    assert bench.poller.statuses["a"].took == SECOND // 4
    await bench.stop()


async def test_a_silence_is_stamped_when_the_read_ended() -> None:
    """The kind is the error's."""
    bench = Bench([device("a")], a=ScriptedReader(deaf))
    await bench.run_to(0)
    assert bench.inbox == [Silence("a", "timeout", START, START)]
    assert bench.poller.statuses["a"].last == bench.inbox[0]
    await bench.stop()


async def test_every_end_of_a_poll_counts_for_the_watchdog() -> None:
    """A timeout is an end."""
    bench = Bench([device("a"), device("b")], a=ScriptedReader(good), b=ScriptedReader(deaf))
    await bench.run_to(2.9)
    assert bench.poller.polls_ended == len(bench.inbox) == 6
    await bench.stop()


async def test_one_readers_mistake_silences_its_device_alone() -> None:
    """An unexpected exception is a bad answer of that device, logged without its text."""
    bench = Bench([device("a"), device("b")], a=ScriptedReader(broken), b=ScriptedReader(good))
    with capture_logs() as logs:
        await bench.run_to(2.9)
    kinds = {one.device: type(one) for one in bench.inbox}
    assert kinds == {"a": Silence, "b": Answer}
    assert {one.kind for one in bench.inbox if isinstance(one, Silence)} == {"bad_answer"}
    assert "KeyError at broken" in logs[0]["detail"]
    assert "public" not in str(logs)
    await bench.stop()


async def test_a_silence_over_our_own_interface_without_a_link_is_not_the_devices() -> None:
    """No request left: the kernel takes it and drops it. What a device refuses stays its own."""

    async def refuse() -> tuple[float, ...]:
        raise ReadError("refused", "nobody listens")

    down = {"down_towards": lambda host: "eth1" if host else ""}
    bench = Bench(
        [device("a"), device("b")], down, a=ScriptedReader(deaf), b=ScriptedReader(refuse)
    )
    with capture_logs() as logs:
        await bench.run_to(0.9)
    kinds = {one.device: one.kind for one in bench.inbox if isinstance(one, Silence)}
    assert kinds == {"a": "unreachable", "b": "refused"}
    assert "our own interface eth1 has no link" in [line["detail"] for line in logs]
    await bench.stop()


async def test_a_lasting_failure_is_logged_once_and_its_end_once() -> None:
    """First failure WARNING, repeats DEBUG, recovery INFO."""
    bench = Bench([device("a")], a=ScriptedReader(good, deaf, deaf, deaf, good, good))
    with capture_logs() as logs:
        await bench.run_to(5)
    assert [line["log_level"] for line in logs] == ["warning", "debug", "debug", "info"]
    assert logs[-1]["polls_silent"] == 3
    await bench.stop()


async def test_cancelling_ends_the_reads_and_closes_every_reader() -> None:
    """Nothing stays behind, whatever was under way."""
    bench = slow_bench(100)
    await bench.run_to(1)
    assert bench.readers["a"].outstanding == 1
    await bench.stop()
    assert bench.readers["a"].outstanding == 0
    assert bench.readers["a"].closed == 1
    assert bench.inbox == []


async def test_a_poller_without_devices_runs_until_it_is_cancelled() -> None:
    """A site may have none yet."""
    bench = Bench([])
    await bench.run_to(10)
    assert bench.is_running
    await bench.stop()


def test_devices_of_equal_slots_are_spread_evenly() -> None:
    """Four devices a second are read every 250 ms, not together."""
    devices = [device("a"), device("b"), device("slow", 5), device("c"), device("d")]
    offsets = {one.id: offset / SECOND for one, offset in spread(devices)}
    assert offsets == {"a": 0, "b": 0.25, "c": 0.5, "d": 0.75, "slow": 0}


@pytest.mark.parametrize(
    ("slot", "elapsed", "following"),
    [(0, 3, 1), (0, 10, 1), (0, 11, 2), (4, 45, 5), (4, 50, 5), (4, 99, 10)],
)
def test_the_next_slot_is_the_first_that_is_not_past(
    slot: int, elapsed: int, following: int
) -> None:
    """A slot that is due this very moment is still to be read."""
    assert next_slot(slot, elapsed, 10) == following


async def test_polls_are_counted_by_how_they_ended_with_their_time() -> None:
    """The sum over all ends is the number of polls, and no kind of failure is lost."""
    bench = Bench([device("a")], a=ScriptedReader(good, deaf, broken, good))
    await bench.run_to(3.5)
    state = bench.poller.statuses["a"]
    assert state.results == {"answer": 2, "timeout": 1, "bad_answer": 1}
    await bench.stop()
    slow = slow_bench(0.3, 0.2)
    await slow.run_to(1.9)
    assert slow.poller.statuses["a"].took_total == SECOND // 2
    await slow.stop()


@pytest.mark.parametrize(
    ("numbering", "every", "from_s"),
    [
        (Numbering.NUMBERED, 1, [0, 1, 2]),
        (Numbering.ONE_SHAPE, 1, [0, 0, 1]),
        (Numbering.SHAPED, 1, [0, 0, 1]),
        (Numbering.SHAPED, 4, [0, 4, 8]),
        (Numbering.ONE_SHAPE, 4, [0, 0, 4]),
    ],
)
async def test_an_answer_without_a_number_may_be_of_the_request_before(
    numbering: Numbering, every: int, from_s: list[int]
) -> None:
    """Its evidence begins there, unless its shape differs from all requests of the last 3 s."""
    bench = Bench([device("a", every)], a=ScriptedReader(good))
    bench.poller.states["a"].numbering = numbering
    await bench.run_to(2 * every)
    answers = [one for one in bench.inbox if isinstance(one, Answer)]
    assert [(one.sent_at - START) // SECOND for one in answers] == from_s
    assert [(one.at - START) // SECOND // every for one in answers] == [0, 1, 2]
    await bench.stop()


async def test_a_reader_that_varies_lengths_knows_what_its_answer_proves() -> None:
    """Its moment counts, and how long its unit took: lost answers make no slow device."""
    benches: list[Bench] = []
    slow = lasting(benches, 0.5)
    reader = ScriptedReader(*[good] * 20, slow)
    reader.proven_from, reader.took = START - SECOND, SECOND // 50
    bench = Bench([device("a")], a=reader)
    benches.append(bench)
    bench.poller.states["a"].numbering = Numbering.VARIED
    await bench.run_to(59.9)
    answers = [one for one in bench.inbox if isinstance(one, Answer)]
    assert {one.sent_at for one in answers} == {START - SECOND}
    assert len(answers) == 60
    await bench.stop()


async def test_a_lost_request_is_the_one_before_all_the_same() -> None:
    """Its answer may come late, in the place of the next one's."""
    bench = Bench([device("a")], a=ScriptedReader(good, deaf, good))
    bench.poller.states["a"].numbering = Numbering.ONE_SHAPE
    await bench.run_to(2)
    answers = [one for one in bench.inbox if isinstance(one, Answer)]
    assert answers[-1].sent_at >= START + SECOND
    await bench.stop()
