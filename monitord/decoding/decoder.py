"""Decodes the answers of one device to readings, with the state from one answer to the next.

A value is either used or marked: ``suspected`` holds values that came and are implausible.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from monitord.core.model import Value
from monitord.decoding.charsets import WrongUnit
from monitord.decoding.compiled import Decode, compile_point
from monitord.decoding.counters import Remembering, remembering
from monitord.decoding.model import Decoding, SourcePoint
from monitord.decoding.plausibility import (
    AT_ONCE,
    NEVER,
    AllZeroCheck,
    ChangeCheck,
    PlausibilityCheck,
    RangeCheck,
    has_memory,
)
from monitord.decoding.rules import Raw

_PLANS_MAX = 1024


class Reading(NamedTuple):
    """One decoded answer: ``values`` by place, None where there is no value to use.

    ``suspected``: (place, value that came) of the implausible ones, in order of place.
    """

    values: tuple[Value, ...]
    suspected: tuple[tuple[int, Value], ...] = ()


def are_same(before: Sequence[Value], after: Sequence[Value]) -> bool:
    """Return whether values are equal and of the same types: 0, 0.0 and False are three values."""
    return before == after and all(
        old.__class__ is new.__class__ for old, new in zip(before, after, strict=True)
    )


def _are_same_readings(before: Reading, after: Reading) -> bool:
    return (
        before == after
        and are_same(before.values, after.values)
        and are_same(
            [value for _, value in before.suspected], [value for _, value in after.suspected]
        )
    )


class DecodingPlan:
    """The part of decoding that devices of one kind share.

    ``read``: count of places with a raw value; the places after them are derived. ``dependents``:
    by place, it and all places that depend on it, in the order of ``rank``, which is the order of
    decoding. ``agent_times``: places of running times, the agent's own values.
    """

    __slots__ = (
        "agent_times",
        "decoders",
        "decodings",
        "dependents",
        "depends_on",
        "has_dependencies",
        "limits",
        "order",
        "places",
        "rank",
        "read",
        "stateful",
    )

    def __init__(self, points: tuple[tuple[str, Decoding], ...]) -> None:
        self.places = {id_: place for place, (id_, _) in enumerate(points)}
        self.decodings = tuple(decoding for _, decoding in points)
        self.read = sum(decoding.derived is None for decoding in self.decodings)
        if any(decoding.derived for decoding in self.decodings[: self.read]):
            raise ValueError("derived points come after those that are read")
        self.decoders: tuple[Decode, ...] = tuple(
            compile_point(decoding, self.places) for decoding in self.decodings
        )
        self.depends_on = tuple(
            tuple(dict.fromkeys(self.places[name] for name in decoding.depends_on))
            for decoding in self.decodings
        )
        self.has_dependencies = any(self.depends_on)
        self.limits = tuple(_limits(decoding) for decoding in self.decodings)
        self.stateful = tuple(
            place
            for place, decoding in enumerate(self.decodings)
            if decoding.counter or decoding.wraps or has_memory(decoding)
        )
        since = {decoding.counter.since for decoding in self.decodings if decoding.counter}
        self.agent_times = frozenset(
            place
            for id_, place in self.places.items()
            if self.decodings[place].wraps or id_ in since
        )
        self.rank = self._rank()
        self.order = tuple(sorted(range(len(points)), key=self.rank.__getitem__))
        self.dependents = tuple(map(self._dependents_of, range(len(points))))

    def _rank(self) -> tuple[tuple[int, int], ...]:
        """Return (depth, place): what depends_on on others comes behind them."""
        depths: dict[int, int] = {}
        for _ in range(len(self.depends_on) + 1):
            for place, depends_on in enumerate(self.depends_on):
                if place not in depths and all(on in depths for on in depends_on):
                    depths[place] = 1 + max((depths[on] for on in depends_on), default=-1)
        if len(depths) < len(self.depends_on):
            raise ValueError("points depend on each other in a circle")
        return tuple((depths[place], place) for place in range(len(self.depends_on)))

    def _dependents_of(self, place: int) -> tuple[int, ...]:
        found = {place}
        for other in self.order:
            if any(on in found for on in self.depends_on[other]):
                found.add(other)
        return tuple(sorted(found, key=self.rank.__getitem__))

    def after(self, changed: Sequence[int]) -> Sequence[int]:
        """Return the places to decode again after a change of these, in the order of ``rank``.

        Decoding more places gives the same values: after many changes all are returned.
        """
        if len(changed) == 1:
            return self.dependents[changed[0]]
        if not self.has_dependencies:
            return changed
        if 2 * len(changed) > len(self.order):
            return self.order
        found = {place for start in changed for place in self.dependents[start]}
        return sorted(found, key=self.rank.__getitem__)


def _limits(decoding: Decoding) -> RangeCheck | None:
    if decoding.minimum is None and decoding.maximum is None and not has_memory(decoding):
        return None
    return RangeCheck(decoding)


@lru_cache(_PLANS_MAX)
def _plan_of(points: tuple[tuple[str, Decoding], ...]) -> DecodingPlan:
    return DecodingPlan(points)


class Decoder:
    """Decodes the answers of one device, in their order."""

    __slots__ = (
        "_at",
        "_checks",
        "_due",
        "_dues",
        "_implausible",
        "_memories",
        "_plan",
        "_raws",
        "_reading",
        "_values",
        "_zeros",
    )

    def __init__(self, points: Sequence[SourcePoint], all_zero: str = "confirm") -> None:
        """``points``: ``DeviceSettings.points``; ``all_zero``: that of the device."""
        plan = _plan_of(tuple((point.id, point.decoding) for point in points))
        self._plan = plan
        self._zeros = AllZeroCheck(all_zero, plan.agent_times)
        self._memories = {
            place: memory
            for place in plan.stateful
            if (memory := _remembering(plan, place)) is not None
        }
        self._checks: Sequence[PlausibilityCheck | None] = plan.limits
        if plan.stateful:
            self._checks = [_check_for(plan, place) for place in range(len(points))]
        self._raws: list[Raw] = []
        self._values: list[Value] = [None] * len(points)
        self._implausible: dict[int, Value] = {}
        self._reading = Reading(())
        self._dues: dict[int, int] = {}
        self._due = AT_ONCE
        self._at = 0

    def decode(self, raws: Sequence[Raw], at: int, changed: Sequence[int] | None = None) -> Reading:
        """Return the reading of one answer that values at ``at`` (site time, microseconds).

        ``raws``: of the points that are read, in their order; may be overwritten afterwards.
        ``changed``: the places that differ from the answer before; None: any may. An answer that
        changes nothing returns the same object again.
        """
        if changed is not None and not changed and at < self._due:
            self._at = at
            return self._reading
        try:
            return self._decode_changed(raws, at, changed)
        except Exception:
            # State may be half updated: decode the next answer whole.
            self._raws, self._due = [], AT_ONCE
            raise

    def _decode_changed(
        self, raws: Sequence[Raw], at: int, changed: Sequence[int] | None
    ) -> Reading:
        moved = self._keep(raws, changed)
        if self._zeros.update(self._raws, moved) or not self._reading.values:
            places: Sequence[int] = self._plan.order
        else:
            places = self._plan.after(self._with_due(moved, at))
        self._decode(places, moved, at)
        self._at = at
        if self._plan.stateful:
            self._note_dues(places)
        self._due = min(self._dues.values()) if self._dues else NEVER
        if self._zeros.is_suspect:
            self._due = min(self._due, self._zeros.due)
        return self._conclude()

    def _keep(self, raws: Sequence[Raw], changed: Sequence[int] | None) -> Sequence[int]:
        """Store the raw values; return the places that changed."""
        kept = self._raws
        if len(raws) != self._plan.read:
            raise ValueError(f"{len(raws)} raw values for {self._plan.read} points")
        if not kept:
            derived = len(self._values) - len(raws)
            self._raws = [*raws, *[None] * derived]  # derived points have no raw value
            return range(len(raws))
        if changed is None:
            changed = [
                place
                for place, (raw, old) in enumerate(zip(raws, kept, strict=False))
                if raw is not old and (raw != old or raw.__class__ is not old.__class__)
            ]
        for place in changed:
            kept[place] = raws[place]
        return changed

    def _with_due(self, moved: Sequence[int], at: int) -> Sequence[int]:
        """Add the places that are due for a check although their raw value is the same."""
        if at < self._due:
            return moved
        # No place twice: a number must not confirm itself in a second check of the same answer.
        return [
            *moved,
            *(p for p, due in self._dues.items() if due <= at and p not in moved),
        ]

    def _due_of(self, place: int) -> int:
        memory, check = self._memories.get(place), self._checks[place]
        return min(NEVER if memory is None else memory.due, NEVER if check is None else check.due)

    def _note_dues(self, places: Sequence[int]) -> None:
        """Store when each of these places is due for a check."""
        for place in places:
            if (due := self._due_of(place)) < NEVER:
                self._dues[place] = due
            else:
                self._dues.pop(place, None)

    def _decode(self, places: Sequence[int], moved: Sequence[int], at: int) -> None:
        """Decode and check these places in order; later ones may depend on earlier ones."""
        values, raws, implausible = self._values, self._raws, self._implausible
        decoders, memories, checks = self._plan.decoders, self._memories, self._checks
        held = self._zeros.is_suspect
        for place in places:
            if memories and place in memories:
                value = self._remember(place, raws[place], at)
            else:
                value = decoders[place](raws[place], values)
            values[place] = value
            check, kind = checks[place], value.__class__
            if not implausible and not held and kind is not WrongUnit:
                if check is None or value is None:
                    continue
                # The most common check, inline: it saves a call per point of 10,000 devices.
                if check.__class__ is RangeCheck and check.low <= value <= check.high:  # type: ignore[operator]
                    continue
            if value is not None and self._check(place, value, moved, at):
                # Outside the decoder a WrongUnit is a plain number.
                implausible[place] = values[place] = (
                    float(value) if isinstance(value, WrongUnit) else value
                )
            elif place in implausible:
                del implausible[place]

    def _remember(self, place: int, raw: Raw, at: int) -> Value:
        if self._is_held(place):
            return None  # an implausible zero of a counter is no reset
        return self._memories[place].decode(raw, self._values, at)

    def _is_held(self, place: int) -> bool:
        """Return whether an all-zero answer makes this place implausible.

        Texts and the agent's running times are not affected.
        """
        plan = self._plan
        return (
            self._zeros.is_suspect
            and place not in plan.agent_times
            and plan.decodings[place].kind != "text"
        )

    def _check(self, place: int, value: Value, moved: Sequence[int], at: int) -> bool:
        implausible, check, plan = self._implausible, self._checks[place], self._plan
        held = value.__class__ is WrongUnit or self._is_held(place)
        if implausible and not held:
            held = any(on in implausible for on in plan.depends_on[place])
        if check is None or not isinstance(value, int | float):
            return held
        if held:
            check.note_implausible(value, place in moved, at, self._at)
            return True
        return check.check(value, place in moved, at, self._at)

    def _conclude(self) -> Reading:
        """Return the reading; the same object if nothing changed."""
        implausible, before = self._implausible, self._reading
        if not implausible:
            values = tuple(self._values)
            if before.suspected or not are_same(before.values, values):
                self._reading = Reading(values)
            return self._reading
        reading = Reading(
            tuple(None if p in implausible else value for p, value in enumerate(self._values)),
            tuple(sorted(implausible.items())),
        )
        if not _are_same_readings(before, reading):
            self._reading = reading
        return self._reading


def _remembering(plan: DecodingPlan, place: int) -> Remembering | None:
    return remembering(
        plan.decodings[place],
        plan.places.__getitem__,
        lambda id_: plan.decodings[plan.places[id_]].unit,
    )


def _check_for(plan: DecodingPlan, place: int) -> PlausibilityCheck | None:
    decoding, limits = plan.decodings[place], plan.limits[place]
    return ChangeCheck(decoding, limits) if has_memory(decoding) and limits is not None else limits
