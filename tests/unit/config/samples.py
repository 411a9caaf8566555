"""A small good configuration, and changes to it. Owns no test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitord.config import load
from monitord.config.settings import Settings

SITE = (Path(__file__).parent / "site.yaml").read_text(encoding="utf-8")


def write(folder: Path, text: str = SITE) -> Path:
    """Write a configuration and the secret it names; return the file."""
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "fm1").write_text("public\n", encoding="utf-8")
    path = folder / "monitord.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(*changes: tuple[str, str]) -> str:
    """Return the sample with texts replaced, each of which must be there."""
    text = SITE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def loaded(folder: Path, *changes: tuple[str, str], **options: Any) -> Settings:
    return load(write(folder, changed(*changes)), **options)
