"""Walks a subtree of an agent by GETBULK or GETNEXT; ends whatever the agent answers.

Some agents list OIDs out of order, twice, or in circles. A walk follows the agent as long as the
OID is new; it ends at an OID it has seen, at the end of the subtree, or at its limit.
"""

from __future__ import annotations

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
from monitord.devices.snmp.pdus import Varbind
from monitord.texts.phrases import Phrase, phrase

REPETITIONS = 24
CELLS_MAX = 100_000
_UNSURE_MAX = 3
_BEGINNING: Oid = (0, 0)

COMPLETE, LOOPED, TOO_LONG, REFUSED, SILENT = "complete", "looped", "too_long", "refused", "silent"


class Walk:
    """The cells found below ``root`` so far, and the next request; () is the whole tree.

    ``cells``: in the agent's order, also those whose value cannot be read; ``nameless``: objects
    that are left out, as their name cannot be read. ``ended``: "" while it continues, then why:
    complete, looped (back at an OID it has seen), too_long, refused or silent. After
    all but the first there may be more cells. ``detail``: where and how it ended, None if complete.
    """

    def __init__(
        self, root: Oid, version: int, *, cells_max: int = CELLS_MAX, repetitions: int = REPETITIONS
    ) -> None:
        self.cells: list[Varbind] = []
        self.nameless = 0
        self.ended = ""
        self.detail: Phrase | None = None
        self._root = root
        self._at = root or _BEGINNING
        self._seen: set[Oid] = set()
        self._cells_max = cells_max
        self._unsure = 0
        # v1 has no GETBULK. One repetition is a GETNEXT, which every agent knows.
        self._repetitions = 1 if version == V1 else repetitions

    def next_request(self) -> PduTemplate | None:
        """Return the next request, None at the end."""
        if self.ended:
            return None
        if self._repetitions == 1:
            return build_get_next(self._at)
        return build_get_bulk(self._at, self._repetitions)

    def add(self, response: Response) -> None:
        """Add the cells of a response."""
        self._unsure = 0
        if response.error_status == TOO_BIG and self._repetitions > 1:
            self._repetitions //= 2
        elif response.error_status == NO_SUCH_NAME:
            self._end(COMPLETE)  # in v1 this is the end of the tree (RFC 1157 §4.1.3)
        elif response.error_status:
            name = f"{response.error_name} ({response.error_status})"
            self._end(REFUSED, phrase("walk.refused", status=name, oid=dotted(self._at)))
        elif not response.varbinds:
            self._end(REFUSED, phrase("walk.empty", oid=dotted(self._at)))
        before = self._at
        for one in response.varbinds:
            if self.ended:
                break
            self._add_cell(one)
        if response.varbinds and not self.ended and self._at == before:
            # Only a name leads on.
            problem = response.varbinds[0].problem
            self._end(REFUSED, phrase("walk.nameless", oid=dotted(self._at), problem=problem))

    def note_silence(self, *, is_sure: bool = True) -> None:
        """Request fewer cells at once; an agent that does not answer one is silent.

        ``is_sure``: the agent had enough time; otherwise only the third time in a row counts.
        """
        self._unsure = 0 if is_sure else self._unsure + 1
        if self._unsure % _UNSURE_MAX:
            return
        if self._repetitions > 1:
            self._repetitions = max(1, self._repetitions // 4)
        else:
            self._end(SILENT, phrase("walk.silent", oid=dotted(self._at)))

    def _add_cell(self, one: Varbind) -> None:
        oid = one.oid
        if oid is None:
            self.nameless += 1
        elif oid[: len(self._root)] != self._root or one.is_end:
            self._end(COMPLETE)
        elif oid in self._seen or oid == self._at:
            self._end(LOOPED, phrase("walk.looped", oid=dotted(self._at), earlier=dotted(oid)))
        elif len(self.cells) >= self._cells_max:
            self._end(TOO_LONG, phrase("walk.too_long", most=self._cells_max))
        else:
            self._seen.add(oid)
            self.cells.append(one)
            self._at = oid

    def _end(self, why: str, detail: Phrase | None = None) -> None:
        self.ended, self.detail = why, detail


async def walk(
    link: Link, root: Oid, *, timeout_s: float = 2.0, cells_max: int = CELLS_MAX
) -> Walk:
    """Return a whole walk; ``ended`` and ``detail`` give how it ended.

    Raises ReadError("timeout") where the agent never answers, and OSError.
    """
    made = Walk(root, link.wire.version, cells_max=cells_max)
    link.begin()
    while (request := made.next_request()) is not None:
        response = await link.request_within(request, timeout_s)
        if response is None:
            made.note_silence()
        else:
            made.add(response)
    if made.ended == SILENT and not made.cells and made.detail is not None:
        raise ReadError("timeout", made.detail)
    return made
