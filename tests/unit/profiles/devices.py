"""A shipped profile as a device, and what it makes of raw values. Owns no test."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from monitord.config import load
from monitord.config.profiles.profiles import Profiles
from monitord.config.settings import Settings
from monitord.core.expression import truth
from monitord.core.model import Value
from monitord.core.plan import ConditionPlan
from monitord.decoding.model import SourcePoint
from monitord.decoding.rules import Raw, decode_all
from tests.unit.profiles import power_given

Oid = tuple[int, ...]

# What a profile cannot know: a device has to say it.
GIVEN: dict[str, dict[str, Any]] = {
    "dlt645-2007": {"frame": {"address": "127.0.0.1", "port": 4001, "station": "000012345678"}},
    "example-frame-transmitter": {"nominal": {"forward_power_w": 1000}},
    "rs-sx800": {"nominal": {"forward_power_w": 50}},
    "gatesair-uaxte": {"nominal": {"forward_power_w": 1000}},
    "harris-maxiva": {"nominal": {"forward_power_w": 1000}},
    "nautel-vs": {"nominal": {"forward_power_w": 1000}},
    "elenos-etg": {"nominal": {"forward_power_w": 1000}},
    "rs-tx9": {"nominal": {"forward_power_w": 1000}},
    "rs-sx801": {"nominal": {"forward_power_w": 100}},
    "rs-netccu": {
        "nominal": {"forward_power_a1_w": 1000, "forward_power_a2_w": 500},
        "rows": {"tx_a2": 3},
    },
    "deva-db7001": {"rows": {"station": 0}},
    "profline-sfd": {"rows": {"station": 0}, "nominal": {"rf_level_dbuv": 84}},
    "teleste-luminato": {"rows": {"stream": 11010002}},
    "if-mib": {"rows": {"interface": 1}},
    "entity-sensor": {
        "rows": {"temperature": 1, "voltage": 2, "current": 3, "humidity": 4, "fan": 5}
    },
    "host-resources": {"rows": {"processor": 1, "disk": 2, "memory": 3, "process": 4}},
} | power_given.GIVEN
SNMP = {"address": "127.0.0.1", "version": "2c", "community_file": "community"}
MODBUS = {"address": "127.0.0.1"}
FRAME = {"address": "127.0.0.1", "port": 4001}
SECTIONS: dict[str, dict[str, Any]] = {"snmp": SNMP, "modbus": MODBUS, "frame": FRAME}


@dataclass(frozen=True)
class Seen:
    """A device's points and conditions, by id."""

    values: dict[str, Value]
    conditions: dict[str, bool | None]


@dataclass(frozen=True)
class Kind:
    """One device of a profile, as the configuration makes it."""

    settings: Settings

    @property
    def points(self) -> tuple[SourcePoint, ...]:
        return self.settings.devices[0].points

    @property
    def read_points(self) -> tuple[SourcePoint, ...]:
        """Return those that have a place on the wire."""
        return self.settings.devices[0].source.points

    @property
    def plans(self) -> tuple[ConditionPlan, ...]:
        return self.settings.plan.devices[0].conditions

    def see(self, raws: Mapping[str, Raw]) -> Seen:
        """Return what raw values by point amount to; points that are not named are absent."""
        unknown = set(raws) - {point.id for point in self.read_points}
        assert not unknown
        return self.judge(
            decode_all([raws.get(point.id) for point in self.read_points], self.points)
        )

    def judge(self, values: tuple[Value, ...]) -> Seen:
        named = dict(zip([point.id for point in self.points], values, strict=True))
        conditions = {
            plan.id.removeprefix("it."): truth(plan.true_when, named) for plan in self.plans
        }
        return Seen(named, conditions)

    def read(self, walk: Mapping[Oid, Raw]) -> Seen:
        """Return what a recorded walk amounts to."""
        raws = [walk.get(point.oid) for point in self.read_points]  # type: ignore[attr-defined]
        return self.judge(decode_all(raws, self.points))


def device(profile: str, *, folder: Path | None = None, **keys: Any) -> Kind:
    """Return the settings of a site with one device, called ``it``; raises ``ConfigErrors``.

    ``keys``: those of the device; what the profile needs is given unless they say otherwise.
    ``folder``: that of the profiles, where it is not the shipped one.
    """
    protocol = keys.pop("protocol", None) or protocol_of(profile)
    own = {"profile": profile} | GIVEN.get(profile, {}) | keys
    return plain_device(protocol, folder, **own)


def plain_device(protocol: str = "snmp", folder: Path | None = None, **keys: Any) -> Kind:
    """Return a device called ``it`` with these keys, which need name no profile."""
    own = {"name": "It", "poll_every": "1s", protocol: SECTIONS[protocol]}
    own |= keys
    site = {
        "site": {"id": "site", "name": "Site", "time_zone": "Asia/Shanghai"},
        "devices": {"it": own, "on": ON},
        "programmes": {
            "programme": {
                "name": "Programme",
                "chain": [{"stage": "tx", "owner": "own", "needs": "on.on"}],
            }
        },
        "people": {"desk": {"name": "Desk", "tell": ["console"]}},
        "channels": {"console": {"kind": "console"}},
        "record": {"folder": "record"},
        "traps": {},
    }
    text = json.dumps(site, default=str)  # JSON is YAML
    return loaded(text, folder) if folder else of_shipped(text)


def loaded(site: str, folder: Path | None) -> Kind:
    """Load a site's text."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "community").write_text("public\n")
        (place / "site.yaml").write_text(site, "utf-8")
        return Kind(load(place / "site.yaml", folder))


@cache
def of_shipped(site: str) -> Kind:
    """Load a site that has the shipped profiles, once: hundreds of tests look at the same one."""
    return loaded(site, None)


ON = {
    "name": "On",
    "poll_every": "1s",
    "modbus": MODBUS,
    "points": {"on": {"table": "coil", "wire_address": 0}},
    "conditions": {"on": {"layer": "emission", "true_when": "on"}},
}


@cache
def protocol_of(profile: str) -> str:
    """Return snmp, modbus or frame, as the shipped profile says."""
    path = SHIPPED / f"{profile}.yaml"
    return str(yaml.safe_load(path.read_text("utf-8"))["protocol"])


SHIPPED = Path(__file__).resolve().parents[3] / "monitord" / "profiles"
NAMES = Profiles().names()
