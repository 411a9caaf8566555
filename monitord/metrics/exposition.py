"""Every metric name and help text in one place, read from the Situation. Decides nothing.

Labels come from the configuration only, never from error texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from monitord import __version__
from monitord.core.model import Answer, Column, Value
from monitord.core.situation import DeviceMemory, Situation
from monitord.core.view import (
    column_now,
    incidents_by_severity,
    owed_by_person,
    settled_to,
    settled_totals,
)
from monitord.decoding.model import Decoding
from monitord.devices.bus.bus import Counts
from monitord.devices.model import DeviceSettings
from monitord.devices.remarks import KINDS
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.loop_lag import RecentMaximum
from monitord.polling.poller import PollState
from monitord.traps.model import TrapSettings
from monitord.traps.receiver import TrapReceiver
from monitord.units import BASES, OTHER, Base

Samples: TypeAlias = list[tuple[tuple[str, ...], float]]

NAMES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "monitord_build_info": ("1, with the version that runs as its label", ("version",)),
    "monitord_programme_state": (
        "1 for the state the programme is in now, 0 for the others",
        ("programme", "state"),
    ),
    "monitord_programme_state_seconds_total": (
        "Settled time in each state, from the ledger",
        ("programme", "state"),
    ),
    "monitord_programme_off_air_seconds_total": (
        "Settled off-air time in scheduled hours: at least, at most as seen, at most",
        ("programme", "figure"),
    ),
    "monitord_programme_unsettled_seconds": (
        "Time up to now whose state is not decided yet",
        ("programme",),
    ),
    "monitord_incidents_open": ("Open incidents", ("severity",)),
    "monitord_device_up": ("Whether the device's last poll was answered", ("device",)),
    "monitord_device_reading_timestamp_seconds": (
        "Wall time of the device's last answer",
        ("device",),
    ),
    "monitord_polls_total": (
        "Polls by how they ended: answer, or why there was none",
        ("device", "result"),
    ),
    "monitord_poll_seconds": ("How long polls took, those without an answer too", ("device",)),
    "monitord_device_points_suspected": (
        "Points of the last answer whose number is implausible, and so shown nowhere else",
        ("device",),
    ),
    "monitord_poll_slots_skipped_total": (
        "Polls left out because the one before was still under way",
        ("device",),
    ),
    "monitord_poll_slots_left_out_total": (
        "Slots in which a silent, slow or restarted device was left alone",
        ("device",),
    ),
    "monitord_burst_polls_total": ("Polls outside the slots", ("device",)),
    "monitord_slow_reads_failed_total": (
        "Reads of slow points that brought nothing",
        ("device",),
    ),
    "monitord_device_age_seconds": (
        "How long ago the last answer of the fast points was asked for",
        ("device",),
    ),
    "monitord_device_age_worst_seconds": (
        "How old that may become while the device answers",
        ("device",),
    ),
    "monitord_device_remarks_total": (
        "What was noticed of a device besides its values",
        ("device", "remark"),
    ),
    "monitord_polls_skipped_total": ("Polls left out because answers were waiting", ()),
    "monitord_deliveries_owed": ("Messages owed and not confirmed yet", ("person",)),
    "monitord_deliveries_confirmed_total": (
        "Messages a channel confirmed since the start",
        ("person",),
    ),
    "monitord_events_pending": ("Events decided and not on disk", ()),
    "monitord_ticks_total": ("Finished ticks of the engine", ()),
    "monitord_tick_seconds": (
        "How long a tick of the engine took: the last, the longest of the last minute",
        ("figure",),
    ),
    "monitord_loop_lag_seconds": (
        "How late the event loop was: the last time, at most in the last minute",
        ("figure",),
    ),
    "monitord_traps_listening": ("Whether traps can be received", ()),
    "monitord_traps_total": (
        "Datagrams from configured devices by what became of them",
        ("device", "result"),
    ),
    "monitord_traps_lost_total": (
        "Traps that the device's own counter says were sent and that never came",
        ("device",),
    ),
    "monitord_traps_unknown_source_total": ("Datagrams from addresses of no device", ()),
    "monitord_traps_kernel_dropped_total": ("Datagrams the kernel had no room for", ()),
    "monitord_lane_requests_total": ("Polls of SNMP agents sent through shared sockets", ()),
    "monitord_lane_polls_total": ("Of these, how they ended", ("result",)),
    "monitord_lane_datagrams_total": (
        "Datagrams there that were no plain answer, by what they were",
        ("kind",),
    ),
    "monitord_bus_requests_total": ("Requests sent on a Modbus or serial line", ("bus",)),
    "monitord_bus_exchanges_total": (
        "Exchanges on the line by how they ended",
        ("bus", "result"),
    ),
    "monitord_bus_unasked_octets_total": ("Octets on the line that nobody had asked", ("bus",)),
    "monitord_bus_connections_total": ("How often the line was opened", ("bus",)),
    "monitord_bus_held_seconds_total": ("Time in which a request had the line", ("bus",)),
    "monitord_point_state": (
        "1 for what the point said in the last answer, 0 for what else it can say",
        ("device", "point", "state"),
    ),
}
POINT: Final = "monitord_point"
"""A number's family is this, an underscore, and its unit from ``units.BASES``."""
OF_A_NUMBER: Final = ("device", "point")
RESULTS: Final = (
    "answer",
    "timeout",
    "refused",
    "unreachable",
    "bad_answer",
    "error_status",
    "exception",
)
TRUTHS: Final = ("false", "true")


