"""What a metric family is, and how it becomes samples. Knows no single metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.samples import Sample as MetricSample

T = TypeVar("T")
Sample: TypeAlias = tuple[tuple[str, ...], float]
"""Label values in the order of ``Family.labels``, and the number."""
Sum: TypeAlias = tuple[tuple[str, ...], int, float]
"""Label values, count of observations and their sum: one sample of a summary."""


Rows: TypeAlias = Callable[[], Iterable[Sample]]
"""Begins to calculate the samples of a family, one after the other."""

SAMPLES_AT_ONCE: Final = 200
"""The loop is free after so many samples: they take about a millisecond."""


class SlicedMetric(Metric):
    """A family whose samples are calculated while it is written. ``parts``: of them a few each."""

    def __init__(self, empty: Metric, parts: Callable[[], Iterator[Metric]]) -> None:
        super().__init__(empty.name, empty.documentation, empty.type)
        self.parts = parts

    @property
    def samples(self) -> list[MetricSample]:
        """All samples, calculated at once: as the library reads them."""
        return [sample for part in self.parts() for sample in part.samples]

    @samples.setter
    def samples(self, value: list[MetricSample]) -> None:
        """Drop the empty list that the library begins with."""


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

    def sliced(self, rows: Rows) -> Metric:
        """Return the family; its samples are calculated a few at a time."""
        return SlicedMetric(self.metric(()), lambda: map(self.metric, _slices(rows())))

    def sliced_summary(self, rows: Callable[[], Iterable[Sum]]) -> Metric:
        """Return a summary; its samples are calculated a few at a time."""
        return SlicedMetric(self.summary(()), lambda: map(self.summary, _slices(rows())))

    def summary(self, sums: Iterable[Sum]) -> Metric:
        """Return the family with count and sum under each set of labels."""
        made = SummaryMetricFamily(self.name, self.help_en, labels=self.labels)
        for labels, count, total in sums:
            made.add_metric(labels, count, total)
        return made


def _slices(rows: Iterable[T]) -> Iterator[list[T]]:
    begun = iter(rows)
    while found := list(islice(begun, SAMPLES_AT_ONCE)):
        yield found
