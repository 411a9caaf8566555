"""A shipped profile as a device, and how it decodes raw values. Owns no test."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
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
from monitord.decoding.rules import Raw
from tests.support.decoding import decoded
from tests.unit.config.snmprec import read_walk

Oid = tuple[int, ...]

EXPECTED = Path(__file__).resolve().parent / "expected"
SHIPPED = Path(__file__).resolve().parents[3] / "monitord" / "profiles"
NAMES = Profiles().names()
SNMP = {"address": "127.0.0.1", "version": "2c", "community_file": "community"}
MODBUS = {"address": "127.0.0.1"}
FRAME = {"address": "127.0.0.1", "port": 4001}
SECTIONS: dict[str, dict[str, Any]] = {"snmp": SNMP, "modbus": MODBUS, "frame": FRAME}


@cache
def expected(profile: str) -> dict[str, Any]:
    """Return the expected values of a profile, written by hand; see test_expected.py."""
    return loaded_yaml(EXPECTED / f"{profile}.yaml")


@cache
def shipped(profile: str) -> dict[str, Any]:
    """Return the text of a shipped profile as YAML."""
    return loaded_yaml(SHIPPED / f"{profile}.yaml")


def loaded_yaml(path: Path) -> dict[str, Any]:
    """Load one mapping; C's loader is ten times faster than Python's."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(path.read_text("utf-8"), loader)
    return found


walk = cache(read_walk)
"""Return a recorded walk by OID, read once. Do not change it."""


@cache
def recordings(shared: Path) -> tuple[Path, ...]:
    """Return the files of all recorded walks."""
    return tuple(sorted(shared.rglob("*.snmprec")))


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
        """Decode raw values by point; points that are not named are absent."""
        unknown = set(raws) - {point.id for point in self.read_points}
        assert not unknown
        return self.decode([raws.get(point.id) for point in self.read_points])

    def decode(self, raws: Sequence[Raw]) -> Seen:
        """Return the values and conditions of raw values, in the order of ``read_points``."""
        return self.judge(decoded(raws, self.points))

    def judge(self, values: tuple[Value, ...]) -> Seen:
        """Return decoded values by id, with the conditions that follow from them."""
        named = dict(zip([point.id for point in self.points], values, strict=True))
        conditions = {
            plan.id.removeprefix("it."): truth(plan.true_when, named) for plan in self.plans
        }
        return Seen(named, conditions)

    def read(self, walk: Mapping[Oid, Raw]) -> Seen:
        """Decode a recorded walk."""
        return self.decode([walk.get(point.oid) for point in self.read_points])  # type: ignore[attr-defined]


def device(profile: str, *, folder: Path | None = None, **keys: Any) -> Kind:
    """Return the settings of a site with one device, called ``it``; raises ``ConfigErrors``.

    ``keys``: those of the device; what the profile needs comes from its expected values.
    ``folder``: that of the profiles, where it is not the shipped one.
    """
    protocol = keys.pop("protocol", None) or protocol_of(profile)
    own = {"profile": profile} | given(profile) | keys
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
    """Load a site that has the shipped profiles, once: hundreds of tests read the same one."""
    return loaded(site, None)


ON = {
    "name": "On",
    "poll_every": "1s",
    "modbus": MODBUS,
    "points": {"on": {"table": "coil", "wire_address": 0}},
    "conditions": {"on": {"layer": "emission", "true_when": "on"}},
}


@cache
def given(profile: str) -> dict[str, Any]:
    """Return the keys that a device of this profile must set; none for a profile of a test."""
    return dict(expected(profile).get("device", {})) if profile in NAMES else {}


@cache
def protocol_of(profile: str) -> str:
    """Return snmp, modbus or frame, as the shipped profile says."""
    return str(shipped(profile)["protocol"])
