"""What a time zone's rules say of a span, as integers. Owns the look into the zone's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from monitord.core.calendar_values import Offset
from monitord.core.model import SECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(hours=6)
"""No zone changes its clocks twice within this time."""
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)


def offsets_of(zone: ZoneInfo, begin: int, end: int) -> tuple[Offset, ...]:
    """Return (wall time, local time minus UTC) at ``begin`` and at each change before ``end``.

    All in microseconds, a change to the second.
    """
    return tuple(_offsets(zone, begin, end))


def _offsets(zone: ZoneInfo, begin: int, end: int) -> Iterator[Offset]:
    at, last = (EPOCH + wall // SECOND * _SECOND for wall in (begin, end))
    offset = _offset(zone, at)
    yield begin, offset // _MICROSECOND
    while at < last:
        following = min(at + _STEP, last)
        if _offset(zone, following) != offset:
            change = _change(zone, at, following)
            offset = _offset(zone, following)
            yield (change - EPOCH) // _MICROSECOND, offset // _MICROSECOND
        at = following


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None, "a zone has an offset at every moment"
    return found


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return when, between the two, the zone's offset changes; to the second."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def rules_version(zone: str, folders: Sequence[str] = TZPATH) -> str:
    """Return the version of the rules that ``ZoneInfo`` reads for a zone: such as 2025b.

    ``folders``: where it looks for the zone, before the package of zones. A digest of the zone's
    own file, where they name no version.
    """
    for folder in map(Path, folders):
        file = folder / zone
        if file.is_file():
            return _named(folder) or f"sha256:{sha256(file.read_bytes()).hexdigest()[:16]}"
    return str(import_module("tzdata").IANA_VERSION)


def _named(folder: Path) -> str:
    """Return the version that a folder of zones names, or nothing."""
    for name in ("tzdata.zi", "+VERSION"):
        try:
            with (folder / name).open(encoding="ascii") as file:
                line = file.readline()
        except (OSError, ValueError):
            continue
        return line.removeprefix("# version ").strip()
    return ""
