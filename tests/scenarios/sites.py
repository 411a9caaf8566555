"""Stations of the duty logs: YAML through the real loader, with equipment by its kind.

Owns what each kind of equipment offers and which points each of its states gives.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from monitord.config.calendar import calendar
from monitord.config.load import load
from monitord.core.model import SECOND, CalendarExtended
from monitord.messages.labels import Labels, labels_of
from tests.support.seam import Site

MIDNIGHT = 1_699_977_600 * SECOND
"""Wall time of 2023-11-15 00:00:00 in Asia/Shanghai."""

Plain = dict[str, Any]
STATES: Mapping[str, Mapping[str, Mapping[str, bool]]] = {
    "transmitter": {
        "good": {"rf": True, "fault": False, "low": False, "local": False},
        "tripped": {"rf": False, "fault": True, "low": False, "local": False},
        "standby": {"rf": False, "fault": False, "low": False, "local": False},
        "reduced": {"rf": True, "fault": False, "low": True, "local": False},
        "faulty": {"rf": True, "fault": True, "low": False, "local": False},
        "local": {"rf": False, "fault": False, "low": False, "local": True},
    },
    "detector": {
        "good": {"silent": False, "frozen": False, "filler": False, "wrong": False},
        "silent": {"silent": True, "frozen": False, "filler": False, "wrong": False},
        "frozen": {"silent": False, "frozen": True, "filler": False, "wrong": False},
        "filler": {"silent": False, "frozen": False, "filler": True, "wrong": False},
        "wrong": {"silent": False, "frozen": False, "filler": False, "wrong": True},
    },
    "mux": {
        "good": {f"s{n}": True for n in range(1, 6)},
        "dead": {f"s{n}": False for n in range(1, 6)},
        "s5_lost": {f"s{n}": n != 5 for n in range(1, 6)},
        "odd_lost": {f"s{n}": n % 2 == 0 for n in range(1, 6)},
        "even_lost": {f"s{n}": n % 2 == 1 for n in range(1, 6)},
    },
    "link": {"good": {"locked": True}, "down": {"locked": False}},
    "feed": {
        "good": {"mains": True, "auto": True},
        "off": {"mains": False, "auto": True},
        "manual": {"mains": True, "auto": False},
    },
    "receiver": {
        "good": {"carrier": True, "frozen": False, "other": True},
        "nothing": {"carrier": False, "frozen": False, "other": True},
        "iced": {"carrier": False, "frozen": False, "other": False},
        "frozen": {"carrier": True, "frozen": True, "other": True},
    },
    "switch": {
        "good": {"a": True, "b": False},
        "to_b": {"a": False, "b": True},
        "between": {"a": False, "b": False},
    },
    "matrix": {
        "good": {"to1": False, "to2": False},
        "to1": {"to1": True, "to2": False},
        "to2": {"to1": False, "to2": True},
        "both": {"to1": True, "to2": True},
    },
}
"""Points by kind and state; "no_answer" is a state of every kind."""
CONDITIONS: Mapping[str, Plain] = {
    "transmitter": {
        "radiating": {"layer": "emission", "true_when": "rf"},
        "sane": {"layer": "equipment", "true_when": "not fault"},
        "reduced": {"layer": "emission", "true_when": "low"},
        "remote": {"layer": "equipment", "true_when": "not local"},
    },
    "detector": {
        "sound": {"layer": "content", "reason": "silence", "true_when": "not silent"},
        "moving": {"layer": "content", "reason": "freeze", "true_when": "not frozen"},
        "no_filler": {"layer": "content", "reason": "filler", "true_when": "not filler"},
        "right": {"layer": "content", "reason": "wrong_programme", "true_when": "not wrong"},
    },
    "mux": {f"s{n}": {"layer": "service", "true_when": f"s{n}"} for n in range(1, 6)},
    "link": {"locked": {"layer": "service", "true_when": "locked"}},
    "feed": {
        "mains": {"layer": "equipment", "true_when": "mains"},
        "automatic": {"layer": "equipment", "true_when": "auto"},
    },
    "receiver": {
        "hears": {"layer": "emission", "true_when": "carrier"},
        "moving": {"layer": "content", "reason": "freeze", "true_when": "not frozen"},
        "reference": {"layer": "equipment", "true_when": "other"},
    },
    "switch": {
        "a_on_antenna": {"layer": "emission", "true_when": "a"},
        "b_on_antenna": {"layer": "emission", "true_when": "b"},
    },
    "matrix": {
        "to1": {"layer": "emission", "true_when": "to1"},
        "to2": {"layer": "emission", "true_when": "to2"},
    },
}
SITE = {"id": "hill", "name": "大别山发射台", "time_zone": "Asia/Shanghai"}
DUTY = """
duty: {name: 值机台, tell: [desk], tell_after: {critical: 3s, major: 20s, minor: 60s}}
"""


def station(devices: str, programmes: str, people: str = DUTY, channels: str = "[desk]") -> Site:
    """Return a station of YAML sections.

    ``devices``: as in a configuration, but ``kind:`` (see ``STATES``) in the place of points; keys
    of points and conditions given there are added to those of the kind.
    """
    return _loaded(devices, programmes, people, channels)[0]


def calendar_of(site: Site) -> CalendarExtended:
    """Return the hours of each programme of a station, from its schedules."""
    return _loaded(*site.name.split("\0"))[1]


def labels_for(site: Site) -> Labels:
    """Return the names of a station for its messages."""
    return _loaded(*site.name.split("\0"))[2]


@cache
def _loaded(
    devices: str, programmes: str, people: str, channels: str
) -> tuple[Site, CalendarExtended, Labels]:
    plain = yaml.safe_load(devices)
    kinds = {name: device.pop("kind") for name, device in plain.items()}
    whole = {
        "site": SITE,
        "devices": {
            name: _device(number, kinds[name], device)
            for number, (name, device) in enumerate(plain.items())
        },
        "programmes": yaml.safe_load(programmes),
        "people": yaml.safe_load(people),
        "channels": {name: {"kind": "console"} for name in yaml.safe_load(channels)},
        "record": {"folder": "record"},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "site.yaml")
        file.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
        settings = load(file)
    hours = calendar(settings, 0, MIDNIGHT)
    answers = {
        device.id: {
            state: tuple(values.get(point.id) for point in device.points)
            for state, values in STATES[kinds[device.id]].items()
        }
        for device in settings.plan.devices
    }
    site = Site(f"{devices}\0{programmes}\0{people}\0{channels}", settings.plan, answers)
    return site, hours, labels_of(settings)


def _device(number: int, kind: str, given: Plain) -> Plain:
    points = {
        name: {"table": "discrete_input", "wire_address": place}
        for place, name in enumerate(STATES[kind]["good"])
    }
    for name, keys in given.pop("points", {}).items():
        points.setdefault(name, {}).update(keys)
    conditions = {name: dict(keys) for name, keys in CONDITIONS[kind].items()}
    for name, keys in given.pop("conditions", {}).items():
        conditions.setdefault(name, {}).update(keys)
    modbus = {"address": f"10.1.{number // 200}.{number % 200 + 1}", "port": 502, "unit_id": 1}
    own = {"name": given.pop("name", f"设备{number}"), "poll_every": "1s", "modbus": modbus}
    return own | given | {"points": points, "conditions": conditions}
