"""The ledger of seconds: every piece of every programme against the truth; the record's order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from tests.simulation.facts import SECOND
from tests.simulation.observer.excuses import Excuse
from tests.simulation.observer.truth import Truth, without
from tests.simulation.observer.verdict import Verdict


class Recorded(Protocol):
    """One event of the record."""

    @property
    def epoch(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class PieceSeen:
    """One recorded piece of a programme. ``is_quality_known``: whether it could be degraded.

    ``opened_at``: when the record had it.
    """

    start: int
    finish: int
    possible: tuple[str, ...]
    blind: bool
    presumed: bool
    is_quality_known: bool
    opened_at: int

    @property
    def bad_possible(self) -> bool:
        """Whether it may have been off the air."""
        return any(p.startswith(("bad", "unknown")) for p in self.possible)

    @property
    def all_bad(self) -> bool:
        """Whether it was surely off the air."""
        return all(p.startswith("bad") for p in self.possible)


Pieces = dict[str, list[PieceSeen]]


def check_order(events: list[Recorded], verdict: Verdict) -> None:
    """Numbers without a gap, times that never go back."""
    for before, after in pairwise(events):
        numbered = after.epoch > before.epoch or after.number == before.number + 1
        if not numbered or after.at < before.at:
            verdict.must("record", False, f"order broken at {after.number}: {after.kind}")
            return


def pieces_of(events: list[Recorded], programmes: list[str]) -> Pieces:
    """Return the pieces of every programme."""
    bodies: dict[str, list[dict[str, object]]] = {name: [] for name in programmes}
    found: Pieces = {name: [] for name in programmes}
    ends: dict[str, int] = {}
    for event in events:
        if event.kind == "piece_opened" and event.subject in bodies:
            bodies[event.subject].append(json.loads(event.body) | {"opened_at": event.at})
        elif event.kind == "programme_withdrawn":
            found[event.subject] += _pieces(bodies.pop(event.subject), event.at)
            bodies[event.subject] = []
        elif event.kind == "stopped":
            ends = json.loads(event.body)["ends"]
    for name in programmes:
        if bodies[name]:
            found[name] += _pieces(bodies[name], ends[name])
    return found


def _pieces(bodies: list[dict[str, object]], end: int) -> Iterator[PieceSeen]:
    starts = [int(str(body["start"])) for body in bodies]
    for body, start, finish in zip(bodies, starts, [*starts[1:], end], strict=True):
        possible = body["possible"]
        assert isinstance(possible, list)
        blind = body["blind"] is not None
        presumed, is_known = bool(body["presumed"]), body["quality"] is None
        at = int(str(body["opened_at"]))
        yield PieceSeen(start, finish, tuple(possible), blind, presumed, is_known, at)


def check_pieces(truth: Truth, pieces: Pieces, verdict: Verdict) -> None:
    """L1, L3 and L5, piece by piece, which is stronger than in the sum."""
    for name, seen in pieces.items():
        _check_programme(truth, name, seen, verdict)


def _check_programme(truth: Truth, name: str, seen: list[PieceSeen], verdict: Verdict) -> None:
    off_times, too_short = truth.off[name], truth.facts.too_short.get(name, [])
    least = most_seen = most = unseen = 0
    verdict.counts["pieces"] += len(seen)
    for piece in seen:
        length = piece.finish - piece.start
        verdict.must("ledger", length >= 0, f"{name}: piece at {piece.start} ends before it starts")
        off = off_times.within(piece.start, piece.finish)
        if piece.all_bad:
            least += length
            text = f"{name}: {length - off} us called off air at {piece.start} were on air"
            verdict.must("ledger", off == length, text)
        if not piece.bad_possible:
            missed = off_times.parts(piece.start, piece.finish)
            long = [part for span in missed for part in without(span, too_short)]
            text = f"{name}: {off} us off air at {piece.start} were called good"
            verdict.must("ledger", not long, text)
            if missed and not long:
                verdict.excuse(Excuse.TOO_SHORT)
                unseen += off
        else:
            most += length
            most_seen += 0 if piece.blind else length
    # A programme that was not configured for a while has no pieces of it.
    true = sum(off_times.within(piece.start, piece.finish) for piece in seen)
    text = f"{name}: not {least} <= {true} <= {most} + {unseen}"
    verdict.must("ledger", least <= true <= most + unseen, text)
    verdict.must("ledger", least <= most_seen <= most, f"{name}: figures out of order")
    for key, value in (("least", least), ("true", true), ("most", most)):
        verdict.counts[f"{key}_s"] += value // SECOND
