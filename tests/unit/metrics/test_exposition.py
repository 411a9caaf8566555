"""What a scrape shows of programmes, devices, lines and the daemon's own work."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from monitord import __version__
from monitord.alarm_load import AlarmLoad
from monitord.clock import SystemClock
from monitord.core.durable import Durable
from monitord.core.model import SECOND, Answer, Event, Silence
from monitord.core.situation import Situation
from monitord.devices.bus.counts import LineCounts
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.loop_lag import RecentMaximum
from monitord.metrics.exposition import Exposition
from monitord.metrics.lines import LineExposition
from monitord.metrics.names import FAMILIES
from monitord.metrics.traps import TrapExposition
from monitord.polling.poller import PollStatus
from monitord.reloading import ConfigState
from monitord.traps.model import TrapSettings
from monitord.traps.receiver import TrapReceiver
from monitord.traps.usm import OwnEngine
from tests.support.seam import T0, WALL, Watch, fm_site


@dataclass
class RecordDouble:
    """What became of the record, each figure for a test to set."""

    replaced: int = 1
    lost: int = 12


@dataclass
class EngineDouble:
    """What the engine counts, each figure for a test to set."""

    finished_at: int
    ticks: int = 0
    took: RecentMaximum = field(default_factory=RecentMaximum)
    confirmed: dict[str, int] = field(default_factory=dict)
    alarm_load: AlarmLoad = field(default_factory=AlarmLoad)
    pending: list[Event] = field(default_factory=list)
    recording: RecordDouble = field(default_factory=RecordDouble)


@dataclass
class PollerDouble:
    """What the poller counts, each figure for a test to set."""

    statuses: dict[str, PollStatus] = field(default_factory=dict)
    polls_skipped: int = 0


class Daemon:
    """A Situation with counts beside it, scraped at site time ``at``. It is the clock, too."""

    def __init__(self, situation: Situation, at: int) -> None:
        self.at = at
        self.engine = EngineDouble(at)
        self.poller = PollerDouble()
        self.loop_lag = RecentMaximum()
        self.registry = CollectorRegistry()
        self.registry.register(
            Exposition(
                situation,
                self,
                engine=self.engine,
                polls=self.poller,
                loop_lag=self.loop_lag,
                config=ConfigState("c0ffee", WALL, {}),
                names={"programme/fm": "县广播", "device/fm1": "发射机", "person/desk": "值机台"},
            )
        )

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at

    async def sleep_until(self, at: int) -> None:
        self.at = at

    def value(self, name: str, /, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"monitord_{name}", labels)


def daemon_after(watch: Watch) -> Daemon:
    return Daemon(watch.driver.situation, watch.at)


def totals_shown(daemon: Daemon) -> dict[tuple[str, ...], float]:
    """Return every counter of seconds of a programme on the page, by its name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in daemon.registry.collect()
        for sample in metric.samples
        if sample.name.endswith("_seconds_total") and "programme" in sample.labels
    }


@pytest.fixture
def daemon() -> Daemon:
    return daemon_after(Watch(fm_site()).hold(20))


def test_before_the_start_only_the_version_is_shown() -> None:
    """Zeros before the first evaluation would be false values."""
    daemon = Daemon(Situation(fm_site().plan, Durable()), T0)
    assert [metric.name for metric in daemon.registry.collect()] == ["monitord_build_info"]
    assert daemon.value("build_info", version=__version__) == 1


def test_a_layer_that_nobody_monitors_has_its_own_sample(daemon: Daemon) -> None:
    """On air means good in the monitored layers only; a wall can show which these are."""
    layers = ("emission", "service", "content", "equipment")
    name = "programme_layer_monitored"
    found = [daemon.value(name, programme="fm", layer=layer) for layer in layers]
    assert found == [1, 0, 1, None]


def test_each_off_air_figure_has_its_own_label() -> None:
    """Bad from the 20th to the 24th answer, then silence to the 35th: three different figures."""
    watch = Watch(fm_site()).hold(20).hold(5, fm1="bad").hold(10, fm1="silent").hold(60)
    daemon = daemon_after(watch)

    def figure(name: str) -> float | None:
        return daemon.value("programme_off_air_seconds_total", programme="fm", figure=name)

    assert figure("least") == pytest.approx(3.99)  # first to last bad answer
    assert figure("most_seen") == pytest.approx(5.0)  # and back to the last good one
    assert figure("most") == pytest.approx(
        16.021
    )  # and on to the good one after silence; 0.011 s at the start


def test_the_counters_of_programmes_hold_while_events_wait_for_the_disk() -> None:
    """A kill would take those events back, and a counter that falls is counted twice."""
    watch = Watch(fm_site()).hold(20)
    daemon = daemon_after(watch)

    def on_air() -> float | None:
        return daemon.value("programme_state_seconds_total", programme="fm", state="on_air")

    before = on_air()
    assert before
    watch.hold(5, fm1="bad")
    daemon.engine.pending = [Event(1, 1, T0, "started", 1, "", "site", b"")]
    daemon.at = daemon.engine.finished_at = watch.at
    assert on_air() == before
    assert daemon.value("programme_state", programme="fm", state="off_air") == 1
    daemon.engine.pending = []
    daemon.at = daemon.engine.finished_at = watch.hold(20).at
    assert (on_air() or 0) > before


