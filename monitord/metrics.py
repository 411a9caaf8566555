"""Every metric name and help text in one place, read from the Situation. Decides nothing.

Labels come from the configuration only, never from error texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitord.core.model import Column
from monitord.core.situation import Situation
from monitord.core.view import column_now, incidents_by_severity, owed_by_person, settled_totals

NAMES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
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
    "monitord_incidents_open": ("Open incidents", ("severity",)),
    "monitord_device_up": ("Whether the device's last poll was answered", ("device",)),
    "monitord_device_reading_timestamp_seconds": (
        "Wall time of the device's last answer",
        ("device",),
    ),
    "monitord_deliveries_owed": ("Messages owed and not confirmed yet", ("person",)),
    "monitord_deliveries_confirmed_total": (
        "Messages a channel confirmed since the start",
        ("person",),
    ),
    "monitord_events_pending": ("Events decided and not on disk", ()),
    "monitord_polls_skipped_total": ("Polls left out because answers were waiting", ()),
    "monitord_ticks_total": ("Finished ticks of the engine", ()),
}


class Source(Protocol):
    """What the collector reads; the app provides it."""

    situation: Situation

    @property
    def alive_at(self) -> int: ...

    @property
    def confirmed(self) -> Mapping[str, int]: ...

    def now(self) -> int: ...

    def counts(self) -> tuple[int, int, int]: ...


class Exposition(Collector):
    """A collector over the live Situation."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def collect(self) -> Iterable[Metric]:
        """Yield every family; before the first start there is nothing to show."""
        situation = self._source.situation
        if situation.started is None:
            return
        yield from self._programmes(situation)
        yield _family(
            "monitord_incidents_open",
            [((severity,), n) for severity, n in incidents_by_severity(situation).items()],
        )
        yield from self._devices(situation)
        yield from self._deliveries(situation)
        pending, skipped, ticks = self._source.counts()
        yield _family("monitord_events_pending", [((), pending)])
        yield _family("monitord_polls_skipped_total", [((), skipped)])
        yield _family("monitord_ticks_total", [((), ticks)])

    def _programmes(self, situation: Situation) -> Iterable[Metric]:
        states: list[tuple[tuple[str, ...], float]] = []
        seconds: list[tuple[tuple[str, ...], float]] = []
        off_air: list[tuple[tuple[str, ...], float]] = []
        for name in situation.programmes:
            present = column_now(situation, name, self._source.now())
            columns, figures = settled_totals(situation, name, self._source.alive_at)
            for column in Column:
                states.append(((name, column.value), float(column is present)))
                seconds.append(((name, column.value), columns[column] / 1e6))
            off_air.append(((name, "least"), figures.least / 1e6))
            off_air.append(((name, "most_seen"), figures.most_seen / 1e6))
            off_air.append(((name, "most"), figures.most / 1e6))
        yield _family("monitord_programme_state", states)
        yield _family("monitord_programme_state_seconds_total", seconds)
        yield _family("monitord_programme_off_air_seconds_total", off_air)

    def _devices(self, situation: Situation) -> Iterable[Metric]:
        offset = situation.durable.clock_offset
        up: list[tuple[tuple[str, ...], float]] = []
        read: list[tuple[tuple[str, ...], float]] = []
        for name, memory in situation.devices.items():
            answered = memory.answered_at
            up.append(((name,), float(answered is not None and memory.silent is None)))
            if answered is not None:
                read.append(((name,), (answered + offset) / 1e6))
        yield _family("monitord_device_up", up)
        yield _family("monitord_device_reading_timestamp_seconds", read)

    def _deliveries(self, situation: Situation) -> Iterable[Metric]:
        owed = owed_by_person(situation)
        yield _family("monitord_deliveries_owed", [((p,), n) for p, n in owed.items()])
        confirmed = self._source.confirmed
        yield _family(
            "monitord_deliveries_confirmed_total",
            [((person,), confirmed.get(person, 0)) for person in owed],
        )


def _family(name: str, samples: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    text, labels = NAMES[name]
    family: GaugeMetricFamily | CounterMetricFamily
    if name.endswith("_total"):
        family = CounterMetricFamily(name.removesuffix("_total"), text, labels=labels)
    else:
        family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in samples:
        family.add_metric(values, number)
    return family
