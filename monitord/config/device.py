"""From a device's keys to its settings and plan. Owns how a profile and a device combine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitord.config.devices.conditions import Condition, Surroundings
from monitord.config.devices.dependencies import (
    date_counters,
    derived_last,
    settle_nominal,
    with_charset,
)
from monitord.config.devices.derived import delay_derived
from monitord.config.devices.nominal import figures_at
from monitord.config.devices.parts import (
    Part,
    give_alarms,
    read_conditions,
    read_points,
    split_alarms,
)
from monitord.config.devices.points import Around, Point
from monitord.config.devices.poll_rates import (
    UNVERIFIED,
    Points,
    may_burst,
    settle_rates,
    slow_places,
)
from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.devices.rows import choose_rows
from monitord.config.devices.templates import Device, like, template_key
from monitord.config.expressions.text import duration_text
from monitord.config.fields.entries import entries
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.profiles.profiles import Profiles, quirks_of
from monitord.config.schemas import DelaysSchema, DeviceSchema, ProfileSchema
from monitord.core.expression import names
from monitord.core.plan import DevicePlan
from monitord.decoding.model import DerivedPoint, SourcePoint
from monitord.decoding.plausibility import ALL_ZERO
from monitord.devices.model import DeviceSettings, Source
from monitord.devices.numbering import numbering_of

POLL_EVERY_MIN, POLL_EVERY_MAX = 100_000, 3_600_000_000
DEADLINE_MIN, DEADLINE_DEFAULT_MAX = 10_000, 2_000_000
UNVERIFIED_EVERY = "5s"
"""How often a device is polled whose profile was never checked against a real one."""


def read_device(
    id_: str,
    found: Any,
    folder: Path,
    profiles: Profiles,
    scope: Scope,
    *,
    today: str = "",
    alike: dict[str, Device] | None = None,
) -> Device:
    """Return the device as far as it could be read; every mistake is noted.

    ``folder``: the start of relative file names. ``today``: the station's ISO date; empty: no
    date is ahead. ``alike``: good devices read before, by their
    template key; this one is added.
    """
    found = _with_default_rate(found, profiles)
    key = template_key(found)
    if alike is None or key is None:
        return _read_device(id_, found, folder, profiles, scope, today=today)
    if (known := alike.get(key)) is not None:
        return _read_alike(id_, found, folder, profiles, scope, known=known)
    device = _read_device(id_, found, folder, profiles, scope, today=today)
    if device.settings is not None:
        alike[key] = device
    return device


def _with_default_rate(found: Any, profiles: Profiles) -> Any:
    """Return the device's section with a default ``poll_every`` where it may be left out.

    Only an unverified profile has a default. Other mistakes are noted when the section is read.
    """
    if not isinstance(found, dict) or "poll_every" in found:
        return found
    profile = found.get("profile")
    if isinstance(profile, str) and profiles.verified(profile) == UNVERIFIED:
        return {**found, "poll_every": UNVERIFIED_EVERY}
    return found


def _read_alike(
    id_: str, found: Any, folder: Path, profiles: Profiles, scope: Scope, *, known: Device
) -> Device:
    """Return a device with the points of ``known``, and its own name and place."""
    before = len(scope.errors)
    schema = read_schema(DeviceSchema, found, scope)
    if schema is None or known.settings is None:
        return Device(conditions=known.conditions)
    protocol = _protocol(schema, None)
    profile, _ = _profile(schema, protocol, profiles, scope)
    source = _source(schema, profile, folder, scope)
    if source is not None and protocol is not None:
        source = _whole(source, protocol, known.settings.source.points, scope)
    if len(scope.errors) > before or source is None:
        return Device(conditions=known.conditions)
    alike = like(known, replace(known.settings, id=id_, name=schema.name, source=source))
    return replace(alike, short_name=schema.short_name or "")


def _read_device(
    id_: str, found: Any, folder: Path, profiles: Profiles, scope: Scope, *, today: str
) -> Device:
    before = len(scope.errors)
    schema = read_schema(DeviceSchema, found, scope, {"name": "-", "poll_every": "1s"})
    if schema is None:
        return Device()
    is_whole = len(scope.errors) == before
    deadline = _deadline(schema, scope) if is_whole else schema.poll_every
    protocol = _protocol(schema, scope if is_whole else None)
    profile, profile_scope = _profile(schema, protocol, profiles, scope)
    source = _source(schema, profile, folder, scope)
    own, alarms = split_alarms(schema.conditions, profile.conditions if profile else {})
    conditions = _parts("conditions", own, scope, profile, profile_scope)
    if protocol is None or (schema.profile and profile is None):
        return Device()
    parts = _parts("points", schema.points, scope, profile, profile_scope)
    given = _given(schema, (profile, profile_scope), protocol, source, scope)
    points, left_out = read_points(protocol, given, parts, scope.at("points"))
    nominal = figures_at(schema.nominal, today, scope.at("nominal"))
    settle_nominal(points, nominal, scope.at("nominal"))
    _give(points, schema, profile, scope)
    slow_every = _settle_paces(points, schema, deadline, scope)
    around = Surroundings(
        device=id_,
        points={name: point for name, point in points.items() if point is not None},
        broken=frozenset(name for name, point in points.items() if point is None),
        left_out=left_out,
        nominal=nominal,
        nominal_scope=scope.at("nominal"),
        bound=_bound(schema, deadline, scope),
    )
    _check_bounds(around, schema.poll_every + deadline, scope)
    read = read_conditions(conditions, around)
    give_alarms(read, alarms, scope.at("conditions"))
    source = _with_points(source, protocol, points, scope)
    if len(scope.errors) > before or source is None:
        return Device(conditions=tuple(read))
    good = [condition for condition in read.values() if condition is not None]
    ordered, derived = derived_last(around.points)
    settings = _settings_of(
        id_,
        schema,
        profile,
        source,
        deadline=deadline,
        derived=tuple(derived),
        slow_every=slow_every,
        **slow_places(ordered),
    )
    return Device(
        settings=settings,
        plan=DevicePlan(
            id=id_,
            points=tuple(point.plan for point in ordered),
            conditions=tuple(condition.plan for condition in good),
            slot=schema.poll_every,
            deadline=deadline,
            powered_by=schema.powered_by,
            behind=schema.behind,
            mutes_on_input=schema.mutes_on_input,
            numbering=numbering_of(settings),
        ),
        conditions=tuple(read),
        slow=_resting_on_slow(good, around),
        cards={condition.plan.id: condition.card for condition in good if condition.card},
        words={condition.plan.id: condition.words for condition in good if condition.words},
        short_name=schema.short_name or "",
        is_witness=schema.profile is not None and profiles.is_witness(schema.profile),
    )


def _settle_paces(points: Points, schema: DeviceSchema, deadline: int, scope: Scope) -> int:
    """Settle how often each point is read, and return how often the slow ones are."""
    slow_every = settle_rates(points, schema, deadline, scope)
    date_counters(points, 2 * schema.poll_every + deadline, 2 * slow_every + deadline)
    return slow_every


def _settings_of(
    id_: str, schema: DeviceSchema, profile: ProfileSchema | None, source: Source, **more: Any
) -> DeviceSettings:
    """Return how a device is read. ``more``: fields that follow from its points and rates."""
    return DeviceSettings(
        id=id_,
        name=schema.name,
        poll_every=schema.poll_every,
        source=source,
        all_zero=schema.all_zero or (profile and profile.all_zero) or ALL_ZERO[0],
        burst=may_burst(schema, profile),
        **more,
    )


def _resting_on_slow(conditions: list[Condition], around: Surroundings) -> dict[str, str]:
    return {
        condition.plan.id: name
        for condition in conditions
        for name in names(condition.plan.true_when)
        if around.points[name].is_slow
    }


def _deadline(schema: DeviceSchema, scope: Scope) -> int:
    every, deadline = schema.poll_every, schema.deadline
    if not POLL_EVERY_MIN <= every <= POLL_EVERY_MAX:
        scope.at("poll_every").note(
            quoted(duration_text(every)), phrase("range", low="100ms", high="1h")
        )
    if deadline is None:
        return min(every * 4 // 5, DEADLINE_DEFAULT_MAX)
    if not DEADLINE_MIN <= deadline < every:
        allowed = phrase("device.deadline", every=duration_text(every))
        scope.at("deadline").note(quoted(duration_text(deadline)), allowed)
    return deadline


def _bound(schema: DeviceSchema, deadline: int, scope: Scope) -> int:
    """Return the continuity bound: by default two slots and the deadline."""
    bound, least = schema.continuity_bound, schema.poll_every + deadline
    if bound is None:
        return schema.poll_every + least
    if bound < least:
        _note_bound(scope.at("continuity_bound"), bound, least)
    return bound


def _note_bound(scope: Scope, bound: int, least: int) -> None:
    allowed = phrase("device.bound", least=duration_text(least))
    scope.note(quoted(duration_text(bound)), allowed)


def _protocol(schema: DeviceSchema, scope: Scope | None) -> str | None:
    named = [name for name in PROTOCOLS if getattr(schema, name) is not None]
    if len(named) == 1:
        return named[0]
    if scope is not None:
        scope.one_of_keys(tuple(named or PROTOCOLS), are_there=bool(named))
    return None


def _profile(
    schema: DeviceSchema, protocol: str | None, profiles: Profiles, scope: Scope
) -> tuple[ProfileSchema | None, Scope]:
    if schema.profile is None:
        return None, scope
    profile, own = profiles.find(schema.profile, scope.at("profile"))
    if profile is not None and protocol not in (None, profile.protocol):
        names = {"profile": quoted(schema.profile), "protocol": profile.protocol}
        scope.at("profile").note(phrase("profile.protocol", **names, section=str(protocol)))
        return None, own
    return profile, own


def _refresh(schema: DeviceSchema, profile: ProfileSchema | None) -> int:
    if schema.agent_refresh_max is not None:
        return schema.agent_refresh_max
    return profile.agent_refresh_max if profile else 0


def _source(
    schema: DeviceSchema, profile: ProfileSchema | None, folder: Path, scope: Scope
) -> Source | None:
    """Return the device's source without points; its own keys replace its profile's."""
    for name, protocol in PROTOCOLS.items():
        if (found := getattr(schema, name)) is not None:
            theirs = quirks_of(profile, name) if profile is not None else {}
            return protocol.read_source({**theirs, **found}, folder, scope.at(name))
    return None


def _given(
    schema: DeviceSchema,
    profile: tuple[ProfileSchema | None, Scope],
    protocol: str,
    source: Source | None,
    scope: Scope,
) -> Around:
    """Return what all points of the device share. ``profile``: with its scope."""
    rows = choose_rows(schema, profile[0], scope.at("rows"))
    bring = PROTOCOLS[protocol].bring
    brought = None if bring is None else bring(source, *profile, scope.at(protocol))
    return Around(_refresh(schema, profile[0]), rows, brought)


def _with_points(
    source: Source | None, protocol: str, points: Mapping[str, Point | None], scope: Scope
) -> Source | None:
    """Return the whole source, or None where a point has mistakes; conflicts are noted."""
    if source is None or None in points.values():
        return None
    read = [point.source for point in points.values() if point is not None]
    read = [point for point in read if not isinstance(point, DerivedPoint)]
    return _whole(source, protocol, tuple(read), scope)


def _whole(source: Source, protocol: str, points: tuple[SourcePoint, ...], scope: Scope) -> Source:
    """Return the source with its points; conflicts between them are noted."""
    whole = PROTOCOLS[protocol].with_points(source, points)
    if (check := PROTOCOLS[protocol].check) is not None:
        check(whole, scope.at(protocol))
    return whole


def _parts(
    key: str,
    own: dict[Any, Any],
    scope: Scope,
    profile: ProfileSchema | None,
    profile_scope: Scope,
) -> list[Part]:
    """Return the profile's and the device's mapping under ``key``; nothing may be in both."""
    if profile is None:
        return [Part(own, scope.at(key))]
    theirs: dict[Any, Any] = getattr(profile, key)
    for name in (name for name in own if name in theirs):
        known = phrase("profile.has", profile=quoted(profile.profile))
        scope.at(key, name).note(known, hint=phrase("other_id"))
    return [Part(theirs, profile_scope.at(key)), Part(own, scope.at(key))]


def _give(
    points: dict[str, Point | None],
    schema: DeviceSchema,
    profile: ProfileSchema | None,
    scope: Scope,
) -> None:
    """Give the points the charset and the delays that are set at the device."""
    with_charset(points, schema.charset or (profile.charset if profile else None))
    before = {id_: point.plan for id_, point in points.items() if point is not None}
    _delay(points, schema.delays, scope.at("delays"))
    delay_derived(points, before)


def _delay(points: dict[str, Point | None], section: dict[Any, Any], scope: Scope) -> None:
    """Give points of a profile the delays that are set at this device."""
    for name, found, place in entries(section, scope, "point") if section else ():
        schema = read_schema(DelaysSchema, found, place)
        if name not in points:
            scope.unknown("point", name, points)
        point = points.get(name)
        if schema is not None and point is not None:
            own = {key: value for key, value in schema if value is not None}
            points[name] = replace(point, plan=replace(point.plan, **own))


def _check_bounds(around: Surroundings, least: int, scope: Scope) -> None:
    """Note times that good answers could not meet.

    A continuity bound that two answers may exceed; a number that counts as frozen before its
    source could have changed it.
    """
    for name, point in around.points.items():
        if point.bound is not None and point.bound < least:
            _note_bound(scope.at("points", name, "continuity_bound"), point.bound, least)
        frozen, shortest = point.source.decoding.frozen_after, 3 * least
        if frozen and frozen < point.plan.agent_refresh_max + shortest:
            scope.at("points", name, "frozen_after").note(
                quoted(duration_text(frozen)),
                phrase("at_least", least=duration_text(point.plan.agent_refresh_max + shortest)),
                phrase("device.frozen"),
            )