@dataclass(frozen=True, slots=True)
class Pace:
    """The daemon's own work: events pending, polls skipped, ticks done, and how long they take."""

    pending: int
    skipped: int
    ticks: int
    tick: RecentMaximum
    loop_lag: RecentMaximum


class Source(Protocol):
    """What the collector reads; the app provides it."""

    situation: Situation

    @property
    def alive_at(self) -> int: ...

    @property
    def confirmed(self) -> Mapping[str, int]: ...

    @property
    def polls(self) -> Mapping[str, PollState]: ...

    @property
    def pace(self) -> Pace: ...

    def now(self) -> int: ...


class Exposition(Collector):
    """A collector over the live Situation. ``devices``: whose points are shown, in which unit."""

    def __init__(self, source: Source, devices: Sequence[DeviceSettings] = ()) -> None:
        self._source = source
        self._points = {device.id: _writers(device) for device in devices}

    def collect(self) -> Iterable[Metric]:
        """Yield every family; before the first start there is only the version."""
        yield _family("monitord_build_info", [((__version__,), 1)])
        situation = self._source.situation
        if situation.started is None:
            return
        yield from self._programmes(situation)
        yield _family(
            "monitord_incidents_open",
            [((severity,), n) for severity, n in incidents_by_severity(situation).items()],
        )
        yield from self._devices(situation)
        yield from _polls(self._source.polls)
        yield from _pace(self._source.polls, self._source.now())
        yield from self._values(situation)
        yield from self._deliveries(situation)
        yield from self._own_work()

    def _programmes(self, situation: Situation) -> Iterable[Metric]:
        states: Samples = []
        seconds: Samples = []
        off_air: Samples = []
        unsettled: Samples = []
        now = self._source.now()
        for name in situation.programmes:
            present = column_now(situation, name, now)
            columns, figures = settled_totals(situation, name, self._source.alive_at)
            for column in Column:
                states.append(((name, column.value), float(column is present)))
                seconds.append(((name, column.value), columns[column] / 1e6))
            off_air.append(((name, "least"), figures.least / 1e6))
            off_air.append(((name, "most_seen"), figures.most_seen / 1e6))
            off_air.append(((name, "most"), figures.most / 1e6))
            unsettled.append(((name,), max(0, now - settled_to(situation, name)) / 1e6))
        yield _family("monitord_programme_state", states)
        yield _family("monitord_programme_state_seconds_total", seconds)
        yield _family("monitord_programme_off_air_seconds_total", off_air)
        yield _family("monitord_programme_unsettled_seconds", unsettled)

    def _devices(self, situation: Situation) -> Iterable[Metric]:
        offset = situation.durable.clock_offset
        up: Samples = []
        read: Samples = []
        for name, memory in situation.devices.items():
            answered = memory.answered_at
            up.append(((name,), float(_answers(memory))))
            if answered is not None:
                read.append(((name,), (answered + offset) / 1e6))
        yield _family("monitord_device_up", up)
        yield _family("monitord_device_reading_timestamp_seconds", read)

    def _values(self, situation: Situation) -> Iterable[Metric]:
        """Yield the points of the devices that answer: an old value is no present one."""
        families: dict[str, Samples] = {}
        for name, memory in situation.devices.items():
            if memory.values is None or not _answers(memory):
                continue
            for write, value in zip(self._points.get(name, ()), memory.values, strict=False):
                if value is not None:
                    write(families, value)
        for family, samples in sorted(families.items()):
            yield _family(family, samples)

    def _deliveries(self, situation: Situation) -> Iterable[Metric]:
        owed = owed_by_person(situation)
        yield _family("monitord_deliveries_owed", [((p,), n) for p, n in owed.items()])
        confirmed = self._source.confirmed
        yield _family(
            "monitord_deliveries_confirmed_total",
            [((person,), confirmed.get(person, 0)) for person in owed],
        )

    def _own_work(self) -> Iterable[Metric]:
        pace = self._source.pace
        now = self._source.now()
        yield _family("monitord_events_pending", [((), pace.pending)])
        yield _family("monitord_polls_skipped_total", [((), pace.skipped)])
        yield _family("monitord_ticks_total", [((), pace.ticks)])
        yield _family("monitord_tick_seconds", _recent(pace.tick, now))
        yield _family("monitord_loop_lag_seconds", _recent(pace.loop_lag, now))


