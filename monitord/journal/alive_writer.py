"""Writes the alive file by a thread of its own, and goes on where it cannot be written.

The loop waits for a disk at most ``LATE_AFTER_S``. What is no regular file is put aside; a file
that is gone from its path is made again.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import structlog

from monitord.journal.alive import NAME, Alive, AliveFile
from monitord.journal.errors import RecordError

LATE_AFTER_S: Final = 0.5
ASIDE: Final = f"{NAME}.damaged"

log = structlog.get_logger(__name__)


class AliveWriter:
    """One writer: hold the record's lock. ``found``: the newest undamaged copy, or None."""

    def __init__(self, folder: Path, *, late_after_s: float = LATE_AFTER_S) -> None:
        self._folder = folder
        self._late_after_s = late_after_s
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="alive")
        self._under_way: asyncio.Future[None] | None = None
        self._failing = False
        self._file: AliveFile | None = None
        self.found: Alive | None = None
        try:
            self.found = self._opened().read()
        except RecordError as error:
            self._fail(error)

    async def write(self, alive: Alive) -> None:
        """Write it, and wait at most ``late_after_s``. While one is under way it is left out."""
        if self._under_way is not None and not self._under_way.done():
            return
        loop = asyncio.get_running_loop()
        self._under_way = loop.run_in_executor(self._executor, self._write, alive)
        await asyncio.wait([self._under_way], timeout=self._late_after_s)

    def close(self) -> None:
        """Close the file when the last write has ended, without waiting; safe to call twice."""
        self._executor.shutdown(wait=False)

    def _write(self, alive: Alive) -> None:
        try:
            self._opened().write(alive)
        except RecordError as error:
            self._fail(error)
        else:
            if self._failing:
                log.info("alive_is_written_again")
            self._failing = False

    def _fail(self, error: RecordError) -> None:
        if not self._failing:
            log.error("alive_not_written", detail=str(error))
        self._failing = True

    def _opened(self) -> AliveFile:
        if self._file is not None and not self._file.is_at_its_path():
            self._file.close()
            self._file = None
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> AliveFile:
        path = self._folder / NAME
        try:
            return AliveFile(self._folder)
        except RecordError as error:
            if error.code not in ("not_regular", "not_read"):
                raise
            log.error("alive_put_aside", detail=str(error))  # noqa: TRY400 - for the operator
        try:
            path.rename(self._folder / ASIDE)
        except OSError as error:
            raise RecordError("not_put_aside", path, reason=error.strerror) from error
        return AliveFile(self._folder)
