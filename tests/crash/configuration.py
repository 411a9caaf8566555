"""The site whose daemon is killed: its configuration, as its owner would write it.

Owns text. Starts nothing.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from tests.support.wire import LOCALHOST, free_port

COMMUNITY = "crash-site"
HOST = LOCALHOST
SECOND = 1_000_000
POWER_OID = (1, 3, 6, 1, 4, 1, 99999, 2, 1, 0)
RADIATING_W, FALLEN_W = 1000, 0
PROGRAMMES = ("county_fm", "county_tv", "township_fm")
TRANSMITTERS = ("fm1", "tv1", "fm2")
"""In the order of the programmes; the input at the same place is the programme's silence."""
PEOPLE = {"duty_desk": ("desk",), "engineer": ("chat", "backup"), "province": ("province",)}
CHANNELS = ("desk", "chat", "backup", "province")
WALL = "wall"
"""Who reads the terminal, where there is one."""
DOMAIN = ".crash.test"

_TRANSMITTER = """\
  {id}:
    name: {id}
    poll_every: {poll_every}
    snmp: {{address: {host}, port: {port}, version: 2c, community_file: secrets/agents}}
    points: {{forward_power_w: {{oid: "{oid}", unit: W}}}}
    conditions:
      radiating: {{layer: emission, reason: no_carrier, true_when: forward_power_w >= 100}}
"""
_PROGRAMME = """\
  {id}:
    name: {id}
    chain:
      - {{stage: studio, owner: own, needs: room_io.sound_{place}}}
      - {{stage: transmitter, owner: own, needs: {transmitter}.radiating}}
    off_air: {{open_after: 0s, clear_after: 1s, severity: critical}}
    blind: {{open_after: 30m, clear_after: 1s, severity: major}}
"""
_INPUT = "      silent_{place}: {{table: discrete_input, wire_address: {place}}}\n"
_SOUND = "      sound_{place}: {{layer: content, reason: silence, true_when: not silent_{place}}}\n"


APART, SHARED = "200ms", "125ms"
"""How often a transmitter is polled: 15 times a second in all, each by its own socket, or 24 times,
on the shared one (``SHARED_SOCKET_FROM``)."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where equipment and desks listen, and where the daemon shall."""

    transmitters: tuple[int, ...]
    room_io: int
    desks: int
    listen: int


def write_configuration(
    folder: Path, ports: Ports, poll_every: str = APART, *, suffers: bool = False
) -> Path:
    """Write the configuration with its secret into ``folder``; return its path.

    ``suffers``: hosts have names, somebody reads the terminal, and the record is on ``disk``.
    """
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "agents").touch(mode=0o600)
    (secrets / "agents").write_text(f"{COMMUNITY}\n", encoding="utf-8")
    path = folder / "monitord.yaml"
    path.write_text("".join(_lines(ports, poll_every, suffers=suffers)), encoding="utf-8")
    return path


def _lines(ports: Ports, poll_every: str, *, suffers: bool) -> list[str]:
    agents, desks = (f"agents{DOMAIN}", f"desks{DOMAIN}") if suffers else (HOST, HOST)
    places = range(len(PROGRAMMES))
    oid = ".".join(map(str, POWER_OID))
    return [
        "site: {id: crash_site, name: crash site, time_zone: Asia/Shanghai, clock: host}\n",
        "devices:\n",
        *(
            _TRANSMITTER.format(id=id_, host=agents, port=port, oid=oid, poll_every=poll_every)
            for id_, port in zip(TRANSMITTERS, ports.transmitters, strict=True)
        ),
        "  room_io:\n    name: room_io\n    poll_every: 200ms\n",
        f"    modbus: {{address: {agents}, port: {ports.room_io}, unit_id: 1}}\n    points:\n",
        *(_INPUT.format(place=place) for place in places),
        "    conditions:\n",
        *(_SOUND.format(place=place) for place in places),
        "programmes:\n",
        *(
            _PROGRAMME.format(id=id_, place=place, transmitter=TRANSMITTERS[place])
            for place, id_ in enumerate(PROGRAMMES)
        ),
        "people:\n",
        *(_person(id_, tell) for id_, tell in PEOPLE.items()),
        *([_person(WALL, ("console",))] if suffers else ()),
        "channels:\n",
        *(["  console: {kind: console, deadline: 2s}\n"] if suffers else ()),
        *(_channel(id_, desks, ports.desks) for id_ in CHANNELS),
        f"record: {{folder: {'disk/record' if suffers else 'record'}}}\n",
        f"listen: {{address: 127.0.0.1, port: {ports.listen}}}\n",
    ]


def _person(id_: str, tell: tuple[str, ...]) -> str:
    ways = ", ".join(tell)
    return f"  {id_}: {{name: {id_}, language: en, tell_after: 0s, tell: [{ways}]}}\n"


def _channel(id_: str, host: str, port: int) -> str:
    return f'  {id_}: {{kind: webhook, url: "http://{host}:{port}/{id_}", deadline: 2s}}\n'


def free_listen_port() -> int:
    """Return a port for the daemon's page."""
    return free_port(socket.SOCK_STREAM)
