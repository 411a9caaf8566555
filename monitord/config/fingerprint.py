"""The hash that identifies a configuration in a record. Owns its form; holds no secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Any

from monitord.config.settings import SchedulePlan, Settings
from monitord.core.differences import Part
from monitord.core.plan import DevicePlan, as_read

STORED_NAMES = {"RequestLimits": "Limits"}
"""What records have for classes that were renamed: a hash that changes is a new configuration."""
LATER_FIELDS = {
    "ConditionPlan": {"alarm"},
    "PointPlan": {"uptime_of"},
    "DevicePlan": {"powered_by", "behind", "mutes_on_input"},
    "MemberPlan": {"elsewhere"},
    "StagePlan": {"manual"},
    "ProgrammePlan": {
        *("degraded", "reserve_unknown", "manual", "rank", "witnesses", "reserve_used"),
    },
    "SnmpSource": {"answers_from"},
    "RequestLimits": {"spare_registers"},
    "Manners": {"answers_behind_max"},
    "SchedulePlan": {"weekly", "monthly", "dates", "holidays", "working_weekends"},
    "Plan": {"close_lag", "channels"},
}
"""Fields that older configurations do not have, by class: their defaults are left out."""
FOLLOWING_FIELDS = {"DevicePlan": frozenset({"numbering"})}
"""Fields that follow from others of the configuration, by class: always left out."""
SECRET_FIELDS = frozenset({"community", "auth_passphrase", "priv_passphrase", "url"})


def config_hash(settings: Settings) -> str:
    """Return the SHA-256 (64 hex digits) of everything that decides verdicts and messages.

    Labels, folders, the listening address and secrets are left out: changing them changes no
    verdict.
    """
    canonical = _Canonical()
    plan = settings.plan
    parts: list[tuple[str, Iterable[Any]]] = [
        ("time_zone", [settings.time_zone]),
        ("plan", [replace(plan, devices=(), programmes=(), channels=())]),
        ("judged", plan.devices),
        ("programmes", plan.programmes),
        ("devices", settings.devices),
        ("channels", settings.channels),
        ("schedules", settings.schedules),
        ("traps", settings.traps.devices if settings.traps is not None else ()),
    ]
    if settings.clock != "network":
        # The usual clock is left out: older configurations do not have it.
        parts.append(("clock", [settings.clock]))
    if settings.holidays is not None:
        parts.append(("holidays", [settings.holidays]))
    found = hashlib.sha256()
    for name, values in parts:
        found.update(f"{name}:".encode())
        for value in values:
            leave_out = {"name"} if name == "devices" else ()
            found.update(canonical.text(value, leave_out).encode() + b"\n")
    return found.hexdigest()


def part_digests(settings: Settings) -> dict[Part, str]:
    """Return a digest of each part that may differ from another configuration's, by sort and id."""
    canonical = _Canonical()
    return {
        part: hashlib.sha256(canonical.text(value, {"name"}).encode()).hexdigest()[:16]
        for part, value in parts_of(settings).items()
    }


def parts_of(settings: Settings) -> dict[Part, tuple[Any, ...]]:
    """Return each part of a configuration as it is: a secret is a part of its device.

    Alarms and what explains a device's failure are parts of their own: they change no poll.
    """
    plan = settings.plan
    plans = {one.id: one for one in plan.devices}
    hours = {one.programme: one for one in settings.schedules}
    languages = {one.id: one.language for one in settings.people}
    stages = {
        ("stage", f"{p.id}/{stage.id}"): (stage,) for p in plan.programmes for stage in p.chain
    }
    return {
        **{
            ("device", one.id): (replace(one, name=""), as_read(plans[one.id]))
            for one in settings.devices
        },
        **{("cause", one.id): causes for one in plan.devices if any(causes := _causes(one))},
        **{
            ("alarm", condition.id): (condition.alarm,)
            for one in plan.devices
            for condition in one.conditions
            if condition.alarm is not None
        },
        **{
            ("programme", one.id): (one, *_hours(hours.get(one.id), settings))
            for one in plan.programmes
        },
        **stages,
        **{("person", one.id): (one, languages.get(one.id)) for one in plan.people},
        **{("channel", one.id): (one,) for one in settings.channels},
    }


def _hours(schedule: SchedulePlan | None, settings: Settings) -> tuple[Any, ...]:
    """Return a programme's schedule, and the public holidays where it depends on them."""
    if schedule is None or not schedule.knows_holidays:
        return (schedule,)
    return schedule, settings.holidays


def _causes(device: DevicePlan) -> tuple[tuple[str, ...], ...]:
    return device.powered_by, device.behind, device.mutes_on_input


class _Canonical:
    """Canonical JSON, part by part. Points that many devices share are written once.

    Their digest takes their place.
    """

    def __init__(self) -> None:
        self._digests: dict[int, str] = {}

    def text(self, value: Any, leave_out: Iterable[str] = ()) -> str:
        """Return one part without the fields ``leave_out`` of its top."""
        kept = SECRET_FIELDS.union(leave_out)
        return json.dumps(
            self._plain(value, kept), sort_keys=True, separators=(",", ":"), ensure_ascii=True
        )

    def _plain(self, value: Any, kept: frozenset[str] = SECRET_FIELDS) -> Any:
        """Return dataclasses with their class's name: a label and a point of one name differ."""
        if is_dataclass(value):
            name = type(value).__name__
            later = LATER_FIELDS.get(name, ())
            kept = kept | FOLLOWING_FIELDS.get(name, frozenset())
            shown = {
                f.name: getattr(value, f.name)
                for f in fields(value)
                if f.name not in kept
                and not (f.name in later and getattr(value, f.name) == f.default)
            }
            return {"is": STORED_NAMES.get(name, name)} | {
                name: self._points(item) if name == "points" else self._plain(item)
                for name, item in shown.items()
            }
        if isinstance(value, tuple):
            return [self._plain(item) for item in value]
        if isinstance(value, Fraction):
            return str(value)
        if isinstance(value, bytes):
            return value.hex()
        return value.value if isinstance(value, Enum) else value

    def _points(self, points: tuple[Any, ...]) -> str:
        # By identity: the settings hold them as long as this runs.
        if id(points) not in self._digests:
            text = self.text(points).encode()
            self._digests[id(points)] = hashlib.sha256(text).hexdigest()
        return self._digests[id(points)]
