"""The columns of a life of a computer, by the core's ledger and by the model of the time map.

Owns the mapping, no rule. A boot's site time follows the one before at once: between them nothing
is seen, and what the wall clock shows of it is blind on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any, cast

from monitord.core.apply import apply, encode, kind_of_body
from monitord.core.clock_quality import ClockQuality, Kernel
from monitord.core.clock_steps import adopt_clock, is_refused, read_clock, start_clock
from monitord.core.durable import Durable
from monitord.core.events import Body, Draft, PieceOpened
from monitord.core.ledger import Sums, held_pieces, totals
from monitord.core.model import SECOND, ClockRead, Event, Started, Stream
from tests.support.calendars import FAR, held

PROGRAMME = "fm"
POSSIBLE = {"good": "good", "bad": "bad:no_carrier", "unknown": "unknown:absent"}
ERROR = 100_000
COUNTED = "counted where the clock was trusted then"
COLUMNS = ("on_air", "off_air", "planned_off", "closed", "between", "blind")


class Lived:
    """The core's side of a life: readings of the clock and pieces, as they come."""

    def __init__(self, life: Any, built: int, day: int) -> None:
        self.life = life
        shown = max(r.wall for _, r in life.readings)
        last = max(life.posix(life.end), shown) + 400 * day
        self.durable = Durable(
            epoch=1,
            calendar=held({PROGRAMME: tuple(_hours(life, life.posix(0) - 400 * day, last))}),
            calendar_known_to=FAR,
        )
        self.situation = cast("Any", SimpleNamespace(durable=self.durable, built=built))
        self.built = built
        self.boot: int | None = None
        self.begins: dict[int, int] = {}
        self.pieces: list[tuple[int, int, set[str]]] = []
        self.end = 0

    def read(self, r: Any) -> None:
        """Take a reading of the wall clock, and first what was seen up to then."""
        kernel = Kernel.SYNCHRONISED if r.synced else Kernel.NONE
        quality = ClockQuality(
            kernel, ERROR, r.source, r.rtc_read, second=r.second, second_source=r.second_source
        )
        if r.boot != self.boot:
            self._pieces_to(FAR)
            alive = self.end if self.boot is not None else None
            self.boot, self.begins[r.boot] = r.boot, self.end - r.site
            self.pieces = list(self.life.pieces[r.boot])
            named = f"boot{r.boot}"
            started = Started(self.end, r.wall, named, "", alive, quality=quality, built=self.built)
            self._emit_all(start_clock(self.situation, started), self.end)
            return
        at = self.begins[r.boot] + r.site
        self._pieces_to(at)
        self._emit_all(read_clock(self.situation, ClockRead(at, r.wall, quality)), at)

    def adopt(self, boot: int, site: int, wall: int) -> None:
        """Take the time that a person states."""
        at = self.begins[boot] + site
        if not is_refused(self.durable.clock, at, wall):
            self._emit_all(adopt_clock(self.situation, at, wall, "chief"), at)

    def columns(self) -> tuple[Mapping[str, int], int, int]:
        """Return the microseconds of each column, and from and to when of wall time they are."""
        self._pieces_to(FAR)
        now = self.durable.programmes[PROGRAMME]
        sums = Sums(self.durable, PROGRAMME, now.booked_to)
        for piece, finish in [*held_pieces(now), (now.piece, self.end)]:
            sums.add(piece, finish)
        columns = totals(self.durable, PROGRAMME, self.end).columns
        end = sums.booked_to or 0
        found = {column.value: duration for column, duration in columns.items()}
        return found, end - sum(found.values()), end

    def _pieces_to(self, at: int) -> None:
        begin = 0 if self.boot is None else self.begins[self.boot]
        while self.pieces and begin + self.pieces[0][0] <= at:
            start, end, possible = self.pieces.pop(0)
            values = tuple(POSSIBLE[one] for one in sorted(possible))
            blind = "absent" if "unknown" in possible else None
            self._emit(PieceOpened(begin + start, values, blind, presumed=False), begin + start)
            self.end = begin + end

    def _emit_all(self, drafts: Iterable[Draft], at: int) -> None:
        for draft in drafts:
            self._emit(draft.body, at)

    def _emit(self, body: Body, at: int) -> None:
        kind = kind_of_body(body)
        subject = PROGRAMME if isinstance(body, PieceOpened) else ""
        number = self.durable.number + 1
        event = Event(1, number, at, kind.name, kind.version, subject, Stream.SITE, encode(body))
        apply(self.durable, event, body)


def _hours(life: Any, begin: int, end: int) -> Iterable[tuple[int, int, str]]:
    edges = [begin, *life.edges(begin, end), end]
    for a, b in pairwise(edges):
        if life.expected(a) != "closed":
            yield a, b, life.expected(a)


