"""What is known of an agent's engine: its id, our keys for it, and its clock as RFC 3414 keeps it.

Owns the time window. Knows no message; time is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitord.devices.snmp.model import User
from monitord.devices.snmp.usm.keys import Digester, digester
from monitord.devices.snmp.usm.messages import AUTH_FLAG, PRIV_FLAG, REPORTABLE_FLAG, Envelope
from monitord.devices.snmp.usm.model import Privacy
from monitord.devices.snmp.usm.privacy import privacy

WINDOW_S = 150
"""How old an authentic message may be (RFC 3414 §2.2.3)."""

BOOTS_MAX = 0x7FFF_FFFF
"""An engine at this number of boots takes no message any more (RFC 3414 §2.2.3)."""

# A clock that loses more than one second in so many is not slow; it was set back.
_SLOW_CLOCK_SHARE = 10
_TIME_MAX = 0x7FFF_FFFF
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Sealing:
    """A user's keys for one engine, and what the requests made with them have in common."""

    digester: Digester | None
    privacy: Privacy | None
    envelope: Envelope


def level_of(user: User) -> int:
    """Return the flags of a user's security level."""
    return (AUTH_FLAG if user.auth else 0) | (PRIV_FLAG if user.priv else 0)


def sealing_for(user: User, engine_id: bytes) -> Sealing:
    """Return the user's sealing, with keys localized."""
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
    return Sealing(digests, ciphers, envelope)


@dataclass(slots=True)
class Engine:
    """An agent's engine. ``boots``, ``time`` (s): as it said them at ``heard_at`` (site time, us).

    Not a value: it is updated with each authentic message.
    """

    id: bytes
    sealing: Sealing = field(repr=False)
    boots: int
    time: int
    heard_at: int

    def time_at(self, now: int) -> int:
        """Return its time in seconds as it should be at ``now``."""
        return min(self.time + max(now - self.heard_at, 0) // _SECOND, _TIME_MAX)

    def has_begun_anew(self, boots: int, time: int, now: int) -> bool:
        """Return whether a clock that says this was started after we heard it last.

        A clock that only runs slow loses a little of the time that passed, never a large part.
        """
        passed = max(now - self.heard_at, 0) // _SECOND
        lost = self.time + passed - time
        return boots != self.boots or lost > max(WINDOW_S, passed // _SLOW_CLOCK_SHARE)

    def set_clock(self, boots: int, time: int, now: int) -> None:
        """Take what an authentic message says, whatever was thought before."""
        self.boots, self.time, self.heard_at = boots, time, now

    def hear(self, boots: int, time: int, now: int) -> bool:
        """Take what is newer; return whether the message is in the time window (§3.2 step 7b)."""
        if boots > self.boots or (boots == self.boots and time > self.time):
            self.set_clock(boots, time, now)
        fresh = boots == self.boots and time >= self.time_at(now) - WINDOW_S
        return fresh and self.boots != BOOTS_MAX
