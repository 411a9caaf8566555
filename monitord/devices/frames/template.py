"""Octets with gaps, from a profile: filled, they are a request or a pattern. Sans-IO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from monitord.devices.frames.checksums import check_octets
from monitord.devices.frames.model import ByteOrder, Check, Pattern

CHECK_SLOT: Final = "check"
"""The gap in a request where its check belongs."""


@dataclass(frozen=True, slots=True)
class Template:
    """Octets; None for any octet, a name for a gap that a parameter or the check fills."""

    parts: tuple[int | str | None, ...]

    @property
    def gaps(self) -> tuple[str, ...]:
        """The names in it, in order."""
        return tuple(part for part in self.parts if isinstance(part, str))

    def filled(self, values: Mapping[str, bytes]) -> Pattern:
        """Return the pattern with every gap filled. Raises KeyError for one without a value."""
        octets: list[int | None] = []
        for part in self.parts:
            octets += values[part] if isinstance(part, str) else [part]
        return Pattern(tuple(octets))

    def place_of(self, gap: str, values: Mapping[str, bytes]) -> int:
        """Return how many octets come before a gap."""
        before = self.parts[: self.parts.index(gap)]
        return len(Template(before).filled(values).octets)


def build_request(template: Template, values: Mapping[str, bytes], check: Check) -> bytes:
    """Return the octets to send, the check put where its gap is, if there is one.

    ``check.at`` is not used; ``check.last`` None: up to the gap. The template has no octet that
    may be any.
    """
    if CHECK_SLOT not in template.gaps:
        return _octets(template.filled(values))
    blank = _octets(template.filled({**values, CHECK_SLOT: bytes(check.size)}))
    place = template.place_of(CHECK_SLOT, values)
    covered = blank[check.first : place if check.last is None else check.last]
    return blank[:place] + check_octets(check, covered) + blank[place + check.size :]


def encode_bcd(digits: str, size: int, byte_order: ByteOrder) -> bytes:
    """Return decimal digits two an octet, leading zeros put before them.

    Raises ValueError for other characters, OverflowError for too many.
    """
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError
    if len(digits) > 2 * size:
        raise OverflowError
    octets = bytes.fromhex(digits.zfill(2 * size))
    return octets if byte_order == "big" else octets[::-1]


def encode_text(text: str, size: int) -> bytes:
    """Return a text as it is written on the line. Raises OverflowError for another length."""
    if len(text) != size:
        raise OverflowError
    return text.encode("ascii")


def _octets(pattern: Pattern) -> bytes:
    return bytes(octet for octet in pattern.octets if octet is not None)
