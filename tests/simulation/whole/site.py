"""The simulated site as configuration files: the same devices, programmes and people.

One file for each configuration that a reload brings; see ``setups``.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tests.simulation.setups import LEAST_POWER_W, Setup
from tests.simulation.site import PEOPLE, PROGRAMMES, SERVICES
from tests.simulation.whole.meter import MAXIMUM_W, MINIMUM_W

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
    modbus: {address: ADDRESS, port: 502, unit_id: 1}
    points:
      exciter: {table: discrete_input, wire_address: 0}
      p: {table: discrete_input, wire_address: 1}
    conditions:
      exciter_ok: {layer: emission, reason: no_carrier, true_when: exciter}
      on: {layer: emission, reason: no_carrier, true_when: p}
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
"""
_LIMITS = f"minimum: {MINIMUM_W}, maximum: {MAXIMUM_W}"
_DELAYS = """\
    off_air: {open_after: 0s, clear_after: 30s, severity: SEVERITY}
    blind: {open_after: 60s, clear_after: 30s, severity: major}
    reserve_lost: {open_after: 10s, clear_after: 30s, severity: minor}
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
      - {stage: transmitter, owner: own, needs: dtx.on}
"""


def site_yaml(folder: Path, setup: Setup, moved: Collection[str] = ()) -> str:
    """Return the file of one configuration.

    ``folder``: of its record. ``moved``: devices that have their second address.
    """
    return "".join(
        (
            _HEAD.replace("FOLDER", str(folder)),
            "people:\n",
            *(_person(number) for number in range(len(PEOPLE))),
            "devices:\n",
            *(_device(name, setup, moved) for name in setup.devices),
            "programmes:\n",
            *(_programme(name, setup) for name in PROGRAMMES if setup.has(name)),
        )
    )


def _device(name: str, setup: Setup, moved: Collection[str]) -> str:
    least = str(LEAST_POWER_W[setup.strict])
    address = address_of(name, moved)
    return (
        _DEVICES[name]
        .replace("ADDRESS", address)
        .replace("LEAST", least)
        .replace("LIMITS", _LIMITS)
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
        f"      {name}: {{table: discrete_input, wire_address: {n}}}\n"
        for n, name in enumerate(SERVICES)
    )
    conditions = "".join(
        f"      {word}_{name}: {{layer: service, reason: no_service, true_when: {name}}}\n"
        for name in SERVICES
    )
    return (
        f"  {device}:\n    name: {device}\n    poll_every: 1s\n    deadline: 800ms\n"
        f"    modbus: {{address: ADDRESS, port: 502, unit_id: 1}}\n"
        f"    points:\n{points}    conditions:\n{conditions}"
    )


def _programme(name: str, setup: Setup) -> str:
    facts = PROGRAMMES[name]
    delays = _DELAYS.replace("SEVERITY", facts.off_air.severity)
    chain = _chain(name, setup)
    return f"  {name}:\n    name: {name}\n    rank: {facts.rank}\n{delays}    chain:\n{chain}"


def _chain(name: str, setup: Setup) -> str:
    if name == "fm":
        return _FM_CHAIN
    if name == "tv":
        return _TV_CHAIN.replace("LAST", setup.tv_stage)
    encoder = _ENCODER if setup.encoders else ""
    return (encoder + _SERVICE).replace("NAME", name)


_DEVICES = {
    "fm1": _CARRIER.replace("NAME", "fm1"),
    "fm2": _CARRIER.replace("NAME", "fm2"),
    "io": _IO,
    "tv": _TV,
    "enc": _services("enc", "in"),
    "mux": _services("mux", "out"),
    "dtx": _DTX,
}
