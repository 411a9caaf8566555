"""The wire of an SNMPv3 agent: user-based security (RFC 3414) as the side that asks. Sans-IO.

What may be believed, in order: a message id that only we and the way to the agent know; engine and
user as asked; the digest; the level. What anybody can write (a report without digest) is at most a
hint for the next request. It never moves what an authentic message said, so a forged one costs one
request, and a device that changed is followed as soon as it answers with the user's key.

RFC 3414 leaves a manager that saw boots 5 deaf for an agent that starts again at boots 1, for fear
of replays. Here an authentic message under the id of the request that is out is no replay: the
agent made it after we asked, because no id is used twice. It is the engine's present clock even
when that went back: the clock is taken, a remark kept, and the request made once more. Values out
of the time window are not believed.
"""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from typing import NamedTuple

from monitord.devices.model import ReadError
from monitord.devices.snmp.model import V3, User
from monitord.devices.snmp.usm.engine import BOOTS_MAX, Engine, level_of, sealing_for
from monitord.devices.snmp.usm.keys import Digester
from monitord.devices.snmp.usm.messages import (
    AUTH_FLAG,
    PRIV_FLAG,
    REPORT,
    REPORTABLE_FLAG,
    RESPONSE,
    Envelope,
    Header,
    HeaderReader,
    ScopedPdu,
    empty_get,
    octets,
    read_decrypted,
    read_scoped_pdu,
    reported,
)
from monitord.devices.snmp.usm.model import DecryptionError
from monitord.devices.snmp.usm.privacy import load_ciphers
from monitord.devices.snmp.usm.reports import (
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    refusal,
    report_name,
)
from monitord.devices.snmp.wire import REMARKS_MAX, AskAgainError, Remark, ResponseMismatchError

ENGINE_ID_SIZE_MIN = 5
REDISCOVER_EVERY = 3
"""Requests in a row without a believed answer, after which the engine is looked for anew."""

_DISCOVERY = Envelope(b"", b"", b"", flags=REPORTABLE_FLAG, digest_size=0)
_LEVEL = AUTH_FLAG | PRIV_FLAG
# Four octets whatever the counter says. 2^30 requests are 34 years at one a second.
_MESSAGE_ID_BASE = 0x4000_0000
_MESSAGE_ID_MASK = 0x3FFF_FFFF
# Another engine, and its clock.
_HINTS_MAX = 2

_BOOTS_USED_UP = (
    "agent's engine has used up its boots (2147483647): it answers nobody until it gets a new"
    " engine id"
)


class _Asked(NamedTuple):
    """What is out: its message id, and the engine it is for (None: a discovery)."""

    message_id: int
    engine: Engine | None


