"""A device profile by itself, outside of any configuration. Owns the check of a whole file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitord.config.devices.conditions import Condition, Surroundings
from monitord.config.devices.dependencies import settle_nominal
from monitord.config.devices.parts import Part, read_conditions, read_points
from monitord.config.devices.points import Around, Point
from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.devices.rows import Rows, read_rows_of
from monitord.config.expressions.grammar import ExpressionError, names_in, parse
from monitord.config.expressions.name_resolution import NOMINAL
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
    points, conditions = _read_alone(profile, _rows(profile, rows or {}), scope)
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


def _read_alone(
    profile: ProfileSchema, rows: Rows, scope: Scope
) -> tuple[dict[str, Point], dict[str, Condition]]:
    """Return the points and conditions of a profile without a device; every mistake is noted.

    ``scope``: the profile's file. Figures that a device would give are 1.
    """
    bring = PROTOCOLS[profile.protocol].bring
    brought = None if bring is None else bring(None, profile, scope, Scope(""))
    given = Around(profile.agent_refresh_max, rows, brought)
    parts = [Part(profile.points, scope.at("points"))]
    points, left_out = read_points(profile.protocol, given, parts, scope.at("points"))
    nominal = dict.fromkeys([*_figures(profile), *points], 1)
    settle_nominal(points, nominal, Scope(""))
    around = Surroundings(
        device=profile.profile,
        points={name: point for name, point in points.items() if point is not None},
        broken=frozenset(name for name, point in points.items() if point is None),
        left_out=left_out,
        nominal=nominal,
        nominal_scope=Scope(""),
        bound=0,
    )
    read = read_conditions([Part(profile.conditions, scope.at("conditions"))], around)
    good = {name: condition for name, condition in read.items() if condition is not None}
    return dict(around.points), good


def _figures(profile: ProfileSchema) -> Iterator[str]:
    """Yield the figures that the profile's conditions compare with."""
    for found in profile.conditions.values():
        text = found.get("true_when") if isinstance(found, dict) else None
        try:
            used = names_in(parse(text)) if isinstance(text, str) else frozenset()
        except ExpressionError:
            continue  # noted with its place when it is read
        yield from (name.removeprefix(NOMINAL) for name in used if name.startswith(NOMINAL))
