"""What a metric family is, and how it becomes samples. Knows no single metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from prometheus_client.utils import floatToGoString

T = TypeVar("T")
Sample: TypeAlias = tuple[tuple[str, ...], float]
"""Label values in the order of ``Family.labels``, and the number."""
Sum: TypeAlias = tuple[tuple[str, ...], int, float]
"""Label values, count of observations and their sum: one sample of a summary."""


Rows: TypeAlias = Callable[[], Iterable[Sample]]
"""Begins to calculate the samples of a family, one after the other."""

SAMPLES_AT_ONCE: Final = 200
"""The loop is free after so many samples: they take less than half a millisecond."""
PLAIN_BELOW: Final = 1e6
"""From here on Go writes numbers with exponents, and the library so too."""


class SlicedMetric(Metric):
    """A family whose samples are calculated while it is written, a few at a time.

    ``texts``: their lines, a few each. ``parts``: the same samples as the library reads them.
    """

    def __init__(
        self,
        empty: Metric,
        parts: Callable[[], Iterator[Metric]],
        texts: Callable[[], Iterator[str]],
    ) -> None:
        super().__init__(empty.name, empty.documentation, empty.type)
        self._parts = parts
        self.texts = texts

    @property
    def samples(self) -> list[MetricSample]:
        """All samples, calculated at once: as the library reads them."""
        return [sample for part in self._parts() for sample in part.samples]

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
        line = Line(self.name, self.labels)
        return SlicedMetric(
            self.metric(()),
            lambda: map(self.metric, _slices(rows())),
            lambda: map(line.texts, _slices(rows())),
        )

    def sliced_summary(self, rows: Callable[[], Iterable[Sum]]) -> Metric:
        """Return a summary; its samples are calculated a few at a time."""
        counts, sums = (Line(f"{self.name}_{what}", self.labels) for what in ("count", "sum"))

        def text(found: Sequence[Sum]) -> str:
            return "".join(
                [counts.text(labels, n) + sums.text(labels, total) for labels, n, total in found]
            )

        return SlicedMetric(
            self.summary(()),
            lambda: map(self.summary, _slices(rows())),
            lambda: map(text, _slices(rows())),
        )

    def summary(self, sums: Iterable[Sum]) -> Metric:
        """Return the family with count and sum under each set of labels."""
        made = SummaryMetricFamily(self.name, self.help_en, labels=self.labels)
        for labels, count, total in sums:
            made.add_metric(labels, count, total)
        return made


class Line:
    """Writes samples as the library does, in a fifth of its time."""

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        order = sorted(range(len(labels)), key=labels.__getitem__)
        self._order = None if order == list(range(len(labels))) else order
        named = ",".join(f'{labels[place]}="%s"' for place in order)
        self._head = f"{name}{{{named}}} " if labels else f"{name} "

    def texts(self, samples: Iterable[Sample]) -> str:
        """Return the lines of these samples."""
        return "".join([self.text(labels, number) for labels, number in samples])

    def text(self, labels: tuple[str, ...], number: float) -> str:
        """Return the line of one sample."""
        if self._order is not None:
            labels = tuple([labels[place] for place in self._order])
        joined = "".join(labels)
        if '"' in joined or "\\" in joined or "\n" in joined:
            labels = tuple(map(_escaped, labels))
        return f"{self._head % labels}{_number(float(number))}\n"


def _number(number: float) -> str:
    if -PLAIN_BELOW < number < PLAIN_BELOW:
        return repr(number)
    return str(floatToGoString(number))  # type: ignore[no-untyped-call]


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _slices(rows: Iterable[T]) -> Iterator[list[T]]:
    begun = iter(rows)
    while found := list(islice(begun, SAMPLES_AT_ONCE)):
        yield found
