"""Reads the objects of MIB files: names, units, labels. Owns the use of the optional pysmi."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from monitord.devices.snmp.messages import Oid

BYTES_MAX = 8_000_000
_DEPTH_MAX = 128
# Where SMI's own modules hang their names (RFC 2578, RFC 1155); vendors' MIBs import them.
_ROOTS: dict[str, Oid] = {
    "iso": (1,),
    "org": (1, 3),
    "dod": (1, 3, 6),
    "internet": (1, 3, 6, 1),
    "mgmt": (1, 3, 6, 1, 2),
    "mib-2": (1, 3, 6, 1, 2, 1),
    "transmission": (1, 3, 6, 1, 2, 1, 10),
    "private": (1, 3, 6, 1, 4),
    "enterprises": (1, 3, 6, 1, 4, 1),
    "snmpV2": (1, 3, 6, 1, 6),
    "snmpModules": (1, 3, 6, 1, 6, 3),
}
_TEXTS = frozenset({"OCTET STRING", "DisplayString", "SnmpAdminString", "DateAndTime", "IpAddress"})
_OTHER_TEXTS = frozenset({"OBJECT IDENTIFIER", "PhysAddress", "MacAddress", "BITS"})
_TRUTH = {"TruthValue": ((1, "true"), (2, "false"))}


class MibError(Exception):
    """A file that cannot be read as a MIB; the text says why, in English as pysmi does."""

    def __init__(self, file: Path, detail: str) -> None:
        super().__init__(detail)
        self.file = file


@dataclass(frozen=True, slots=True)
class MibObject:
    """A scalar or a column. ``entry``: the row's name where it is a column, else "".

    ``labels``: (number, the MIB's word) of an enumeration. ``kind``: "text" or "number".
    """

    name: str
    oid: Oid
    units: str
    labels: tuple[tuple[int, str], ...]
    kind: str
    entry: str = ""


def is_available() -> bool:
    """Return whether the package that parses MIBs is installed."""
    return find_spec("pysmi") is not None


def read_mibs(files: Iterable[tuple[Path, bytes]]) -> list[MibObject]:
    """Return the readable objects of MIB files, in their order. Raises ``MibError``.

    ``files``: the name and the content of each.
    """
    declarations = [one for path, content in files for one in _parsed(path, content)]
    types = {one[1]: one[2] for one in declarations if one[0] == "typeDeclaration"}
    places = {one[1]: one[-1][1] for one in declarations if _has_place(one)}
    found = [one for one in declarations if one[0] == "objectTypeClause"]
    tables = {one[1] for one in found if one[2][0] == "conceptualTable"}
    rows = {one[1] for one in found if places[one[1]][0] in tables}
    objects = []
    for clause in found:
        oid = _resolved(clause[1], places)
        if oid is None or clause[1] in rows or clause[1] in tables:
            continue
        if "not-accessible" not in str(clause[4]):
            objects.append(_object(clause, oid, types, places, rows))
    return objects


def _parsed(path: Path, content: bytes) -> list[tuple[Any, ...]]:
    from pysmi.error import PySmiError  # noqa: PLC0415 - optional, and slow to import
    from pysmi.parser.dialect import smi_v1_relaxed  # noqa: PLC0415
    from pysmi.parser.smi import parserFactory  # noqa: PLC0415

    try:
        modules = parserFactory(**smi_v1_relaxed)().parse(content.decode("utf-8", "replace"))
    except PySmiError as error:
        raise MibError(path, " ".join(str(error).split())[:200]) from error
    return [one for module in modules for one in module[3] or () if isinstance(one, tuple)]


def _has_place(declaration: tuple[Any, ...]) -> bool:
    last = declaration[-1]
    return isinstance(last, tuple) and len(last) == 2 and last[0] == "objectIdentifier"


def _resolved(name: str, places: Mapping[str, list[Any]]) -> Oid | None:
    """Return the OID of a name, None if no given file declares one of its parents."""
    arcs: list[int] = []
    for _ in range(_DEPTH_MAX):
        if name in _ROOTS:
            return (*_ROOTS[name], *arcs)
        if name not in places:
            return None
        first, *rest = places[name]
        arcs[:0] = [part[1] if isinstance(part, tuple) else part for part in rest]
        if not isinstance(first, str):
            number = first[1] if isinstance(first, tuple) else first
            return (number, *arcs)
        name = first
    return None


def _object(
    clause: tuple[Any, ...],
    oid: Oid,
    types: Mapping[str, Any],
    places: Mapping[str, list[Any]],
    rows: set[str],
) -> MibObject:
    name, syntax, units = clause[1], clause[2], clause[3]
    labels, kind = _syntax(syntax, types)
    parent = places[name][0]
    entry = parent if parent in rows else ""
    text = units[1] if isinstance(units, tuple) else ""
    return MibObject(name, oid, text.strip("\"' "), labels, kind, entry)


def _syntax(
    syntax: Any, types: Mapping[str, Any], depth: int = 0
) -> tuple[tuple[tuple[int, str], ...], str]:
    """Return the labels and the kind of a type, resolved through its textual conventions."""
    name = syntax[1] if isinstance(syntax, tuple) and len(syntax) > 1 else str(syntax)
    for part in syntax if isinstance(syntax, tuple) else ():
        if isinstance(part, tuple) and part and part[0] == "enumSpec":
            return tuple((number, word) for word, number in part[1]), "number"
    if name in _TRUTH:
        return _TRUTH[name], "number"
    if name in _TEXTS or name in _OTHER_TEXTS:
        return (), "text"
    right = types.get(name) if isinstance(name, str) else None
    if isinstance(right, tuple) and depth < _DEPTH_MAX:
        return _syntax(right[-1], types, depth + 1)
    return (), "number"
