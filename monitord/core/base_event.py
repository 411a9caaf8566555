"""The event that an epoch begins with where nothing before it can be folded on. Owns its fold.

Before it lies an epoch of another generation, or a record whose last events are lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from monitord.core.calendar_intervals import state_of_version_1
from monitord.core.codec import from_plain, to_plain
from monitord.core.durable import Durable
from monitord.core.model import Base, Event

KIND: Final = "base_adopted"
"""Its stored name: a reader of the record begins to fold here."""


@dataclass(frozen=True, slots=True)
class BaseAdopted:
    """The whole durable state as it is known at the begin of an epoch. Subject: none.

    ``cites_*``: the last known event before it, and ``generation`` that of its epoch. ``lost``:
    number of events known to be lost after it, None where that is not known. ``state``: plain.
    """

    generation: int
    cites_epoch: int
    cites_number: int
    cites_head: str
    lost: int | None
    state: Mapping[str, Any]


def base_body(base: Base, durable: Durable) -> BaseAdopted:
    """Return the body for a state that the next epoch begins with."""
    return BaseAdopted(
        generation=base.generation,
        cites_epoch=base.epoch,
        cites_number=base.number,
        cites_head=base.head,
        lost=base.lost,
        state=to_plain(durable),
    )


def base_adopted(durable: Durable, event: Event, body: BaseAdopted) -> None:
    """Take the state as it is given: no event before this one is needed."""
    given = from_plain(Durable, state_of_version_1(body.state))
    for field in fields(Durable):
        setattr(durable, field.name, getattr(given, field.name))
    durable.stream = event.stream
