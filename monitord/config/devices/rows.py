"""Which rows of an agent's tables a device has. Owns the match of names; decodes no value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitord.config.fields.entries import entries
from monitord.config.fields.field_types import OID, Refused
from monitord.config.fields.point_types import ROW_ALLOWED, RowChoice, read_column
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import nearest, phrase, quoted, shown
from monitord.config.schemas import DeviceSchema, ProfileSchema, RowSchema
from monitord.devices.snmp.model import RowKey


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by name. ``known``: all of them; ``indexes``: their index, or the cell that finds it.

    ``left_out``: optional rows of the profile that this device has not chosen.
    """

    known: frozenset[str]
    indexes: Mapping[str, tuple[int, ...] | RowKey]
    left_out: frozenset[str]

    def leaves_out(self, point: Any) -> bool:
        """Return whether a point, as written, is in a row that is left out."""
        return bool(_named_in({"": point}) & self.left_out)


def choose_rows(schema: DeviceSchema, profile: ProfileSchema | None, scope: Scope) -> Rows:
    """Return the rows of the device's points; missing ones are noted.

    ``scope``: the device's ``rows``.
    """
    wanted = read_rows_of(profile) if profile else {}
    known = (
        {*wanted, *schema.rows, *(str(name) for name in profile.rows)} if profile else schema.rows
    )
    _check_names(schema, {*wanted, *_named_in(schema.points)}, scope)
    indexes: dict[str, tuple[int, ...] | RowKey] = {
        name: row.index for name, row in wanted.items() if row.index is not None
    }
    for name, found in schema.rows.items():
        keys = wanted[name].keys if name in wanted else {}
        chosen = _key(name, found, keys, scope) if isinstance(found, RowChoice) else found
        if chosen is not None:
            indexes[name] = chosen
    missing = {n: row for n, row in wanted.items() if n not in indexes and n not in schema.rows}
    if not scope.has_errors:  # else none was read
        _ask_for(missing, schema, scope)
    left_out = frozenset(name for name, row in missing.items() if row.optional)
    return Rows(frozenset(known), indexes, left_out)


def _key(
    name: str, chosen: RowChoice, keys: Mapping[str, tuple[int, ...]], scope: Scope
) -> RowKey | None:
    """Return the column and the text of its cell, or None where there is no such column."""
    column = keys.get(chosen.key)
    if column is None:
        try:
            column = read_column(chosen.key)
        except Refused:
            hint = nearest(chosen.key, keys, "keys") if keys else phrase("row.oid")
            unknown = phrase("unknown.key", name=shown(chosen.key))
            scope.at(name).note(unknown, hint=hint, key=chosen.key)
            return None
    return RowKey(name, chosen.key, column, chosen.value)


def read_rows_of(profile: ProfileSchema) -> dict[str, RowSchema]:
    """Return the rows that have no mistakes and are used in an OID."""
    read = {str(name): read_schema(RowSchema, row, Scope("")) for name, row in profile.rows.items()}
    named = _named_in(profile.points)
    return {name: row for name, row in read.items() if row is not None and name in named}


def _check_names(schema: DeviceSchema, used: set[str], scope: Scope) -> None:
    for name in schema.rows:
        if name not in used:
            unknown = phrase("unknown.row", name=shown(name))
            scope.note(unknown, hint=nearest(name, used), key=name)


def _ask_for(missing: Mapping[str, RowSchema], schema: DeviceSchema, scope: Scope) -> None:
    for name, row in missing.items():
        if not row.optional:
            names = {"profile": quoted(schema.profile), "what": row.what}
            hint = phrase("row.wanted", **names)
            scope.at(name).wrong(None, ROW_ALLOWED, hint)


def check_rows(profile: ProfileSchema, scope: Scope) -> None:
    """Note every mistake in a profile's rows. ``scope``: its ``rows``."""
    named = _named_in(profile.points)
    for name, found, place in entries(profile.rows, scope, "row") if profile.rows else ():
        row = read_schema(RowSchema, found, place)
        if name not in named:
            place.note(phrase("row.unused"), hint=nearest(name, named))
        if row is not None and row.optional and row.index is not None:
            place.at("optional").note(phrase("row.optional"), hint=phrase("leave_out"))


def _named_in(points: Mapping[Any, Any]) -> set[str]:
    """Return the rows named in points' OIDs, also of points with other mistakes."""
    oids = [point.get("oid") for point in points.values() if isinstance(point, dict)]
    good = [oid for oid in oids if isinstance(oid, str) and OID.fullmatch(oid)]
    return {arc[1:-1] for oid in good for arc in oid.split(".") if arc[0] == "{"}
