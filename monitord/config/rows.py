"""Which rows of an agent's tables a device is about. Owns the match of names; reads no OID."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitord.config.errors import Scope, nearest, shown
from monitord.config.kinds import OID
from monitord.config.raw_kinds import ROW_ALLOWED
from monitord.config.shapes import DeviceShape, ProfileShape


def choose_rows(
    shape: DeviceShape, profile: ProfileShape | None, scope: Scope
) -> dict[str, tuple[int, ...] | None]:
    """Return each row's index by its name; None where it is missing, which is noted.

    ``scope``: the device's ``rows``.
    """
    wanted = profile.rows if profile else {}
    rows: dict[str, tuple[int, ...] | None] = dict.fromkeys(wanted)
    for name, what in wanted.items():
        if name not in shape.rows:
            hint = f"profile {shape.profile!r} reads it: {what}"
            scope.at(name).wrong(None, ROW_ALLOWED, hint)
    used = {*wanted, *_named_in(shape.points)}
    for name, index in shape.rows.items():
        if name not in used:
            scope.note(f"unknown row {shown(name)}", "", nearest(name, used))
        rows[name] = index
    return rows


def check_rows(profile: ProfileShape, scope: Scope) -> None:
    """Note rows that a profile declares and no point of it reads. ``scope``: its ``rows``."""
    named = _named_in(profile.points)
    for name in profile.rows:
        if name not in named:
            scope.at(name).note("no point reads this row", "", nearest(name, named))


def _named_in(points: Mapping[Any, Any]) -> set[str]:
    """Return the rows that stand in points' OIDs, whatever else is wrong with the points."""
    oids = [point.get("oid") for point in points.values() if isinstance(point, dict)]
    good = [oid for oid in oids if isinstance(oid, str) and OID.fullmatch(oid)]
    return {arc[1:-1] for oid in good for arc in oid.split(".") if arc[0] == "{"}
