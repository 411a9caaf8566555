"""The simulated site as a configuration file: the same devices, programmes and people."""

from __future__ import annotations

from pathlib import Path

from tests.simulation.site import PEOPLE, PROGRAMMES, SERVICES

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
    deadline: 800ms
    modbus: {address: 10.1.1.PLACE, port: 502, unit_id: 1}
    points:
      p: {table: discrete_input, wire_address: 0, agent_refresh_max: 2s}
      fault: {table: discrete_input, wire_address: 1, agent_refresh_max: 2s}
    conditions:
      on: {layer: emission, reason: no_carrier, true_when: p}
      well: {layer: equipment, true_when: not fault}
"""
_STUDIO = """\
  io:
    name: io
    poll_every: 1s
    deadline: 800ms
    modbus: {address: 10.1.1.3, port: 502, unit_id: 1}
    points:
      p: {table: discrete_input, wire_address: 0, true_delay_max: 10s, false_delay_max: 2s}
    conditions:
      sound: {layer: content, reason: silence, true_when: not p}
  tv:
    name: tv
    poll_every: 5s
    deadline: 4s
    modbus: {address: 10.1.1.4, port: 502, unit_id: 1}
    points:
      exciter: {table: discrete_input, wire_address: 0}
      p: {table: discrete_input, wire_address: 1}
    conditions:
      exciter_ok: {layer: emission, reason: no_carrier, true_when: exciter}
      on: {layer: emission, reason: no_carrier, true_when: p}
  dtx:
    name: dtx
    poll_every: 2s
    deadline: 1600ms
    modbus: {address: 10.1.1.7, port: 502, unit_id: 1}
    points:
      p: {table: input_register, wire_address: 0, type: uint16, unit: W}
    conditions:
      on: {layer: emission, reason: no_carrier, true_when: p >= 100}
"""
_DELAYS = """\
    off_air: {open_after: 0s, clear_after: 30s, severity: SEVERITY}
    blind: {open_after: 60s, clear_after: 30s, severity: major}
    reserve_lost: {open_after: 10s, clear_after: 30s, severity: minor}
"""
_FM = """\
      - {stage: studio, owner: own, needs: io.sound}
      - stage: transmitter
        owner: own
        members:
          - {id: fm1, carries: fm1.on, ready: fm1.well}
          - {id: fm2, carries: fm2.on, ready: fm2.well}
"""
_TV = """\
      - {stage: exciter, owner: own, needs: tv.exciter_ok}
      - {stage: transmitter, owner: own, needs: tv.on}
"""
_SERVICE = """\
      - {stage: encoder_NAME, owner: network_company, needs: enc.in_NAME}
      - {stage: multiplexer, owner: own, needs: mux.out_NAME}
      - {stage: transmitter, owner: own, needs: dtx.on}
"""


def site_yaml(folder: Path) -> str:
    """Return the site's configuration file. ``folder``: of its record."""
    return "".join(
        (
            _HEAD.replace("FOLDER", str(folder)),
            "people:\n",
            *(_person(number) for number in range(len(PEOPLE))),
            "devices:\n",
            _CARRIER.replace("NAME", "fm1").replace("PLACE", "1"),
            _CARRIER.replace("NAME", "fm2").replace("PLACE", "2"),
            _STUDIO,
            _services("enc", "in", 5),
            _services("mux", "out", 6),
            "programmes:\n",
            *(_programme(name) for name in PROGRAMMES),
        )
    )


def _person(number: int) -> str:
    person = PEOPLE[number]
    channels = {"desk": "[lamp, phone]", "leader": "[phone, mail]"}[person.id]
    delays = ", ".join(f"{s}: {after // 1_000_000}s" for s, after in person.tell_after.items())
    return (
        f"  {person.id}: {{name: {person.id}, language: zh, tell: {channels}, "
        f"tell_after: {{{delays}}}}}\n"
    )


def _services(device: str, word: str, place: int) -> str:
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
        f"    modbus: {{address: 10.1.1.{place}, port: 502, unit_id: 1}}\n"
        f"    points:\n{points}    conditions:\n{conditions}"
    )


def _programme(name: str) -> str:
    facts = PROGRAMMES[name]
    chain = {"fm": _FM, "tv": _TV}.get(name) or _SERVICE.replace("NAME", name)
    delays = _DELAYS.replace("SEVERITY", facts.off_air.severity)
    return f"  {name}:\n    name: {name}\n    rank: {facts.rank}\n{delays}    chain:\n{chain}"