def columns_differ(check: Any, model: Any, seed: int, *, wrong: int = 0) -> tuple[str, ...] | None:
    """Live one life on both sides; return the points that explain other columns, None if none does.

    Columns are equal within what the bound of the clock leaves at each edge of the hours that a
    boot has seen, and a point explains no more than the time that it is about. The time behind the
    last reading of a boot is left out: the model does not place it. ``wrong``: so much more time
    is in one column of the core, for a test of this comparison.
    """
    life = check.live(seed)
    _cut_to_readings(life)
    ours = Lived(life, check.BUILD, model.DAY)
    believed: list[tuple[int, int, int]] = []
    adopted: dict[int, int] = {}

    class Both(model.TimeMap):  # type: ignore[misc, name-defined]
        def read(self, r: Any) -> None:
            super().read(r)
            ours.read(r)
            if self.spans[-1].quality in ("trusted", "holdover"):
                believed.append((r.boot, r.site, self.log[-1].label + r.site))

        def adopt(self, boot: int, site: int, wall: int, bound: int) -> None:
            if bound == model.PERSON:
                ours.adopt(boot, site, wall)
                believed.append((boot, site, wall))
            super().adopt(boot, site, wall, bound)
            if bound == model.PERSON and self.fixes.get(boot, [])[-1:] == [
                (site, wall - site, bound)
            ]:
                # It sets the mark at once; in the model the next reading does.
                adopted[boot] = bound
                self.mark, self.mark_bound = wall, bound

    original, check.TimeMap = check.TimeMap, Both
    try:
        placed = check.watch(life, model.Rules()).place()
    finally:
        check.TimeMap = original
    found, begin, end = ours.columns()
    edges = life.edges(begin - model.DAY, end + model.DAY)
    theirs = model.book(placed, life.pieces, life.expected, edges, begin, end, model.Rules())
    differs = wrong + max(abs(theirs[name] - found.get(name, 0)) for name in COLUMNS)
    slack = _left_open(placed, edges, {})
    points = _points(placed, believed, edges)
    points[COUNTED] += _left_open(placed, edges, adopted) - slack
    points = {name: time for name, time in points.items() if time > SECOND}
    if differs > slack + sum(points.values()):
        return None
    for name in sorted(points, key=lambda name: points[name]):
        if differs <= slack + sum(points.values()) - points[name]:
            del points[name]
    return tuple(points)


def _left_open(placed: list[Any], edges: list[int], adopted: Mapping[int, int]) -> int:
    """Return what the bounds of the clock leave open around the edges of the hours, at most.

    ``adopted``: by boot, the bound of the time that a person stated in it.
    """
    found: dict[tuple[int, int], int] = {}
    for part in placed:
        bound = part.bound + adopted.get(part.boot, 0)
        begin, end = part.wall(part.begin) - bound, part.wall(part.end) + bound
        for edge, moved in product(edges, (0, *part.rivals)):
            if begin <= edge - moved <= end:
                wide = 2 * (bound + SECOND)
                found[edge, moved] = max(found.get((edge, moved), 0), wide)
    return sum(found.values()) + 2 * SECOND


def _points(
    placed: list[Any], believed: list[tuple[int, int, int]], edges: list[int]
) -> dict[str, int]:
    """Return the points that a life shows, each with the time that it is about."""
    elsewhere = {one[0] for one in believed if _is_placed_elsewhere(placed, *one)}
    walls = {n: _walls(placed, n) for n in sorted({part.boot for part in placed})}
    twice = sum(max(0, end - walls[m][0]) for n, (_, end) in walls.items() for m in walls if m > n)
    unsure = sum(
        _unsure_before(placed, m, walls[n][1], walls[m][0], edges) for n, m in pairwise(walls)
    )
    return {
        COUNTED: sum((part.end - part.begin) for part in placed if part.boot in elsewhere),
        "covered twice: counted as it was first": twice,
        "absent before an unsure clock: blind where that does not agree on it": unsure,
    }


def _unsure_before(placed: list[Any], boot: int, begin: int, end: int, edges: list[int]) -> int:
    """Return how much of the absence before a boot its clock leaves unsure, at most."""
    parts = [part for part in placed if part.boot == boot]
    if any(part.rivals for part in parts):
        return max(0, end - begin)
    wide = 2 * parts[0].bound
    return max(
        0, min(end - begin, sum(wide for edge in edges if begin - wide <= edge <= end + wide))
    )


def _walls(placed: list[Any], boot: int) -> tuple[int, int]:
    mine = [part for part in placed if part.boot == boot]
    return min(p.wall(p.begin) for p in mine), max(p.wall(p.end) for p in mine)


def _is_placed_elsewhere(placed: list[Any], boot: int, site: int, wall: int) -> bool:
    parts = [p for p in placed if p.boot == boot and p.begin <= site <= p.end]
    return not parts or abs(parts[0].wall(site) - wall) > 2 * SECOND


def _cut_to_readings(life: Any) -> None:
    for boot, pieces in life.pieces.items():
        sites = [r.site for _, r in life.readings if r.boot == boot]
        first, last = min(sites), max(sites)
        life.pieces[boot] = [
            (max(a, first), min(b, last), possible)
            for a, b, possible in pieces
            if a < last and b > first
        ]
