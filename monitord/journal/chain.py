"""The hash chain over the record, and the walk that verifies it. Owns the bytes that are hashed.

Does not touch the database. ``link`` hashes, as UTF-8, the JSON array

    [previous, epoch, number, at, kind, v, subject, drill, digest]

written without spaces and without ASCII escapes; ``drill`` is 0 or 1, ``digest`` the SHA-256 of the
stored body, all hashes lower-case hex. The link before the first event of epoch 1 is that of
``["monitord record", site]``; before the first of a later epoch it is that of
``["epoch", epoch, cites_epoch, cites_number, cites_head, why]``. A body may therefore be pruned
without breaking the chain; nothing else may change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from monitord.core.model import Event

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
    drill: int
    body: str | None
    digest: str
    chain: str


class Citation(NamedTuple):
    """One row of the table ``epochs``: the head that an epoch follows (none for the first)."""

    epoch: int
    cites_epoch: int | None
    cites_number: int | None
    cites_head: str | None
    why: str
    link: str


def digest_of(body: bytes) -> str:
    """Return the digest of a stored body."""
    return sha256(body).hexdigest()


def _link_of(parts: tuple[object, ...]) -> str:
    return sha256(_ENCODE(parts).encode()).hexdigest()


def first_link(site: str) -> str:
    """Return the link before the first event of a site's record."""
    return _link_of(("monitord record", site))


def epoch_link(
    epoch: int, cites_epoch: int | None, cites_number: int | None, cites_head: str | None, why: str
) -> str:
    """Return the link before the first event of an epoch that cites the head of an earlier one."""
    return _link_of(("epoch", epoch, cites_epoch, cites_number, cites_head, why))


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
            int(event.drill),
            digest,
        )
    )


class ChainCheck:
    """Verifies stored events in order, one ``step`` each.

    After a broken event it continues from the stored values: each break is reported once.
    """

    def __init__(self, epochs: Mapping[int, Citation], *, site: str) -> None:
        self._epochs = epochs
        self._site = site
        self.epoch, self.number = 1, 0
        self.chain = first_link(site)

    def begin_after(self, epoch: int, number: int, chain: str) -> None:
        """Continue after an event that is verified."""
        self.epoch, self.number, self.chain = epoch, number, chain

    def step(self, row: Stored) -> str | None:
        """Verify the next event; return what is wrong with it, or None."""
        problem = self._enter(row.epoch) if row.epoch != self.epoch else None
        problem = problem or self._order(row) or self._body(row) or self._chain(row)
        self.epoch, self.number, self.chain = row.epoch, row.number, row.chain
        return f"event {row.epoch}/{row.number}: {problem}" if problem else None

    def _enter(self, epoch: int) -> str | None:
        cited = self._epochs.get(epoch)
        if cited is None:
            return f"epoch {epoch} was never begun"
        held = (self.epoch, self.number, self.chain)
        self.epoch, self.number, self.chain = epoch, 0, cited.link
        if (cited.cites_epoch, cited.cites_number, cited.cites_head) != held:
            return f"its epoch does not cite the end of epoch {held[0]}, which is {held[1]}"
        return None if cited.link == epoch_link(*cited[:5]) else "its epoch's citation was changed"

    def _order(self, row: Stored) -> str | None:
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
    return Event(row.epoch, row.number, row.at, row.kind, row.v, row.subject, bool(row.drill), body)
