"""Our own SNMP engine: its id and boots, stored in one small file.

RFC 3414 §2.2: the id stays and the boots grow with each start, or a sender of informs rejects our
messages as replays. If the boots are lost, the RFC requires a new id.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import structlog

from monitord.devices.snmp.usm.engine import BOOTS_MAX
from monitord.traps.usm import OwnEngine

FILE = "snmp_engine"
_LINE = re.compile(r"([0-9a-f]{10,64}) ([0-9]{1,10})\n")
# RFC 3411 §5: the first bit set, no enterprise number of our own (0), format 5 (octets).
_PREFIX = bytes((0x80, 0, 0, 0, 5))
_RANDOM_OCTETS = 12

_log = structlog.get_logger(__name__)


def load_engine(folder: Path, now: int) -> OwnEngine:
    """Return our engine for this start, and store it. ``now``: site time, microseconds.

    Where the file cannot be written, this run has a new id, which senders discover.
    """
    path = folder / FILE
    known = _read(path)
    if known is None or known[1] >= BOOTS_MAX - 1:
        known = _PREFIX + secrets.token_bytes(_RANDOM_OCTETS), 0
    engine = OwnEngine(known[0], known[1] + 1, now)
    try:
        _write(path, f"{engine.id.hex()} {engine.boots}\n")
    except OSError as error:
        _log.warning("snmp_engine_not_kept", file=str(path), detail=error.strerror)
        return OwnEngine(_PREFIX + secrets.token_bytes(_RANDOM_OCTETS), 1, now)
    return engine


def _read(path: Path) -> tuple[bytes, int] | None:
    try:
        with path.open("rb") as file:
            found = _LINE.fullmatch(file.read(100).decode("ascii", errors="replace"))
    except OSError:
        return None
    return (bytes.fromhex(found[1]), int(found[2])) if found and len(found[1]) % 2 == 0 else None


def _write(path: Path, text: str) -> None:
    """Replace the file atomically and sync it, before the boots are used."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
