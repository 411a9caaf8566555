"""The values of points: numbers in base units, truths and enumerations as states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from prometheus_client.core import Metric

from monitord.core.model import Value
from monitord.core.situation import Situation
from monitord.decoding.model import Decoding
from monitord.devices.model import DeviceSettings
from monitord.metrics.devices import is_answering
from monitord.metrics.families import Sample
from monitord.metrics.names import POINT_STATE, point_families, point_family
from monitord.units import BASES, OTHER, Base

TRUTHS: Final = ("false", "true")
FAMILIES: Final = {family.name: family for family in point_families()}

Writer: TypeAlias = Callable[[dict[str, list[Sample]], Value], None]
"""Adds the samples of one value to the samples by family name."""


class PointMetrics:
    """Writes the points of ``devices``; how each is written is chosen once."""

    def __init__(self, devices: Sequence[DeviceSettings]) -> None:
        self._writers = {device.id: _writers(device) for device in devices}

    def metrics(self, situation: Situation) -> Iterator[Metric]:
        """Yield the families of all devices that answer; an old value is not shown."""
        found: dict[str, list[Sample]] = {}
        for name, memory in situation.devices.items():
            if memory.values is None or not is_answering(memory):
                continue
            for write, value in zip(self._writers.get(name, ()), memory.values, strict=False):
                if value is not None:
                    write(found, value)
        for name, samples in sorted(found.items()):
            yield FAMILIES[name].metric(samples)


def _writers(device: DeviceSettings) -> tuple[Writer, ...]:
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
    family = point_family(base.name).name
    if base.name == OTHER:
        labels = (*labels, unit)

    def write(found: dict[str, list[Sample]], value: Value) -> None:
        if isinstance(value, int | float):
            found.setdefault(family, []).append((labels, base.convert(value)))

    return write


def _state_writer(labels: tuple[str, ...], states: tuple[str, ...]) -> Writer:
    labelled = [(state, (*labels, state)) for state in states]

    def write(found: dict[str, list[Sample]], value: Value) -> None:
        state_now = str(value).lower() if isinstance(value, bool) else value
        samples = found.setdefault(POINT_STATE.name, [])
        samples += [(full, float(state == state_now)) for state, full in labelled]

    return write


def _no_sample(found: dict[str, list[Sample]], value: Value) -> None:
    """Write nothing: a text is not a number and its values are not a fixed list."""
    del found, value
