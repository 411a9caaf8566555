"""Recordings of devices as text: walks as .snmprec, and dumps of registers.

A walk has a line ``OID|tag|value`` for each object: the tag is BER's in decimal, an ``x`` behind it
means that the value is in hexadecimal. A dump has ``table|wire address|value``; ``-`` is a register
that the unit does not have. Lines that begin with # are remarks. A wrong line is an error with its
number; size and errors are bounded.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import dotted
from monitord.devices.snmp.pdus import Varbind
from monitord.devices.snmp.values import Oid, UnreadableError, opaque_from
from monitord.texts.phrases import Phrase, phrase

BYTES_MAX = 64_000_000
LINES_MAX = 1_000_000
MISTAKES_MAX = 20
TABLES = ("coil", "discrete_input", "input_register", "holding_register")
TAGS = {2: "INTEGER", 4: "OCTET STRING", 5: "NULL", 6: "OBJECT IDENTIFIER", 64: "IpAddress"} | {
    65: "Counter32",
    66: "Gauge32",
    67: "TimeTicks",
    68: "Opaque",
    70: "Counter64",
}
_INTEGERS = frozenset({2, 65, 66, 67, 70})
_NULL, _GAUGE, _OPAQUE, _UINTEGER = 5, 66, 68, 71
_TAG = re.compile(r"([0-9]{1,3})(x|e)?(:[a-z]+)?")
_OID = re.compile(r"\.?[0-9]{1,10}(\.[0-9]{1,10}){1,127}")
_SIMULATED = {":numeric": "initial", ":writecache": "value"}
_ABSENT = "-"


class RecordingError(Exception):
    """A file that is not a recording. ``mistakes``: each with its line."""

    def __init__(self, mistakes: Iterable[Phrase]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class _MistakeError(ValueError):
    """A line that is not part of a recording, and why."""

    def __init__(self, key: str, **parameters: object) -> None:
        self.phrase = phrase(f"recording.{key}", **parameters)
        super().__init__(str(self.phrase))


@dataclass(frozen=True, slots=True)
class Cell:
    """An object of a walk: its BER tag and its content; octets for texts, else a number or text."""

    oid: Oid
    tag: int
    content: int | bytes | str

    @property
    def raw(self) -> Raw:
        """The value as a reader would give it."""
        if self.tag == 5:
            return None
        if self.tag == 68 and isinstance(self.content, bytes):
            try:
                return opaque_from(self.content)
            except UnreadableError:
                return None
        return self.content

    def line(self) -> str:
        """Return the cell in .snmprec; octets that are no plain text in hexadecimal."""
        tag, content = str(self.tag), self.content
        if isinstance(content, bytes):
            text = content.decode("ascii", "replace")
            # What a reader of lines could take for something else is no plain text either.
            if not (text.isascii() and text.isprintable()) or text != text.strip():
                return f"{dotted(self.oid)}|{tag}x|{content.hex()}"
            content = text
        return f"{dotted(self.oid)}|{tag}|{content}"


@dataclass(slots=True)
class Recording:
    """A walk or a dump. ``cells``: in the agent's order; ``registers``: by table and address."""

    cells: list[Cell] = field(default_factory=list)
    registers: dict[tuple[str, int], int | None] = field(default_factory=dict)

    @property
    def protocol(self) -> str:
        """The protocol: ``modbus`` or ``snmp``."""
        return "modbus" if self.registers else "snmp"

    def objects(self) -> dict[Oid, Raw]:
        """Return the raw value of each object in a walk; of two equal OIDs the first counts."""
        found: dict[Oid, Raw] = {}
        for cell in self.cells:
            found.setdefault(cell.oid, cell.raw)
        return found


def cell_of(one: Varbind) -> Cell:
    """Return the cell of a varbind that has a name and can be read."""
    if one.oid is None or one.raw is None:
        return nameable(one)
    # UInteger32 is read as a Gauge32; a float is kept as the octets of its Opaque.
    tag = _GAUGE if one.tag == _UINTEGER else one.tag
    raw = one.content if tag == _OPAQUE else one.raw
    assert not isinstance(raw, float)
    return Cell(one.oid, tag, raw)


def nameable(one: Varbind) -> Cell:
    """Return a cell with a varbind's name and without a value."""
    assert one.oid is not None
    return Cell(one.oid, _NULL, b"")


