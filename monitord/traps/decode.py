"""Decodes the PDU of a trap or inform into a ``Notification``. Knows no socket, key or time.

v1 traps are converted to v2 (RFC 3584 §3.1), so a rule has the same OID for every version. What
cannot be read is left out, with its reason: a trap of a trusted sender counts whatever it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitord.decoding.rules import Raw
from monitord.devices.snmp.pdus import (
    Part,
    Pdu,
    Varbind,
    add_varbinds,
    part_at,
    split_pdu,
)
from monitord.devices.snmp.tlv import OBJECT_IDENTIFIER, SEQUENCE, BerError
from monitord.devices.snmp.values import arcs_of, value_of
from monitord.traps.message import INFORM, KINDS, TRAP_1
from monitord.traps.model import SNMP_TRAP_OID, SYS_UP_TIME, Oid, TrapRule

EVENT_COUNTER: Oid = (1, 3, 6, 1, 4, 1, 19831, 1, 1, 7, 1, 4)
"""eventCounter of the IRT transmitter MIBs: a Counter32 of all traps sent."""

_TICK = 10_000  # TimeTicks are hundredths of a second
_COUNTER_MAX = 2**32 - 1
_GENERIC: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 5)
"""snmpTraps: the six generic traps of v1 are 1 to 6 below it."""
_TRAP_ADDRESS: Oid = (1, 3, 6, 1, 6, 3, 18, 1, 3, 0)
_TRAP_COMMUNITY: Oid = (1, 3, 6, 1, 6, 3, 18, 1, 4, 0)
_TRAP_ENTERPRISE: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0)
_ENTERPRISE_SPECIFIC = 6
_FIELDS_1 = (OBJECT_IDENTIFIER, 0x40, 0x02, 0x02, 0x43)
"""The types of the fields of a v1 trap before its varbinds (RFC 1157 §4.1.6)."""
_SHOWN_MAX = 8


class NotATrapError(ValueError):
    """A PDU that is neither trap nor inform."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A trap or inform. ``varbinds``: without sysUpTime and snmpTrapOID.

    ``request_id``: None in v1. ``trap_oid``: empty where it cannot be read. ``uptime``: of the
    agent, hundredths of a second. ``problems``: what cannot be read; then ``octets`` is the PDU.
    """

    is_inform: bool
    request_id: int | None
    trap_oid: Oid
    uptime: int | None
    varbinds: tuple[tuple[Oid, Raw], ...]
    problems: tuple[str, ...] = ()
    octets: bytes = b""

    @property
    def event_counter(self) -> int | None:
        """The IRT event counter, where the trap carries one."""
        value = next(self.below(EVENT_COUNTER), None)
        good = isinstance(value, int) and 0 <= value <= _COUNTER_MAX
        return value if good and isinstance(value, int) else None

    @property
    def device_time(self) -> int | None:
        """The agent's sysUpTime when it sent the trap, in microseconds."""
        return None if self.uptime is None else self.uptime * _TICK

    def below(self, oid: Oid) -> Iterator[Raw]:
        """Yield the values of the object ``oid`` or of any below it."""
        return (value for found, value in self.varbinds if found[: len(oid)] == oid)

    def matches(self, rule: TrapRule) -> bool:
        """Return whether this trap has the rule's OID and, if the rule has one, its varbind."""
        if not self.trap_oid or _without_zero(self.trap_oid) != _without_zero(rule.oid):
            return False
        return not rule.varbind or any(
            _comparable(value) in rule.equals for value in self.below(rule.varbind)
        )


def _without_zero(oid: Oid) -> Oid:
    """Return the OID without a zero before its last arc.

    RFC 3584 §3.1 adds one to every v1 trap; MIBs written for v2 (UPS-MIB) have none.
    """
    return (*oid[:-2], oid[-1]) if len(oid) > 2 and oid[-2] == 0 else oid


def decode(pdu: bytes) -> Notification:
    """Return the trap or inform in a PDU, as far as it can be read. Raises NotATrapError."""
    if pdu[:1] and pdu[0] not in KINDS:
        raise NotATrapError("another PDU")
    try:
        return _trap_1(pdu) if pdu[:1] == bytes((TRAP_1,)) else _trap_2(pdu)
    except BerError as error:
        return Notification(pdu[:1] == bytes((INFORM,)), None, (), None, (), (str(error),), pdu)


