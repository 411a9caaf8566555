"""What a metric family is, and how it becomes samples. Knows no single metric."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)

Sample: TypeAlias = tuple[tuple[str, ...], float]
"""Label values in the order of ``Family.labels``, and the number."""
Sum: TypeAlias = tuple[tuple[str, ...], int, float]
"""Label values, count of observations and their sum: one sample of a summary."""


class MetricType(StrEnum):
    """The metric types of Prometheus in use here."""

    GAUGE = "gauge"
    COUNTER = "counter"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Family:
    """One row of the table of metrics.

    ``name``: as scraped, with ``_total`` where it is a counter. ``unit``: base unit, empty for a
    count, a state or a truth. ``help_en`` goes into the exposition; the reference page prints
    help and note, in English or Chinese.
    """

    name: str
    kind: MetricType
    labels: tuple[str, ...]
    unit: str
    help_en: str
    help_zh: str
    note_en: str = ""
    note_zh: str = ""

    def metric(self, samples: Iterable[Sample]) -> Metric:
        """Return the family with its samples. A summary uses ``summary``."""
        made: GaugeMetricFamily | CounterMetricFamily
        if self.kind is MetricType.COUNTER:
            made = CounterMetricFamily(
                self.name.removesuffix("_total"), self.help_en, labels=self.labels
            )
        else:
            made = GaugeMetricFamily(self.name, self.help_en, labels=self.labels)
        for labels, number in samples:
            made.add_metric(labels, number)
        return made

    def summary(self, sums: Iterable[Sum]) -> Metric:
        """Return the family with count and sum under each set of labels."""
        made = SummaryMetricFamily(self.name, self.help_en, labels=self.labels)
        for labels, count, total in sums:
            made.add_metric(labels, count, total)
        return made
