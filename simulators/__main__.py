"""``python -m simulators``: the simulated site for people. Parses the command line only."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from simulators.clock import PlantClock
from simulators.commands import Commands
from simulators.configuration import TIME_ZONE
from simulators.demo import main as demo
from simulators.demo import parser as demo_parser
from simulators.equipment import Equipment
from simulators.plant.county.layout import Layout
from simulators.plant.county.log import log
from simulators.plant.faults import MILLISECOND
from simulators.plant.site import Site
from simulators.plays import COMMUNITY
from simulators.premises import Premises
from simulators.replay import replay
from simulators.reports import Reporting
from simulators.site_file import COUNTY_SITE, FileError, read_site
from simulators.story import ONE_EVENING
from simulators.terminal import typed_lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 for a missing report, or 2 for a wrong command line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0].endswith((".yaml", ".yml")):
        given.insert(0, "site")
    options = _parser().parse_args(given)
    if options.command == "demo":
        return demo(given[1:])
    try:
        if options.command == "replay":
            asyncio.run(replay(options.file, options.port, options.community, options.unit_id))
        elif options.command == "site":
            layout = read_site(options.file)
            asyncio.run(_serve_site(layout, options.community, options.traps_port))
        else:
            asyncio.run(_serve(options))
    except FileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
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
    of_demo = demo_parser()
    commands.add_parser(
        "demo",
        help="monitord on the site, and one evening of faults",
        parents=[of_demo],
        add_help=False,
        description=of_demo.description,
    )
    site = commands.add_parser(
        "site", help="a station's equipment alone, from a site file; faults may be typed"
    )
    site.add_argument("file", type=Path, nargs="?", default=COUNTY_SITE, metavar="SITE.yaml")
    site.add_argument("--community", default=COMMUNITY, help="default: %(default)s")
    site.add_argument(
        "--traps-port",
        type=_port,
        default=0,
        metavar="PORT",
        help="send the equipment's traps to this port of 127.0.0.1",
    )
    again = commands.add_parser(
        "replay", help="one device as it was recorded: a walk (.snmprec) or a dump of registers"
    )
    again.add_argument("file", type=Path, metavar="FILE")
    again.add_argument("--port", type=_port, default=0, help="default: a free one")
    again.add_argument("--community", default=COMMUNITY, help="of a walk, default: %(default)s")
    again.add_argument("--unit-id", type=int, default=1, help="of a dump, default: %(default)s")
    devices = commands.add_parser(
        "devices", help="the small site's two devices alone, in good health, until Ctrl-C"
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


async def _serve_site(layout: Layout, community: str, traps_port: int) -> None:
    """Run a station until a signal comes; what happens there is written as it happens."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    clock = PlantClock(TIME_ZONE)
    premises = Premises(layout, clock, community)
    commands = Commands(premises, clock)
    reporting = Reporting(premises, clock)
    await premises.start()
    clock.begin()
    if traps_port:
        reporting.start(("127.0.0.1", traps_port))
        for id_, word in reporting.communities.items():
            _write(f"{id_:20} traps with community {word}")
    try:
        for id_, port in premises.ports().items():
            _write(f"{id_:20} {layout.devices[id_].kind:20} 127.0.0.1:{port}")
        async with typed_lines(lambda line: _write(commands.carry_out(line))):
            printing = asyncio.create_task(_print_log(premises, clock))
            await stopping.wait()
            printing.cancel()
    finally:
        await reporting.stop()
        await premises.stop()


async def _print_log(premises: Premises, clock: PlantClock) -> None:
    written_to = 0
    while True:
        now = clock.now()
        for line in log(premises.station, written_to, now):
            if not line.is_cause:
                _write(f"{clock.label()}  {line.zh} / {line.en}")
        written_to = now
        await clock.sleep_until(now + 100 * MILLISECOND)


def _write(text: str) -> None:
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


async def _begin_when_polled(equipment: Equipment, clock: PlantClock) -> None:
    await equipment.polled.wait()
    clock.begin()


if __name__ == "__main__":
    sys.exit(main())
