"""What events say of time that a named person must settle. Owns their fields.

A span is unsettled while nobody can prove what was on air in it (rule 5.8 of docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SuspicionSort(StrEnum):
    """Why a span is unsettled. ``PRESUMED``: blind, and off air before; the others name proof.

    ``UNSURE``: off air in hours that are not known; ``ASSUMED_CLOSED``: out of hours by a battery
    clock alone. ``RECONFIGURED``: what watched the outage was taken out of the configuration.
    """

    PRESUMED = "presumed"
    DISPUTED = "disputed"
    RESTART = "restart"
    POWER = "power"
    ALL_SILENT = "all_silent"
    DOUBTED = "doubted"
    WITNESS = "witness"
    UNSURE = "unsure"
    FALSE_ALARM = "false_alarm"
    ASSUMED_CLOSED = "assumed_closed"
    RECONFIGURED = "reconfigured"


UNSEEN: Final = (
    *(SuspicionSort.RESTART, SuspicionSort.POWER, SuspicionSort.ALL_SILENT),
    SuspicionSort.DOUBTED,
)
"""Sorts of spans in which nothing was seen; only a sign of an outage was found."""


@dataclass(frozen=True, slots=True)
class SuspicionFound:
    """A programme may have been off air in [``begin``, ``end``). Subject: the id of the span.

    ``seconds``: microseconds of it in hours. ``evidence``: what the suspicion is founded on.
    """

    programme: str
    sort: SuspicionSort
    begin: int
    end: int
    seconds: int
    evidence: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SuspicionRefuted:
    """The suspicion of subject, a span, is disproven. ``by``: the evidence, a code."""

    programme: str
    seconds: int
    by: str


@dataclass(frozen=True, slots=True)
class SpansSettled:
    """A person has settled spans as ``verdict``. Subject: the decision.

    ``spans``: (id, programme, microseconds in hours) of each, as their rows had it.
    """

    person: str
    verdict: str
    note: str
    spans: tuple[tuple[str, str, int], ...]
