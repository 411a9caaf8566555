"""Where each stream of a record ends on disk, and the epochs that were begun since. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from monitord.core.model import Stream
from monitord.journal import events as rows
from monitord.journal.chain import STREAMS, Citation
from monitord.journal.events import Head


class Ends:
    """``heads``: of each stream, the last event on disk or the place before a begun epoch.

    ``begun``: epochs that are written together with their first event.
    """

    def __init__(self) -> None:
        self.heads: dict[Stream, Head] = {Stream.SITE: Head(1, 0, "")}
        self.begun: dict[Stream, Citation] = {}
        self._newest_epoch = 1

    def found(self, head: Head, epochs: Iterable[int]) -> bool:
        """Take what a file has that was just opened; return whether it ends as the one before.

        If so, a begun epoch of the site remains begun. No number of an epoch is used again.
        """
        is_same = self.last(Stream.SITE) == head
        begun = self.begun.get(Stream.SITE) if is_same else None
        self.heads = {Stream.SITE: head if begun is None else self.heads[Stream.SITE]}
        self.begun = {} if begun is None else {Stream.SITE: begun}
        self._newest_epoch = max(self._newest_epoch, *epochs)
        return is_same

    def last(self, stream: Stream) -> Head:
        """Return the last event on disk, also where an epoch was begun after it."""
        begun = self.begun.get(stream)
        return self.heads[stream] if begun is None else self._cited(begun)

    def begin(self, stream: Stream, lowest: int, why: str) -> int:
        """Begin an epoch with the next number, at least ``lowest``; return it."""
        epoch = max(lowest, self._newest_epoch + 1)
        cited = self.last(Stream.SITE)
        self.begun[stream] = rows.cite(cited, epoch, why, STREAMS.index(stream))
        self.heads[stream] = Head(epoch, 0, self.begun[stream].link, cited.at)
        self._newest_epoch = epoch
        return epoch

    def _cited(self, begun: Citation) -> Head:
        # An epoch without events is not on disk: the next one cites the last event that is.
        at = self.heads[STREAMS[begun.stream]].at
        return Head(begun.cites_epoch or 1, begun.cites_number or 0, begun.cites_head or "", at)
