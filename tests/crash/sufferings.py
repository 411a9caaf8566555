"""What a daemon's surroundings go through while it lives: terminal, disk, names, record.

Owns each fault and its end. Judges nothing; asks nothing of the daemon.
"""

from __future__ import annotations

import asyncio
import os
import pty
import shutil
import sqlite3
import subprocess
import termios
import tty
from contextlib import closing, suppress
from enum import StrEnum
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from tests.support.wire import LOCALHOST

DISK = "24m"
FILLER = 65_536
PAGE = 4096
DATABASE = "record.sqlite"


class Suffering(StrEnum):
    """One fault of the surroundings. ``DAMAGED`` comes after a life, the others during it."""

    NONE = ""
    TERMINAL = "terminal"
    LOG = "log"
    DISK_FULL = "disk_full"
    DISK_SLOW = "disk_slow"
    RESOLVER = "resolver"
    REMOVED = "removed"
    SWAPPED = "swapped"
    DAMAGED = "damaged"


AROUND = (
    Suffering.TERMINAL,
    Suffering.LOG,
    Suffering.DISK_FULL,
    Suffering.DISK_SLOW,
    Suffering.RESOLVER,
)
"""These take nothing that is on disk."""
OF_THE_RECORD = (Suffering.REMOVED, Suffering.SWAPPED, Suffering.DAMAGED)
"""These may take events that were on disk."""
COMMIT_S = (0.3, 1.5, 4.0)
"""How long a commit takes on a slow disk; after 3 s the daemon waits no longer."""


class Terminal:
    """A terminal that outlives the daemon; ``log``: where complete lines of its log are kept."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.name = os.ttyname(self._slave)
        self._rest = b""

    def start(self) -> None:
        """Read it from now on."""
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def stop_output(self) -> None:
        """Do what Ctrl-S does: who writes to it waits."""
        termios.tcflow(self._slave, termios.TCOOFF)

    def resume_output(self) -> None:
        """Do what Ctrl-Q does."""
        termios.tcflow(self._slave, termios.TCOON)

    def close(self) -> None:
        """Close both ends."""
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + os.read(self._master, FILLER)).split(b"\n")
        with self._log.open("ab") as file:
            file.writelines(line + b"\n" for line in lines if line.startswith(b"{"))


class NameServer(asyncio.DatagramProtocol):
    """Answers every name with this computer, or, while ``silent``, nobody."""

    def __init__(self) -> None:
        self.silent = False
        self.asked = self.unanswered = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> int:
        """Return the port that it listens on."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(LOCALHOST, 0)
        )
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked += 1
        if self.silent:
            self.unanswered += 1
            return
        assert self._transport is not None
        self._transport.sendto(data + b" " + LOCALHOST.encode(), addr)

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()


class Disk:
    """A file system of its own where that is permitted (``is_mounted``), else a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_mounted = False

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        mount = ("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.folder))
        done = subprocess.run(mount, capture_output=True, check=False) if not os.getuid() else None
        self.is_mounted = done is not None and not done.returncode
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self.is_mounted:
            subprocess.run(("umount", "--lazy", str(self.folder)), check=True)

    def fill(self) -> None:
        """Write until the disk takes no more."""
        with (self.folder / "filler").open("wb", buffering=0) as file:
            for size in (64 * FILLER, FILLER, PAGE, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def free(self) -> None:
        """Give the room back."""
        (self.folder / "filler").unlink(missing_ok=True)


class Surroundings:
    """All that suffers around one run. ``record``: the folder that the daemon is given."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._random = random
        self._folder = folder
        self.disk = Disk(folder / "disk")
        self.record = folder / "disk" / "record"
        self.terminal = Terminal(folder / "daemon.log")
        self.names = NameServer()
        self.name_port = 0
        self.met: dict[Suffering, int] = dict.fromkeys(Suffering, 0)

    async def __aenter__(self) -> Self:
        self.disk.__enter__()
        self.terminal.start()
        self.name_port = await self.names.start()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.names.close()
        self.terminal.close()
        self.disk.__exit__(None, None, None)

    def kinds(self, kinds: tuple[Suffering, ...]) -> list[Suffering]:
        """Return those of ``kinds`` that can be had here."""
        return [one for one in kinds if one is not Suffering.DISK_FULL or self.disk.is_mounted]

    def commit_s(self, suffering: Suffering) -> float:
        """Return how long each commit of a life takes longer."""
        return self._random.choice(COMMIT_S) if suffering is Suffering.DISK_SLOW else 0.0

    def begin(self, suffering: Suffering) -> None:
        """Let it begin, in the middle of a life."""
        self.met[suffering] += 1
        match suffering:
            case Suffering.TERMINAL | Suffering.LOG:
                self.terminal.stop_output()
            case Suffering.DISK_FULL:
                self.disk.fill()
            case Suffering.RESOLVER:
                self.names.silent = True
            case Suffering.REMOVED:
                shutil.rmtree(self.record, ignore_errors=True)
            case Suffering.SWAPPED:
                self._swap()
            case _:
                pass

    def end(self, suffering: Suffering) -> None:
        """Let it be over; safe where it never began."""
        match suffering:
            case Suffering.TERMINAL | Suffering.LOG:
                self.terminal.resume_output()
            case Suffering.DISK_FULL:
                self.disk.free()
            case Suffering.RESOLVER:
                self.names.silent = False
            case _:
                pass

    def remember(self) -> None:
        """Keep a copy of the record, to be put in its place one day; no daemon is running."""
        source, copy = self.record / DATABASE, self._folder / "older.sqlite"
        with suppress(sqlite3.Error):
            if source.exists() and self._random.random() < 0.5:
                copy.unlink(missing_ok=True)
                with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(copy)) as two:
                    one.backup(two)

    def damage(self) -> None:
        """Overwrite a part of one page of the record, drawn at random; no daemon is running."""
        self.met[Suffering.DAMAGED] += 1
        path = self.record / DATABASE
        pages = path.stat().st_size // PAGE if path.exists() else 0
        if pages:
            with path.open("r+b") as file:
                file.seek(self._random.randrange(pages) * PAGE + self._random.randrange(PAGE - 64))
                file.write(self._random.randbytes(64))

    def _swap(self) -> None:
        older = self._folder / "older.sqlite"
        if older.exists() and self.record.exists():
            shutil.copy(older, self._folder / "disk" / "swap")
            (self._folder / "disk" / "swap").replace(self.record / DATABASE)
