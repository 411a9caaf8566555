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
from monitord.config.loader.errors import ConfigError, Scope
from monitord.config.profiles.profiles import NAME, SUFFIX, Profiles, read_profile
from monitord.config.schemas import ProfileShape
from monitord.devices.snmp.model import RowKey


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What a file says, and every mistake in it. ``profile`` is None where it can be no profile."""

    profile: ProfileShape | None
    errors: tuple[ConfigError, ...]
    points: Mapping[str, Point] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)


def read_profile_file(
    path: Path, rows: Mapping[str, tuple[int, ...] | RowKey | None] | None = None
) -> ProfileFile:
    """Return the profile in a file anywhere, its points and conditions, and every mistake.

    ``rows``: where the rows are that a device would choose, None for one that is left out; those
    not named are row 1.
    """
    scope = Scope(str(path))
    name = path.name.removesuffix(SUFFIX)
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as error:
        scope.note(f"cannot be read: {error.strerror or type(error).__name__}")
        return ProfileFile(None, tuple(scope.errors))
    if not path.name.endswith(SUFFIX) or not NAME.fullmatch(name):
        allowed = "a name of a-z, 0-9 and - that ends in .yaml, such as my-kind.yaml"
        scope.note(f"file name {path.name!r}", allowed)
    profile = read_profile(raw, name, scope)
    if profile is None:
        return ProfileFile(None, tuple(scope.errors))
    if Profiles().hides(name, path):
        scope.at("profile").note(f"{name!r} is a shipped profile", "", "give it another name")
    points, conditions = read_alone(profile, _rows(profile, rows or {}), scope)
    return ProfileFile(profile, tuple(scope.errors), points, conditions)


def _rows(profile: ProfileShape, given: Mapping[str, tuple[int, ...] | RowKey | None]) -> Rows:
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
