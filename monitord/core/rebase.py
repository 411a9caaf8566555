"""A new epoch while monitord runs: it begins with the whole state. Owns that one event.

Its events could not be written to the end of the record (rule 6.2): the file is gone or damaged, or
more events were waiting than may wait. What they changed is in the state; the state is not changed.
"""

from __future__ import annotations

from monitord.core.apply import encode, kind_of_body
from monitord.core.base_event import base_body
from monitord.core.durable import Durable
from monitord.core.model import Base, Event


def begin_epoch(durable: Durable, epoch: int, base: Base, at: int) -> Event:
    """Return the first event of ``epoch``, already folded. ``at``: site time of now."""
    durable.epoch, durable.number = epoch, 0
    body = base_body(base, durable)
    kind = kind_of_body(body)
    event = Event(
        epoch=epoch,
        number=1,
        at=max(at, durable.last_at),
        kind=kind.name,
        v=kind.version,
        subject="",
        stream=durable.stream,
        body=encode(body),
    )
    # Its fold would only put equal values in the place of those that others refer to.
    durable.number, durable.last_at = event.number, event.at
    return event
