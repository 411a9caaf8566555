"""Traps in a configuration: the receiver, the senders, and a profile's traps.

Owns the keys of all three ``traps`` sections and their cross-checks.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeAlias

from monitord.config.fields.entries import entries
from monitord.config.fields.field_types import (
    IN_QUOTES,
    FieldType,
    Host,
    Id,
    Port,
    Refused,
    Text,
    Truth,
    read_oid,
    read_parts,
)
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, shown
from monitord.config.loader.secret_files import read_secret
from monitord.config.schemas import ProfileSchema, Schema
from monitord.core.plan import DevicePlan
from monitord.devices.model import DeviceSettings
from monitord.devices.snmp.model import Community, SnmpSource, User
from monitord.traps.model import Oid, TrapDevice, TrapRule

ENGINE_ID = re.compile(r"(0x)?((?:[0-9a-fA-F]{2}){5,32})")
EQUALS_MAX = 64


def read_trap_oid(value: Any) -> Oid:
    """Return the arcs of an OID in numbers; unlike a point's it names no row."""
    arcs = tuple(arc for arc in read_oid(value) if isinstance(arc, int))
    if len(arcs) != len(read_oid(value)):
        raise Refused(phrase("trap.row"))
    return arcs


def read_engine_id(value: Any) -> bytes:
    """Return an engine id (RFC 3411 §5: 5 to 32 octets) written in hexadecimal digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Refused(IN_QUOTES)
    match = ENGINE_ID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused
    return bytes.fromhex(match[2])


def read_equals(value: Any) -> tuple[int | str, ...]:
    """Return the values of which the trap's varbind must have one."""
    values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= EQUALS_MAX:
        raise Refused
    return tuple(read_parts(enumerate(values), _equal))


def _equal(index: int, found: Any) -> int | str:
    if isinstance(found, bool) or not isinstance(found, int | str) or found == "":
        raise Refused(found=shown(found), keys=(index,))
    return found


TrapOid: TypeAlias = Annotated[Oid, FieldType(read_trap_oid, phrase("type.trap_oid"))]
EngineId: TypeAlias = Annotated[bytes, FieldType(read_engine_id, phrase("type.engine_id"))]
Equals: TypeAlias = Annotated[
    tuple[int | str, ...],
    FieldType(read_equals, phrase("type.equals")),
]


class ReceiverSchema(Schema):
    """Where traps are received, unless systemd hands the socket in."""

    address: Host = "0.0.0.0"  # noqa: S104 - a receiver is reached from the site's network
    port: Port = 162


class SenderSchema(Schema):
    """Keys of a device's traps that differ from those by which it is polled."""

    community_file: Text | None = None
    engine_id: EngineId | None = None


class TrapSchema(Schema):
    """A trap that suggests a condition's value; with ``varbind`` only where it is equal."""

    oid: TrapOid
    varbind: TrapOid | None = None
    equals: Equals | None = None
    condition: Id
    value: Truth


class ReadDevice(Protocol):
    """A device's settings and plan: None where mistakes were noted."""

    @property
    def settings(self) -> DeviceSettings | None: ...

    @property
    def plan(self) -> DevicePlan | None: ...


def check_traps(profile: ProfileSchema, scope: Scope) -> None:
    """Note every mistake in a profile's traps. ``scope``: its ``traps``."""
    if profile.traps and profile.protocol != "snmp":
        scope.note(phrase("trap.profile", protocol=profile.protocol), hint=phrase("leave_out"))
        return
    read_traps(profile, scope)


def read_traps(profile: ProfileSchema, scope: Scope) -> list[TrapSchema]:
    """Return the traps of a profile that are without mistakes; the others are noted."""
    good = []
    for _, found, place in entries(profile.traps, scope, "trap") if profile.traps else ():
        schema = read_schema(TrapSchema, found, place)
        if schema is not None and _is_whole(schema, profile, place):
            good.append(schema)
    return good


def _is_whole(schema: TrapSchema, profile: ProfileSchema, place: Scope) -> bool:
    before = len(place.errors)
    known = [str(name) for name in profile.conditions]
    if schema.condition not in known:
        place.at("condition").unknown("condition", schema.condition, known)
    if schema.varbind is None and schema.equals is not None:
        place.at("varbind").wrong(None, phrase("trap.varbind"))
    if schema.varbind is not None and schema.equals is None:
        place.at("equals").wrong(None, phrase("trap.equals"))
    return len(place.errors) == before


def read_sender(
    found: Any, device: ReadDevice, profile: ProfileSchema | None, folder: Path, scope: Scope
) -> TrapDevice | None:
    """Return the device as an accepted sender; None if it sends no traps, or has mistakes.

    ``found``: the value of the device's ``traps``; ``scope``: its place.
    """
    settings = device.settings
    if found is False or (settings is None and found is None):
        return None
    is_snmp = settings is not None and isinstance(settings.source, SnmpSource)
    if settings is not None and not is_snmp:
        if found is not None:
            scope.note(phrase("trap.device"), hint=phrase("leave_out"))
        return None
    schema = read_schema(SenderSchema, {} if found is None else found, scope, {})
    community = _own_community(schema, folder, scope)
    if schema is None or settings is None or not isinstance(settings.source, SnmpSource):
        return None
    security = settings.source.security
    if community is None and isinstance(security, Community):
        community = security.community
    return TrapDevice(
        id=settings.id,
        address=settings.source.address,
        community=community,
        user=security if isinstance(security, User) else None,
        engine_id=schema.engine_id or b"",
        rules=_rules(device, profile),
    )


def _own_community(schema: SenderSchema | None, folder: Path, scope: Scope) -> str | None:
    if schema is None or schema.community_file is None:
        return None
    return read_secret(schema.community_file, folder, scope.at("community_file"))


def _rules(device: ReadDevice, profile: ProfileSchema | None) -> tuple[TrapRule, ...]:
    """Return the profile's traps that are about conditions of this device."""
    if profile is None or device.plan is None:
        return ()
    known = {condition.id for condition in device.plan.conditions}
    rules = (
        TrapRule(
            oid=trap.oid,
            condition=f"{device.plan.id}.{trap.condition}",
            value=trap.value,
            varbind=trap.varbind or (),
            equals=trap.equals or (),
        )
        for trap in read_traps(profile, Scope(""))  # its mistakes are noted with the profile
    )
    return tuple(rule for rule in rules if rule.condition in known)
