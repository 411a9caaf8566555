"""Every key of a reading reaches the devices."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from monitord.config import ConfigErrors
from monitord.config.devices.nominal import figures_at, station_date
from monitord.config.loader.errors import Scope
from monitord.core.model import SECOND
from monitord.decoding.model import CounterRule, Decoding, Floor, Formula
from tests.support.mistakes import without_line
from tests.unit.profiles.devices import Kind, device, plain_device

NOON_UTC = 1_772_280_000_000_000
"""2026-02-28 12:00 UTC."""
HOUR = 3_600_000_000


def decodings(**keys: Any) -> dict[str, Decoding]:
    return {point.id: point.decoding for point in plain_device(**keys).points}


def watts(n: int, **keys: Any) -> dict[str, Any]:
    return {"oid": f"1.3.6.{n}", "unit": "W"} | keys


def test_every_key_of_a_number_reaches_its_decoding() -> None:
    """Rates per second, durations in microseconds, fractions exact."""
    found = decodings(
        points={
            "a": watts(1, scale="1/256", change_max="3/min", frozen_after="10m"),
            "b": watts(2, times="a", divided_by=["a"], decimal_comma=True),
            "up": watts(3, unit="s", scale=0.01, wraps=32),
            "c": watts(4, counter=32, since="up", rate_max="60/min", rate_over="1m"),
        }
    )
    assert found["a"] == Decoding(
        "number", "W", scale=Fraction(1, 256), change_max=0.05, frozen_after=600_000_000
    )
    assert (found["b"].times, found["b"].divided_by) == (("a",), ("a",))
    assert found["b"].decimal_comma
    assert found["up"].wraps == 32
    assert found["c"].counter == CounterRule(32, "rate", 60_000_000, "up", 1.0)


def test_a_charset_is_the_points_own_or_the_devices() -> None:
    """Texts and numbers in texts; nothing else has one."""
    found = decodings(
        charset="gbk",
        points={
            "a": {"oid": "1.3.6.1", "kind": "text"},
            "b": {"oid": "1.3.6.2", "kind": "text", "charset": "utf-8"},
            "c": watts(3),
            "d": {"oid": "1.3.6.4", "truth": [1]},
        },
    )
    assert [found[name].charset for name in "abcd"] == ["gbk", "utf-8", "gbk", ""]


def powers(**keys: Any) -> Kind:
    points = {
        "share": {"derived": "percent_of_nominal(forward_power_w)", "maximum": 150},
        "forward_power_w": watts(1, true_delay_max="2s"),
        "vswr": {
            "derived": "vswr(forward_power_w, reflected_power_w)",
            "only_above": {"forward_power_w": "5 % of nominal"},
        },
        "reflected_power_w": watts(2, agent_refresh_max="5s", continuity_bound="9s"),
    }
    return plain_device(points=points, nominal={"forward_power_w": 1000}, **keys)


def test_derived_points_come_behind_those_that_are_read() -> None:
    """Wherever they are written; the plan of the core has the same order, no reader has them."""
    made = powers(conditions={"matched": {"layer": "equipment", "true_when": "vswr < 1.5"}})
    settings = made.settings.devices[0]
    order = ["forward_power_w", "reflected_power_w", "share", "vswr"]
    assert [point.id for point in settings.points] == order
    assert [point.id for point in made.settings.plan.devices[0].points] == order
    assert [point.id for point in settings.source.points] == order[:2]
    decoding = settings.points[3].decoding
    assert decoding.only_above == (Floor("forward_power_w", 50.0),)
    assert decoding.derived == Formula("vswr", ("forward_power_w", "reflected_power_w"))
    assert (decoding.unit, settings.points[3].where) == (
        "ratio",
        "vswr(forward_power_w, reflected_power_w)",
    )
    seen = made.see({"forward_power_w": 1000, "reflected_power_w": 40})
    assert seen.values["share"] == 100
    assert seen.conditions == {"matched": True}


def test_a_derived_point_is_as_late_as_the_latest_of_its_own() -> None:
    """Its conditions take their lags and bounds from it."""
    made = powers(conditions={"matched": {"layer": "equipment", "true_when": "vswr < 1.5"}})
    plan = made.settings.plan.devices[0].points[3]
    assert (plan.agent_refresh_max, plan.true_delay_max) == (5_000_000, 2_000_000)
    assert made.plans[0].bound == 9_000_000


def test_what_a_counter_shows_is_as_old_as_its_time() -> None:
    """An error of the last minute may be a minute old, and was counted between two answers."""
    made = plain_device(
        points={
            "errors": watts(1, counter=32, counts="increase", rate_over="1m"),
            "rate": watts(2, counter=32, true_delay_max="3s"),
            "plain": watts(3),
        },
        conditions={"clean": {"layer": "service", "true_when": "errors <= 10"}},
        poll_every="1s",
        deadline="500ms",
    )
    plans = {point.id: point for point in made.settings.plan.devices[0].points}
    delays = {id_: (plan.true_delay_max, plan.false_delay_max) for id_, plan in plans.items()}
    assert delays == {
        "errors": (62_500_000, 62_500_000),
        "rate": (5_500_000, 2_500_000),
        "plain": (0, 0),
    }
    assert made.plans[0].true_lag == made.plans[0].false_lag == 62_500_000


def test_what_a_slow_counter_shows_was_counted_between_two_of_its_own_reads() -> None:
    """They lie its own pace apart, and one may be lost."""
    rate = watts(2, counter=32, pace="slow")
    made = plain_device(points={"p": watts(1), "rate": rate}, slow_every="10s", deadline="500ms")
    plans = {point.id: point for point in made.settings.plan.devices[0].points}
    assert plans["rate"].agent_refresh_max == 10_500_000
    assert plans["rate"].true_delay_max == plans["rate"].false_delay_max == 20_500_000


def test_a_derived_point_is_as_late_as_the_device_sets_its_points() -> None:
    """An agent's cache delays all points calculated from its values."""

    def lateness(**delays: Any) -> tuple[int, int]:
        points = {
            "p": watts(1, agent_refresh_max="2s"),
            "q": watts(2, true_delay_max="5s"),
            "r": {"derived": "return_loss(p, q)", "only_above": {"p": 1}, "true_delay_max": "1s"},
        }
        (found,) = plain_device(points=points, delays=delays).settings.plan.devices[:1]
        plan = next(plan for plan in found.points if plan.id == "r")
        return plan.agent_refresh_max // SECOND, plan.true_delay_max // SECOND

    assert lateness() == (2, 6)
    assert lateness(q={"agent_refresh_max": "30s"}, p={"true_delay_max": "8s"}) == (30, 9)
    assert lateness(p={"agent_refresh_max": "0s"}, r={"true_delay_max": "3s"}) == (0, 3)