class TrapExposition(Collector):
    """A collector over the receiver of traps. Its labels are the devices of the configuration."""

    def __init__(self, receiver: TrapReceiver, settings: TrapSettings) -> None:
        self._receiver = receiver
        self._devices = [device.id for device in settings.devices]

    def collect(self) -> Iterable[Metric]:
        """Yield every family; of a device only the results it has had."""
        judge = self._receiver.judge
        yield _family("monitord_traps_listening", [((), float(self._receiver.is_listening))])
        yield _family("monitord_traps_total", [*sorted(judge.counts.items())])
        lost: Samples = [((device,), judge.lost[device]) for device in self._devices]
        yield _family("monitord_traps_lost_total", lost)
        yield _family("monitord_traps_unknown_source_total", [((), judge.strangers)])
        dropped = self._receiver.kernel_dropped
        yield _family("monitord_traps_kernel_dropped_total", [((), dropped)])


SHARED_SOCKET_RESULTS: Final = {
    "answer": "answers",
    "failure": "failures",
    "handed_back": "handed_back",
}
SHARED_SOCKET_DATAGRAMS: Final = {
    "slow": "slow",
    "foreign": "unknown_source",
    "late": "late",
    "duplicate": "duplicate",
    "unbelieved": "mismatched",
    "broken": "broken",
}
BUS_RESULTS: Final = {"answer": "answers", "timeout": "timeouts", "not_asked": "not_asked"}


class LineExposition(Collector):
    """A collector over the counts of shared sockets and buses, labelled by configured line."""

    def __init__(
        self, shared_sockets: Sequence[SharedSocketCounts], buses: Mapping[str, Counts]
    ) -> None:
        self._shared_sockets = shared_sockets
        self._buses = buses

    def collect(self) -> Iterable[Metric]:
        """Yield every family; no shared socket gives counts of 0, no bus gives no sample."""
        yield _family("monitord_lane_requests_total", [((), self._of_shared_sockets("sent"))])
        ended: Samples = [
            ((name,), self._of_shared_sockets(field))
            for name, field in SHARED_SOCKET_RESULTS.items()
        ]
        yield _family("monitord_lane_polls_total", ended)
        came: Samples = [
            ((kind,), self._of_shared_sockets(field))
            for kind, field in SHARED_SOCKET_DATAGRAMS.items()
        ]
        yield _family("monitord_lane_datagrams_total", came)
        exchanges: Samples = [
            ((bus, name), getattr(counts, field))
            for bus, counts in self._buses.items()
            for name, field in BUS_RESULTS.items()
        ]
        yield _family("monitord_bus_exchanges_total", exchanges)
        yield self._of_buses("monitord_bus_requests_total", lambda counts: counts.requests)
        octets = "monitord_bus_unasked_octets_total"
        yield self._of_buses(octets, lambda counts: counts.unasked_octets)
        yield self._of_buses("monitord_bus_connections_total", lambda counts: counts.connections)
        yield self._of_buses("monitord_bus_held_seconds_total", lambda counts: counts.held / 1e6)

    def _of_shared_sockets(self, field: str) -> int:
        return sum(getattr(counts, field) for counts in self._shared_sockets)

    def _of_buses(self, family: str, figure: Callable[[Counts], float]) -> Metric:
        return _family(family, [((bus,), figure(counts)) for bus, counts in self._buses.items()])


def _answers(memory: DeviceMemory) -> bool:
    return memory.answered_at is not None and memory.silent is None


