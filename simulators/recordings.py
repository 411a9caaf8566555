"""Reads recordings of real devices: walks as .snmprec, and dumps of registers. Serves nothing.

A walk keeps the order of its file: agents that list objects out of order are recorded so.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path

from simulators.agents.ber import Oid
from simulators.agents.responder import Typed
from simulators.agents.unit import Registers
from simulators.site_file import FileError

# BER tags in decimal, as .snmprec has them.
_SYNTAXES = {2: "integer", 4: "octets", 5: "null", 6: "oid", 64: "ip_address", 65: "counter32"} | {
    66: "gauge32",
    67: "timeticks",
    68: "opaque",
    70: "counter64",
}
_TABLES = {
    "coil": "coils",
    "discrete_input": "discrete_inputs",
    "input_register": "input_registers",
    "holding_register": "holding_registers",
}
_ABSENT = "-"
# snmpsim's modules that change values begin with one of these.
_BEGINS_WITH = ("initial=", "value=")


class Walk(Mapping[Oid, Typed]):
    """The objects of a recorded agent. Of two with one OID, the first counts."""

    def __init__(self, objects: list[tuple[Oid, Typed]]) -> None:
        self._objects: dict[Oid, Typed] = {}
        for oid, value in objects:
            self._objects.setdefault(oid, value)
        self._order = list(self._objects)
        self._place = {oid: place for place, oid in enumerate(self._order)}

    def __getitem__(self, oid: Oid) -> Typed:
        return self._objects[oid]

    def __iter__(self) -> Iterator[Oid]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def following(self, after: Oid) -> Oid | None:
        """Return the next object in the file; for an OID not in it, the first larger one."""
        place = self._place.get(after)
        if place is not None:
            return self._order[place + 1] if place + 1 < len(self._order) else None
        return next((oid for oid in self._order if oid > after), None)


def read_recording(path: Path) -> Walk | Registers:
    """Return a walk, or the registers of a dump. Raises FileError with the line that is wrong."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from error
    objects: list[tuple[Oid, Typed]] = []
    tables: dict[str, dict[int, int]] = {name: {} for name in _TABLES.values()}
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip(b"\r").decode("latin-1")
        if not line.strip() or line.startswith("#"):
            continue
        try:
            name, tag, value = line.split("|", 2)
            if name not in _TABLES:
                objects.append(_object(name, tag, value))
            elif value != _ABSENT:
                tables[_TABLES[name]][int(tag)] = int(value)
        except (ValueError, KeyError) as error:
            raise FileError(f"{path}: line {number}: {line[:60]!r} is no recording") from error
    if objects:
        return Walk(objects)
    if not any(tables.values()):
        raise FileError(f"{path}: got nothing, must be a walk or a dump of registers")
    return _registers(tables)


def _registers(tables: dict[str, dict[int, int]]) -> Registers:
    coils, inputs = (
        {at: bool(value) for at, value in tables[name].items()}
        for name in ("coils", "discrete_inputs")
    )
    return Registers(coils, inputs, tables["holding_registers"], tables["input_registers"])


def _object(oid: str, tag: str, value: str) -> tuple[Oid, Typed]:
    number, _, module = tag.partition(":")
    if module:
        value = next(
            pair.partition("=")[2] for pair in value.split(",") if pair.startswith(_BEGINS_WITH)
        )
    syntax = _SYNTAXES[int(number.rstrip("xe"))]
    return _oid(oid), (syntax, _content(syntax, number, value))


def _content(syntax: str, tag: str, value: str) -> int | bytes | Oid:
    if syntax in {"integer", "counter32", "gauge32", "timeticks", "counter64"}:
        return int(value)
    if tag.endswith("x"):
        return bytes.fromhex(value)
    if tag.endswith("e"):
        return codecs.decode(value, "unicode_escape").encode("latin-1")
    if syntax == "oid":
        return _oid(value)
    if syntax == "ip_address":
        return bytes(map(int, value.split(".")))
    return value.encode("latin-1")


def _oid(text: str) -> Oid:
    return tuple(map(int, text.lstrip(".").split(".")))
