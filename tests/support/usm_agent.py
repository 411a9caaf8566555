"""An SNMPv3 agent for tests, of pysnmp's types and security services alone: it cannot share our
mistakes. Follows RFC 3414 §3.2 as the authoritative engine, but for the faults that a test sets.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.entity import config
from pysnmp.proto.api import v2c
from pysnmp.proto.error import StatusInformation
from pysnmp.proto.mpmod.rfc3412 import ScopedPDU, SNMPv3Message
from pysnmp.proto.rfc1905 import ReportPDU
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel, UsmSecurityParameters

AUTH_OIDS = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha1": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
PRIV_OIDS = {
    "des": config.USM_PRIV_CBC56_DES,
    "aes128": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "aes192c": config.USM_PRIV_CFB192_AES,
    "aes256c": config.USM_PRIV_CFB256_AES,
}
AUTH_SERVICES: dict[str, Any] = {
    name: SnmpUSMSecurityModel.AUTH_SERVICES[oid] for name, oid in AUTH_OIDS.items()
}
PRIV_SERVICES: dict[str, Any] = {
    name: SnmpUSMSecurityModel.PRIV_SERVICES[oid] for name, oid in PRIV_OIDS.items()
}
USM_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
(
    UNSUPPORTED_LEVEL,
    NOT_IN_TIME_WINDOW,
    UNKNOWN_USER,
    UNKNOWN_ENGINE,
    WRONG_DIGEST,
    DECRYPTION_ERROR,
) = ((*USM_STATS, number, 0) for number in range(1, 7))
AUTH, PRIV = 1, 2
WINDOW_S = 150


class _Reports(Exception):  # noqa: N818 - the way out of checks that end in a report
    """What the request comes to, and whether its sender proved who it is."""

    def __init__(self, oid: tuple[int, ...], *, authentic: bool = False) -> None:
        super().__init__(oid)
        self.oid = oid
        self.authentic = authentic


@dataclass(frozen=True)
class UserKeys:
    """A user as the agent has it."""

    auth: str = ""
    priv: str = ""
    auth_passphrase: str = "authpass123"
    priv_passphrase: str = "privpass123"

    @property
    def level(self) -> int:
        return (AUTH if self.auth else 0) | (PRIV if self.priv else 0)

    def auth_key(self, engine_id: bytes) -> Any:
        return _auth_key(self.auth, self.auth_passphrase, engine_id)

    def priv_key(self, engine_id: bytes) -> Any:
        return _priv_key(self.auth, self.priv, self.priv_passphrase, engine_id)


@cache
def _auth_key(auth: str, passphrase: str, engine_id: bytes) -> Any:
    service = AUTH_SERVICES[auth]
    key = service.hash_passphrase(passphrase.encode())
    return service.localize_key(key, univ.OctetString(engine_id))


@cache
def _priv_key(auth: str, priv: str, passphrase: str, engine_id: bytes) -> Any:
    service, oid = PRIV_SERVICES[priv], AUTH_OIDS[auth]
    key = service.hash_passphrase(oid, passphrase.encode())
    return service.localize_key(oid, key, univ.OctetString(engine_id))


@dataclass
class UsmAgent:
    """``values`` by OID, else noSuchInstance. ``time`` changes only when a test sets it.

    The lies: ``checks_window`` (takes requests of any time), ``proves_window_reports`` (else they
    are without digest), ``answer_level`` (answers at that level), ``silent_on_unknown_engine``.
    """

    users: dict[str, UserKeys]
    values: dict[tuple[int, ...], Any] = field(default_factory=dict)
    engine_id: bytes = bytes.fromhex("80001f8804") + b"monitord-agent"
    boots: int = 1
    time: int = 1000
    context: bytes = b""
    checks_window: bool = True
    proves_window_reports: bool = True
    answer_level: int | None = None
    silent_on_unknown_engine: bool = False
    reports: list[tuple[int, ...]] = field(default_factory=list)

    def answer(self, datagram: bytes) -> list[bytes]:
        """Return the datagrams that answer: one, or none."""
        message, _ = decoder.decode(datagram, asn1Spec=SNMPv3Message())
        security, _ = decoder.decode(
            message["msgSecurityParameters"], asn1Spec=UsmSecurityParameters()
        )
        user = bytes(security["msgUserName"]).decode()
        flags = bytes(message["msgGlobalData"]["msgFlags"])[0] & (AUTH | PRIV)
        message_id = int(message["msgGlobalData"]["msgID"])
        try:
            scoped = self._checked(datagram, message, security, flags)
        except _Reports as report:
            return self._report(report, message_id, user)
        pdu = self._response(scoped["data"].getComponent())
        level = flags if self.answer_level is None else self.answer_level
        return [self.build(pdu, message_id, user, level)]

    def _checked(self, datagram: bytes, message: Any, security: Any, flags: int) -> Any:
        """Return the scoped PDU of a request that passes, in RFC 3414's order of checks."""
        if bytes(security["msgAuthoritativeEngineId"]) != self.engine_id:
            raise _Reports(UNKNOWN_ENGINE)
        keys = self.users.get(bytes(security["msgUserName"]).decode())
        if keys is None:
            raise _Reports(UNKNOWN_USER)
        if flags & ~keys.level:
            raise _Reports(UNSUPPORTED_LEVEL)
        boots = int(security["msgAuthoritativeEngineBoots"])
        time = int(security["msgAuthoritativeEngineTime"])
        if flags & AUTH:
            self._check_digest(datagram, security, keys)
            in_window = boots == self.boots and abs(time - self.time) <= WINDOW_S
            if self.checks_window and not in_window:
                raise _Reports(NOT_IN_TIME_WINDOW, authentic=self.proves_window_reports)
        if not flags & PRIV:
            return message["msgData"]["plaintext"]
        return self._decrypted(message["msgData"]["encryptedPDU"], security, keys)

    def _check_digest(self, datagram: bytes, security: Any, keys: UserKeys) -> None:
        try:
            AUTH_SERVICES[keys.auth].authenticate_incoming_message(
                keys.auth_key(self.engine_id),
                security["msgAuthenticationParameters"],
                datagram,
            )
        except StatusInformation as failure:
            raise _Reports(WRONG_DIGEST) from failure

    def _decrypted(self, hidden: Any, security: Any, keys: UserKeys) -> Any:
        parameters = (
            security["msgAuthoritativeEngineBoots"],
            security["msgAuthoritativeEngineTime"],
            security["msgPrivacyParameters"],
        )
        plain = PRIV_SERVICES[keys.priv].decrypt_data(
            keys.priv_key(self.engine_id), parameters, hidden
        )
        try:
            scoped, _ = decoder.decode(plain, asn1Spec=ScopedPDU())
        except Exception as failure:  # nonsense raises anything
            raise _Reports(DECRYPTION_ERROR) from failure
        return scoped

    def _response(self, request: Any) -> Any:
        response = v2c.apiPDU.get_response(request)
        oids = [tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(request)]
        absent = v2c.NoSuchInstance("")
        v2c.apiPDU.set_varbinds(response, [(oid, self.values.get(oid, absent)) for oid in oids])
        return response

    def _report(self, report: _Reports, message_id: int, user: str) -> list[bytes]:
        self.reports.append(report.oid)
        if report.oid == UNKNOWN_ENGINE and self.silent_on_unknown_engine and user:
            return []
        level = AUTH if report.authentic else 0
        return [self.report(report.oid, message_id, user, level)]

    def report(self, oid: tuple[int, ...], message_id: int, user: str, level: int = 0) -> bytes:
        """Return a report, whatever was asked."""
        pdu = ReportPDU()
        v2c.apiPDU.set_defaults(pdu)
        v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.Counter32(1))])
        return self.build(pdu, message_id, user, level)

    def build(self, pdu: Any, message_id: int, user: str, level: int) -> bytes:
        """Return a message of this engine at ``level``."""
        keys = self.users.get(user, UserKeys())
        scoped = ScopedPDU()
        scoped["contextEngineId"] = self.engine_id
        scoped["contextName"] = self.context
        scoped["data"].setComponentByType(pdu.getTagSet(), pdu, verifyConstraints=False)
        security = UsmSecurityParameters()
        security["msgAuthoritativeEngineId"] = self.engine_id
        security["msgAuthoritativeEngineBoots"] = self.boots
        security["msgAuthoritativeEngineTime"] = self.time
        security["msgUserName"] = user
        security["msgPrivacyParameters"] = b""
        size = AUTH_SERVICES[keys.auth].digest_length if level & AUTH else 0
        security["msgAuthenticationParameters"] = bytes(size)
        message = SNMPv3Message()
        message["msgVersion"] = 3
        message["msgGlobalData"]["msgID"] = message_id
        message["msgGlobalData"]["msgMaxSize"] = 65507
        message["msgGlobalData"]["msgFlags"] = bytes((level,))
        message["msgGlobalData"]["msgSecurityModel"] = 3
        if level & PRIV:
            hidden, salt = PRIV_SERVICES[keys.priv].encrypt_data(
                keys.priv_key(self.engine_id),
                (self.boots, self.time, None),
                encoder.encode(scoped),
            )
            security["msgPrivacyParameters"] = salt
            message["msgData"]["encryptedPDU"] = hidden
        else:
            message["msgData"]["plaintext"] = scoped
        message["msgSecurityParameters"] = encoder.encode(security)
        whole = bytes(encoder.encode(message))
        if level & AUTH:
            service = AUTH_SERVICES[keys.auth]
            whole = service.authenticate_outgoing_message(keys.auth_key(self.engine_id), whole)
        return bytes(whole)


def other_engine_id() -> bytes:
    """Return an engine id that nobody has."""
    return bytes.fromhex("80001f8804") + secrets.token_bytes(8)
