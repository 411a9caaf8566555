"""The v3 wire follows an agent's engine: restarts, replacements, and forged reports."""

from __future__ import annotations

import pytest

from monitord.devices.model import ReadError
from monitord.devices.snmp.usm.client import REDISCOVER_EVERY, UsmWire
from monitord.devices.snmp.usm.messages import read_header
from monitord.devices.snmp.wire import REMARKS_MAX, AskAgainError, ResponseMismatchError
from tests.support.usm_agent import (
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    WRONG_DIGEST,
    UsmAgent,
    other_engine_id,
)
from tests.support.usm_poll import REQUEST_ID, SECOND, Poll, a_get, agent, polling, user


def test_an_engine_that_counts_its_boots_is_followed_with_a_remark() -> None:
    """RFC 3414 §2.3: boots grow, time starts from zero. One poll, one remark."""
    poll = polling()
    poll.agent.boots, poll.agent.time = 2, 3
    assert poll() == 4242
    assert list(poll.wire.remarks) == [("restarts", "engine restarted: boots 1 -> 2")]


@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize("checks", [True, False])
@pytest.mark.parametrize(("boots", "after"), [(5, 1), (5, 5), (1, 0)])
def test_an_engine_that_forgot_its_boots_is_read_in_one_poll_with_remarks(
    boots: int, after: int, proves: bool, checks: bool
) -> None:
    """Where others drop the device for ever: boots fall back, or stay while the time does.

    Whether the agent proves its report, sends it plain, or does not look at the time at all.
    """
    poll = polling(boots=boots, time=100_000, proves_window_reports=proves, checks_window=checks)
    poll.agent.boots, poll.agent.time = after, 3
    assert poll() == 4242
    restarts, forgets = poll.wire.remarks
    assert (restarts.kind, forgets.kind) == ("restarts", "forgets_boots")
    assert f"boots {boots} -> {after}, engine time 100000 s -> 3 s" in forgets.detail
    poll.wire.remarks.clear()
    poll.passes(1)
    assert poll() == 4242
    assert not poll.wire.remarks


def test_values_out_of_the_time_window_are_rejected() -> None:
    """RFC 3414 §3.2 step 7b: the clock of such an answer is taken, its values are not."""
    poll = polling(checks_window=False, time=1000)
    poll.agent.time = 849
    with pytest.raises(AskAgainError):
        poll.take(poll.out())
    poll.agent.time = 700
    assert poll() == 4242


def test_a_response_at_the_edge_of_the_time_window_is_accepted() -> None:
    """150 s behind is in the window, and moves nothing back."""
    poll = polling(checks_window=False, time=1000)
    poll.agent.time = 850
    assert poll.take(poll.out()) == 4242
    assert poll.wire.engine is not None
    assert poll.wire.engine.time == 1000


def test_time_that_runs_apart_slowly_is_followed() -> None:
    """A clock that is slow by a tenth stays in the window for as long as it is polled."""
    poll = polling()
    for _ in range(400):
        poll.now += 10 * SECOND
        poll.agent.time += 9
        assert poll.take(poll.out()) == 4242
    assert not poll.wire.remarks


@pytest.mark.parametrize(
    ("time", "remarks"),
    [
        (37_000, []),
        (36_700, []),
        (1_000, []),
        (36_000, ["restarts", "forgets_boots"]),
        (31_000, ["restarts", "forgets_boots"]),
        (999, ["restarts", "forgets_boots"]),
    ],
)
def test_a_slow_clock_is_no_restart(time: int, remarks: list[str]) -> None:
    """After ten hours: 10 s and 1 % behind is a restart; a clock that never moves is none."""
    poll = polling(time=1_000, checks_window=False)
    poll.now += 10 * 3_600 * SECOND
    poll.agent.time = time
    assert poll() == 4242
    assert [kind for kind, _ in poll.wire.remarks] == remarks


def test_an_engine_with_exhausted_boots_is_reported() -> None:
    """RFC 3414 §2.2.3: at 2147483647 it takes nothing any more."""
    poll = polling()
    poll.agent.boots = 2**31 - 1
    with pytest.raises(ReadError, match="used up its boots"):
        poll()
    assert poll.wire.engine is not None
    assert poll.wire.engine.boots == 1


def test_a_replaced_device_is_followed_with_a_remark() -> None:
    """Another engine id behind the same address: found within the same poll."""
    poll = polling()
    old = poll.agent.engine_id
    poll.agent.engine_id = other_engine_id()
    assert poll() == 4242
    (remark,) = poll.wire.remarks
    assert remark.kind == "engine_changed"
    assert old.hex() in remark.detail
    assert poll.agent.engine_id.hex() in remark.detail


def test_a_replaced_device_that_says_nothing_is_found_after_a_few_polls() -> None:
    """Some agents drop what is for another engine without a report."""
    poll = polling(silent_on_unknown_engine=True)
    poll.agent.engine_id = other_engine_id()
    for _ in range(REDISCOVER_EVERY):
        with pytest.raises(TimeoutError):
            poll()
    assert poll() == 4242
    assert poll.wire.remarks[0].kind == "engine_changed"


def test_a_silent_agent_is_asked_for_its_engine_now_and_then_only() -> None:
    """An agent that does not answer discovery is still asked for its values."""
    poll = polling()
    asked = []
    for _ in range(4 * REDISCOVER_EVERY):
        opening = poll.wire.opening(REQUEST_ID)
        asked.append(opening is not None)
        if opening is None:
            poll.wire.wrap(a_get(), REQUEST_ID, poll.now)
    assert sum(asked) == 4 - 1
    while poll.wire.opening(REQUEST_ID) is not None:
        pass
    assert poll.take(poll.out()) == 4242
    assert poll.wire.opening(REQUEST_ID) is None


