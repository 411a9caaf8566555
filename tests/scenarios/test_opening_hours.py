"""What was off and on again before the hours, while a slow detector keeps the ledger behind."""

from __future__ import annotations

from monitord.core.model import SECOND
from tests.support.seam import OFFSET, T0, Driver, Watch
from tests.support.slow_sites import slow_site


def opening_at(seconds: int) -> Watch:
    """Return a pair of transmitters behind a slow detector, with hours from that second on."""
    begin = T0 + OFFSET + seconds * SECOND
    site = slow_site("a", "b")
    return Watch(site, Driver(site.plan, calendar=((begin, begin + 3_600 * SECOND, "on"),)))


def before_the_hours(watch: Watch) -> Watch:
    """Let the one on air fall silent, answer off the air, and be on the air again."""
    watch.hold(40, b="idle").hold(5, a="silent", b="idle").hold(2, a="bad", b="idle")
    return watch


def suspected(watch: Watch) -> list[object]:
    return [
        body["subject"] for body in watch.bodies("outage_began") if body["fault"] == "suspected"
    ]


def test_what_is_on_the_air_at_the_opening_is_not_suspected_by_a_ledger_behind_it() -> None:
    """The blindness that the ledger is at lies before the proof: it was seen off, and on again."""
    for opens in (58, 61, 64):
        assert suspected(before_the_hours(opening_at(opens)).hold(60, b="idle")) == []


def test_what_falls_silent_off_the_air_before_the_opening_is_suspected() -> None:
    """Nothing is seen of it since, and the person on duty is called."""
    watch = before_the_hours(opening_at(61)).hold(90, a="silent", b="silent")
    assert suspected(watch) == ["tv/suspected"]
