"""What a point can say, a condition can prove and an answer belongs to. Owns these types only."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str | None
"""A decoded point: a truth, a number in the profile's unit, an enum label, or None when absent."""


class Layer(StrEnum):
    """What a condition proves: a carrier, the right service in it, or moving content.

    ``EQUIPMENT`` proves nothing of a programme (a UPS, a room, a reserve that could take over). No
    stage has that layer and no verdict uses it; only ``ready`` of a member may.
    """

    EMISSION = "emission"
    SERVICE = "service"
    CONTENT = "content"
    EQUIPMENT = "equipment"


class Numbering(StrEnum):
    """How an answer of a device differs from answers to its earlier requests.

    ``NUMBERED``: each carries the number of its request. ``VARIED``: each is read in several
    lengths by turns. ``SHAPED``: a read has requests whose answers differ in shape (unit, function,
    count of octets). ``ONE_SHAPE``: nothing differs.
    """

    NUMBERED = "numbered"
    VARIED = "varied"
    SHAPED = "shaped"
    ONE_SHAPE = "one_shape"
