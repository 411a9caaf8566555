"""Names and error texts of report PDUs (RFC 3414 §3.2, RFC 3412 §7.2). No state."""

from __future__ import annotations

from monitord.devices.model import ReadError
from monitord.devices.snmp.model import User

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


def report_error(name: str, user: User) -> ReadError:
    """Return the error of a report that rejects the user for good, with the keys to check."""
    who = f"user {user.name!r}"
    texts = {
        UNKNOWN_USER: f"agent does not know {who}: check user, and that the device has it",
        UNSUPPORTED_LEVEL: f"agent does not offer {who} the level {user.level}: check auth and "
        "priv, and what the device allows this user",
        WRONG_DIGEST: f"agent does not accept the digests of {who}: check auth_file and auth "
        f"({user.auth or 'none'})",
        DECRYPTION_ERROR: f"agent cannot decrypt requests of {who}: check priv_file and priv "
        f"({user.priv or 'none'})",
        UNKNOWN_CONTEXT: f"agent has no context {user.context!r}: check context",
        UNAVAILABLE_CONTEXT: f"agent's context {user.context!r} is not available now",
        UNKNOWN_MODEL: "agent does not speak the user-based security of SNMPv3",
        INVALID: "agent calls the request invalid",
        NO_HANDLER: "agent has no handler for this context engine",
    }
    text = texts.get(name, "agent reported something that is no answer")
    return ReadError("error_status", f"{text} ({name})" if name else text)
