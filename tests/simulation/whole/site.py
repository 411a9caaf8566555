"""The simulated site as configuration files: the same devices, programmes and people.

One file for each configuration that a reload brings; see ``setups``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from tests.simulation.meter import MAXIMUM_W, MINIMUM_W
from tests.simulation.setups import LEAST_POWER_W, Setup
from tests.simulation.site import PEOPLE, PROGRAMMES, SERVICES
from tests.simulation.whole.agents import ENTERPRISE
from tests.simulation.whole.lowered import FULL_W

COMMUNITY_FILE = "community"
"""Holds the community of all agents, beside the configuration."""
TIMED = "mux"
"""The device whose last point is its agent's running time."""
_HEAD = """\
site: {id: hill, name: 大山, time_zone: Asia/Shanghai, clock: host}
record: {folder: FOLDER}
channels:
  lamp: {kind: webhook, url: "http://127.0.0.1:9/lamp", deadline: 5s}
  phone: {kind: webhook, url: "http://127.0.0.1:9/phone", deadline: 5s}
  mail: {kind: webhook, url: "http://127.0.0.1:9/mail", deadline: 5s}
"""
_CARRIER = """\
  NAME:
    name: NAME
    poll_every: 1s
    slow_every: 4s
    deadline: 800ms
    modbus: {address: ADDRESS, port: 502, unit_id: 1}
    points:
      p: {table: discrete_input, wire_address: 0, agent_refresh_max: 2s}
      fault: {table: discrete_input, wire_address: 1, agent_refresh_max: 2s, pace: slow}
    conditions:
      on: {layer: emission, reason: no_carrier, true_when: p}
      well: {layer: equipment, true_when: not fault}
"""
_SNMP_CARRIER = """\
  NAME:
    name: NAME
    poll_every: 1s
    slow_every: 4s
    deadline: 800ms
    snmp: {address: ADDRESS, version: 2c, community_file: COMMUNITY}
    points:
      p: {oid: BASE.0.0, labels: LABELS, agent_refresh_max: 2s}
      fault: {oid: BASE.1.0, labels: LABELS, agent_refresh_max: 2s, pace: slow}
    conditions:
      on: {layer: emission, reason: no_carrier, true_when: p == yes}
      well: {layer: equipment, true_when: fault == no}
"""
_IO = """\
  io:
    name: io
    poll_every: 1s
    deadline: 800ms
    modbus: {address: ADDRESS, port: 502, unit_id: 1}
    points:
      p: {table: discrete_input, wire_address: 0, true_delay_max: 10s, false_delay_max: 2s}
    conditions:
      sound: {layer: content, reason: silence, true_when: not p}
"""
_TV = """\
  tv:
    name: tv
    poll_every: 5s
    deadline: 4s
    snmp: {address: ADDRESS, version: 2c, community_file: COMMUNITY}
    points:
      exciter: {oid: BASE.0.0, labels: LABELS}
      p: {oid: BASE.1.0, labels: LABELS}
    conditions:
      exciter_ok: {layer: emission, reason: no_carrier, true_when: exciter == yes}
      on: {layer: emission, reason: no_carrier, true_when: p == yes}
"""
_DTX = """\
  dtx:
    name: dtx
    poll_every: 2s
    deadline: 1600ms
    modbus: {address: ADDRESS, port: 502, unit_id: 1}
    points:
      p: {table: input_register, wire_address: 0, type: int16, unit: W, LIMITS}
    conditions:
      on: {layer: emission, reason: no_carrier, true_when: p >= LEAST}
      full: {layer: emission, true_when: p >= FULL}
"""
_UP_TIME = "      uptime_s: {oid: 1.3.6.1.2.1.1.3.0, unit: s, scale: 0.01, wraps: 32}\n"
_LABELS = '{0: "no", 1: "yes"}'
_BASE = ".".join(map(str, ENTERPRISE))
_LIMITS = f"minimum: {MINIMUM_W}, maximum: {MAXIMUM_W}"
_DELAYS = """\
    off_air: {open_after: 0s, clear_after: 30s, severity: SEVERITY}
    blind: {open_after: 60s, clear_after: 30s, severity: major}
    reserve_lost: {open_after: 10s, clear_after: 30s, severity: minor}
    degraded: {open_after: 20s, clear_after: 30s, severity: minor}
"""
_FM_CHAIN = """\
      - {stage: studio, owner: own, needs: io.sound}
      - stage: transmitter
        owner: own
        members:
          - {id: fm1, carries: fm1.on, ready: fm1.well}
          - {id: fm2, carries: fm2.on, ready: fm2.well}
"""
_TV_CHAIN = """\
      - {stage: exciter, owner: own, needs: tv.exciter_ok}
      - {stage: LAST, owner: own, needs: tv.on}
"""
_ENCODER = """\
      - {stage: encoder_NAME, owner: network_company, needs: enc.in_NAME}
"""
_SERVICE = """\
      - {stage: multiplexer, owner: own, needs: mux.out_NAME}
      - stage: transmitter
        owner: own
        needs: dtx.on
        degraded: [{when: not dtx.full, reason: reduced_power}]
"""


