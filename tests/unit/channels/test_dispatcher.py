"""The dispatcher carries out every attempt it is given, once, and reports how each ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import structlog

from monitord.channels import Channel, DeliveryError, Message
from monitord.core.model import Attempted
from monitord.dispatcher import AT_ONCE_MAX, Attempt, Dispatcher
from tests.support.daemon import until
from tests.support.posts import message

AMPLE_S = 20.0


class StandingClock:
    """Site time does not move."""

    def now(self) -> int:
        return 42

    def wall(self) -> int:
        return 42

    async def sleep_until(self, at: int) -> None:
        raise AssertionError("the dispatcher waits for nothing")


class ScriptedChannel:
    """Runs ``act`` at each send; keeps the messages."""

    def __init__(self, act: Callable[[Message], object] = lambda _: None) -> None:
        self.act = act
        self.sent: list[Message] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.inside = self.inside_max = self.closed = 0

    async def send(self, message: Message) -> None:
        self.inside += 1
        self.inside_max = max(self.inside, self.inside_max)
        try:
            await self.gate.wait()
            self.act(message)
            self.sent.append(message)
        finally:
            self.inside -= 1

    async def close(self) -> None:
        self.closed += 1


class Bench:
    """A dispatcher; keeps all reports and steps in their order."""

    def __init__(self, return_s_max: float = AMPLE_S, **channels: Channel) -> None:
        self.seen: list[str | Attempted] = []
        self.dispatcher = Dispatcher(
            channels, StandingClock(), self.seen.append, self.seen.append, return_s_max=return_s_max
        )

    @property
    def outcomes(self) -> list[Attempted]:
        return [one for one in self.seen if isinstance(one, Attempted)]

    def start(self, channel: str = "desk", person: str = "p", attempt: int = 1) -> None:
        self.dispatcher.start(Attempt(person, "1-12", attempt, channel, message(person=person)))


def fail(error: Exception) -> Callable[[Message], object]:
    def act(_: Message) -> object:
        raise error

    return act


async def test_a_delivered_attempt_is_reported_after_the_send() -> None:
    """The order is: step, send, step, report; the crash tests kill the daemon at each step."""
    channel = ScriptedChannel()
    bench = Bench(desk=channel)
    bench.start(attempt=3)
    assert await bench.dispatcher.drain(AMPLE_S) == 0
    done = Attempted(at=42, person="p", incident="1-12", attempt=3, delivered=True)
    assert bench.seen == ["attempt_sending", "attempt_sent", done]
    assert channel.sent == [message(person="p")]
    assert bench.dispatcher.ended == 1


@pytest.mark.parametrize("permanent", [True, False])
async def test_a_failed_delivery_is_reported_with_its_detail(permanent: bool) -> None:
    """The core decides on the retry by this detail and by permanent."""
    bench = Bench(desk=ScriptedChannel(fail(DeliveryError("no desk", permanent=permanent))))
    bench.start()
    await bench.dispatcher.drain(AMPLE_S)
    (outcome,) = bench.outcomes
    assert (outcome.delivered, outcome.permanent, outcome.detail) == (False, permanent, "no desk")
    assert bench.seen[:2] == ["attempt_sending", "attempt_sent"]


async def test_an_unknown_channel_is_a_permanent_failure() -> None:
    """A reload may remove a channel while an attempt on it is recorded."""
    bench = Bench()
    bench.start(channel="gone")
    await bench.dispatcher.drain(AMPLE_S)
    (outcome,) = bench.outcomes
    assert outcome.permanent
    assert "gone" in outcome.detail


async def test_an_unexpected_error_of_a_channel_loses_no_message_and_logs_no_secret() -> None:
    """A defect of ours is reported as a temporary failure, and logged without the error's text."""
    broken = fail(RuntimeError("http://desk/hook/s3cr3t"))
    bench = Bench(desk=ScriptedChannel(broken))
    with structlog.testing.capture_logs() as logs:
        bench.start()
        await bench.dispatcher.drain(AMPLE_S)
    (outcome,) = bench.outcomes
    assert (outcome.delivered, outcome.permanent) == (False, False)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["channel_broke"]
    assert "s3cr3t" not in f"{logs} {outcome}"


