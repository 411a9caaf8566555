"""Names and error texts of report PDUs (RFC 3414 §3.2, RFC 3412 §7.2). No state."""

from __future__ import annotations

from monitord.devices.model import ReadError
from monitord.devices.snmp.model import User
from monitord.texts.phrases import phrase

_USM_STATS = b"\x2b\x06\x01\x06\x03\x0f\x01\x01"
_MPD_STATS = b"\x2b\x06\x01\x06\x03\x0b\x02\x01"
_TARGET = b"\x2b\x06\x01\x06\x03\x0c\x01"

UNSUPPORTED_LEVEL = "usmStatsUnsupportedSecLevels"
NOT_IN_TIME_WINDOW = "usmStatsNotInTimeWindows"
UNKNOWN_USER = "usmStatsUnknownUserNames"
UNKNOWN_ENGINE = "usmStatsUnknownEngineIDs"
WRONG_DIGEST = "usmStatsWrongDigests"
DECRYPTION_ERROR = "usmStatsDecryptionErrors"
UNKNOWN_MODEL = "snmpUnknownSecurityModels"
INVALID = "snmpInvalidMsgs"
NO_HANDLER = "snmpUnknownPDUHandlers"
UNAVAILABLE_CONTEXT = "snmpUnavailableContexts"
UNKNOWN_CONTEXT = "snmpUnknownContexts"

_NAMES = {
    _USM_STATS + b"\x01": UNSUPPORTED_LEVEL,
    _USM_STATS + b"\x02": NOT_IN_TIME_WINDOW,
    _USM_STATS + b"\x03": UNKNOWN_USER,
    _USM_STATS + b"\x04": UNKNOWN_ENGINE,
    _USM_STATS + b"\x05": WRONG_DIGEST,
    _USM_STATS + b"\x06": DECRYPTION_ERROR,
    _MPD_STATS + b"\x01": UNKNOWN_MODEL,
    _MPD_STATS + b"\x02": INVALID,
    _MPD_STATS + b"\x03": NO_HANDLER,
    _TARGET + b"\x04": UNAVAILABLE_CONTEXT,
    _TARGET + b"\x05": UNKNOWN_CONTEXT,
}


def report_name(oid: bytes) -> str:
    """Return the counter's name by its OID's content octets; "" for an unknown one."""
    # Some agents leave the instance .0 out.
    return _NAMES.get(oid[: len(_USM_STATS) + 1], "") or _NAMES.get(oid[: len(_TARGET) + 1], "")


_REJECTIONS = {
    UNKNOWN_USER: "snmp.unknown_user",
    UNSUPPORTED_LEVEL: "snmp.unsupported_level",
    WRONG_DIGEST: "snmp.wrong_digest",
    DECRYPTION_ERROR: "snmp.decryption_error",
    UNKNOWN_CONTEXT: "snmp.unknown_context",
    UNAVAILABLE_CONTEXT: "snmp.unavailable_context",
    UNKNOWN_MODEL: "snmp.unknown_model",
    INVALID: "snmp.invalid",
    NO_HANDLER: "snmp.no_handler",
}


def report_error(name: str, user: User) -> ReadError:
    """Return the error of a report that rejects the user for good, with the keys to check."""
    key = _REJECTIONS.get(name, "snmp.other_report" if name else "snmp.unknown_report")
    text = phrase(
        key,
        user=repr(user.name),
        level=user.level,
        auth=user.auth or "none",
        priv=user.priv or "none",
        context=repr(user.context),
        report=name,
    )
    return ReadError("error_status", text)
