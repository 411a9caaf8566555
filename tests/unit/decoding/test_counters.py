"""A wrap is no restart, a restart is no wrap, and an unknown fall gives no rate once.

Each failure that peers are known for is a test: a false restart every 497 days, a spike of 2^32
at a reboot, a rate that never heals, negative rates.
"""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.model import SECOND, Value
from monitord.decoding.counters import Window
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import CounterRule, Decoding
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint

FULL = 2**32
MINUTE = 60 * SECOND
UPTIME = Decoding("number", "s", scale=0.01, wraps=32)


class Agent:
    """A counter, and its device's sysUpTime where ``since``."""

    def __init__(self, rule: CounterRule, scale: float = 1) -> None:
        points = (
            SnmpPoint("counter", (1, 1), Decoding("number", "B/s", scale=scale, counter=rule)),
            SnmpPoint("uptime_s", (1, 2), UPTIME),
        )
        self._decoder = Decoder(points)
        self.at = 0

    def say(self, counter: Raw, ticks: Raw = None, after: int = SECOND) -> Value:
        """Return the counter's value at the next answer, ``after`` the one before."""
        self.at += after
        self.reading = self._decoder.decode([counter, ticks], self.at)
        return self.reading.values[0]


def rule(width: int = 32, rate_max: float | None = None, since: str = "") -> CounterRule:
    return CounterRule(width, since=since, rate_max=rate_max)


