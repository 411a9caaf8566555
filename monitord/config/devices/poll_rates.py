"""Which points are read at a slower pace, and whether a device may be asked outside its slots.

Owns those rules of the configuration; the poller's own are in ``monitord/polling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict

from monitord.config.devices.points import Point
from monitord.config.expressions.text import duration_text
from monitord.config.loader.errors import Scope
from monitord.config.profiles.profiles import Profiles
from monitord.config.schemas import DeviceShape, ProfileShape

SLOW_EVERY = 30_000_000
"""The pace of slow points where the device does not say, or the next whole number of slots."""
SLOW_EVERY_MAX = 3_600_000_000
UNVERIFIED_EVERY = "5s"
"""How often a device is polled whose profile nobody has held against a real one."""
UNVERIFIED = "unverified"

UPTIME = "uptime_s"
"""A point of this id counts the seconds since the device's start: going back is a restart."""


class PlacesOfPace(TypedDict):
    """Fields of ``DeviceSettings``."""

    slow: tuple[int, ...]
    uptime: int | None


Points = dict[str, Point | None]


def with_gentle_pace(found: Any, profiles: Profiles) -> Any:
    """Return the device's section with a ``poll_every`` where it has none and need not.

    Only an unverified profile makes one unnecessary. What else is wrong is told by who reads it.
    """
    if not isinstance(found, dict) or "poll_every" in found:
        return found
    profile = found.get("profile")
    if isinstance(profile, str) and profiles.verified(profile) == UNVERIFIED:
        return {**found, "poll_every": UNVERIFIED_EVERY}
    return found


def may_burst(shape: DeviceShape, profile: ProfileShape | None) -> bool:
    """Return whether the device stands polls outside its slots, as it or its profile says.

    Without a word: not where the profile is unverified, or there is none to know.
    """
    if shape.burst is not None:
        return shape.burst
    return profile is not None and profile.verified != UNVERIFIED and profile.burst


def settle_pace(points: Points, shape: DeviceShape, deadline: int, scope: Scope) -> int:
    """Give slow points their age, and return their pace in microseconds; 0 without any.

    A derived point has the pace of what it is derived from. ``scope``: the device's.
    """
    before = len(scope.errors)
    _derive_pace(points)
    _check_leaning(points, scope)
    slow = [id_ for id_, point in points.items() if point is not None and point.is_slow]
    if shape.slow_every is not None and not slow:
        scope.at("slow_every").note("no point is slow", "", "give one pace: slow")
    if not slow or len(scope.errors) > before:
        return 0
    if len(slow) == len(points):
        scope.at("points").note("every point is slow", "", "poll_every is their pace then")
    every = _slow_every(shape, scope.at("slow_every"))
    for id_ in slow:
        points[id_] = _aged(points[id_], every + deadline)
    return every


def places_of_pace(ordered: Sequence[Point]) -> PlacesOfPace:
    """Return which places of the device's points are slow, and where its uptime is."""
    ids = [point.plan.id for point in ordered]
    return PlacesOfPace(
        slow=tuple(place for place, point in enumerate(ordered) if point.is_slow),
        uptime=ids.index(UPTIME) if UPTIME in ids else None,
    )


def _slow_every(shape: DeviceShape, scope: Scope) -> int:
    every, slow_every = max(1, shape.poll_every), shape.slow_every
    if slow_every is None:
        return max(2, -(-SLOW_EVERY // every)) * every
    if slow_every % every or not 2 * every <= slow_every <= SLOW_EVERY_MAX:
        allowed = f"two or more whole poll_every of {duration_text(every)}, at most 1h"
        scope.note(repr(duration_text(slow_every)), allowed)
    return slow_every


def _aged(point: Point | None, older: int) -> Point | None:
    if point is None:
        return None
    refresh = point.plan.agent_refresh_max + older
    return replace(point, plan=replace(point.plan, agent_refresh_max=refresh))


def _derive_pace(points: Points) -> None:
    for id_, point in points.items():
        if point is None or getattr(point.source.decoding, "derived", None) is None:
            continue
        leans = [points.get(name) for name in point.source.decoding.depends_on]
        if leans and all(on is not None and on.is_slow for on in leans):
            points[id_] = replace(point, is_slow=True)


def _check_leaning(points: Points, scope: Scope) -> None:
    """Note points that lean on points of another pace: they would mix two moments."""
    for id_, point in points.items():
        for name in () if point is None else point.source.decoding.depends_on:
            other = points.get(name)
            if point is not None and other is not None and other.is_slow is not point.is_slow:
                slow, fast = (name, id_) if other.is_slow else (id_, name)
                scope.at("points", id_).note(
                    f"{slow} is slow and {fast} is not, and one leans on the other",
                    "",
                    "give both the same pace",
                )
