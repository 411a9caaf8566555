"""SNMPv3 user-based security (RFC 3414) for the side that sends requests. Sans-IO.

A message is accepted after these checks, in order: its message id (only we and the path to the
agent know it), engine id and user, digest, security level. Anybody can send a report without a
digest: it changes one request at most and never what authentic messages showed. So a forged one
costs one request, and a changed device is followed after its first authentic message.
"""

from __future__ import annotations

import secrets

from monitord.devices.model import ReadError
from monitord.devices.snmp.model import V3, User
from monitord.devices.snmp.tlv import BerError, message_end
from monitord.devices.snmp.usm.engine import BOOTS_MAX, AgentEngine, level_of
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
    octet_string,
    read_scoped_pdu,
    reported_oid,
)
from monitord.devices.snmp.usm.model import DecryptionError
from monitord.devices.snmp.usm.pending import PendingRequests, Request
from monitord.devices.snmp.usm.privacy import load_ciphers
from monitord.devices.snmp.usm.reports import (
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    report_error,
    report_name,
)
from monitord.devices.snmp.usm.tracker import EngineTracker
from monitord.devices.snmp.usm.verify import has_valid_digest, scoped_pdu
from monitord.devices.snmp.wire import (
    AskAgainError,
    LatestRemarks,
    ResponseMismatchError,
    surplus_remark,
)
from monitord.texts.phrases import phrase

ENGINE_ID_SIZE_MIN = 5
REDISCOVER_EVERY = 3
"""Requests in a row without an accepted response, after which a discovery is sent again."""

_DISCOVERY = Envelope(b"", b"", b"", flags=REPORTABLE_FLAG, digest_size=0)
_LEVEL = AUTH_FLAG | PRIV_FLAG