def unreadable_line(one: Varbind) -> str:
    """Return a remark for an object that cannot be read."""
    return f"# {dotted(one.oid or ())}: {one.problem} (type 0x{one.tag:02x})"


def register_line(table: str, wire_address: int, value: int | None) -> str:
    """Return a register's line."""
    return f"{table}|{wire_address}|{_ABSENT if value is None else value}"


def read_recording(path: Path) -> Recording:
    """Return the walk or dump in a file. Raises RecordingError and OSError."""
    with path.open("rb") as file:
        content = file.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise RecordingError([phrase("recording.large", most=BYTES_MAX)])
    return parse_recording(content)


def parse_recording(content: bytes) -> Recording:
    """Return the walk or dump in a file's content. Raises RecordingError."""
    made, mistakes = Recording(), list[Phrase]()
    for number, line in _lines(content):
        try:
            _read_line(line, made)
        except _MistakeError as error:
            mistakes.append(phrase("recording.line", number=number, mistake=error.phrase))
            if len(mistakes) >= MISTAKES_MAX:
                break
    if not mistakes and made.cells and made.registers:
        mistakes.append(phrase("recording.both"))
    if not mistakes and not (made.cells or made.registers):
        mistakes.append(phrase("recording.empty"))
    if mistakes:
        raise RecordingError(mistakes)
    return made


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if number > LINES_MAX:
            raise RecordingError([phrase("recording.long", most=LINES_MAX)])
        if line.strip() and not line.startswith(b"#"):
            # Every byte is a latin-1 character, so that octets come out of it as they went in.
            yield number, line.rstrip(b"\r").decode("latin-1")


def _read_line(line: str, made: Recording) -> None:
    """Add one line to the recording. Raises ``_MistakeError``."""
    parts = line.split("|", 2)
    if len(parts) != 3:
        raise _MistakeError("parts")
    if parts[0] in TABLES:
        made.registers[_register(parts[0], parts[1])] = _word(parts[0], parts[2])
    else:
        made.cells.append(_cell(*parts))


def _register(table: str, address: str) -> tuple[str, int]:
    if not (address.isascii() and address.isdecimal() and int(address[:6]) <= 0xFFFF):
        raise _MistakeError("address", found=repr(address[:20]))
    return table, int(address)


def _word(table: str, value: str) -> int | None:
    if value == _ABSENT:
        return None
    most = 1 if table in TABLES[:2] else 0xFFFF
    if not (value.isascii() and value.isdecimal() and int(value[:6]) <= most):
        raise _MistakeError("register", found=repr(value[:20]), most=most)
    return int(value)


def _cell(oid_text: str, tag_text: str, value: str) -> Cell:
    match = _TAG.fullmatch(tag_text)
    if not _OID.fullmatch(oid_text):
        raise _MistakeError("oid", found=repr(oid_text[:40]), tables=", ".join(TABLES))
    if match is None or int(match[1]) not in TAGS:
        raise _MistakeError("tag", found=repr(tag_text[:20]), tags=", ".join(map(str, TAGS)))
    oid = tuple(map(int, oid_text.lstrip(".").split(".")))
    if max(oid) > 0xFFFF_FFFF:
        raise _MistakeError("arc", found=repr(oid_text[:40]))
    tag = int(match[1])
    if match[3]:
        value = _initial(match[3], value)
    try:
        return Cell(oid, tag, _content(tag, match[2], value))
    except ValueError as error:  # no number, no hexadecimal, no escape; int() refuses 5,000 digits
        raise _MistakeError("content", found=repr(value[:40]), tag=TAGS[tag]) from error


def _initial(module: str, value: str) -> str:
    """Return the value that a simulator's module begins with."""
    if module not in _SIMULATED:
        raise _MistakeError("module", found=repr(module[1:][:20]))
    pairs = dict(pair.partition("=")[::2] for pair in value.split(","))
    name = _SIMULATED[module]
    if name not in pairs:
        raise _MistakeError("missing", name=name, found=repr(value[:40]))
    return pairs[name]


def _content(tag: int, how: str | None, value: str) -> int | bytes | str:
    if tag in _INTEGERS:
        return int(value)
    if how == "x":
        octets = bytes.fromhex(value)
        return ".".join(map(str, octets)) if tag == 64 else octets
    if how == "e":
        # Python-escaped octets, as snmpsim writes them.
        return codecs.decode(value, "unicode_escape").encode("latin-1")
    if tag in (6, 64):
        return value.strip().lstrip(".")
    return value.encode("latin-1")
