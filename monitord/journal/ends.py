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
        last = self.last(Stream.SITE)
        is_new = last[:2] == head[:2] == (1, 0)
        begun = self.begun.get(Stream.SITE)
        if is_new and begun is not None:
            # It was begun before the new file's first link was known.
            begun = rows.cite(head, begun.epoch, begun.why)
        self._newest_epoch = max(self._newest_epoch, *epochs)
        self.heads, self.begun = {Stream.SITE: head}, {}
        if not is_new and last != head:
            return False
        if begun is not None:
            self.heads[Stream.SITE] = Head(begun.epoch, 0, begun.link, head.at)
            self.begun[Stream.SITE] = begun
        return True

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
