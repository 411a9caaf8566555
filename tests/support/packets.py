"""Recorded packets of other people's equipment, read from ../shared and never copied."""

from __future__ import annotations

from pathlib import Path


def recorded_packets(file: Path) -> list[bytes]:
    """Return every distinct payload of a table whose last column is hexadecimal."""
    lines = [line for line in file.read_text("ascii").splitlines() if not line.startswith("#")]
    payloads = (line.rsplit("\t", 1)[-1].strip() for line in lines if line)
    return list(dict.fromkeys(bytes.fromhex(payload) for payload in payloads))
