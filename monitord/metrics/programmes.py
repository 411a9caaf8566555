"""Programmes and incidents: state now, settled time, the three off-air figures, also by reason."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from monitord.core.chain import unmonitored_layers
from monitord.core.model import Column
from monitord.core.present import column_now
from monitord.core.situation import Situation
from monitord.core.values import Layer
from monitord.core.view import incidents_by_severity, own_reasons, settled_totals
from monitord.metrics.families import Sample
from monitord.metrics.names import FAMILIES

FIGURES = ("least", "most_seen", "most")
PROVED = tuple(layer for layer in Layer if layer is not Layer.EQUIPMENT)
"""Layers that prove something of a programme."""


def programme_metrics(situation: Situation, *, now: int, alive_at: int) -> Iterator[Metric]:
    """Yield the families of programmes and incidents.

    ``now``, ``alive_at``: site time in microseconds; up to ``alive_at`` no crash can take a settled
    second back.
    """
    states: list[Sample] = []
    seconds: list[Sample] = []
    off_air: list[Sample] = []
    of_reason: list[Sample] = []
    unsettled: list[Sample] = []
    monitored: list[Sample] = []
    for name, memory in situation.programmes.items():
        present = column_now(situation.durable, name, now)
        columns, figures, own = found = settled_totals(situation, name, alive_at)
        for column in Column:
            states.append(((name, column.value), float(column is present)))
            seconds.append(((name, column.value), columns[column] / 1e6))
        off_air += [((name, figure), getattr(figures, figure) / 1e6) for figure in FIGURES]
        of_reason += [
            ((name, reason, figure), getattr(own[reason], figure) / 1e6)
            for reason in own_reasons(situation, name, found)
            for figure in FIGURES
        ]
        missing = unmonitored_layers(memory.plan)
        monitored += [((name, layer), float(layer not in missing)) for layer in PROVED]
        unsettled.append(((name,), max(0, now - situation.settled_to(name)) / 1e6))
    yield FAMILIES["monitord_programme_state"].metric(states)
    yield FAMILIES["monitord_programme_layer_monitored"].metric(monitored)
    yield FAMILIES["monitord_programme_state_seconds_total"].metric(seconds)
    yield FAMILIES["monitord_programme_off_air_seconds_total"].metric(off_air)
    yield FAMILIES["monitord_programme_reason_off_air_seconds_total"].metric(of_reason)
    yield FAMILIES["monitord_programme_unsettled_seconds"].metric(unsettled)
    yield FAMILIES["monitord_incidents_open"].metric(
        [((severity,), n) for severity, n in incidents_by_severity(situation).items()]
    )
