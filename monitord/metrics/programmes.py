"""Programmes and incidents: state now, settled time, the three off-air figures, also by reason."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from monitord.core.chain import unmonitored_layers
from monitord.core.model import Column
from monitord.core.present import column_now
from monitord.core.situation import Situation
from monitord.core.values import Layer
from monitord.core.view import counted_totals, incidents_by_severity, own_reasons
from monitord.metrics.families import Sample
from monitord.metrics.names import FAMILIES

FIGURES = ("least", "most_seen", "most")
PROVED = tuple(layer for layer in Layer if layer is not Layer.EQUIPMENT)
"""Layers that prove something of a programme."""


def programme_metrics(situation: Situation, *, now: int) -> Iterator[Metric]:
    """Yield the states of programmes and the open incidents. ``now``: site time in microseconds."""
    states: list[Sample] = []
    unsettled: list[Sample] = []
    monitored: list[Sample] = []
    for name, memory in situation.programmes.items():
        present = column_now(situation.durable, name, now)
        states += [((name, column.value), float(column is present)) for column in Column]
        missing = unmonitored_layers(memory.plan)
        monitored += [((name, layer), float(layer not in missing)) for layer in PROVED]
        unsettled.append(((name,), max(0, now - situation.settled_to(name)) / 1e6))
    yield FAMILIES["monitord_programme_state"].metric(states)
    yield FAMILIES["monitord_programme_layer_monitored"].metric(monitored)
    yield FAMILIES["monitord_programme_unsettled_seconds"].metric(unsettled)
    yield FAMILIES["monitord_incidents_open"].metric(
        [((severity,), n) for severity, n in incidents_by_severity(situation).items()]
    )


def _not_below(samples: list[Sample], shown: list[Sample]) -> list[Sample]:
    known = dict(shown)
    return [(labels, max(value, known.get(labels, value))) for labels, value in samples]


class ProgrammeTotals:
    """The counters of programmes. They never fall, so they hold while events are not on disk.

    ``began``: site time at which this run began. Until a first scrape finds every event on disk
    they are those of the runs before: no crash of this run takes them back, and a counter that
    is absent for one scrape is lost to who asks for its increase.
    Time that the clock has no certain place for counts once it has one. A battery clock that is
    corrected places time again: then they stay until the sums are what was shown.
    """

    def __init__(self, situation: Situation, began: int) -> None:
        self._situation = situation
        self._began = began
        self._held: tuple[list[Sample], ...] = ()

    def metrics(self, *, alive_at: int, recorded: bool) -> Iterator[Metric]:
        """Yield their families.

        ``alive_at``: site time up to which no crash can take a settled second back, in
        microseconds; ``recorded``: every event is on disk.
        """
        if recorded or not self._held:
            found = self._totals(alive_at if recorded else min(alive_at, self._began))
            self._held = tuple(map(_not_below, found, self._held or ([], [], [])))
        seconds, off_air, of_reason = self._held
        yield FAMILIES["monitord_programme_state_seconds_total"].metric(seconds)
        yield FAMILIES["monitord_programme_off_air_seconds_total"].metric(off_air)
        yield FAMILIES["monitord_programme_reason_off_air_seconds_total"].metric(of_reason)

    def _totals(self, alive_at: int) -> tuple[list[Sample], ...]:
        seconds: list[Sample] = []
        off_air: list[Sample] = []
        of_reason: list[Sample] = []
        for name in self._situation.programmes:
            columns, figures, own = found = counted_totals(self._situation, name, alive_at)
            seconds += [((name, column.value), columns[column] / 1e6) for column in Column]
            off_air += [((name, figure), getattr(figures, figure) / 1e6) for figure in FIGURES]
            of_reason += [
                ((name, reason, figure), getattr(own[reason], figure) / 1e6)
                for reason in own_reasons(self._situation, name, found)
                for figure in FIGURES
            ]
        return seconds, off_air, of_reason
