"""``python -m simulators``: the simulated site for people. Parses and hands over."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from simulators.clock import PlantClock
from simulators.configuration import TIME_ZONE
from simulators.demo import COMMUNITY
from simulators.demo import main as demo
from simulators.demo import parser as demo_parser
from simulators.equipment import Equipment
from simulators.plant.site import Site
from simulators.story import ONE_EVENING


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for a story not told, 2 for a wrong command line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given)
    if options.command == "demo":
        return demo(given[1:])
    try:
        asyncio.run(_serve(options))
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"a device cannot be started: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m simulators",
        description="A simulated transmitter site on 127.0.0.1, for trying monitord on.",
    )
    commands = result.add_subparsers(dest="command", required=True, metavar="COMMAND")
    told = demo_parser()
    commands.add_parser(
        "demo",
        help="monitord on the site, and one evening of faults",
        parents=[told],
        add_help=False,
        description=told.description,
    )
    devices = commands.add_parser(
        "devices", help="the site's two devices alone, in good health, until Ctrl-C"
    )
    devices.add_argument("--snmp-port", type=_port, default=10161, metavar="PORT")
    devices.add_argument("--modbus-port", type=_port, default=10502, metavar="PORT")
    devices.add_argument("--community", default=COMMUNITY, help="default: %(default)s")
    devices.add_argument(
        "--faults", action="store_true", help="play the demonstration's faults from the first poll"
    )
    return result


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, 0 to 65535 (0: a free one)")
    return int(text)


async def _serve(options: argparse.Namespace) -> None:
    """Run the two devices until a signal comes."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    clock = PlantClock(TIME_ZONE)
    site = Site(ONE_EVENING.faults if options.faults else ())
    equipment = Equipment(site, clock, options.community)
    await equipment.start(options.snmp_port, options.modbus_port)
    try:
        snmp, modbus = equipment.snmp.port, equipment.modbus.port
        sys.stdout.write(f"fm1: SNMP 127.0.0.1:{snmp}  room_io: Modbus 127.0.0.1:{modbus}\n")
        sys.stdout.flush()
        beginning = asyncio.create_task(_begin_when_polled(equipment, clock))
        await stopping.wait()
        beginning.cancel()
    finally:
        await equipment.stop()


async def _begin_when_polled(equipment: Equipment, clock: PlantClock) -> None:
    await equipment.polled.wait()
    clock.begin()


if __name__ == "__main__":
    sys.exit(main())
