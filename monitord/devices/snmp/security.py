"""From an agent's security to the wire that carries its PDUs. Owns that choice alone."""

from __future__ import annotations

from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.model import Community, User
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.wire import Wire


def open_wire(security: Community | User) -> Wire:
    """Return a wire of its own for one agent: it keeps what it learns of the agent's engine."""
    return CommunityWire(security) if isinstance(security, Community) else UsmWire(security)
