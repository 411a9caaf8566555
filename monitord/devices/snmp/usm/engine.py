"""An agent's engine: its id, our keys for it, and its clock (RFC 3414 §2.2, §3.2 step 7).

Knows no message; time is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.decoding.restarts import ran_on
from monitord.devices.snmp.model import User
from monitord.devices.snmp.usm.keys import Digester, digester
from monitord.devices.snmp.usm.messages import AUTH_FLAG, PRIV_FLAG, REPORTABLE_FLAG, Envelope
from monitord.devices.snmp.usm.model import Privacy
from monitord.devices.snmp.usm.privacy import privacy

WINDOW_S = 150
"""The time window: how old an authentic message may be (RFC 3414 §2.2.3)."""

BOOTS_MAX = 0x7FFF_FFFF
"""An engine with this number of boots accepts no message any more (RFC 3414 §2.2.3)."""

_TIME_MAX = 0x7FFF_FFFF
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class EngineKeys:
    """A user's keys, localized for one engine, and the parts that all its requests share."""

    digester: Digester | None
    privacy: Privacy | None
    envelope: Envelope


def level_of(user: User) -> int:
    """Return the msgFlags of a user's security level (RFC 3412 §6.4)."""
    return (AUTH_FLAG if user.auth else 0) | (PRIV_FLAG if user.priv else 0)


def engine_keys(user: User, engine_id: bytes) -> EngineKeys:
    """Return the user's keys for an engine."""
    auth, priv = user.auth_passphrase.encode(), user.priv_passphrase.encode()
    digests = digester(user.auth, auth, engine_id) if user.auth else None
    envelope = Envelope(
        engine_id,
        user.name.encode(),
        user.context.encode(),
        flags=level_of(user) | REPORTABLE_FLAG,
        digest_size=digests.size if digests else 0,
    )
    ciphers = privacy(user.priv, user.auth, priv, engine_id) if user.priv else None
    return EngineKeys(digests, ciphers, envelope)


@dataclass(slots=True)
class AgentEngine:
    """An engine whose clock follows its messages.

    ``boots``, ``time`` (s): of its latest message, which came at ``received_at`` (site time, us).
    """

    id: bytes
    keys: EngineKeys = field(repr=False)
    boots: int
    time: int
    received_at: int

    def time_at(self, now: int) -> int:
        """Return its expected engine time in seconds at ``now``."""
        return min(self.time + max(now - self.received_at, 0) // _SECOND, _TIME_MAX)

    def has_restarted(self, boots: int, time: int, now: int) -> bool:
        """Return whether this clock started after the latest message."""
        if boots != self.boots:
            return True
        elapsed = max(now - self.received_at, 0)
        return ran_on(self.time * _SECOND, time * _SECOND, elapsed) is False

    def set_clock(self, boots: int, time: int, now: int) -> None:
        """Take over the clock of an authentic message, whatever it was before."""
        self.boots, self.time, self.received_at = boots, time, now

    def update(self, boots: int, time: int, now: int) -> bool:
        """Take over a newer clock; return whether the message is in the time window (§3.2 7b)."""
        if boots > self.boots or (boots == self.boots and time > self.time):
            self.set_clock(boots, time, now)
        is_fresh = boots == self.boots and time >= self.time_at(now) - WINDOW_S
        return is_fresh and self.boots != BOOTS_MAX