class UsmWire:
    """One agent with one user; one request at a time. ``remarks``: see ``EngineTracker``."""

    def __init__(self, user: User) -> None:
        if user.priv:
            load_ciphers()
        self._user = user
        self._name = user.name.encode()
        self._context = user.context.encode()
        self._level = level_of(user)
        self._headers = HeaderReader()
        self._pending = PendingRequests()
        self._engines = EngineTracker(user)
        self._is_discovered = False
        self._next_salt = secrets.randbits(64)

    def __repr__(self) -> str:
        return f"UsmWire({self._user!r})"

    @property
    def version(self) -> int:
        """The version number in the message."""
        return V3

    @property
    def remarks(self) -> LatestRemarks:
        """The latest remarks; the caller that reads them clears them."""
        return self._engines.remarks

    @property
    def engine(self) -> AgentEngine | None:
        """The agent's engine as authentic messages show it; None before the first."""
        return self._engines.known

    @property
    def silence(self) -> str:
        """The probable reason why the last request has no response; "" where unknown.

        net-snmp and others drop requests that they cannot decrypt.
        """
        current = self._pending.current
        if not self._is_discovered or current is None or current.engine is None:
            return ""
        look = "check priv_file and priv, then context" if self._user.priv else "check context"
        return f"its engine sends its id and does not answer user {self._user.name!r}: {look}"

    def opening(self, request_id: int) -> bytes | None:
        """Return a discovery (RFC 3414 §4) while no engine is known or it is silent; else None.

        An agent that replaced another may drop requests to the engine id of its predecessor.
        """
        unanswered = self._pending.unanswered
        is_silent = unanswered > 0 and unanswered % REDISCOVER_EVERY == 0
        if self._engines.hinted is not None or (self.engine is not None and not is_silent):
            return None
        message_id = self._pending.start(None)
        scoped = _DISCOVERY.scoped(empty_get(request_id))
        return _DISCOVERY.message(message_id, (0, 0), b"", scoped)[0]

    def wrap(self, pdu: bytes, request_id: int, now: int) -> bytes:
        """Return the datagram that carries ``pdu``. ``now``: site time, microseconds.

        The message id is not the request id: request ids wrap, message ids are never used twice.
        """
        del request_id
        # A hint is used once: if it was forged, the next request goes to the known engine.
        if self._engines.hinted is None:
            self._pending.forget_replaced()
        engine = self._engines.take_for_request()
        assert engine is not None, "an engine must be discovered first: see opening"
        message_id = self._pending.start(engine)
        keys, clock = engine.keys, (0, 0)
        if keys.digester is not None:
            clock = engine.boots, engine.time_at(now)
        data, salt = keys.envelope.scoped(pdu), b""
        if keys.privacy is not None:
            self._next_salt += 1
            salt, ciphertext = keys.privacy.encrypt(data, clock, self._next_salt)
            data = octet_string(ciphertext)
        whole, at = keys.envelope.message(message_id, clock, salt, data)
        return whole if keys.digester is None else keys.digester.signed(whole, at)

    def unwrap(self, datagram: bytes, now: int) -> bytes:
        """Return the PDU of the response to the request under way. ``now``: site time, us.

        Raises as ``Wire.unwrap``; an AskAgainError leaves a remark where the engine restarted.
        """
        try:
            size, end = len(datagram), message_end(datagram)
            if end < size:
                datagram = datagram[:end]
            header = self._headers.read(datagram)
            if (request := self._pending.of(header)) is None:
                raise ResponseMismatchError("message id is not ours", faulty=False)
            if header.flags & AUTH_FLAG:
                pdu = self._authentic_pdu(datagram, header, request, now)
            else:
                pdu = self._plain_pdu(datagram, header, request, now)
        except BerError as error:
            raise ResponseMismatchError(f"no SNMPv3 message: {error}", faulty=True) from None
        self._pending.answered()
        self._engines.hinted = None
        self._is_discovered = False
        if end < size:
            self.remarks.append(surplus_remark(size - end))
        return pdu

    def _plain_pdu(self, datagram: bytes, header: Header, request: Request, now: int) -> bytes:
        """Return the response to a user without keys, or act on a report without a digest."""
        scoped = read_scoped_pdu(datagram[slice(*header.places.data)])
        if scoped.pdu[0] == REPORT:
            raise self._on_plain_report(report_name(reported_oid(scoped.pdu)), header, request, now)
        engine = request.engine
        if self._user.auth or engine is None:
            raise ResponseMismatchError("answer is of a lower security level", faulty=True)
        self._check_parties(header, engine)
        self._check_response(scoped, engine)
        if self.engine is None or self.engine.id != engine.id:
            self._engines.follow(engine)
        return scoped.pdu

    def _on_plain_report(self, name: str, header: Header, request: Request, now: int) -> Exception:
        """Return what a report without a digest leads to: another request, or an error."""
        engine = request.engine
        # Every report to a discovery shows the engine id, whatever its counter is.
        if engine is None or (name == UNKNOWN_ENGINE and header.engine_id != engine.id):
            if len(header.engine_id) < ENGINE_ID_SIZE_MIN:
                return ResponseMismatchError("report names no engine", faulty=True)
            self._is_discovered = engine is None
            return self._ask_again(header, request, now)
        if header.engine_id != engine.id or name == UNKNOWN_ENGINE:
            return ResponseMismatchError("report is of another engine", faulty=True)
        if name == NOT_IN_TIME_WINDOW:
            return self._ask_again(header, request, now)
        error = report_error(name, self._user)
        if self._engines.is_proven(engine):
            # The true response may still come; if none does, this is the reason at the deadline.
            return ResponseMismatchError(error.detail, faulty=True)
        self._pending.end()
        return error

    def _ask_again(self, header: Header, request: Request, now: int) -> AskAgainError:
        """Let the next request use the engine id and clock of a report without a digest."""
        if not self._engines.hint(header, now):
            self._pending.end()
            return AskAgainError("too many reports without a digest")
        # If the report is forged, the request still has a true response.
        is_proven = self._engines.is_proven(request.engine)
        self._pending.replace(request if is_proven else None)
        return AskAgainError("a report shows the engine's id and clock")

    def _authentic_pdu(self, datagram: bytes, header: Header, request: Request, now: int) -> bytes:
        """Return the response whose digest is valid and take its clock over; or act on a report."""
        engine = request.engine
        if engine is None or engine.keys.digester is None:
            raise ResponseMismatchError("a digest is more than was asked for", faulty=True)
        self._check_parties(header, engine)
        if not has_valid_digest(datagram, header, engine.keys.digester):
            raise ResponseMismatchError("digest is wrong", faulty=True)
        try:
            scoped = scoped_pdu(datagram, header, engine.keys.privacy)
        except DecryptionError as error:
            reason = f"answer cannot be decrypted ({error})"
            raise ResponseMismatchError(reason, faulty=True) from error
        if header.boots == BOOTS_MAX:
            self._pending.end()
            raise ReadError("error_status", phrase("snmp.boots_used_up"))
        in_window = self._engines.accept_clock(header, engine, now)
        if scoped.pdu[0] == REPORT:
            raise self._on_authentic_report(report_name(reported_oid(scoped.pdu)), header, now)
        if header.flags & _LEVEL != self._level:
            raise ResponseMismatchError("answer is of a lower security level", faulty=True)
        if not in_window:
            self._pending.end()
            raise AskAgainError("answer is out of the time window; its clock is taken over")
        self._check_response(scoped, engine)
        return scoped.pdu

    def _on_authentic_report(self, name: str, header: Header, now: int) -> Exception:
        self._pending.end()
        if name != NOT_IN_TIME_WINDOW:
            return report_error(name, self._user)
        assert self.engine is not None, "accept_clock has set it"
        self.engine.set_clock(header.boots, header.time, now)
        return AskAgainError("the engine's clock is taken over")

    def _check_parties(self, header: Header, engine: AgentEngine) -> None:
        if header.engine_id != engine.id:
            raise ResponseMismatchError("engine id is not the agent's", faulty=True)
        if header.user != self._name:
            raise ResponseMismatchError("user is not ours", faulty=True)

    def _check_response(self, scoped: ScopedPdu, engine: AgentEngine) -> None:
        if scoped.pdu[0] != RESPONSE:
            raise ResponseMismatchError("message is no response", faulty=True)
        if scoped.engine_id != engine.id or scoped.context != self._context:
            raise ResponseMismatchError("context is not the one asked", faulty=True)
