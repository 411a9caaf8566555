"""The last configuration without mistakes, from the record. Owns how it is found; writes nothing.

A start needs it where the present files have mistakes. Secrets are read from their own files again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from monitord.config.content import is_hidden, with_addresses
from monitord.config.load import load
from monitord.config.settings import Settings
from monitord.devices.no_secret import is_without_secret
from monitord.journal.content import last_content
from monitord.journal.errors import RecordError

FILES_MAX: Final = 100
BYTES_MAX: Final = 1_000_000
FOLDER: Final = re.compile(r"^record\s*:[^\n]*(?:\n[ \t]+[^\n]*)*", re.MULTILINE)
NAME: Final = re.compile(r"folder\s*:\s*(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s,}#]+))")


def last_good(path: Path, *, wall: int | None = None) -> Settings | None:
    """Return the configuration that the record of the file at ``path`` was last written with.

    None where no record or no configuration in it can be found. A device or a channel whose secret
    cannot be read is not asked, or not used. Raises ``ConfigErrors`` where this program refuses it.
    """
    texts = dict(_present_texts(path))
    for folder in _folders(path, texts):
        try:
            found = last_content(folder)
        except RecordError:
            continue
        if found is not None:
            present = "\n".join(texts.values())
            given = {name: with_addresses(raw, present) for name, raw in found.items()}
            return load(path, wall=wall, given=given)
    return None


def without_address(settings: Settings) -> list[str]:
    """Return the ids of channels whose address neither the record nor the files have."""
    return [channel.id for channel in settings.channels if is_hidden(channel.url)]


def without_secret(settings: Settings) -> list[str]:
    """Return the ids of devices whose secret cannot be read."""
    return [device.id for device in settings.devices if is_without_secret(device.source)]


def _present_texts(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the text of the file and of those beside it that it may include."""
    beside = sorted([*path.parent.glob("*.yaml"), *path.parent.glob("*/*.yaml")])
    for file in [path, *beside[:FILES_MAX]]:
        try:
            if file.is_file() and file.stat().st_size <= BYTES_MAX:
                yield file, file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue


def _folders(path: Path, texts: dict[Path, str]) -> Iterator[Path]:
    """Yield where the record may be: by the files, then by the service manager."""
    for text in texts.values():
        section = FOLDER.search(text)
        name = None if section is None else NAME.search(section.group())
        if name is not None:
            yield path.parent / next(part for part in name.groups() if part)
    if state := os.environ.get("STATE_DIRECTORY"):
        yield Path(state.partition(":")[0])
