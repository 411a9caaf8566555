"""How an answer of a device differs from answers to earlier requests. Owns that rule; no I/O."""

from __future__ import annotations

from monitord.core.values import Numbering
from monitord.devices.frames.model import FrameSource
from monitord.devices.modbus.blocks import Block, plan_blocks
from monitord.devices.modbus.lengths import LENGTHS_MIN, lengths_of
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings


def numbering_of(settings: DeviceSettings) -> Numbering:
    """Return how the answers to the reads of the fast points differ.

    SNMP and Modbus TCP number them. On any other line two answers differ by table and count of
    cells, or by the rule that recognises them; with spare registers the counts change by turns.
    """
    source = settings.source
    match source:
        case ModbusSource() if source.framing != "tcp":
            if fewest_lengths(settings) >= LENGTHS_MIN:
                return Numbering.VARIED
            return _by_shapes(len({(one.table, one.count) for one in _blocks(settings, source)}))
        case FrameSource():
            slow = set(settings.slow)
            frames = [point for place, point in enumerate(source.points) if place not in slow]
            return _by_shapes(len({point.request.answer for point in frames}))
    return Numbering.NUMBERED


def answers_behind_max_of(settings: DeviceSettings) -> int:
    """Return how many requests earlier the one may be that an answer without a number is of."""
    source = settings.source
    if isinstance(source, ModbusSource | FrameSource):
        return source.manners.answers_behind_max
    return 1


def fewest_lengths(settings: DeviceSettings) -> int:
    """Return in how many lengths each block of the fast points is read, at least."""
    source = settings.source
    if not isinstance(source, ModbusSource):
        return 1
    blocks = _blocks(settings, source)
    return min((len(lengths_of(one, source.limits, source.framing)) for one in blocks), default=1)


def _blocks(settings: DeviceSettings, source: ModbusSource) -> tuple[Block, ...]:
    slow = set(settings.slow)
    points = [point for place, point in enumerate(source.points) if place not in slow]
    return plan_blocks(points, source.limits)


def _by_shapes(count: int) -> Numbering:
    return Numbering.SHAPED if count > 1 else Numbering.ONE_SHAPE