@pytest.mark.parametrize("clean", [False, True], ids=["killed", "stopped"])
@pytest.mark.parametrize("end", ["good", "bad", "silent"])
def test_no_counter_is_absent_from_the_first_scrape_of_a_run(end: str, *, clean: bool) -> None:
    """Its first events may still be on their way to the disk, and a gap loses an increase."""
    watch = Watch(fm_site()).hold(20).hold(5, fm1="bad").hold(20).hold(10, fm1=end)
    shown = totals_shown(Daemon(watch.driver.situation, watch.driver.now))
    daemon = daemon_after(watch.restart(clean=clean))
    daemon.engine.pending = [Event(1, 1, T0, "started", 1, "", "site", b"")]
    first = totals_shown(daemon)
    assert {key: us for key, us in shown.items() if first.get(key, -1) < us} == {}
    watch.hold(30)
    assert totals_shown(daemon) == first
    daemon.engine.pending = []
    daemon.at = daemon.engine.finished_at = watch.at
    then = totals_shown(daemon)
    assert {key: us for key, us in first.items() if then[key] < us} == {}
    assert sum(then.values()) > sum(first.values())


def test_the_counters_of_programmes_stay_while_a_corrected_clock_makes_them_less() -> None:
    """A battery clock that is put right moves what was counted by it into other hours."""
    watch = Watch(fm_site()).hold(60)
    daemon = daemon_after(watch)

    def on_air() -> float:
        return daemon.value("programme_state_seconds_total", programme="fm", state="on_air") or 0

    before = on_air()
    daemon.at -= 20 * SECOND  # as if 20 s of it had never been in these hours
    assert on_air() == before
    daemon.at += 30 * SECOND
    daemon.engine.finished_at = watch.hold(30).at
    assert on_air() > before


def test_exactly_the_present_state_of_a_programme_is_1(daemon: Daemon) -> None:
    """The states of one programme sum up to 1."""
    states = ("on_air", "degraded", "off_air", "blind", "between", "planned_off", "closed")
    shown = {s: daemon.value("programme_state", programme="fm", state=s) for s in states}
    assert shown == dict.fromkeys(states, 0) | {"on_air": 1}


def test_each_count_has_its_own_family(daemon: Daemon) -> None:
    """A result or remark that has not occurred is 0, so that the first one is an increase."""
    state = daemon.poller.statuses["fm1"] = PollStatus(
        slots_skipped=2, slots_left_out=3, bursts=5, slow_failures=7, took_total=5 * SECOND // 2
    )
    state.results.update({"answer": 3, "timeout": 2})
    state.remarks.add("slows", "400 ms, 20 ms at first", daemon.at)
    daemon.engine.ticks, daemon.poller.polls_skipped = 77, 9
    daemon.engine.confirmed["desk"] = 4
    for _ in range(3):
        daemon.engine.alarm_load.end("desk", "1-1", delivered=True, at=daemon.at)
    expected: list[tuple[str, dict[str, str], float]] = [
        ("polls_total", {"device": "fm1", "result": "timeout"}, 2),
        ("polls_total", {"device": "fm1", "result": "refused"}, 0),
        ("poll_seconds_count", {"device": "fm1"}, 5),
        ("poll_seconds_sum", {"device": "fm1"}, 2.5),
        ("poll_slots_skipped_total", {"device": "fm1"}, 2),
        ("poll_slots_left_out_total", {"device": "fm1"}, 3),
        ("burst_polls_total", {"device": "fm1"}, 5),
        ("slow_reads_failed_total", {"device": "fm1"}, 7),
        ("device_remarks_total", {"device": "fm1", "remark": "slows"}, 1),
        ("device_remarks_total", {"device": "fm1", "remark": "restarts"}, 0),
        ("ticks_total", {}, 77),
        ("polls_skipped_total", {}, 9),
        ("events_pending", {}, 0),
        ("programme_info", {"programme": "fm", "name": "县广播"}, 1),
        ("device_info", {"device": "fm1", "name": "发射机"}, 1),
        ("record_replaced_total", {}, 1),
        ("events_lost_total", {}, 12),
        ("log_lines_lost_total", {}, 0),
        ("deliveries_confirmed_total", {"person": "desk"}, 4),
        ("alarms_recent", {"person": "desk"}, 3),
        ("alarms_chattering", {"person": "desk"}, 1),
        ("alarm_flood_seconds_total", {"person": "desk"}, 0),
        ("incidents_stale", {}, 0),
        ("deliveries_owed", {"person": "desk"}, 0),
    ]
    for name, labels, value in expected:
        assert daemon.value(name, **labels) == value, (name, labels)


