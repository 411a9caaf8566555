"""The hash chain over the record, and the walk that verifies it. Owns the bytes that are hashed.

Does not touch the database. ``link`` hashes, as UTF-8, the JSON array

    [previous, epoch, number, at, kind, v, subject, stream, digest]

written without spaces and without ASCII escapes; ``stream`` is its place in ``STREAMS``,
``digest`` the SHA-256 of the stored body, all hashes lower-case hex. The link before the first
event of epoch 1 is that of ``["monitord record", site, generation]``; before the first of a later
epoch it is that of

    ["epoch", epoch, cites_epoch, cites_number, cites_head, why, generation, stream]

In generation 1 both lists end before the generation. A body may therefore be pruned without
breaking the chain; nothing else may change.

Each epoch is of one stream. An epoch of the site cites the end of the site's last one; that of
another stream cites the event of the site that it forks from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from monitord.core.apply import GENERATION
from monitord.core.model import Event, Stream

STREAMS: Final = (Stream.SITE, Stream.DRILL)
"""Each stream at its stored number. New ones are appended."""
SITE: Final = STREAMS.index(Stream.SITE)

PRUNABLE: Final[frozenset[str]] = frozenset()
"""Kinds whose body may be absent: those that folding does not need. At present none."""

_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


class Stored(NamedTuple):
    """One row of the table ``event``, in the order of its columns."""

    epoch: int
    number: int
    at: int
    kind: str
    v: int
    subject: str
    stream: int
    body: str | None
    digest: str
    chain: str


class Citation(NamedTuple):
    """One row of the table ``epochs``: the head that an epoch follows (none for the first).

    ``generation``: of the code that folds its events; ``stream``: its place in ``STREAMS``.
    """

    epoch: int
    cites_epoch: int | None
    cites_number: int | None
    cites_head: str | None
    why: str
    link: str
    generation: int = GENERATION
    stream: int = SITE


def digest_of(body: bytes) -> str:
    """Return the digest of a stored body."""
    return sha256(body).hexdigest()


def _link_of(parts: tuple[object, ...]) -> str:
    return sha256(_ENCODE(parts).encode()).hexdigest()


def first_link(site: str, generation: int = GENERATION) -> str:
    """Return the link before the first event of a site's record."""
    parts = ("monitord record", site)
    return _link_of(parts if generation == 1 else (*parts, generation))


def epoch_link(cited: Citation) -> str:
    """Return the link before the first event of an epoch that cites the head of an earlier one."""
    epoch, *rest = cited[:5]
    parts = ("epoch", epoch, *rest)
    return _link_of(parts if cited.generation == 1 else (*parts, cited.generation, cited.stream))


def link(previous: str, event: Event, digest: str) -> str:
    """Return the link of an event whose body has this digest."""
    return _link_of(
        (
            previous,
            event.epoch,
            event.number,
            event.at,
            event.kind,
            event.v,
            event.subject,
            STREAMS.index(event.stream),
            digest,
        )
    )


class ChainCheck:
    """Verifies stored events in order, one ``step`` each.

    ``forks``: the link on disk at the place that each epoch of another stream cites. After a broken
    event it continues from the stored values: each break is reported once.
    """

    def __init__(
        self, epochs: Mapping[int, Citation], forks: Mapping[int, str | None], *, site: str
    ) -> None:
        self._epochs = epochs
        self._forks = forks
        self.epoch, self.number = 1, 0
        self.chain = first_link(site, epochs[1].generation if 1 in epochs else GENERATION)
        self._site_end = (self.epoch, self.number, self.chain)

    def begin_after(self, epoch: int, number: int, chain: str) -> None:
        """Continue after an event that is verified."""
        self.epoch, self.number, self.chain = epoch, number, chain
        self._site_end = (epoch, number, chain)

    def begin_with(self, epoch: int) -> None:
        """Continue at the first event of an epoch; what it cites is taken as verified."""
        cited = self._epochs.get(epoch)
        if cited is not None and cited.cites_epoch is not None:
            self.begin_after(cited.cites_epoch, cited.cites_number or 0, cited.cites_head or "")

    def step(self, row: Stored) -> str | None:
        """Verify the next event; return what is wrong with it, or None."""
        problem = self._enter(row.epoch) if row.epoch != self.epoch else None
        problem = problem or self._order(row) or self._body(row) or self._chain(row)
        self.epoch, self.number, self.chain = row.epoch, row.number, row.chain
        if row.stream == SITE:
            self._site_end = (row.epoch, row.number, row.chain)
        return f"event {row.epoch}/{row.number}: {problem}" if problem else None

    def _enter(self, epoch: int) -> str | None:
        cited = self._epochs.get(epoch)
        if cited is None:
            return f"epoch {epoch} was never begun"
        held = self._site_end
        self.epoch, self.number, self.chain = epoch, 0, cited.link
        if cited.stream != SITE:
            if cited.cites_head != self._forks.get(epoch):
                return f"its epoch does not cite event {cited.cites_epoch}/{cited.cites_number}"
        elif (cited.cites_epoch, cited.cites_number, cited.cites_head) != held:
            return f"its epoch does not cite the end of epoch {held[0]}, which is {held[1]}"
        return None if cited.link == epoch_link(cited) else "its epoch's citation was changed"

    def _order(self, row: Stored) -> str | None:
        cited = self._epochs.get(row.epoch)
        if cited is not None and cited.stream != row.stream:
            return f"its epoch is of stream {cited.stream}, and it is of {row.stream}"
        if row.number != self.number + 1:
            return f"event {row.epoch}/{self.number + 1} is missing before it"
        return None

    def _body(self, row: Stored) -> str | None:
        if row.body is None:
            return None if row.kind in PRUNABLE else "its body is missing"
        same = digest_of(row.body.encode()) == row.digest
        return None if same else "its body is not what was recorded"

    def _chain(self, row: Stored) -> str | None:
        same = link(self.chain, event_of(row), row.digest) == row.chain
        return None if same else "the chain is broken: it or an event before it was changed"


def event_of(row: Stored) -> Event:
    """Return a stored row as an event; a pruned body is an empty object."""
    body = b"{}" if row.body is None else row.body.encode()
    stream = STREAMS[row.stream]
    return Event(row.epoch, row.number, row.at, row.kind, row.v, row.subject, stream, body)
