"""A walk through a part of an agent's tree that ends, whatever the agent says. Sans-IO but for one.

Agents list objects out of order, twice, or in circles: a walk goes on where the agent leads it as
long as that is new, and ends at what it has seen before, at the end of the part, or at its limit.
"""

from __future__ import annotations

from typing import Any

from pysnmp.proto.api import v2c

from monitord.devices.model import ReadError
from monitord.devices.snmp.link import Link
from monitord.devices.snmp.messages import (
    NO_SUCH_NAME,
    TOO_BIG,
    Oid,
    PduTemplate,
    Response,
    build_get_bulk,
    build_get_next,
    dotted,
)
from monitord.devices.snmp.model import V1

REPETITIONS = 24
CELLS_MAX = 100_000
_UNSURE_MAX = 3
_BEGINNING: Oid = (0, 0)

COMPLETE, LOOPED, TOO_LONG, REFUSED, SILENT = "complete", "looped", "too_long", "refused", "silent"


class Walk:
    """What was got so far below ``root``, and what to ask next; below () is everything.

    ``cells``: (OID, pysnmp's value) in the agent's order. ``ended``: "" while it goes on, then why:
    complete, looped (the agent led back to what it had shown), too_long, refused or silent; all but
    the first mean that there may be more. ``detail``: where and how it ended, for people.
    """

    def __init__(
        self, root: Oid, version: int, *, cells_max: int = CELLS_MAX, repetitions: int = REPETITIONS
    ) -> None:
        self.cells: list[tuple[Oid, Any]] = []
        self.ended = ""
        self.detail = ""
        self._root = root
        self._at = root or _BEGINNING
        self._seen: set[Oid] = set()
        self._cells_max = cells_max
        self._unsure = 0
        # v1 has no GETBULK; one repetition is as good as GETNEXT, which every agent knows.
        self._repetitions = 1 if version == V1 else repetitions

    def question(self) -> PduTemplate | None:
        """Return what to ask next, None at the end."""
        if self.ended:
            return None
        if self._repetitions == 1:
            return build_get_next(self._at)
        return build_get_bulk(self._at, self._repetitions)

    def take(self, response: Response) -> None:
        """Go on by an answer."""
        self._unsure = 0
        if response.error_status == TOO_BIG and self._repetitions > 1:
            self._repetitions //= 2
        elif response.error_status == NO_SUCH_NAME:
            self._end(COMPLETE)  # how v1 says that nothing follows
        elif response.error_status:
            name = f"{response.error_name} ({response.error_status})"
            self._end(REFUSED, f"agent refused with {name} behind {dotted(self._at)}")
        elif not response.varbinds:
            self._end(REFUSED, f"agent answered no object behind {dotted(self._at)}")
        for oid, value in response.varbinds:
            if self.ended:
                break
            self._take_cell(oid, value)

    def unanswered(self, *, is_sure: bool = True) -> None:
        """Ask for less at once; what does not answer to one object is silent.

        ``is_sure``: it had the time it needs; else only the third time in a row counts.
        """
        self._unsure = 0 if is_sure else self._unsure + 1
        if self._unsure % _UNSURE_MAX:
            return
        if self._repetitions > 1:
            self._repetitions = max(1, self._repetitions // 4)
        else:
            self._end(SILENT, f"nothing came behind {dotted(self._at)}")

    def _take_cell(self, oid: Oid, value: Any) -> None:
        is_outside = oid[: len(self._root)] != self._root
        if is_outside or isinstance(value, v2c.EndOfMibView):
            self._end(COMPLETE)
        elif oid in self._seen or oid == self._at:
            self._end(LOOPED, f"agent led from {dotted(self._at)} back to {dotted(oid)}")
        elif len(self.cells) >= self._cells_max:
            self._end(TOO_LONG, f"more than {self._cells_max} objects")
        else:
            self._seen.add(oid)
            self.cells.append((oid, value))
            self._at = oid

    def _end(self, why: str, detail: str = "") -> None:
        self.ended, self.detail = why, detail


async def walk(
    link: Link, root: Oid, *, patience_s: float = 2.0, cells_max: int = CELLS_MAX
) -> Walk:
    """Return a whole walk. Where it did not end by itself, ``ended`` and ``detail`` say how.

    Raises ReadError("timeout") where the agent answers nothing at all, and OSError.
    """
    made = Walk(root, link.wire.version, cells_max=cells_max)
    link.begin()
    while (question := made.question()) is not None:
        response = await link.ask_within(question, patience_s)
        if response is None:
            made.unanswered()
        else:
            made.take(response)
    if made.ended == SILENT and not made.cells:
        raise ReadError("timeout", made.detail)
    return made