def test_an_incident_is_stale_after_a_day() -> None:
    """Opened within the run; nothing closes it before the scrape a day later."""
    daemon = daemon_after(Watch(fm_site()).hold(20).hold(120, fm1="bad"))
    assert daemon.value("incidents_stale") == 0
    daemon.at += 86_400 * SECOND
    assert daemon.value("incidents_stale") == 1


def test_the_age_of_an_answer_is_shown_with_its_calculated_maximum(daemon: Daemon) -> None:
    """The age counts from the moment the last answer was requested; the maximum is the plan's."""
    asked = daemon.at - 2 * SECOND
    daemon.poller.statuses["fm1"] = PollStatus(proven_at=asked, age_worst=1_850_000)
    assert daemon.value("device_age_seconds", device="fm1") == 2
    assert daemon.value("device_age_worst_seconds", device="fm1") == 1.85
    daemon.poller.statuses["fm1"] = PollStatus()
    assert daemon.value("device_age_seconds", device="fm1") is None


def test_implausible_points_are_counted(daemon: Daemon) -> None:
    """An implausible number has no sample of its own; the count shows that it exists."""
    answer = Answer("fm1", T0, T0, (None,), suspected=((0, 9e9),))
    daemon.poller.statuses["fm1"] = PollStatus(last=answer)
    daemon.poller.statuses["fm2"] = PollStatus(last=Silence("fm2", "timeout", T0, T0))
    assert daemon.value("device_points_suspected", device="fm1") == 1
    assert daemon.value("device_points_suspected", device="fm2") is None


def test_unsettled_time_is_a_few_seconds_while_all_is_well(daemon: Daemon) -> None:
    """Time is settled up to the last answers; the rest grows until the next ones."""
    unsettled = daemon.value("programme_unsettled_seconds", programme="fm")
    assert unsettled is not None
    assert 0 < unsettled < 30
    daemon.at += 2 * SECOND
    assert daemon.value("programme_unsettled_seconds", programme="fm") == pytest.approx(
        unsettled + 2
    )


def test_the_longest_tick_of_the_last_minute_is_shown(daemon: Daemon) -> None:
    """A scrape that comes later still shows the stall, for one minute."""
    daemon.engine.took.record(daemon.at - 30 * SECOND, 2 * SECOND)
    daemon.engine.took.record(daemon.at, SECOND // 100)
    daemon.loop_lag.record(daemon.at, SECOND // 4)
    assert daemon.value("tick_seconds", figure="last") == 0.01
    assert daemon.value("tick_seconds", figure="max") == 2
    assert daemon.value("loop_lag_seconds", figure="max") == 0.25
    daemon.at += 60 * SECOND
    assert daemon.value("tick_seconds", figure="max") == 0.01


def test_each_line_is_counted_alone_and_shared_sockets_in_sum() -> None:
    """Another master and a slow agent show in these counts before a device is silent."""
    registry = CollectorRegistry()
    sockets = [
        SharedSocketCounts(sent=9, answers=7, failures=2, unknown_source=1),
        SharedSocketCounts(sent=1, unknown_source=4, mismatched=6),
    ]
    counts = LineCounts(
        requests=5, answers=3, timeouts=2, not_asked=1, unasked_octets=8, held=1_500_000
    )
    registry.register(
        LineExposition(sockets, lambda: {"127.0.0.1:502": counts, "/dev/ttyS0": LineCounts()})
    )

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"monitord_{name}_total", labels)

    assert value("lane_requests") == 10
    assert value("lane_polls", result="answer") == 7
    assert value("lane_polls", result="failure") == 2
    assert value("lane_datagrams", kind="foreign") == 5
    assert value("lane_datagrams", kind="unbelieved") == 6
    assert value("bus_requests", bus="127.0.0.1:502") == 5
    assert value("bus_exchanges", bus="127.0.0.1:502", result="timeout") == 2
    assert value("bus_exchanges", bus="127.0.0.1:502", result="not_asked") == 1
    assert value("bus_unasked_octets", bus="127.0.0.1:502") == 8
    assert value("bus_held_seconds", bus="127.0.0.1:502") == 1.5
    assert value("bus_connections", bus="/dev/ttyS0") == 0


def test_a_scrape_shows_every_family_of_the_table(daemon: Daemon) -> None:
    """The reference page lists no metric that does not exist."""
    traps = TrapSettings("127.0.0.1", 0, ())
    receiver = TrapReceiver(
        traps,
        OwnEngine(b"monitord", 1, 0),
        clock=SystemClock(None),
        poll_now=lambda _: None,
        seen=lambda _: None,
    )
    daemon.registry.register(TrapExposition(receiver, traps))
    daemon.registry.register(LineExposition([], dict))
    shown = [
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in daemon.registry.collect()
    ]
    assert sorted(shown) == sorted(FAMILIES)
