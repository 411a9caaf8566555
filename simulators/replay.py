"""``python -m simulators replay``: one recorded device on 127.0.0.1, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from simulators.agents.responder import SnmpResponder
from simulators.agents.unit import ModbusUnit
from simulators.recordings import Walk, read_recording


def open_replay(path: Path, community: str, unit_id: int) -> tuple[str, SnmpResponder | ModbusUnit]:
    """Return what it speaks and the device, not yet listening. Raises FileError."""
    found = read_recording(path)
    if isinstance(found, Walk):
        return "SNMP", SnmpResponder(lambda: found, community)
    return "Modbus", ModbusUnit(lambda: found, found, unit_id)


async def replay(path: Path, port: int, community: str, unit_id: int) -> None:
    """Serve until a signal comes. Raises FileError, and OSError where the port is taken."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    protocol, device = open_replay(path, community, unit_id)
    await device.start(port)
    try:
        sys.stdout.write(f"{path.name}: {protocol} 127.0.0.1:{device.port}\n")
        sys.stdout.flush()
        await stopping.wait()
    finally:
        await device.stop()
