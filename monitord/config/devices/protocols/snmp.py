"""SNMP in a configuration: agents and their objects. Owns their keys and cross-checks."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast

from monitord.config.devices.points import Around, Point, make_point, read_decoding
from monitord.config.devices.rows import Rows
from monitord.config.fields.field_types import (
    FieldType,
    Host,
    Oid,
    Port,
    Refused,
    Text,
    any_of,
    one_of,
    read_parts,
    read_text,
    whole,
)
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import Phrase, phrase, shown
from monitord.config.loader.secret_files import read_secret
from monitord.config.schemas import PointSchema, Schema
from monitord.decoding.model import SourcePoint
from monitord.devices.model import Source
from monitord.devices.no_secret import NO_SECRET
from monitord.devices.snmp.model import V1, V2C, V3, Community, RowKey, SnmpPoint, SnmpSource, User
from monitord.devices.snmp.request_size import OBJECTS_MAX
from monitord.devices.snmp.usm.keys import AUTH_PROTOCOLS, PASSPHRASE_SIZE_MIN
from monitord.devices.snmp.usm.privacy import PRIV_PROTOCOLS

VERSIONS = {"1": V1, "2c": V2C, "3": V3}
USER_SIZE_MAX = 32
"""Octets, RFC 3414 §2.4."""
USER_ALLOWED = phrase("snmp.user", most=USER_SIZE_MAX)

COMMUNITY_KEYS = ("community_file",)
USER_KEYS = ("user", "auth", "auth_file", "priv", "priv_file", "context")


def read_version(value: Any) -> str:
    """Return a version as a text; 1 and 3 are numbers in YAML."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if text not in VERSIONS:
        raise Refused(phrase("snmp.2c") if text in {"2", "v2", "v2c"} else "")
    return text


def read_user(value: Any) -> str:
    """Take a user's name."""
    name = read_text(value)
    if len(name.encode()) > USER_SIZE_MAX:
        raise Refused
    return name


def read_addresses(value: Any) -> tuple[str, ...]:
    """Take a list of IP addresses, each once."""
    if not isinstance(value, list) or not value:
        raise Refused
    found = tuple(read_parts(enumerate(value), _address))
    if len(set(found)) < len(found):
        raise Refused
    return found


def _address(place: int, value: Any) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise Refused(found=shown(value), keys=(place,)) from None


class SnmpSchema(Schema):
    """``version`` 1 and 2c have a community; 3 has a user, whose level follows from its keys."""

    address: Host
    port: Port = 161
    version: Annotated[str, FieldType(read_version, phrase("snmp.version"))]
    community_file: Text | None = None
    user: Annotated[str, FieldType(read_user, USER_ALLOWED)] | None = None
    auth: Annotated[str, one_of(*AUTH_PROTOCOLS)] | None = None
    auth_file: Text | None = None
    priv: Annotated[str, one_of(*PRIV_PROTOCOLS)] | None = None
    priv_file: Text | None = None
    context: Text | None = None
    objects_per_request: Annotated[int, whole(1, OBJECTS_MAX)] | None = None
    answers_from: Annotated[
        tuple[str, ...], FieldType(read_addresses, phrase("snmp.answers_from"))
    ] = ()


class SnmpQuirksSchema(Schema):
    """Keys that a profile sets for every agent of its kind."""

    objects_per_request: Annotated[int, whole(1, OBJECTS_MAX)] | None = None


class SnmpPointSchema(PointSchema):
    oid: Oid


def read_source(found: Any, folder: Path, scope: Scope) -> Source | None:
    """Return the agent without points yet, or None with the mistakes noted."""
    snmp = read_schema(SnmpSchema, found, scope)
    if snmp is None:
        return None
    read = _user if VERSIONS[snmp.version] == V3 else _community
    security: Community | User | None = read(snmp, folder, scope)
    if security is None:
        return None
    return SnmpSource(
        snmp.address, snmp.port, security, (), snmp.objects_per_request, snmp.answers_from
    )


def _community(snmp: SnmpSchema, folder: Path, scope: Scope) -> Community | None:
    if not _has_none_of(snmp, USER_KEYS, phrase("snmp.needs_3"), scope):
        return None
    if snmp.community_file is None:
        scope.at("community_file").wrong(None, phrase("snmp.community_file"))
        return None
    community = read_secret(snmp.community_file, folder, scope.at("community_file"))
    return None if community is None else Community(VERSIONS[snmp.version], community)


