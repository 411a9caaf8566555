"""Decodes the PDU of a trap or inform into a ``Notification``. Knows no socket, key or time.

pysnmp decodes the values and converts v1 traps to v2 (RFC 3584 §3.1), so a rule has the same OID
for every version. ``message.py`` has checked the limits before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder
from pysnmp.proto.api import v2c
from pysnmp.proto.proxy import rfc2576
from pysnmp.proto.rfc1157 import PDUs as PDUs1
from pysnmp.proto.rfc1905 import PDUs

from monitord.decoding.rules import Raw
from monitord.devices.snmp.messages import raw_from
from monitord.traps.message import INFORM, TRAP_1, TRAP_2
from monitord.traps.model import SNMP_TRAP_OID, SYS_UP_TIME, Oid, TrapRule

EVENT_COUNTER: Oid = (1, 3, 6, 1, 4, 1, 19831, 1, 1, 7, 1, 4)
"""eventCounter of the IRT transmitter MIBs: a Counter32 of all traps sent."""

_TICK = 10_000  # TimeTicks are hundredths of a second
_COUNTER_MAX = 2**32 - 1


class NotATrapError(ValueError):
    """A PDU that is neither trap nor inform, or has no snmpTrapOID."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A trap or inform. ``varbinds``: without sysUpTime and snmpTrapOID.

    ``request_id``: None in v1. ``uptime``: of the agent, hundredths of a second.
    """

    is_inform: bool
    request_id: int | None
    trap_oid: Oid
    uptime: int | None
    varbinds: tuple[tuple[Oid, Raw], ...]

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
        if _without_zero(self.trap_oid) != _without_zero(rule.oid):
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
    """Return the trap or inform in a PDU. Raises NotATrapError."""
    try:
        return _decoded(pdu)
    except NotATrapError:
        raise
    except Exception as error:
        # On hostile octets pyasn1 raises more types of error than it documents.
        raise NotATrapError(f"cannot be decoded ({type(error).__name__})") from error


def _decoded(pdu: bytes) -> Notification:
    tag = pdu[0]
    if tag not in (TRAP_1, TRAP_2, INFORM):
        raise NotATrapError("another PDU")
    choice, _ = decoder.decode(pdu, asn1Spec=PDUs1() if tag == TRAP_1 else PDUs())
    found: Any = choice.getComponent()
    if tag == TRAP_1:
        found = rfc2576.v1_to_v2(found)
    varbinds = [(tuple(oid), value) for oid, value in v2c.apiPDU.get_varbinds(found)]
    return Notification(
        is_inform=tag == INFORM,
        request_id=None if tag == TRAP_1 else int(v2c.apiPDU.get_request_id(found)),
        trap_oid=_trap_oid(varbinds),
        uptime=next((int(value) for oid, value in varbinds if oid == SYS_UP_TIME), None),
        varbinds=tuple(
            (oid, raw_from(value))
            for oid, value in varbinds
            if oid not in (SNMP_TRAP_OID, SYS_UP_TIME)
        ),
    )


def _trap_oid(varbinds: list[tuple[Oid, Any]]) -> Oid:
    """Return the value of snmpTrapOID: the second varbind (RFC 3416 §4.2.6), accepted anywhere."""
    for oid, value in varbinds:
        if oid == SNMP_TRAP_OID:
            return tuple(value)
    raise NotATrapError("no snmpTrapOID")


def _comparable(value: Raw) -> int | str | None:
    """Return a value in the form of a profile: octets are text."""
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode("utf-8", errors="replace")
    return value if isinstance(value, int | str) else None
