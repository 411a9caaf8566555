"""Answers of one device become readings. Owns what is kept from one answer to the next; no I/O.

A reading is either right or marked: ``suspected`` holds what came and cannot be taken for right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from monitord.core.model import Value
from monitord.decoding.charsets import Foreign
from monitord.decoding.compiled import Decode, compile_point
from monitord.decoding.counters import Remembering, remembering
from monitord.decoding.model import Decoding, SourcePoint
from monitord.decoding.plausibility import (
    AT_ONCE,
    NEVER,
    Gate,
    Judge,
    Limits,
    ZeroBlock,
    has_memory,
)
from monitord.decoding.rules import Raw

_LAYOUTS_MAX = 1024


class Reading(NamedTuple):
    """One answer as it may be taken: ``values`` by place, None where there is none to rely on.

    ``suspected``: (place, value as it came) of those that are implausible, in order of place.
    """

    values: tuple[Value, ...]
    suspected: tuple[tuple[int, Value], ...] = ()


class Layout:
    """What devices of one kind share: how each place is decoded, and what leans on it.

    ``read``: how many places have a raw value; those behind are derived. ``follows``: by place, it
    and all that lean on it, in the order they are decoded in, which is that of ``rank``. ``own``:
    running times, which an agent says of itself.
    """

    __slots__ = (
        "decoders",
        "decodings",
        "follows",
        "leaning",
        "leans",
        "limits",
        "order",
        "own",
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
            raise ValueError("derived points come behind those that are read")
        self.decoders: tuple[Decode, ...] = tuple(
            compile_point(decoding, self.places) for decoding in self.decodings
        )
        self.leans = tuple(
            tuple(dict.fromkeys(self.places[name] for name in decoding.leans_on))
            for decoding in self.decodings
        )
        self.leaning = any(self.leans)
        self.limits = tuple(_limits(decoding) for decoding in self.decodings)
        self.stateful = tuple(
            place
            for place, decoding in enumerate(self.decodings)
            if decoding.counter or decoding.wraps or has_memory(decoding)
        )
        since = {decoding.counter.since for decoding in self.decodings if decoding.counter}
        self.own = frozenset(
            place
            for id_, place in self.places.items()
            if self.decodings[place].wraps or id_ in since
        )
        self.rank = self._rank()
        self.order = tuple(sorted(range(len(points)), key=self.rank.__getitem__))
        self.follows = tuple(map(self._follows, range(len(points))))

    def _rank(self) -> tuple[tuple[int, int], ...]:
        """Return (depth, place): what leans on others comes behind them."""
        depths: dict[int, int] = {}
        for _ in range(len(self.leans) + 1):
            for place, leans in enumerate(self.leans):
                if place not in depths and all(on in depths for on in leans):
                    depths[place] = 1 + max((depths[on] for on in leans), default=-1)
        if len(depths) < len(self.leans):
            raise ValueError("points lean on each other in a circle")
        return tuple((depths[place], place) for place in range(len(self.leans)))

    def _follows(self, place: int) -> tuple[int, ...]:
        found = {place}
        for other in self.order:
            if any(on in found for on in self.leans[other]):
                found.add(other)
        return tuple(sorted(found, key=self.rank.__getitem__))

    def after(self, changed: Sequence[int]) -> Sequence[int]:
        """Return what must be decoded anew when these places changed, in order.

        Decoding more than that changes nothing: where most of it changed, that is all.
        """
        if len(changed) == 1:
            return self.follows[changed[0]]
        if not self.leaning:
            return changed
        if 2 * len(changed) > len(self.order):
            return self.order
        found = {place for start in changed for place in self.follows[start]}
        return sorted(found, key=self.rank.__getitem__)


def _limits(decoding: Decoding) -> Limits | None:
    if decoding.minimum is None and decoding.maximum is None and not has_memory(decoding):
        return None
    return Limits(decoding)


@lru_cache(_LAYOUTS_MAX)
def _layout(points: tuple[tuple[str, Decoding], ...]) -> Layout:
    return Layout(points)


class Decoder:
    """Decodes one device's answers, in their order. Owned by who polls it."""

    __slots__ = (
        "_at",
        "_came",
        "_doubted",
        "_due",
        "_dues",
        "_judges",
        "_layout",
        "_memories",
        "_raws",
        "_reading",
        "_zeros",
    )

    def __init__(self, points: Sequence[SourcePoint], all_zero: str = "confirm") -> None:
        """``points``: ``DeviceSettings.points``; ``all_zero``: that of the device."""
        layout = _layout(tuple((point.id, point.decoding) for point in points))
        self._layout = layout
        self._zeros = ZeroBlock(all_zero, layout.own)
        self._memories = {
            place: memory
            for place in layout.stateful
            if (memory := _remembering(layout, place)) is not None
        }
        self._judges: Sequence[Judge | None] = layout.limits
        if layout.stateful:
            self._judges = [_judge(layout, place) for place in range(len(points))]
        self._raws: list[Raw] = []
        self._came: list[Value] = [None] * len(points)
        self._doubted: dict[int, Value] = {}
        self._reading = Reading(())
        self._dues: dict[int, int] = {}
        self._due = AT_ONCE
        self._at = 0

    def take(self, raws: Sequence[Raw], at: int, changed: Sequence[int] | None = None) -> Reading:
        """Return the reading of one answer that came at ``at`` (site time, microseconds).

        ``raws``: of the points that are read, in their order; may be overwritten afterwards.
        ``changed``: the places that differ from the answer before; None: any may. An answer that
        changes nothing returns the same object again.
        """
        if changed is not None and not changed and at < self._due:
            self._at = at
            return self._reading
        try:
            return self._take(raws, at, changed)
        except Exception:
            # What is half decoded is never taken up again: the next answer is decoded whole.
            self._raws, self._due = [], AT_ONCE
            raise

    def _take(self, raws: Sequence[Raw], at: int, changed: Sequence[int] | None) -> Reading:
        moved = self._keep(raws, changed)
        if self._zeros.take(self._raws, moved) or not self._reading.values:
            places: Sequence[int] = self._layout.order
        else:
            places = self._layout.after(self._with_due(moved, at))
        self._decode(places, moved, at)
        self._at = at
        if self._layout.stateful:
            self._note_dues(places)
        self._due = min(self._dues.values()) if self._dues else NEVER
        if self._zeros.holds:
            self._due = min(self._due, self._zeros.due)
        return self._conclude()

    def _keep(self, raws: Sequence[Raw], changed: Sequence[int] | None) -> Sequence[int]:
        """Keep the raw values; return the places that changed."""
        kept = self._raws
        if len(raws) != self._layout.read:
            raise ValueError(f"{len(raws)} raw values for {self._layout.read} points")
        if not kept:
            derived = len(self._came) - len(raws)
            self._raws = [*raws, *[None] * derived]  # what has no raw value has None
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
        """Add the places that must be looked at again though their raw value is the same."""
        if at < self._due:
            return moved
        return [*moved, *(place for place, due in self._dues.items() if due <= at)]

    def _due_of(self, place: int) -> int:
        memory, judge = self._memories.get(place), self._judges[place]
        return min(NEVER if memory is None else memory.due, NEVER if judge is None else judge.due)

    def _note_dues(self, places: Sequence[int]) -> None:
        """Keep when each of these must be looked at again, where it must."""
        for place in places:
            if (due := self._due_of(place)) < NEVER:
                self._dues[place] = due
            else:
                self._dues.pop(place, None)

    def _decode(self, places: Sequence[int], moved: Sequence[int], at: int) -> None:
        """Decode these places and judge what came; later ones may lean on earlier ones."""
        came, raws, doubted = self._came, self._raws, self._doubted
        decoders, memories, judges = self._layout.decoders, self._memories, self._judges
        held = self._zeros.holds
        for place in places:
            if memories and place in memories:
                value = self._remember(place, raws[place], at)
            else:
                value = decoders[place](raws[place], came)
            came[place] = value
            judge, kind = judges[place], value.__class__
            if not doubted and not held and kind is not Foreign:
                if judge is None or value is None:
                    continue
                # The most common judge, asked here so that ten thousand devices need not call it.
                if judge.__class__ is Limits and judge.low <= value <= judge.high:  # type: ignore[operator]
                    continue
            if value is not None and self._is_doubted(place, value, moved, at):
                # What was foreign is a plain number to everybody else.
                doubted[place] = came[place] = float(value) if isinstance(value, Foreign) else value
            elif place in doubted:
                del doubted[place]

    def _remember(self, place: int, raw: Raw, at: int) -> Value:
        if self._is_held(place):
            return None  # a counter's zero that is not believed is no reset
        return self._memories[place].take(raw, self._came, at)

    def _is_held(self, place: int) -> bool:
        """Return whether zeros alone make this suspect; texts and the agent's own time are not."""
        layout = self._layout
        return (
            self._zeros.holds and place not in layout.own and layout.decodings[place].kind != "text"
        )

    def _is_doubted(self, place: int, value: Value, moved: Sequence[int], at: int) -> bool:
        doubted, judge, layout = self._doubted, self._judges[place], self._layout
        held = value.__class__ is Foreign or self._is_held(place)
        if doubted and not held:
            held = any(on in doubted for on in layout.leans[place])
        if judge is None or not isinstance(value, int | float):
            return held
        if held:
            judge.hold(value, place in moved, at, self._at)
            return True
        return judge.doubts(value, place in moved, at, self._at)

    def _conclude(self) -> Reading:
        """Return the reading, the same object where nothing became different."""
        doubted, before = self._doubted, self._reading
        if not doubted:
            values = tuple(self._came)
            if before.suspected or values != before.values:
                self._reading = Reading(values)
            return self._reading
        reading = Reading(
            tuple(None if p in doubted else value for p, value in enumerate(self._came)),
            tuple(sorted(doubted.items())),
        )
        if reading != before:
            self._reading = reading
        return self._reading


def _remembering(layout: Layout, place: int) -> Remembering | None:
    return remembering(
        layout.decodings[place],
        layout.places.__getitem__,
        lambda id_: layout.decodings[layout.places[id_]].unit,
    )


def _judge(layout: Layout, place: int) -> Judge | None:
    decoding, limits = layout.decodings[place], layout.limits[place]
    return Gate(decoding, limits) if has_memory(decoding) and limits is not None else limits
