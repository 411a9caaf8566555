"""What a start reads of a record. Owns that shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitord.core.apply import GENERATION
from monitord.core.model import Event


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a start reads. ``epoch``, ``number``, ``head``, ``last_at``: the last event on disk.

    ``snapshot``: plain durable JSON, or None; ``events``: all after it, in order, each verified
    against the chain as it is read (raises ``RecordError``). ``generation``: of all of them.
    """

    epoch: int
    number: int
    head: str
    last_at: int
    snapshot: bytes | None
    events: Iterator[Event]
    generation: int = GENERATION

    def snapshot_plain(self) -> Any:
        """Return the snapshot parsed; None where there is none."""
        return None if self.snapshot is None else json.loads(self.snapshot)
