"""The values of points: numbers in base units, truths and enumerations as states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from prometheus_client.core import Metric

from monitord.core.model import Value
from monitord.core.situation import DeviceMemory, Situation
from monitord.decoding.model import Decoding, DerivedPoint, SourcePoint
from monitord.devices.model import DeviceSettings
from monitord.metrics.devices import is_answering
from monitord.metrics.families import Sample
from monitord.metrics.names import POINT_STATE, point_families, point_family
from monitord.units import BASES, OTHER, Base

TRUTHS: Final = ("false", "true")
FAMILIES: Final = {family.name: family for family in point_families()}

Writer: TypeAlias = Callable[[str, Value], Iterable[Sample]]
"""Returns the samples of one value of a device."""
Placed: TypeAlias = tuple[int, Writer]
"""The place of a point among its device's values, and its writer."""
Layout: TypeAlias = Mapping[str, tuple[Placed, ...]]
"""The points of a device, by family."""


class PointMetrics:
    """Writes the points of ``devices``; how each is written is chosen once.

    By family, and in it by device: what is written of a family is calculated a few samples at a
    time.
    """

    def __init__(self, devices: Sequence[DeviceSettings]) -> None:
        self._families: dict[str, list[tuple[str, tuple[Placed, ...]]]] = {}
        # By identity: devices of one profile hold the same points, and ``devices`` holds them.
        layouts: dict[tuple[int, int], Layout] = {}
        for device in devices:
            shared = id(device.source.points), id(device.derived)
            layout = layouts.get(shared)
            if layout is None:
                layout = layouts[shared] = _layout(device.points)
            for family, placed in layout.items():
                self._families.setdefault(family, []).append((device.id, placed))

    def metrics(self, situation: Situation) -> Iterator[Metric]:
        """Yield the families of all devices that answer; an old value is not shown."""
        # A reload during the rendering must not bring the values of other points.
        known = dict(situation.devices)
        for name, devices in sorted(self._families.items()):
            yield FAMILIES[name].sliced(partial(_rows, devices, known))


def _layout(points: Sequence[SourcePoint | DerivedPoint]) -> Layout:
    found: dict[str, list[Placed]] = {}
    for place, point in enumerate(points):
        family, write = _writer(point.id, point.decoding)
        if family:
            found.setdefault(family, []).append((place, write))
    return {family: tuple(placed) for family, placed in found.items()}


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
                yield from write(device, value)


def _writer(point: str, decoding: Decoding) -> tuple[str, Writer]:
    """Return the family of a point and its writer; no family for a text.

    A text is not a number, and its values are not a fixed list.
    """
    match decoding.kind:
        case "number":
            base = BASES.get(decoding.unit) or Base(OTHER)
            write = _number_writer(point, base, decoding.unit)
            return point_family(base.name).name, write
        case "boolean":
            return POINT_STATE.name, _state_writer(point, TRUTHS)
        case "enum":
            labels = dict.fromkeys(label for _, label in decoding.labels)
            return POINT_STATE.name, _state_writer(point, tuple(labels))
        case _:
            return "", lambda _device, _value: ()


def _number_writer(point: str, base: Base, unit: str) -> Writer:
    of_point = (point, unit) if base.name == OTHER else (point,)

    def write(device: str, value: Value) -> Iterable[Sample]:
        if not isinstance(value, int | float):
            return ()
        return (((device, *of_point), base.convert(value)),)

    return write


def _state_writer(point: str, states: tuple[str, ...]) -> Writer:
    def write(device: str, value: Value) -> Iterable[Sample]:
        state_now = str(value).lower() if isinstance(value, bool) else value
        return [((device, point, state), float(state == state_now)) for state in states]

    return write
