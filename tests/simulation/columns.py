"""What the ledger of a history counted, as plain numbers for the observer."""

from __future__ import annotations

from monitord.core.durable import Durable
from monitord.core.ledger import totals


def columns_of(durable: Durable) -> dict[str, dict[str, int]]:
    """Return the ledger's columns up to the last stop, microseconds by programme."""
    found: dict[str, dict[str, int]] = {}
    for name, end in durable.stopped_ends.items():
        columns = totals(durable, name, end).columns
        found[name] = {str(sort): time for sort, time in columns.items()}
    return found
