"""What happened to the file of the record itself. Owns these words and the event's fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Harm(StrEnum):
    """What happened to the file of a record.

    ``MOVED``: it was gone from its path and was copied back with every event. ``DAMAGED``: it was
    put aside, and another one begins with the whole state. ``INCOMPLETE``: some events are in no
    file any more; the present one has the whole state all the same.
    """

    MOVED = "moved"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class RecordHarmed:
    """The file of the record is another one now. Subject: none.

    ``lost``: number of events that are in no file, None where that is not known.
    """

    harm: Harm
    lost: int | None
