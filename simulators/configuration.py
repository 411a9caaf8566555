"""The demonstration's configuration, as its owner would write it. Owns text; starts nothing."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

TIME_ZONE = "Asia/Shanghai"

# Two people, to show both channels: each person gets a message by the first channel that works.
TEMPLATE = """\
# Nobody measures how good the clock of a workstation is.
site: {{id: dabie_hill, name: 大别山发射台, time_zone: {time_zone}, clock: host}}
devices:
  fm1:
    name: 调频发射机一
    profile: worldcast-ecreso-fm
    poll_every: 1s
    agent_refresh_max: 1s
    nominal: {{forward_power_w: 1000}}
    snmp: {{address: 127.0.0.1, port: {snmp_port}, version: 2c, community_file: secrets/fm1}}
  room_io:
    name: 机房开关量
    poll_every: 1s
    modbus: {{address: 127.0.0.1, port: {modbus_port}, unit_id: 1}}
    points:
      audio_silent:
        {{table: discrete_input, wire_address: 0, true_delay_max: 10s, false_delay_max: 2s}}
    conditions:
      sound_present: {{layer: content, reason: silence, true_when: not audio_silent}}
programmes:
  county_fm:
    name: 县广播 98.6 MHz
    schedule: {{daily: "00:00-24:00"}}
    chain:
      - {{stage: studio_sound, owner: own, needs: room_io.sound_present}}
      - stage: transmitter
        owner: own
        members: [{{id: fm1, carries: fm1.radiating, ready: not fm1.fault}}]
    off_air: {{open_after: 0s, clear_after: 5s, severity: critical}}
people:
  duty_desk: {{name: 值机台, language: zh, tell_after: 0s, tell: [console]}}
  engineer: {{name: 值班工程师, language: en, tell_after: 0s, tell: [desk]}}
channels:
  console: {{kind: console}}
  desk: {{kind: webhook, url: "{webhook_url}", deadline: 5s}}
record: {{folder: record}}
listen: {{address: 127.0.0.1, port: {listen_port}}}
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of the simulated devices, and of the daemon."""

    snmp: int
    modbus: int
    listen: int


def write_configuration(folder: Path, ports: Ports, community: str, webhook_url: str) -> Path:
    """Write configuration, community file and record folder into ``folder``; return the first."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "fm1").touch(mode=0o600)
    (secrets / "fm1").write_text(f"{community}\n", encoding="utf-8")
    (folder / "record").mkdir()
    path = folder / "monitord.yaml"
    text = TEMPLATE.format(
        time_zone=TIME_ZONE,
        snmp_port=ports.snmp,
        modbus_port=ports.modbus,
        webhook_url=webhook_url,
        listen_port=ports.listen,
    )
    path.write_text(text, encoding="utf-8")
    return path


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port that is free now; somebody else may take it before it is used."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