class UsmWire:
    """One agent by one user; one request at a time. Each agent has its own, whatever its engine.

    Its remarks are restarts (boots or time of the engine began anew), forgets_boots (and it did not
    count that boot, so that other managers lose it), engine_changed (another engine id answers).
    """

    def __init__(self, user: User) -> None:
        if user.priv:
            load_ciphers()
        self._remarks: deque[Remark] = deque(maxlen=REMARKS_MAX)
        self._user = user
        self._name = user.name.encode()
        self._context = user.context.encode()
        self._level = level_of(user)
        self._headers = HeaderReader()
        self._engine: Engine | None = None
        self._hinted: Engine | None = None
        self._asked: _Asked | None = None
        self._doubted: _Asked | None = None
        self._hints = 0
        self._unanswered = 0
        self._tells_id = False
        self._next_id = secrets.randbits(30)
        self._next_salt = secrets.randbits(64)

    def __repr__(self) -> str:
        return f"UsmWire({self._user!r})"

    @property
    def version(self) -> int:
        """The version as a message carries it."""
        return V3

    @property
    def remarks(self) -> deque[Remark]:
        """The latest of its remarks; whoever reads them clears them."""
        return self._remarks

    @property
    def engine(self) -> Engine | None:
        """The agent's engine as authentic messages show it; None before the first."""
        return self._engine

    @property
    def silence(self) -> str:
        """What it may mean that the request that is out has no answer; "" where nothing is known.

        net-snmp and others drop without a word what they cannot decrypt.
        """
        if not self._tells_id or self._asked is None or self._asked.engine is None:
            return ""
        look = "check priv_file and priv, then context" if self._user.priv else "check context"
        return f"its engine tells its id, and does not answer user {self._user.name!r}: {look}"

    def opening(self, request_id: int) -> bytes | None:
        """Return a discovery while no engine is known, or where it is long silent; else None.

        An agent that was replaced may drop what is for its predecessor without a word.
        """
        silent = self._unanswered > 0 and self._unanswered % REDISCOVER_EVERY == 0
        if self._hinted is not None or (self._engine is not None and not silent):
            return None
        message_id = self._ask(None)
        return _DISCOVERY.message(
            message_id, (0, 0), b"", _DISCOVERY.scoped(empty_get(request_id))
        )[0]

    def wrap(self, pdu: bytes, request_id: int, now: int) -> bytes:
        """Return the datagram that carries ``pdu``. ``now``: site time, microseconds.

        Its message id is the wire's own: unlike request ids, none comes twice.
        """
        del request_id
        # A hint is tried once: were it forged, the next request goes to the engine we know.
        if self._hinted is None:
            self._doubted, self._hints = None, 0
        engine, self._hinted = self._hinted or self._engine, None
        assert engine is not None, "an engine must be discovered first: see opening"
        message_id = self._ask(engine)
        sealing, clock = engine.sealing, (0, 0)
        if sealing.digester is not None:
            clock = engine.boots, engine.time_at(now)
        data, salt = sealing.envelope.scoped(pdu), b""
        if sealing.privacy is not None:
            self._next_salt += 1
            salt, hidden = sealing.privacy.encrypt(data, clock, self._next_salt)
            data = octets(hidden)
        whole, at = sealing.envelope.message(message_id, clock, salt, data)
        if sealing.digester is None:
            return whole
        digest = sealing.digester.digest(whole)
        return whole[:at] + digest + whole[at + len(digest) :]

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        """Return the PDU of an authentic answer to what is out. ``now``: site time, microseconds.

        Raises as ``Wire`` says; an AskAgainError leaves a remark where the engine restarted.
        """
        header = self._headers.read(datagram)
        if (asked := self._asked_by(header)) is None:
            raise ResponseMismatchError("message id is not ours", faulty=False)
        if header.flags & AUTH_FLAG:
            pdu = self._authentic_pdu(datagram, header, asked, now)
        else:
            pdu = self._plain_pdu(datagram, header, asked, now)
        self._asked = self._doubted = self._hinted = None
        self._unanswered, self._tells_id = 0, False
        return pdu

    def _asked_by(self, header: Header) -> _Asked | None:
        """Return the request that a message says to answer."""
        for asked in (self._asked, self._doubted):
            if asked is not None and asked.message_id == header.message_id:
                # To a request that a plain report came to already, another tells nothing new.
                is_plain = not header.flags & AUTH_FLAG
                return None if is_plain and asked is self._doubted else asked
        return None

    def _ask(self, engine: Engine | None) -> int:
        """Return the id of a new message, which from now on is what is out."""
        self._next_id += 1
        self._unanswered += 1
        message_id = _MESSAGE_ID_BASE | (self._next_id & _MESSAGE_ID_MASK)
        self._asked = _Asked(message_id, engine)
        return message_id

    def _plain_pdu(self, datagram: bytes, header: Header, asked: _Asked, now: int) -> bytes:
        """Return the answer to a user without keys, or act on a report that anybody can write."""
        scoped = read_scoped_pdu(datagram[slice(*header.places.data)])
        if scoped.pdu[0] == REPORT:
            raise self._plain_report(report_name(reported(scoped.pdu)), header, asked, now)
        if self._user.auth or asked.engine is None:
            raise ResponseMismatchError("answer is of a lower security level", faulty=True)
        self._check_parties(header, asked.engine)
        self._check_answer(scoped, asked.engine)
        if self._engine is None or self._engine.id != asked.engine.id:
            self._follow(asked.engine)
        return scoped.pdu

    def _plain_report(self, name: str, header: Header, asked: _Asked, now: int) -> Exception:
        """Return what a report without digest comes to: a hint, or a refusal of this request."""
        known = asked.engine
        # Whatever an agent reports to a discovery, its engine's id stands in it.
        if known is None or (name == UNKNOWN_ENGINE and header.engine_id != known.id):
            if len(header.engine_id) < ENGINE_ID_SIZE_MIN:
                return ResponseMismatchError("report names no engine", faulty=True)
            self._tells_id = known is None
            return self._hint(header, asked, now)
        if header.engine_id != known.id or name == UNKNOWN_ENGINE:
            return ResponseMismatchError("report is of another engine", faulty=True)
        if name == NOT_IN_TIME_WINDOW:
            return self._hint(header, asked, now)
        if self._is_proven(known):
            # The true answer may be on its way; where none comes, this is what is told.
            return ResponseMismatchError(refusal(name, self._user).detail, faulty=True)
        return self._refused(name)

    def _is_proven(self, engine: Engine | None) -> bool:
        """Return whether messages with our keys came from this engine."""
        return bool(self._user.auth) and engine is not None and engine is self._engine

    def _hint(self, header: Header, asked: _Asked, now: int) -> AskAgainError:
        """Let the next request, and no other, go by what an unauthenticated report says.

        Not for ever one after the other: then the engine that is known has its turn.
        """
        known = self._engine
        self._hints += 1
        if known is not None and self._hints > _HINTS_MAX:
            self._asked = None
            return AskAgainError("enough was hinted at")
        same = known is not None and known.id == header.engine_id
        sealing = known.sealing if known and same else sealing_for(self._user, header.engine_id)
        self._hinted = Engine(header.engine_id, sealing, header.boots, header.time, now)
        # Were the report forged, then the request has a true answer all the same.
        self._doubted = asked if self._is_proven(asked.engine) else self._doubted
        self._asked = None
        return AskAgainError("engine's id and clock are hinted at")

    def _authentic_pdu(self, datagram: bytes, header: Header, asked: _Asked, now: int) -> bytes:
        """Return the answer that a digest proves, its clock taken; or act on a report."""
        engine = asked.engine
        if engine is None or engine.sealing.digester is None:
            raise ResponseMismatchError("a digest is more than was asked for", faulty=True)
        self._check_parties(header, engine)
        if not _is_authentic(datagram, header, engine.sealing.digester):
            raise ResponseMismatchError("digest is wrong", faulty=True)
        scoped = _opened(datagram, header, engine)
        in_window = self._hear(header, engine, now)
        if scoped.pdu[0] == REPORT:
            raise self._authentic_report(report_name(reported(scoped.pdu)), header, now)
        if header.flags & _LEVEL != self._level:
            raise ResponseMismatchError("answer is of a lower security level", faulty=True)
        if not in_window:
            self._asked = None
            raise AskAgainError("answer was out of the time window; the engine's clock is taken")
        self._check_answer(scoped, engine)
        return scoped.pdu

    def _authentic_report(self, name: str, header: Header, now: int) -> Exception:
        if name != NOT_IN_TIME_WINDOW:
            return self._refused(name)
        assert self._engine is not None, "it was heard"
        self._engine.set_clock(header.boots, header.time, now)
        self._asked = None
        return AskAgainError("engine's clock is taken")

    def _hear(self, header: Header, engine: Engine, now: int) -> bool:
        """Take the clock of an authentic message; return whether it is in the time window."""
        boots, time = header.boots, header.time
        if boots == BOOTS_MAX:
            self._asked = None
            raise ReadError("error_status", _BOOTS_USED_UP)
        known = self._engine
        if known is None or known.id != engine.id:
            engine.set_clock(boots, time, now)
            self._follow(engine)
            return True
        if known.has_begun_anew(boots, time, now):
            self._tell_restart(known, header, now)
        if known.hear(boots, time, now):
            return True
        known.set_clock(boots, time, now)
        return False

    def _tell_restart(self, known: Engine, header: Header, now: int) -> None:
        boots = f"boots {known.boots} -> {header.boots}"
        self._remark("restarts", f"engine restarted: {boots}")
        if header.boots <= known.boots:
            time = f"engine time {known.time_at(now)} s -> {header.time} s"
            self._remark("forgets_boots", f"engine does not count its boots: {boots}, {time}")

    def _follow(self, engine: Engine) -> None:
        """Keep to an engine that proved to be our agent's."""
        if self._engine is not None:
            self._remark(
                "engine_changed", f"engine id {self._engine.id.hex()} -> {engine.id.hex()}"
            )
        self._engine = engine

    def _remark(self, kind: str, detail: str) -> None:
        self._remarks.append(Remark(kind, detail))

    def _refused(self, name: str) -> ReadError:
        self._asked = None
        return refusal(name, self._user)

    def _check_parties(self, header: Header, engine: Engine) -> None:
        if header.engine_id != engine.id:
            raise ResponseMismatchError("engine id is not the agent's", faulty=True)
        if header.user != self._name:
            raise ResponseMismatchError("user is not ours", faulty=True)

    def _check_answer(self, scoped: ScopedPdu, engine: Engine) -> None:
        if scoped.pdu[0] != RESPONSE:
            raise ResponseMismatchError("message is no response", faulty=True)
        if scoped.engine_id != engine.id or scoped.context != self._context:
            raise ResponseMismatchError("context is not the one asked", faulty=True)


def _is_authentic(datagram: bytes, header: Header, digester: Digester) -> bool:
    start, end = header.places.digest
    if end - start != digester.size:
        return False
    blank = datagram[:start] + bytes(digester.size) + datagram[end:]
    return hmac.compare_digest(digester.digest(blank), datagram[start:end])


def _opened(datagram: bytes, header: Header, engine: Engine) -> ScopedPdu:
    """Return the scoped PDU of an authentic message, decrypted where it is not plain."""
    data = datagram[slice(*header.places.data)]
    if not header.flags & PRIV_FLAG:
        return read_scoped_pdu(data)
    if engine.sealing.privacy is None:
        raise ResponseMismatchError("encryption is more than was asked for", faulty=True)
    try:
        plain = engine.sealing.privacy.decrypt(data, (header.boots, header.time), header.salt)
        return read_decrypted(plain)
    except (DecryptionError, ResponseMismatchError) as error:
        raise ResponseMismatchError(f"answer cannot be decrypted ({error})", faulty=True) from error
