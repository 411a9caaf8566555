"""EEMUA 191's measures of our own alarms: how many, how long too many, which again and again."""

from __future__ import annotations

from monitord.alarm_load import FLOOD_OVER, KEPT_MAX, WINDOW, AlarmLoad
from monitord.core.model import MINUTE, SECOND

T0 = 1_000 * MINUTE


def load_of(*alarms: tuple[int, str], told: str = "opened", delivered: bool = True) -> AlarmLoad:
    """Return a load after messages to the desk, each (site time, incident)."""
    load = AlarmLoad()
    for at, incident in alarms:
        load.begin("desk", incident, told)
        load.end("desk", incident, delivered=delivered, at=at)
    return load


def test_an_alarm_counts_for_ten_minutes() -> None:
    """The window goes with the time of the scrape; each person has an own count."""
    load = load_of((T0, "1"), (T0 + MINUTE, "2"))
    assert len(load.of("desk", T0 + MINUTE).alarms) == 2
    assert len(load.of("desk", T0 + WINDOW).alarms) == 1
    assert len(load.of("desk", T0 + MINUTE + WINDOW).alarms) == 0
    assert len(load.of("other", T0).alarms) == 0


def test_what_is_over_or_was_not_confirmed_is_no_alarm() -> None:
    """EEMUA 191 counts what asks for attention, and only what a person got."""
    assert not load_of((T0, "1"), told="recovered").of("desk", T0).alarms
    assert not load_of((T0, "1"), delivered=False).of("desk", T0).alarms


def test_an_attempt_of_before_a_restart_is_counted() -> None:
    """Its kind is not known any more; too many is the safe side."""
    load = AlarmLoad()
    load.end("desk", "1", delivered=True, at=T0)
    assert len(load.of("desk", T0).alarms) == 1


def test_flood_time_is_from_the_eleventh_alarm_until_ten_remain() -> None:
    """Exact, whenever it is scraped."""
    alarms = [(T0 + k * SECOND, str(k)) for k in range(FLOOD_OVER + 2)]
    over = T0 + WINDOW + SECOND  # the second one leaves the window
    whole = over - (T0 + FLOOD_OVER * SECOND)
    assert load_of(*alarms[:FLOOD_OVER]).of("desk", over).flood == 0
    assert load_of(*alarms).of("desk", over + MINUTE).flood == whole
    often = load_of(*alarms)
    for at in range(T0 + 20 * SECOND, over + MINUTE, 7 * SECOND):
        often.of("desk", at)
    assert often.of("desk", over + MINUTE).flood == whole


def test_an_incident_with_three_alarms_chatters() -> None:
    """One that comes again and again is not several that come once."""
    times = (T0, T0 + MINUTE, T0 + 2 * MINUTE)
    assert load_of(*((at, "1") for at in times)).of("desk", times[-1]).chattering() == 1
    assert load_of(*((at, str(at)) for at in times)).of("desk", times[-1]).chattering() == 0
    assert load_of(*((at, "1") for at in times)).of("desk", T0 + WINDOW).chattering() == 0


def test_a_storm_does_not_grow_without_bound() -> None:
    """Far more than the storm limit of a person are not kept."""
    load = load_of(*((T0 + k, str(k)) for k in range(2 * KEPT_MAX)))
    assert len(load.of("desk", T0 + SECOND).alarms) == KEPT_MAX
