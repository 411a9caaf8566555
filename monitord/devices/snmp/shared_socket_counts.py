"""Counters of the SNMP shared socket: how its polls ended and which datagrams were no answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class SharedSocketCounts:
    """Polls and datagrams since the start; ``metrics`` exposes every field.

    Polls: ``sent``; ``answers``; ``failures``; ``handed_back`` (the member's reader polls next).
    Datagrams: ``slow`` (decoded by pysnmp, because the fast decoder rejected it);
    ``unknown_source`` (from an address of no member); ``late`` (no request under way has its id);
    ``duplicate`` (its request is answered already); ``mismatched`` (rejected as an answer to the
    request under way); ``broken`` (our own decoder raised an unexpected error).
    """

    sent: int = 0
    answers: int = 0
    failures: int = 0
    handed_back: int = 0
    slow: int = 0
    unknown_source: int = 0
    late: int = 0
    duplicate: int = 0
    mismatched: int = 0
    broken: int = 0