def _trap_2(data: bytes) -> Notification:
    pdu = split_pdu(data)
    raws = {one.oid: one.raw for one in reversed(pdu.varbinds) if one.oid and not one.problem}
    named = next((one for one in pdu.varbinds if one.oid == SNMP_TRAP_OID), None)
    is_named = named is not None and named.tag == OBJECT_IDENTIFIER and not named.problem
    trap_oid = arcs_of(named.content) if named is not None and is_named else ()
    if not is_named:
        pdu.oddities.append("it does not name its trap (snmpTrapOID)")
    uptime = raws.get(SYS_UP_TIME)
    rest = [one for one in pdu.varbinds if one.oid not in (SNMP_TRAP_OID, SYS_UP_TIME)]
    return _notification(data, pdu, trap_oid, uptime if isinstance(uptime, int) else None, rest)


def _trap_1(data: bytes) -> Notification:
    """Return a v1 trap as RFC 3584 §3.1 converts it."""
    whole = part_at(data, 0, len(data))
    pdu = Pdu(whole.tag)
    fields = _fields_1(pdu, data, whole)
    enterprise, address, generic, specific, uptime = fields
    # As pysnmp does: the fields that v2 has as varbinds come first.
    extra = [(_TRAP_ADDRESS, address), (_TRAP_COMMUNITY, b""), (_TRAP_ENTERPRISE, enterprise)]
    binds = [Varbind(oid, 0, b"", raw) for oid, raw in extra if raw is not None]
    trap_oid: Oid = ()
    if isinstance(generic, int) and 0 <= generic < _ENTERPRISE_SPECIFIC:
        trap_oid = (*_GENERIC, generic + 1)
    is_specific = generic == _ENTERPRISE_SPECIFIC and isinstance(enterprise, str)
    if is_specific and isinstance(specific, int) and specific >= 0:
        trap_oid = (*map(int, str(enterprise).split(".")), 0, specific)
    if not trap_oid:
        pdu.oddities.append("it does not name its trap (enterprise, generic, specific)")
    ticks = uptime if isinstance(uptime, int) else None
    return _notification(data, pdu, trap_oid, ticks, [*binds, *pdu.varbinds])


def _fields_1(pdu: Pdu, data: bytes, whole: Part) -> list[Raw]:
    """Return the five fields before the varbinds, None where one cannot be read."""
    found: list[Raw] = []
    at = whole.begin
    try:
        for tag in _FIELDS_1:
            part = part_at(data, at, whole.end)
            if part.tag == SEQUENCE:
                break
            found.append(_field(data, part, tag))
            at = part.end
    except BerError as error:
        pdu.oddities.append(f"field {len(found) + 1}: {error}")
    if None in found or len(found) < len(_FIELDS_1):
        pdu.oddities.append("a field before its varbinds cannot be read")
    add_varbinds(pdu, data, at, whole.end)
    return [*found, *[None] * (len(_FIELDS_1) - len(found))]


def _field(data: bytes, part: Part, tag: int) -> Raw:
    try:
        is_right = part.tag == tag and not part.is_cut
        return value_of(tag, data[part.begin : part.end]) if is_right else None
    except BerError:
        return None


def _notification(
    data: bytes, pdu: Pdu, trap_oid: Oid, uptime: int | None, varbinds: list[Varbind]
) -> Notification:
    """Return the notification of a split PDU, without the varbinds that cannot be read."""
    odd = [f"varbind {n}: {one.problem}" for n, one in enumerate(pdu.varbinds, 1) if one.problem]
    problems = (*pdu.oddities, *odd)[:_SHOWN_MAX]
    number = pdu.numbers[0] if pdu.numbers else None
    return Notification(
        is_inform=pdu.tag == INFORM,
        request_id=number,
        trap_oid=trap_oid,
        uptime=uptime,
        varbinds=tuple((one.oid, one.raw) for one in varbinds if one.oid and not one.problem),
        problems=problems,
        octets=data if problems else b"",
    )


def _comparable(value: Raw) -> int | str | None:
    """Return a value in the form of a profile: octets are text."""
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode("utf-8", errors="replace")
    return value if isinstance(value, int | str) else None