def forger_of(report: tuple[int, ...]) -> UsmAgent:
    """Return an agent that anybody could imitate who sees the way."""
    forger = agent(boots=2_000_000_000, time=1)
    if report == UNKNOWN_ENGINE:
        forger.engine_id = other_engine_id()
    return forger


@pytest.mark.parametrize("report", [UNKNOWN_ENGINE, NOT_IN_TIME_WINDOW])
def test_a_forged_report_costs_one_request_and_no_more(report: tuple[int, ...]) -> None:
    """Reports without a digest can be written by anybody who sees the way: they are hints."""
    poll, forger = polling(), forger_of(report)
    known, before = poll.wire.engine, repr(poll.wire.engine)
    for _ in range(10):
        message_id = read_header(poll.wire.wrap(a_get(), REQUEST_ID, poll.now)).message_id
        with pytest.raises(AskAgainError):
            poll.wire.unwrap(forger.report(report, message_id, "ops"), poll.now)
        poll.wire.wrap(a_get(), REQUEST_ID, poll.now)  # by the hint; nobody answers it
        assert poll.wire.engine is known
        assert repr(known) == before
        assert poll.take(poll.out()) == 4242
    assert not poll.wire.remarks


@pytest.mark.parametrize("report", [UNKNOWN_ENGINE, NOT_IN_TIME_WINDOW])
def test_a_forged_report_that_is_faster_takes_no_answer_away(report: tuple[int, ...]) -> None:
    """The authentic response to the replaced request is still accepted."""
    poll, forger = polling(), forger_of(report)
    for _ in range(3):
        answer = poll.out()
        message_id = read_header(answer).message_id
        for _ in range(2):
            with pytest.raises((AskAgainError, ResponseMismatchError)):
                poll.wire.unwrap(forger.report(report, message_id, "ops"), poll.now)
        poll.wire.wrap(a_get(), REQUEST_ID, poll.now)
        assert poll.take(answer) == 4242
        with pytest.raises(ResponseMismatchError):
            poll.take(answer)
    assert not poll.wire.remarks


def test_the_engine_that_is_known_has_its_turn_whatever_is_forged() -> None:
    """Hint after hint, every third request still goes to the agent."""
    poll = polling()
    to_the_agent = []
    for _ in range(12):
        header = read_header(poll.wire.wrap(a_get(), REQUEST_ID, poll.now))
        to_the_agent.append(header.engine_id == poll.agent.engine_id)
        forger = agent(engine_id=other_engine_id())
        with pytest.raises(AskAgainError):
            poll.wire.unwrap(forger.report(UNKNOWN_ENGINE, header.message_id, "ops"), poll.now)
    assert to_the_agent == [True, False, False] * 4


def test_a_response_to_a_replaced_request_is_late_in_the_next_poll() -> None:
    """It is a late response like any other."""
    poll = polling()
    answer = poll.out()
    message_id = read_header(answer).message_id
    with pytest.raises(AskAgainError):
        poll.wire.unwrap(poll.agent.report(NOT_IN_TIME_WINDOW, message_id, "ops"), poll.now)
    poll.out()
    poll.out()
    with pytest.raises(ResponseMismatchError):
        poll.take(answer)


def test_a_report_with_another_message_id_is_ignored() -> None:
    """A sender that cannot read our requests has no effect."""
    poll = polling()
    answer = poll.out()
    for report in (UNKNOWN_ENGINE, NOT_IN_TIME_WINDOW, UNKNOWN_USER, WRONG_DIGEST):
        wrong = read_header(answer).message_id ^ 1
        with pytest.raises(ResponseMismatchError):
            poll.wire.unwrap(poll.agent.report(report, wrong, "ops"), poll.now)
    assert poll.take(answer) == 4242


def test_a_recorded_report_of_an_earlier_boot_is_ignored() -> None:
    """Its digest stays valid; its message id shows that it is old."""
    poll = polling(boots=1)
    request = poll.wire.wrap(a_get(), REQUEST_ID, poll.now - 10_000 * SECOND)
    poll.agent.time = 100_000
    recorded = poll.agent.answer(request)[0]
    with pytest.raises(AskAgainError):
        poll.wire.unwrap(recorded, poll.now)
    poll.agent.boots = 5
    assert poll() == 4242
    poll.wire.remarks.clear()
    answer = poll.out()
    with pytest.raises(ResponseMismatchError):
        poll.wire.unwrap(recorded, poll.now)
    assert poll.take(answer) == 4242
    assert not poll.wire.remarks


def test_one_engine_at_two_addresses_has_two_wires() -> None:
    """Their messages do not answer each other's, and their salts differ."""
    one, shared = polling(), agent()
    other = Poll(UsmWire(user()), shared)
    assert other() == 4242
    first, second = one.out(), other.out()
    for poll, answer in ((one, second), (other, first)):
        with pytest.raises(ResponseMismatchError):
            poll.take(answer)
    assert one.take(first) == other.take(second) == 4242


def test_remarks_are_bounded() -> None:
    """A device that restarts all the time fills no memory."""
    poll = polling()
    for boots in range(2, 100):
        poll.agent.boots = boots
        assert poll() == 4242
    assert len(poll.wire.remarks) == REMARKS_MAX
