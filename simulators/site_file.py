"""Reads a site file: the equipment of a station, and the port of each device.

Owns the file's form and its mistakes. Must not start anything.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml

from simulators.durations import read_duration
from simulators.mibs.kinds import KINDS
from simulators.plant.county.layout import DeviceLayout, Layout, LayoutError, StationFacts
from simulators.plant.county.station import Station

COUNTY_SITE = Path(__file__).parent / "site.yaml"
COMMUNITY = "public"
_DEVICE_KEYS = (
    *("kind", "name", "port", "count", "channel", "supply", "agent_supply", "line"),
    *("agent_refresh", "boot", "facts"),
)


class FileError(ValueError):
    """A file that cannot be used; the text names file, key, what was found and what is allowed."""


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file. Raises FileError."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FileError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise FileError(f"{path}: got {type(found).__name__}, must be keys with values")
    return found


def read_site(path: Path = COUNTY_SITE) -> Layout:
    """Return the station in a site file. Raises FileError for the first mistake."""
    found = read_yaml(path)
    _only(found, ("devices", "times"), str(path))
    facts = _facts(found.get("times") or {}, f"{path}: times")
    devices: dict[str, DeviceLayout] = {}
    for id_, raw in (found.get("devices") or {}).items():
        for device in _devices(str(id_), raw, f"{path}: devices.{id_}"):
            devices[device.id] = device
    if not devices:
        raise FileError(f"{path}: devices: got nothing, must be at least one device")
    layout = Layout(devices, facts)
    try:
        Station(layout)
    except LayoutError as error:
        raise FileError(f"{path}: {error}") from error
    return layout


def _facts(found: dict[str, Any], place: str) -> StationFacts:
    known = {field.name for field in fields(StationFacts)}
    _only(found, tuple(sorted(known)), place)
    return replace(
        StationFacts(), **{key: _duration(v, f"{place}.{key}") for key, v in found.items()}
    )


def _devices(id_: str, raw: Any, place: str) -> list[DeviceLayout]:
    """Return one device, or ``count`` of them on as many ports for load tests."""
    if not isinstance(raw, dict):
        raise FileError(f"{place}: got {raw!r}, must be keys with values")
    _only(raw, _DEVICE_KEYS, place)
    if raw.get("kind") not in KINDS:
        raise FileError(f"{place}.kind: got {raw.get('kind')!r}, must be one of {', '.join(KINDS)}")
    port, count = raw.get("port", 0), raw.get("count", 1)
    if not isinstance(count, int) or count < 1:
        raise FileError(f"{place}.count: got {count!r}, must be a whole number from 1 on")
    if not isinstance(port, int) or not 0 <= port <= 65_536 - count:
        raise FileError(f"{place}.port: got {port!r}, must be 0 (a free one) to 65535")
    device = DeviceLayout(
        id=id_,
        kind=raw["kind"],
        name=str(raw.get("name", id_)),
        port=port,
        channel=str(raw.get("channel", "")),
        supply=str(raw.get("supply", "own")),
        agent_supply=str(raw.get("agent_supply", "")),
        line=str(raw.get("line", "")),
        agent_refresh=_duration(raw.get("agent_refresh", "0s"), f"{place}.agent_refresh"),
        boot=_duration(raw.get("boot", "20s"), f"{place}.boot"),
        facts=raw.get("facts") or {},
    )
    if count == 1:
        return [device]
    return [
        replace(device, id=f"{id_}_{number}", port=port + number - 1 if port else 0)
        for number in range(1, count + 1)
    ]


def _duration(found: object, place: str) -> int:
    try:
        return read_duration(found)
    except ValueError as error:
        raise FileError(f"{place}: {error}") from error


def _only(found: dict[str, Any], known: tuple[str, ...], place: str) -> None:
    for key in found:
        if key not in known:
            raise FileError(f"{place}: unknown key {key!r}, must be one of {', '.join(known)}")