BY_UPTIME = rule(since="uptime_s")
# The rule, then each answer: counter, ticks of the uptime, time since the one before, and its rate.
RATES: dict[str, tuple[CounterRule, list[tuple[Raw, Raw, int, Value]]]] = {
    "the first answer alone has no rate": (
        rule(),
        [(100, None, SECOND, None), (150, None, SECOND, 50), (150, None, SECOND, 0),
         (151, None, SECOND, 1), (251, None, 10 * SECOND, 10)],
    ),
    "the uptime went on, so the counter was full": (
        BY_UPTIME, [(FULL - 30, 1000, SECOND, None), (20, 1100, SECOND, 50)]
    ),
    "a restart gives no spike of 4 GB, and the next answer has a rate": (
        BY_UPTIME,
        [(FULL - 30, 100_000, SECOND, None), (20, 150, SECOND, None), (120, 250, SECOND, 100)],
    ),
    "after a restart it counted from zero, though it rose above its old value": (
        BY_UPTIME,
        [(50, 100_000, SECOND, None), (400, 900, 30 * SECOND, None), (410, 1000, SECOND, 10)],
    ),
    "up for 2 min before and for 40 min an hour later: it restarted in between": (
        BY_UPTIME, [(1_000, 2 * 6_000, SECOND, None), (9_000, 40 * 6_000, 60 * MINUTE, None)]
    ),
    "counter and uptime are full in the same second": (
        BY_UPTIME, [(FULL - 10, FULL - 10, SECOND, None), (10, 90, SECOND, 20)]
    ),
    "without an uptime a fall that the port can count is a wrap, another a reset": (
        rule(rate_max=12_500_000),
        [(FULL - 1_000, None, SECOND, None), (9_000, None, SECOND, 10_000),
         (5_000, None, SECOND, None), (6_000, None, SECOND, 1_000)],
    ),
    "without uptime and greatest rate no fall is a wrap": (
        rule(),
        [(FULL - 30, None, SECOND, None), (20, None, SECOND, None), (70, None, SECOND, 50)],
    ),
    "a cleared counter of a device that ran on gives no spike": (
        BY_UPTIME,
        [(1_000_000, 1000, SECOND, None), (0, 1100, SECOND, None), (10, 1200, SECOND, 10)],
    ),
    "a 64-bit counter never wraps: a fall is a reset, whatever the uptime": (
        rule(64, since="uptime_s"),
        [(2**40, 1000, SECOND, None), (5, 1100, SECOND, None), (2**63 + 5, 1200, SECOND, 2**63)],
    ),
    "a silence in which it may have wrapped twice gives no rate": (
        rule(rate_max=125_000_000),
        [(1_000, None, SECOND, None), (2_000, None, MINUTE, None), (3_000, None, SECOND, 1_000)],
    ),
    "duplicates and late answers change nothing": (
        rule(),
        [(100, None, SECOND, None), (150, None, SECOND, 50), (150, None, 0, 50),
         (120, None, -SECOND // 2, 50), (250, None, SECOND + SECOND // 2, 100)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RATES)
def test_a_counter_is_its_rate_per_second_or_absent(name: str) -> None:
    """A wrap is counted over; after a restart or an unknown fall there is no rate once."""
    its_rule, answers = RATES[name]
    agent = Agent(its_rule)
    found = [agent.say(counter, ticks, after) for counter, ticks, after, _ in answers]
    assert found == [rate for *_, rate in answers]


def test_a_rate_is_scaled_exactly() -> None:
    """Tenths of a kilowatt-hour, say: three of them are 0.3."""
    agent = Agent(rule(), scale=0.1)
    assert [agent.say(raw) for raw in (0, 3)] == [None, 0.3]


def test_an_answer_that_changes_nothing_has_a_rate_of_zero() -> None:
    """Nothing changed, and yet the value is another."""
    decoder = Decoder([SnmpPoint("c", (1, 1), Decoding("number", "B/s", counter=rule()))])
    decoder.decode([5], 0)
    assert decoder.decode([9], SECOND, (0,)).values == (4,)
    assert decoder.decode([9], 2 * SECOND, ()).values == (0,)


def test_the_497_day_wrap_of_the_uptime_is_no_restart() -> None:
    """The ticks continue at the expected time: rates go on, and so does the uptime."""
    agent = Agent(rule(since="uptime_s"))
    agent.say(1_000, FULL - 50)
    assert agent.reading.values[1] == (FULL - 50) / 100
    assert agent.say(1_100, 50) == 100
    assert agent.reading.values[1] == (FULL + 50) / 100
    assert agent.say(1_200, 150) == 100


def test_an_uptime_that_goes_back_a_little_keeps_its_wraps() -> None:
    """Some agents answer from a copy that is older than the one before, over the wrap too."""
    agent = Agent(rule(since="uptime_s"))
    times = []
    for ticks in (FULL - 50, 50, 40, FULL - 10, 90, 60, 120):
        agent.say(1_000, ticks)
        times.append(agent.reading.values[1])
    wrapped = [(FULL + ticks) / 100 for ticks in (50, 40, -10, 90, 60, 120)]
    assert times == [(FULL - 50) / 100, *wrapped]


def test_a_restart_after_the_wrap_of_the_uptime_begins_at_zero() -> None:
    """More than 10 s behind, and it can have begun since: that is a restart."""
    agent = Agent(rule(since="uptime_s"))
    for ticks in (FULL - 50, 50, 150, 2_000):
        agent.say(1_000, ticks)
    agent.say(1_000, 90)
    assert agent.reading.values[1] == 0.9


def test_a_restart_just_before_the_497_days_is_one() -> None:
    """The ticks are not where they would be."""
    agent = Agent(rule(since="uptime_s"))
    agent.say(1_000, FULL - 360_000)
    assert agent.say(1_100, 100) is None
    assert agent.reading.values[1] == 1.0


@pytest.mark.parametrize("raw", [None, -1, 2**32, 1.5, "12 C", float("nan"), "x"])
def test_what_is_no_such_counter_is_absent_and_forgotten(raw: Raw) -> None:
    """The rate over the gap is true all the same."""
    agent = Agent(rule())
    agent.say(100)
    assert agent.say(raw) is None
    assert agent.say(140) == 20


def test_an_increase_is_what_was_counted_within_its_time() -> None:
    """Continuity errors in the last minute; unknown until a minute was seen."""
    agent = Agent(CounterRule(32, counts="increase", over=MINUTE))
    said = [agent.say(7) for _ in range(61)]
    assert said == [None] * 60 + [0]
    assert agent.say(12) == 5
    assert [agent.say(12) for _ in range(59)] == [5] * 59
    assert [agent.say(12) for _ in range(3)][-1] == 0


def test_an_increase_over_a_silence_is_nobodys_to_date() -> None:
    """Errors of an hour are not those of the last minute; the rate over the hour is true."""
    counted = Agent(CounterRule(32, counts="increase", over=MINUTE))
    rate = Agent(CounterRule(32, over=MINUTE))
    for agent in (counted, rate):
        for _ in range(62):
            agent.say(100)
    assert counted.say(3_700, after=60 * MINUTE) is None
    assert rate.say(3_700, after=60 * MINUTE) == pytest.approx(1)
    assert [counted.say(3_700, after=30 * SECOND) for _ in range(4)][-1] == 0


def test_a_rate_over_a_minute_is_smooth_where_the_agent_answers_from_a_cache() -> None:
    """It renews its counters every 15 s: they stay equal for seconds, then jump."""
    agent = Agent(CounterRule(32, over=MINUTE))
    said = [agent.say(1000 * (second // 15)) for second in range(180)]
    assert all(value == pytest.approx(1000 / 15, rel=0.3) for value in said[60:])


def test_a_window_takes_no_more_room_for_being_asked_more() -> None:
    """Burst: ten answers a second for an hour, of which a minute would be 600 parts."""

    def octets_after_an_hour(answers_a_second: int) -> int:
        window, step = Window(MINUTE), SECOND // answers_a_second
        for at in range(0, 3600 * SECOND, step):
            counted = window.add(1, at, at + step)
        total, lasted = counted
        assert total / lasted == pytest.approx(answers_a_second / SECOND, rel=0.02)
        return len(pickle.dumps(window))

    assert octets_after_an_hour(10) < 3 * octets_after_an_hour(1)


def test_a_restart_empties_the_window() -> None:
    """What was counted before is another life's."""
    agent = Agent(CounterRule(32, counts="increase", over=3 * SECOND, since="uptime_s"))
    said = [agent.say(9 * n, 100 * n) for n in range(1, 6)]
    assert said[-1] == 27
    assert [agent.say(n, 100 * n) for n in range(5)] == [None, None, None, 3, 3]


def test_a_slip_to_zeros_is_no_restart() -> None:
    """A dead subagent's zeros are held back; the rate goes on over them."""
    points = [SnmpPoint(f"c{n}", (1, n), Decoding("number", "B/s", counter=rule())) for n in (1, 2)]
    decoder = Decoder([*points, SnmpPoint("v", (1, 3), Decoding("number", "V"))])
    decoder.decode([10, 20, 230], 0)
    assert decoder.decode([0, 0, 0], SECOND).values == (None, None, None)
    assert decoder.decode([30, 40, 230], 2 * SECOND).values == (10, 10, 230)


@settings(deadline=None, max_examples=200)
@given(
    start=st.integers(0, FULL - 1),
    steps=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(1, 60), st.integers(0, 9)), max_size=40
    ),
    ticks=st.integers(0, FULL - 1),
)
def test_rates_are_true_or_absent_through_wraps_and_restarts(
    start: int, steps: list[tuple[int, int, int]], ticks: int
) -> None:
    """A true device: it counts, wraps, and now and then restarts from zero."""
    agent = Agent(CounterRule(32, since="uptime_s"))
    counter, uptime = start, ticks
    agent.say(counter, uptime)
    for increase, seconds, chance in steps:
        # Above zero, and not near the wrap: there the two cannot be separated.
        restarts = chance == 0 and 12_000 < uptime < FULL - 10_000
        counter = increase if restarts else (counter + increase) % FULL
        uptime = 50 if restarts else (uptime + 100 * seconds) % FULL
        rate = agent.say(counter, uptime, after=seconds * SECOND)
        assert rate == (None if restarts else increase / seconds)