def test_a_device_may_set_the_meaning_of_zeros_alone() -> None:
    """And is asked to confirm them unless it does."""
    modes = [powers(**keys).settings.devices[0].all_zero for keys in ({}, {"all_zero": "never"})]
    assert modes == ["confirm", "never"]
    meter = device("schneider-pm5xxx").settings.devices[0]
    assert meter.all_zero == "never", "its profile sets it"
    own = device("schneider-pm5xxx", all_zero="normal").settings.devices[0]
    assert own.all_zero == "normal"


@pytest.mark.parametrize(
    ("wall", "zone", "today"),
    [
        (NOON_UTC, "Asia/Shanghai", "2026-02-28"),
        (NOON_UTC + 4 * HOUR, "Asia/Shanghai", "2026-03-01"),
        (NOON_UTC + 4 * HOUR, "UTC", "2026-02-28"),
        (None, "UTC", ""),
    ],
)
def test_a_station_has_a_date_of_its_own(wall: int | None, zone: str, today: str) -> None:
    """It begins at the station's midnight."""
    assert station_date(wall, zone) == today


@pytest.mark.parametrize(
    ("today", "figure"),
    [("2026-02-28", 500), ("2026-03-01", 1000), ("2027-01-01", 1000), ("", 1000)],
)
def test_the_latest_figure_that_is_not_ahead_counts(today: str, figure: int) -> None:
    """Without a date none is ahead."""
    dated = {"forward_power_w": (("", 500), ("2026-03-01", 1000))}
    assert figures_at(dated, today, Scope("x")) == {"forward_power_w": figure}


def test_a_figure_that_only_begins_later_is_reported() -> None:
    """Judging against next year's power would be wrong."""
    scope = Scope("site.yaml", ("nominal",))
    assert figures_at({"a_w": (("2026-03-01", 5),)}, "2026-02-28", scope) == {}
    (error,) = scope.errors
    text = "is valid from 2026-03-01; use a figure valid on 2026-02-28"
    assert without_line(error) == f"site.yaml: nominal.a_w: {text}"


def test_dated_figures_may_be_written_in_any_order() -> None:
    """And one alone is a mapping."""
    dated = [{"value": 1000, "since": "2026-03-01"}, {"value": 500}]
    for nominal in (dated, {"value": 1000, "since": "2026-03-01"}, 1000):
        made = plain_device(
            points={
                "forward_power_w": watts(1),
                "p": {"derived": "percent_of_nominal(forward_power_w)"},
            },
            nominal={"forward_power_w": nominal},
        )
        assert made.see({"forward_power_w": 500}).values["p"] == 50


def test_two_figures_of_one_date_are_reported() -> None:
    """Which of them would count?"""
    with pytest.raises(ConfigErrors, match="figures of different dates"):
        plain_device(points={"a_w": watts(1)}, nominal={"a_w": [{"value": 1}, {"value": 2}]})