def site_yaml(
    folder: Path, setup: Setup, daily: Mapping[str, str], moved: Collection[str] = ()
) -> str:
    """Return the file of one configuration.

    ``folder``: of its record. ``daily``: hours by programme. ``moved``: devices that have their
    second address.
    """
    return "".join(
        (
            _HEAD.replace("FOLDER", str(folder)),
            "people:\n",
            *(_person(number) for number in range(len(PEOPLE))),
            "devices:\n",
            *(_device(name, setup, moved) for name in setup.devices),
            "programmes:\n",
            *(_programme(name, setup, daily.get(name)) for name in PROGRAMMES if setup.has(name)),
        )
    )


def _device(name: str, setup: Setup, moved: Collection[str]) -> str:
    least = str(LEAST_POWER_W[setup.strict])
    address = address_of(name, moved)
    return (
        _DEVICES[name]
        .replace("ADDRESS", address)
        .replace("LEAST", least)
        .replace("FULL", str(FULL_W))
        .replace("LIMITS", _LIMITS)
        .replace("LABELS", _LABELS)
        .replace("BASE", _BASE)
        .replace("COMMUNITY", COMMUNITY_FILE)
    )


def address_of(device: str, moved: Collection[str]) -> str:
    """Return a device's first address, or its second one where it has moved."""
    return f"10.1.{1 + (device in moved)}.{list(_DEVICES).index(device) + 1}"


def _person(number: int) -> str:
    person = PEOPLE[number]
    channels = {"desk": "[lamp, phone]", "leader": "[phone, mail]"}[person.id]
    delays = ", ".join(f"{s}: {after // 1_000_000}s" for s, after in person.tell_after.items())
    return (
        f"  {person.id}: {{name: {person.id}, language: zh, tell: {channels}, "
        f"tell_after: {{{delays}}}}}\n"
    )


def _services(device: str, word: str) -> str:
    points = "".join(
        f"      {name}: {{oid: BASE.{n}.0, unit: Mbit/s}}\n" for n, name in enumerate(SERVICES)
    )
    conditions = "".join(
        f"      {word}_{name}: {{layer: service, reason: no_service, true_when: {name} > 0}}\n"
        for name in SERVICES
    )
    return (
        f"  {device}:\n    name: {device}\n    poll_every: 1s\n    deadline: 800ms\n"
        f"    snmp: {{address: ADDRESS, version: 2c, community_file: COMMUNITY}}\n"
        f"    points:\n{points}{_UP_TIME * (device == TIMED)}    conditions:\n{conditions}"
    )


def _programme(name: str, setup: Setup, daily: str | None) -> str:
    facts = PROGRAMMES[name]
    delays = _DELAYS.replace("SEVERITY", facts.off_air.severity)
    chain = _chain(name, setup)
    hours = "" if daily is None else f"    schedule: {{daily: [{daily}]}}\n"
    head = f"  {name}:\n    name: {name}\n    rank: {facts.rank}\n"
    return f"{head}{hours}{delays}    chain:\n{chain}"


def _chain(name: str, setup: Setup) -> str:
    if name == "fm":
        return _FM_CHAIN
    if name == "tv":
        return _TV_CHAIN.replace("LAST", setup.tv_stage)
    encoder = _ENCODER if setup.encoders else ""
    return (encoder + _SERVICE).replace("NAME", name)


_DEVICES = {
    "fm1": _CARRIER.replace("NAME", "fm1"),
    "fm2": _SNMP_CARRIER.replace("NAME", "fm2"),
    "io": _IO,
    "tv": _TV,
    "enc": _services("enc", "in"),
    "mux": _services("mux", "out"),
    "dtx": _DTX,
}
