"""How an answer of a device differs from answers to earlier requests. Owns that rule; no I/O."""

from __future__ import annotations

from monitord.core.values import Numbering
from monitord.devices.frames.model import FrameSource
from monitord.devices.modbus.blocks import plan_blocks
from monitord.devices.modbus.model import ModbusSource
from monitord.devices.model import DeviceSettings


def numbering_of(settings: DeviceSettings) -> Numbering:
    """Return how the answers to the reads of the fast points differ.

    SNMP and Modbus TCP number them. On any other line two answers differ by table and count of
    cells, or by the rule that recognises them.
    """
    source = settings.source
    slow = set(settings.slow)
    match source:
        case ModbusSource() if source.framing != "tcp":
            points = [point for place, point in enumerate(source.points) if place not in slow]
            blocks = plan_blocks(points, source.limits)
            shapes = {(block.table, block.count) for block in blocks}
        case FrameSource():
            frames = [point for place, point in enumerate(source.points) if place not in slow]
            return _by_shapes(len({point.request.answer for point in frames}))
        case _:
            return Numbering.NUMBERED
    return _by_shapes(len(shapes))


def _by_shapes(count: int) -> Numbering:
    return Numbering.SHAPED if count > 1 else Numbering.ONE_SHAPE