def _user(snmp: SnmpSchema, folder: Path, scope: Scope) -> User | None:
    good = _has_none_of(snmp, COMMUNITY_KEYS, phrase("snmp.has_user"), scope)
    if snmp.user is None:
        scope.at("user").wrong(None, phrase("snmp.user_name"))
    for kind in ("auth", "priv"):
        good &= _goes_together(snmp, kind, scope)
    if snmp.priv and not snmp.auth:
        scope.at("priv").note(phrase("snmp.priv_alone"), hint=phrase("snmp.add_auth"))
        good = False
    if not good or snmp.user is None:
        return None
    auth = _passphrase(snmp.auth_file, folder, scope.at("auth_file"))
    priv = _passphrase(snmp.priv_file, folder, scope.at("priv_file"))
    if auth is None or priv is None:
        return None
    return User(snmp.user, snmp.auth or "", snmp.priv or "", auth, priv, snmp.context or "")


def _has_none_of(snmp: SnmpSchema, keys: tuple[str, ...], hint: Phrase, scope: Scope) -> bool:
    """Note keys that belong to another version."""
    named = [key for key in keys if getattr(snmp, key) is not None]
    for key in named:
        scope.at(key).note(phrase("snmp.other_version", version=snmp.version), hint=hint)
    return not named


def _goes_together(snmp: SnmpSchema, kind: str, scope: Scope) -> bool:
    """Note a protocol without its passphrase's file, or a file without its protocol."""
    protocol, file = getattr(snmp, kind), getattr(snmp, f"{kind}_file")
    if protocol and file is None:
        scope.at(f"{kind}_file").wrong(None, phrase("snmp.passphrase_file", kind=kind))
    if file and protocol is None:
        protocols = AUTH_PROTOCOLS if kind == "auth" else PRIV_PROTOCOLS
        scope.at(kind).wrong(None, any_of(*protocols))
    return (protocol is None) == (file is None)


def _passphrase(name: str | None, folder: Path, scope: Scope) -> str | None:
    """Return a passphrase, "" where none is named, or None with the reason noted."""
    if name is None:
        return ""
    passphrase = read_secret(name, folder, scope)
    if passphrase is not None and len(passphrase) < PASSPHRASE_SIZE_MIN:
        if scope.report.given is not None:
            return NO_SECRET
        short = phrase("secret.short", name=shown(name))
        scope.note(short, hint=phrase("secret.least", least=PASSPHRASE_SIZE_MIN))
        return None
    return passphrase


def with_points(source: Source, points: tuple[SourcePoint, ...]) -> Source:
    """Return the agent with its points."""
    return replace(cast("SnmpSource", source), points=cast("tuple[SnmpPoint, ...]", points))


def read_point(id_: str, found: Any, around: Around, scope: Scope) -> Point | None:
    """Return an SNMP object, or None with its mistakes noted."""
    schema = read_schema(SnmpPointSchema, found, scope)
    if schema is None:
        return None
    decoding = read_decoding(schema, "number", scope)
    instance = _instance(schema.oid, around.rows, scope.at("oid"))
    if decoding is None or instance is None:
        return None
    oid, row, after = instance
    return make_point(schema, around.refresh_us, SnmpPoint(id_, oid, decoding, row, after))


Instance = tuple[tuple[int, ...], RowKey | None, tuple[int, ...]]


def _instance(pattern: tuple[int | str, ...], rows: Rows, scope: Scope) -> Instance | None:
    """Return the OID with its rows' indexes, or None where one is not known.

    Where a row is found by a key: the arcs before and behind its index.
    """
    unknown = [arc for arc in pattern if isinstance(arc, str) and arc not in rows.known]
    for name in unknown:
        scope.unknown("row", name, rows.known)
    parts: list[list[int]] = [[]]
    keys: list[RowKey] = []
    for arc in pattern:
        place = (arc,) if isinstance(arc, int) else rows.indexes.get(arc)
        if place is None:
            return None
        if isinstance(place, RowKey):
            keys.append(place)
            parts.append([])
        else:
            parts[-1] += place
    if len(keys) > 1:
        scope.note(phrase("row.several", count=len(keys)), hint=phrase("row.other_index"))
        return None
    return tuple(parts[0]), keys[0] if keys else None, tuple(parts[-1]) if keys else ()
