"""The event that monitord's own machine was late, and what is kept of all of them. Owns shapes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnLateness:
    """monitord itself did not run from ``start`` to ``end``, and did not read a device in time.

    The conditions of all that it did not read are blind from their last proofs on. One that has the
    same value in its next answer goes on without an event.
    """

    start: int
    end: int


@dataclass(slots=True)
class Lateness:
    """How often monitord itself was late, for how long in all, and the newest span."""

    count: int = 0
    time: int = 0
    start: int = 0
    end: int = 0