def _polls(states: Mapping[str, PollState]) -> Iterable[Metric]:
    results: Samples = [
        ((device, result), state.results[result])
        for device, state in states.items()
        for result in RESULTS
    ]
    yield _family("monitord_polls_total", results)
    text, labels = NAMES["monitord_poll_seconds"]
    took = SummaryMetricFamily("monitord_poll_seconds", text, labels=labels)
    for device, state in states.items():
        took.add_metric((device,), state.results.total(), state.took_total / 1e6)
    yield took
    skipped: Samples = [((device,), state.slots_skipped) for device, state in states.items()]
    yield _family("monitord_poll_slots_skipped_total", skipped)
    suspected: Samples = [
        ((device,), len(state.last.suspected))
        for device, state in states.items()
        if isinstance(state.last, Answer)
    ]
    yield _family("monitord_device_points_suspected", suspected)


def _pace(states: Mapping[str, PollState], now: int) -> Iterable[Metric]:
    """Yield how often devices are asked, and how old what they said is."""
    left_out: Samples = [((device,), state.slots_left_out) for device, state in states.items()]
    yield _family("monitord_poll_slots_left_out_total", left_out)
    bursts: Samples = [((device,), state.bursts) for device, state in states.items()]
    yield _family("monitord_burst_polls_total", bursts)
    failed: Samples = [((device,), state.slow_failures) for device, state in states.items()]
    yield _family("monitord_slow_reads_failed_total", failed)
    worst: Samples = [((device,), state.age_worst / 1e6) for device, state in states.items()]
    yield _family("monitord_device_age_worst_seconds", worst)
    ages: Samples = [
        ((device,), max(0, now - state.proven_at) / 1e6)
        for device, state in states.items()
        if state.proven_at is not None
    ]
    yield _family("monitord_device_age_seconds", ages)
    remarks: Samples = [
        ((device, kind), state.remarks.count(kind))
        for device, state in states.items()
        for kind in KINDS
    ]
    yield _family("monitord_device_remarks_total", remarks)


def _recent(measured: RecentMaximum, now: int) -> Samples:
    return [(("last",), measured.last / 1e6), (("max",), measured.maximum(now) / 1e6)]


Writer: TypeAlias = Callable[[dict[str, Samples], Value], None]


def _writers(device: DeviceSettings) -> tuple[Writer, ...]:
    """Return, for each point in order, what adds its value to the families."""
    return tuple(_writer(device.id, point.id, point.decoding) for point in device.points)


def _writer(device: str, point: str, decoding: Decoding) -> Writer:
    match decoding.kind:
        case "number":
            base = BASES.get(decoding.unit)
            return _number_writer((device, point), base or Base(OTHER), decoding.unit)
        case "boolean":
            return _state_writer((device, point), TRUTHS)
        case "enum":
            labels = dict.fromkeys(label for _, label in decoding.labels)
            return _state_writer((device, point), tuple(labels))
        case _:
            return _no_sample


def _number_writer(labels: tuple[str, ...], base: Base, unit: str) -> Writer:
    family = f"{POINT}_{base.name}"
    if base.name == OTHER:
        labels = (*labels, unit)

    def write(families: dict[str, Samples], value: Value) -> None:
        if isinstance(value, int | float):
            families.setdefault(family, []).append((labels, base.convert(value)))

    return write


def _state_writer(labels: tuple[str, ...], states: tuple[str, ...]) -> Writer:
    labelled = [(state, (*labels, state)) for state in states]

    def write(families: dict[str, Samples], value: Value) -> None:
        said = str(value).lower() if isinstance(value, bool) else value
        samples = families.setdefault("monitord_point_state", [])
        samples += [(full, float(state == said)) for state, full in labelled]

    return write


def _no_sample(families: dict[str, Samples], value: Value) -> None:
    """Leave a text out: it is no number and has no end of states."""
    del families, value


def _described(name: str) -> tuple[str, tuple[str, ...]]:
    if name in NAMES:
        return NAMES[name]
    unit = name.removeprefix(f"{POINT}_")
    if unit == OTHER:
        return "What the points said in the last answer, by unit", (*OF_A_NUMBER, "unit")
    return f"What the points said in the last answer, in {unit.replace('_', ' ')}", OF_A_NUMBER


def _family(name: str, samples: Samples) -> Metric:
    text, labels = _described(name)
    family: GaugeMetricFamily | CounterMetricFamily
    if name.endswith("_total"):
        family = CounterMetricFamily(name.removesuffix("_total"), text, labels=labels)
    else:
        family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family
