"""What is known of an agent's engine: its id, our keys for it, and its clock as RFC 3414 keeps it.

Owns the time window. Knows no message; time is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.devices.snmp.model import User
from monitord.devices.snmp.usm_ciphers import Privacy, privacy
from monitord.devices.snmp.usm_keys import Digester, digester

WINDOW_S = 150
"""How old an authentic message may be (RFC 3414 §2.2.3)."""

BOOTS_MAX = 0x7FFF_FFFF
"""An engine at this number of boots takes no message any more (RFC 3414 §2.2.3)."""

_TIME_MAX = 0x7FFF_FFFF
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Keys:
    """A user's keys for one engine."""

    digester: Digester | None
    privacy: Privacy | None


def keys_for(user: User, engine_id: bytes) -> Keys:
    """Return the user's keys, localized."""
    auth_passphrase = user.auth_passphrase.encode()
    priv_passphrase = user.priv_passphrase.encode()
    return Keys(
        digester(user.auth, auth_passphrase, engine_id) if user.auth else None,
        privacy(user.priv, user.auth, priv_passphrase, engine_id) if user.priv else None,
    )


@dataclass(slots=True)
class Engine:
    """An agent's engine. ``boots``, ``time`` (s): as it said them at ``heard_at`` (site time, us).

    Not a value: it is updated with each authentic message.
    """

    id: bytes
    keys: Keys = field(repr=False)
    boots: int
    time: int
    heard_at: int

    def time_at(self, now: int) -> int:
        """Return its time in seconds as it should be at ``now``."""
        return min(self.time + max(now - self.heard_at, 0) // _SECOND, _TIME_MAX)

    def set_clock(self, boots: int, time: int, now: int) -> None:
        """Take what an authentic message says, whatever was thought before."""
        self.boots, self.time, self.heard_at = boots, time, now

    def hear(self, boots: int, time: int, now: int) -> bool:
        """Take what is newer; return whether the message is in the time window (§3.2 step 7b)."""
        if boots > self.boots or (boots == self.boots and time > self.time):
            self.set_clock(boots, time, now)
        fresh = boots == self.boots and time >= self.time_at(now) - WINDOW_S
        return fresh and self.boots != BOOTS_MAX
