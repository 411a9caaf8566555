"""Which points are polled more slowly, and whether a device may be polled outside its slots.

Owns those rules of the configuration; the poller's own are in ``monitord/polling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from monitord.config.devices.points import Point
from monitord.config.expressions.text import duration_text
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.schemas import DeviceSchema, ProfileSchema

SLOW_EVERY = 30_000_000
"""How often slow points are polled by default: this, or the next whole number of slots."""
SLOW_EVERY_MAX = 3_600_000_000
UNVERIFIED = "unverified"

UPTIME = "uptime_s"
"""A point of this id counts the seconds since the device's start: going back is a restart."""


class SlowPlaces(TypedDict):
    """Fields of ``DeviceSettings``."""

    slow: tuple[int, ...]
    uptime: int | None


Points = dict[str, Point | None]


def may_burst(schema: DeviceSchema, profile: ProfileSchema | None) -> bool:
    """Return whether the device may be polled outside its slots: its own key, or its profile's.

    By default it may not where the profile is unverified, or there is none.
    """
    if schema.burst is not None:
        return schema.burst
    return profile is not None and profile.verified != UNVERIFIED and profile.burst


def settle_rates(points: Points, schema: DeviceSchema, deadline: int, scope: Scope) -> int:
    """Add their rate to slow points' ages, and return it in microseconds; 0 without any.

    A derived point has the rate of the points it is calculated from. ``scope``: the device's.
    """
    before = len(scope.errors)
    _derive_rates(points)
    _check_rates(points, scope)
    slow = [id_ for id_, point in points.items() if point is not None and point.is_slow]
    if schema.slow_every is not None and not slow:
        scope.at("slow_every").note(phrase("rates.no_slow"), hint=phrase("rates.give_slow"))
    if not slow or len(scope.errors) > before:
        return 0
    if len(slow) == len(points):
        scope.at("points").note(phrase("rates.all_slow"), hint=phrase("rates.poll_every"))
    every = _slow_every(schema, scope.at("slow_every"))
    for id_ in slow:
        points[id_] = _aged(points[id_], every + deadline)
    return every


def slow_places(ordered: Sequence[Point]) -> SlowPlaces:
    """Return the places of slow points among the device's points, and that of its uptime."""
    ids = [point.plan.id for point in ordered]
    return SlowPlaces(
        slow=tuple(place for place, point in enumerate(ordered) if point.is_slow),
        uptime=ids.index(UPTIME) if UPTIME in ids else None,
    )


def _slow_every(schema: DeviceSchema, scope: Scope) -> int:
    every, slow_every = max(1, schema.poll_every), schema.slow_every
    if slow_every is None:
        return max(2, -(-SLOW_EVERY // every)) * every
    if slow_every % every or not 2 * every <= slow_every <= SLOW_EVERY_MAX:
        allowed = phrase("rates.slow_every", every=duration_text(every))
        scope.note(quoted(duration_text(slow_every)), allowed)
    return slow_every


def _aged(point: Point | None, older: int) -> Point | None:
    if point is None:
        return None
    refresh = point.plan.agent_refresh_max + older
    return replace(point, plan=replace(point.plan, agent_refresh_max=refresh))


def _derive_rates(points: Points) -> None:
    for id_, point in points.items():
        if point is None or getattr(point.source.decoding, "derived", None) is None:
            continue
        needed = [points.get(name) for name in point.source.decoding.depends_on]
        if needed and all(one is not None and one.is_slow for one in needed):
            points[id_] = replace(point, is_slow=True)


def _check_rates(points: Points, scope: Scope) -> None:
    """Note points that depend on points of another rate: they would mix two moments."""
    for id_, point in points.items():
        for name in () if point is None else point.source.decoding.depends_on:
            other = points.get(name)
            if point is not None and other is not None and other.is_slow is not point.is_slow:
                slow, fast = (name, id_) if other.is_slow else (id_, name)
                mixed = phrase("rates.mixed", slow=slow, fast=fast)
                scope.at("points", id_).note(mixed, hint=phrase("rates.same"))
