"""Measures how fast 60 registers are read over 200 connections, beside pymodbus and libmodbus in C.

Run: ``python -m tests.benchmarks.bench_modbus [ROUNDS] [SECONDS]``. Asserts nothing of the speed;
every read's registers are compared. The responder and libmodbus's loop are ../shared/bench's C
programs, compiled on demand. The wanted figure is libmodbus's rate, asked one after another.
"""

from __future__ import annotations

import asyncio
import json
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from pymodbus.client import AsyncModbusTcpClient

from monitord.decoding.model import Decoding
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from tests.benchmarks.figures import keep
from tests.long.results import BenchTable

ROOT = Path(__file__).resolve().parents[2]
C_SOURCES = ROOT.parent / "shared" / "bench"
HOST = "127.0.0.1"
CONNECTIONS = 200
REGISTERS = 60
WANTED = list(range(REGISTERS))
DEADLINE_S = 5.0
POINTS = tuple(
    ModbusPoint(f"r{n}", "holding_register", n, "uint16", "big", Decoding("number"))
    for n in range(REGISTERS)
)

Read = Callable[[], Awaitable[Any]]


async def monitord_raw(port: int) -> list[Read]:
    """Give a reader for each connection, whose raw values are taken."""
    readers = [ModbusReader(ModbusSource(HOST, port, 1, POINTS)) for _ in range(CONNECTIONS)]

    def reading(reader: ModbusReader) -> Read:
        async def read() -> list[Any]:
            return list(await reader.read_raw(DEADLINE_S))

        return read

    return [reading(reader) for reader in readers]


async def pymodbus(port: int) -> list[Read]:
    """Give the library's own client for each connection."""
    clients = [AsyncModbusTcpClient(HOST, port=port, timeout=2) for _ in range(CONNECTIONS)]
    for client in clients:
        assert await client.connect()

    def reading(client: AsyncModbusTcpClient) -> Read:
        async def read() -> list[int]:
            answer = await client.read_holding_registers(0, count=REGISTERS, device_id=1)
            return list(answer.registers)

        return read

    return [reading(client) for client in clients]


VARIANTS = {"monitord": monitord_raw, "pymodbus": pymodbus}


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(variant: str, port: int, seconds: float) -> dict[str, Any]:
    """Read on every connection without a pause; one read of each is under way."""
    reads = await VARIANTS[variant](port)
    for read in reads:
        assert await read() == WANTED
    done = 0
    began, used = time.perf_counter(), cpu_s()

    async def keep_reading(read: Read) -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            assert await read() == WANTED
            done += 1

    await asyncio.gather(*(keep_reading(read) for read in reads))
    wall = time.perf_counter() - began
    return {"reads_s": done / wall, "cpu_per_1000": (cpu_s() - used) / done * 1000}


def compiled(name: str, folder: Path, *options: str) -> str:
    """Compile one of the C programs."""
    out = folder / name
    command = ["gcc", "-O2", "-o", str(out), str(C_SOURCES / f"{name}.c"), *options]
    subprocess.run(command, check=True, timeout=120)
    return str(out)


def pinned(core: int, command: list[str]) -> list[str]:
    return [*(["taskset", "-c", str(core)] if shutil.which("taskset") else []), *command]


def run_variant(command: list[str], seconds: float) -> dict[str, Any]:
    """Run one variant on the first core and return what it printed."""
    done = subprocess.run(
        pinned(0, command), capture_output=True, check=True, timeout=seconds + 60, cwd=ROOT
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def until_served(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((HOST, port), 1).close()
        except ConnectionRefusedError:
            threading.Event().wait(0.05)
        else:
            return


def compare(rounds: int, seconds: float) -> None:
    """Run every variant in turn, as often as asked, and keep medians and ratios."""
    rows: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        responder = compiled("modbus_responder", folder)
        peer = compiled("mb_libmodbus", folder, "-I/usr/include/modbus", "-lmodbus")
        with socket.socket() as sock:
            sock.bind((HOST, 0))
            port = sock.getsockname()[1]
        server = subprocess.Popen(pinned(1, [responder, str(port)]))
        try:
            until_served(port)
            own = [sys.executable, "-m", "tests.benchmarks.bench_modbus", "--one"]
            commands = {variant: [*own, variant, str(port), str(seconds)] for variant in VARIANTS}
            commands["libmodbus"] = [peer, str(CONNECTIONS), str(seconds), str(port)]
            for _ in range(rounds):
                for variant, command in commands.items():
                    rows.setdefault(variant, []).append(run_variant(command, seconds))
        finally:
            server.terminate()
            server.wait()
    keep("modbus", table_of(rows, f"{REGISTERS} registers over {CONNECTIONS} connections"))


def table_of(found: dict[str, list[dict[str, Any]]], title: str) -> BenchTable:
    """Return medians and each variant's rate as a ratio to libmodbus's."""
    rates = {name: median(row["reads_s"] for row in rows) for name, rows in found.items()}
    peer = rates["libmodbus"]
    lines = []
    for name, rows in found.items():
        cpu = median(row["cpu_per_1000"] for row in rows)
        lines.append([name, f"{rates[name]:,.0f}", f"{rates[name] / peer:.2f}", f"{cpu:.4f}"])
    columns = ["client", "reads a second", "against libmodbus", "CPU s per 1,000 reads"]
    return BenchTable(title, columns, lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(asyncio.run(measure(sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))))
    elif not C_SOURCES.is_dir():
        sys.exit(f"needs {C_SOURCES}, which is absent")
    else:
        rounds, seconds = [*sys.argv[1:], *("3", "3")[len(sys.argv) - 1 :]]
        compare(int(rounds), float(seconds))
