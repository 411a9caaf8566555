"""The values of points: numbers in base units, truths and enumerations as states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from prometheus_client.core import Metric

from monitord.core.model import Value
from monitord.core.situation import DeviceMemory, Situation
from monitord.decoding.model import Decoding
from monitord.devices.model import DeviceSettings
from monitord.metrics.devices import is_answering
from monitord.metrics.families import Sample
from monitord.metrics.names import POINT_STATE, point_families, point_family
from monitord.units import BASES, OTHER, Base

TRUTHS: Final = ("false", "true")
FAMILIES: Final = {family.name: family for family in point_families()}

Writer: TypeAlias = Callable[[Value], Iterable[Sample]]
"""Returns the samples of one value."""
Placed: TypeAlias = tuple[int, Writer]
"""The place of a point among its device's values, and its writer."""


class PointMetrics:
    """Writes the points of ``devices``; how each is written is chosen once.

    By family, and in it by device: what is written of a family is calculated a few samples at a
    time.
    """

    def __init__(self, devices: Sequence[DeviceSettings]) -> None:
        self._families: dict[str, list[tuple[str, list[Placed]]]] = {}
        for device in devices:
            of_device: dict[str, list[Placed]] = {}
            for place, point in enumerate(device.points):
                family, write = _writer(device.id, point.id, point.decoding)
                if family:
                    of_device.setdefault(family, []).append((place, write))
            for family, placed in of_device.items():
                self._families.setdefault(family, []).append((device.id, placed))

    def metrics(self, situation: Situation) -> Iterator[Metric]:
        """Yield the families of all devices that answer; an old value is not shown."""
        # A reload during the rendering must not bring the values of other points.
        known = dict(situation.devices)
        for name, devices in sorted(self._families.items()):
            yield FAMILIES[name].sliced(partial(_rows, devices, known))


def _rows(
    devices: Sequence[tuple[str, Sequence[Placed]]], known: Mapping[str, DeviceMemory]
) -> Iterator[Sample]:
    for device, placed in devices:
        memory = known.get(device)
        if memory is None or memory.values is None or not is_answering(memory):
            continue
        for place, write in placed:
            value = memory.values[place]
            if value is not None:
                yield from write(value)


def _writer(device: str, point: str, decoding: Decoding) -> tuple[str, Writer]:
    """Return the family of a point and its writer; no family for a text.

    A text is not a number, and its values are not a fixed list.
    """
    match decoding.kind:
        case "number":
            base = BASES.get(decoding.unit) or Base(OTHER)
            write = _number_writer((device, point), base, decoding.unit)
            return point_family(base.name).name, write
        case "boolean":
            return POINT_STATE.name, _state_writer((device, point), TRUTHS)
        case "enum":
            labels = dict.fromkeys(label for _, label in decoding.labels)
            return POINT_STATE.name, _state_writer((device, point), tuple(labels))
        case _:
            return "", lambda _: ()


def _number_writer(labels: tuple[str, ...], base: Base, unit: str) -> Writer:
    if base.name == OTHER:
        labels = (*labels, unit)

    def write(value: Value) -> Iterable[Sample]:
        return ((labels, base.convert(value)),) if isinstance(value, int | float) else ()

    return write


def _state_writer(labels: tuple[str, ...], states: tuple[str, ...]) -> Writer:
    labelled = [(state, (*labels, state)) for state in states]

    def write(value: Value) -> Iterable[Sample]:
        state_now = str(value).lower() if isinstance(value, bool) else value
        return [(full, float(state == state_now)) for state, full in labelled]

    return write
