"""A device profile by itself, outside of any configuration. Owns the check of a whole file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitord.config.devices.build import read_alone
from monitord.config.devices.conditions import Condition
from monitord.config.devices.points import Point
from monitord.config.devices.rows import Rows, read_rows_of
from monitord.config.loader.document import BYTES_MAX
from monitord.config.loader.errors import ConfigError, Scope, in_order
from monitord.config.loader.files import UnreadableError, read_file
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.profiles.profiles import NAME, SUFFIX, Profiles, read_profile
from monitord.config.schemas import ProfileSchema
from monitord.devices.snmp.model import RowKey


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """The content of a profile's file, and every mistake in it. ``profile``: None if unreadable."""

    profile: ProfileSchema | None
    errors: tuple[ConfigError, ...]
    points: Mapping[str, Point] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)


def read_profile_file(
    path: Path, rows: Mapping[str, tuple[int, ...] | RowKey | None] | None = None
) -> ProfileFile:
    """Return the profile in a file anywhere, its points and conditions, and every mistake.

    ``rows``: indexes of the rows that a device would choose, None for one that is left out; those
    not named are row 1.
    """
    scope = Scope(str(path))
    name = path.name.removesuffix(SUFFIX)
    try:
        raw = read_file(path, BYTES_MAX)
    except UnreadableError as error:
        scope.note(error.reason)
        return ProfileFile(None, tuple(in_order(scope.errors)))
    if not path.name.endswith(SUFFIX) or not NAME.fullmatch(name):
        scope.note(
            phrase("profile.file_name", name=quoted(path.name)), phrase("profile.file_names")
        )
    profile = read_profile(raw, name, scope)
    if profile is None:
        return ProfileFile(None, tuple(in_order(scope.errors)))
    if Profiles().hides(name, path):
        scope.at("profile").note(
            phrase("profile.shipped", name=quoted(name)), hint=phrase("other_name")
        )
    points, conditions = read_alone(profile, _rows(profile, rows or {}), scope)
    return ProfileFile(profile, tuple(in_order(scope.errors)), points, conditions)


def _rows(profile: ProfileSchema, given: Mapping[str, tuple[int, ...] | RowKey | None]) -> Rows:
    indexes: dict[str, tuple[int, ...] | RowKey] = {}
    left_out = set()
    for name, row in read_rows_of(profile).items():
        index = given.get(name, row.index or (1,))
        if index is None:
            left_out.add(name)
        else:
            indexes[name] = index
    known = {*indexes, *left_out, *map(str, profile.rows)}
    return Rows(frozenset(known), indexes, frozenset(left_out))