async def test_an_attempt_on_a_channel_that_never_returns_ends_at_the_deadline() -> None:
    """The person's next message is not blocked by a channel without a deadline of its own."""
    channel = ScriptedChannel()
    channel.gate.clear()
    bench = Bench(return_s_max=0.05, desk=channel)
    bench.start()
    assert await bench.dispatcher.drain(AMPLE_S) == 0
    assert [one.delivered for one in bench.outcomes] == [False]


async def test_many_attempts_are_sent_a_few_at_a_time_and_none_is_dropped() -> None:
    """A channel has a limit of attempts under way; the others wait."""
    channel = ScriptedChannel()
    channel.gate.clear()
    bench = Bench(desk=channel)
    people = [f"p{number}" for number in range(100)]
    for person in people:
        bench.start(person=person)
    assert await bench.dispatcher.drain(0.01) == 100
    assert channel.inside == AT_ONCE_MAX
    channel.gate.set()
    assert await bench.dispatcher.drain(AMPLE_S) == 0
    assert sorted(one.person for one in bench.outcomes) == sorted(people)
    assert channel.inside_max == AT_ONCE_MAX


async def test_a_hanging_channel_does_not_delay_another() -> None:
    """The console prints messages while the webhook hangs."""
    hanging, console = ScriptedChannel(), ScriptedChannel()
    hanging.gate.clear()
    bench = Bench(desk=hanging, console=console)
    for number in range(30):
        bench.start("desk", f"p{number}")
    bench.start("console", "keeper")
    await bench.dispatcher.drain(0.01)
    assert [one.person for one in bench.outcomes] == ["keeper"]
    await bench.dispatcher.close()


async def test_closing_cancels_attempts_under_way_and_reports_no_outcome() -> None:
    """A cancelled attempt was possibly sent; the next start records it so."""
    channel = ScriptedChannel()
    channel.gate.clear()
    bench = Bench(desk=channel)
    bench.start()
    await bench.dispatcher.drain(0.01)
    await bench.dispatcher.close()
    await bench.dispatcher.close()
    assert bench.outcomes == []
    assert bench.dispatcher.under_way == 0
    assert channel.closed == 2


async def test_the_first_failure_is_a_warning_and_its_retries_are_debug_lines() -> None:
    """A dead webhook does not fill the log overnight."""
    bench = Bench(desk=ScriptedChannel(fail(DeliveryError("no desk", permanent=False))))
    with structlog.testing.capture_logs() as logs:
        for attempt in (1, 2):
            bench.start(attempt=attempt)
            await bench.dispatcher.drain(AMPLE_S)
    assert [(one["attempt"], one["log_level"]) for one in logs] == [(1, "warning"), (2, "debug")]


async def test_a_reload_sends_by_the_new_channels_and_closes_the_old_after_their_attempts() -> None:
    """An attempt under way ends by the channel it began with; the next goes by the new one."""
    old, new, gone = ScriptedChannel(), ScriptedChannel(), ScriptedChannel()
    bench = Bench(desk=old, sms=gone)
    old.gate.clear()
    bench.start()
    await until(lambda: old.inside, "the first is being sent")
    bench.dispatcher.replace({"desk": new}, ["desk"])
    bench.start(attempt=2)
    await until(lambda: new.sent, "the second is sent")
    assert (old.closed, gone.closed) == (0, 0)
    old.gate.set()
    assert await bench.dispatcher.drain(AMPLE_S) == 0
    await until(lambda: old.closed and gone.closed, "the old ones are closed")
    assert [one.delivered for one in bench.outcomes] == [True, True]
    assert (len(old.sent), len(new.sent), new.closed) == (1, 1, 0)
    await bench.dispatcher.close()
    assert (old.closed, new.closed, gone.closed) == (1, 1, 1)


async def test_an_attempt_on_a_channel_that_a_reload_took_away_fails_for_good() -> None:
    """The core goes on with the person's next channel."""
    bench = Bench(desk=ScriptedChannel())
    bench.dispatcher.replace({}, ["sms"])
    bench.dispatcher.replace({"sms": ScriptedChannel()}, ["sms"])
    bench.start()
    await bench.dispatcher.drain(AMPLE_S)
    (outcome,) = bench.outcomes
    assert (outcome.delivered, outcome.permanent) == (False, True)
    assert outcome.detail == "channel desk is not configured"
    await bench.dispatcher.close()
