"""Splits SNMP PDUs of any kind by their lengths, value by value. Knows no request and no version.

An outer length says where what is in it ends: a value that cannot be read costs itself alone. What
follows a PDU or a list is left; a length that claims more than came is cut to what came. Both are
remarked. ``ber.py`` is the fast way for the usual response; this is the way for every other form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from monitord.decoding.rules import Raw
from monitord.devices.snmp.tlv import (
    INTEGER,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    BerError,
    header_at,
)
from monitord.devices.snmp.values import END_OF_MIB_VIEW, Oid, arcs_of, value_of

_NUMBER_OCTETS_MAX = 16
VARBINDS_MAX = 4096
"""Of one PDU. The largest datagram holds more only of empty ones."""


class Varbind(NamedTuple):
    """One object. ``oid``: None where its name cannot be read. ``content``: octets of the value.

    ``problem``: why there is no value, "" where there is one; an absent value (NULL and the
    exceptions) is one.
    """

    oid: Oid | None
    tag: int
    content: bytes
    raw: Raw
    problem: str = ""

    @property
    def is_end(self) -> bool:
        """Return whether the agent has no object behind (RFC 3416 §4.2.2)."""
        return self.tag == END_OF_MIB_VIEW


class Part(NamedTuple):
    """A value in octets: its content, where the next begins, and whether its end is missing."""

    tag: int
    begin: int
    end: int
    is_cut: bool


@dataclass(slots=True)
class Pdu:
    """A PDU split. ``oddities``: what is not as the standard says, for a remark."""

    tag: int
    numbers: tuple[int | None, ...] = ()
    varbinds: list[Varbind] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)


def part_at(data: bytes, at: int, limit: int) -> Part:
    """Return the value at ``at``, cut at ``limit``. Raises BerError where it has no length."""
    begin, size = header_at(data, at, limit)
    end = begin + size
    return Part(data[at], begin, min(end, limit), end > limit)


def split_pdu(data: bytes, numbers: int = 3) -> Pdu:
    """Return a PDU that begins with so many INTEGERs and ends with a varbind list.

    Raises BerError where it is no PDU.
    """
    whole = part_at(data, 0, len(data))
    pdu = Pdu(whole.tag)
    _note_end(pdu, "PDU", whole, len(data))
    at = whole.begin
    found: list[int | None] = []
    for _ in range(numbers):
        part = part_at(data, at, whole.end)
        found.append(number_in(data, part))
        at = part.end
    pdu.numbers = tuple(found)
    add_varbinds(pdu, data, at, whole.end)
    return pdu


def add_varbinds(pdu: Pdu, data: bytes, at: int, limit: int) -> None:
    """Split the varbind list at ``at``; where there is none, remark that."""
    try:
        listed = part_at(data, at, limit)
    except BerError as error:
        pdu.oddities.append(f"varbind list: {error}")
        return
    if listed.tag != SEQUENCE:
        pdu.oddities.append(f"tag 0x{listed.tag:02x} where a varbind list is expected")
        return
    _note_end(pdu, "varbind list", listed, limit)
    at = listed.begin
    while at < listed.end and len(pdu.varbinds) < VARBINDS_MAX:
        try:
            part = part_at(data, at, listed.end)
        except BerError as error:
            pdu.oddities.append(f"varbind {len(pdu.varbinds) + 1}: {error}")
            return
        pdu.varbinds.append(_varbind(data, part))
        at = part.end


def _note_end(pdu: Pdu, what: str, part: Part, limit: int) -> None:
    if part.is_cut:
        pdu.oddities.append(f"the {what} says that it is longer than what came")
    elif part.end < limit:
        pdu.oddities.append(f"octets follow the {what}")


def number_in(data: bytes, part: Part) -> int | None:
    """Return an INTEGER, None for one that says no number."""
    size = part.end - part.begin
    if part.tag != INTEGER or part.is_cut or not 1 <= size <= _NUMBER_OCTETS_MAX:
        return None
    return int.from_bytes(data[part.begin : part.end], "big", signed=True)


def _varbind(data: bytes, outer: Part) -> Varbind:
    """Return one varbind; whatever is wrong in it is its own problem."""
    oid: Oid | None = None
    tag, content = 0, b""
    try:
        name = _name(data, outer)
        oid = arcs_of(data[name.begin : name.end])
        value = part_at(data, name.end, outer.end)
        tag, content = value.tag, data[value.begin : value.end]
        problem = _problem_of_lengths(outer, value)
        return Varbind(oid, tag, content, None if problem else value_of(tag, content), problem)
    except BerError as error:
        return Varbind(oid, tag, content, None, str(error))


def _name(data: bytes, outer: Part) -> Part:
    if outer.tag != SEQUENCE:
        raise BerError("a varbind is no sequence")
    name = part_at(data, outer.begin, outer.end)
    if name.tag != OBJECT_IDENTIFIER or name.is_cut:
        raise BerError("a varbind without a name")
    return name


def _problem_of_lengths(outer: Part, value: Part) -> str:
    """Return how the lengths of a varbind and its value disagree, "" where they agree."""
    if outer.is_cut or value.is_cut:
        return "a value is longer than its varbind"
    return "" if value.end == outer.end else "octets follow a value in its varbind"
