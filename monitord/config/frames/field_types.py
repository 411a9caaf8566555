"""The kinds of value that frame profiles have: octets with gaps, patterns by place, stations.

Owns their spelling, as ``kinds`` does for everything else; checks nothing across keys.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, TypeAlias

from monitord.config.field_types import ID, Kind, Refused
from monitord.config.loader.errors import shown
from monitord.devices.frames.model import FRAME_MAX
from monitord.devices.frames.template import Template

OCTETS_MAX: Final = 256
PATTERNS_MAX: Final = 16
STATION_MAX: Final = 32

OCTETS_ALLOWED = "bytes such as \"68 {station} ?? 'Q1' 0D\""
REQUEST_TEXT_ALLOWED = 'a text of ASCII characters in double quotes, such as "Q1\\r"'
PATTERNS_ALLOWED = 'bytes by place, such as {8: "91"}'

_PART = re.compile(r"\s*(?:([0-9A-Fa-f]{2})(?![0-9A-Fa-f])|(\?\?)|\{([a-z]\w*)\}|'([ -&(-~]+)')")
_TEXT_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}|([^{}])")
_TEXT = re.compile(r"[\x20-\x7e\r\n\t]+")
_STATION = re.compile(r"[!-~]+")


def read_octets(value: Any) -> Template:
    """Return octets written as hexadecimal pairs, ?? for any, {name} for a gap, 'text'."""
    if isinstance(value, int):
        raise Refused("put it in quotes")
    if not isinstance(value, str):
        raise Refused
    parts: list[int | str | None] = []
    at = 0
    text = value.rstrip()
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise Refused(found=f"{shown(text[at:].split()[0])} in it")
        parts += _parts(found)
        at = found.end()
    if not 1 <= len(parts) <= OCTETS_MAX:
        raise Refused(found=f"{len(parts)} bytes", allowed=f"1..{OCTETS_MAX} bytes")
    return Template(tuple(parts))


def _parts(found: re.Match[str]) -> list[int | str | None]:
    """Return the parts one piece of the writing stands for."""
    pair, any_, gap, text = found.groups()
    if pair:
        return [int(pair, 16)]
    if any_:
        return [None]
    if gap:
        if not ID.fullmatch(gap):
            raise Refused(found=f"gap {shown(gap)}")
        return [gap]
    return list(text.encode("ascii"))


def read_fixed_octets(value: Any) -> bytes:
    """Return octets without gaps."""
    template = read_octets(value)
    fixed = [part for part in template.parts if isinstance(part, int)]
    if len(fixed) != len(template.parts):
        raise Refused("it has neither gaps nor any byte")
    return bytes(fixed)


def read_request_text(value: Any) -> Template:
    """Return the octets of a text, with {name} for a gap."""
    if not isinstance(value, str) or not 1 <= len(value) <= OCTETS_MAX:
        raise Refused
    if not _TEXT.fullmatch(value):
        raise Refused("other bytes are written under bytes")
    parts: list[int | str | None] = []
    at = 0
    while at < len(value):
        found = _TEXT_PART.match(value, at)
        if found is None:
            raise Refused("a brace that names no gap is written under bytes")
        parts.append(found[1] or ord(found[2]))
        at = found.end()
    return Template(tuple(parts))


def read_patterns(value: Any) -> tuple[tuple[int, Template], ...]:
    """Return (place, octets) in order of their places."""
    if not isinstance(value, dict) or not 1 <= len(value) <= PATTERNS_MAX:
        raise Refused
    pairs = []
    for place, octets in value.items():
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < FRAME_MAX:
            raise Refused(found=shown(place), allowed=f"a place 0..{FRAME_MAX - 1}")
        try:
            pairs.append((place, read_octets(octets)))
        except Refused as refused:
            found = refused.found or shown(octets)
            allowed = refused.allowed or OCTETS_ALLOWED
            raise Refused(refused.hint, f"{place}: {found}", allowed) from refused
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


def read_separator(value: Any) -> bytes:
    """Return the characters between two text fields."""
    if not isinstance(value, str) or not 1 <= len(value) <= 3 or not _TEXT.fullmatch(value):
        raise Refused
    return value.encode("ascii")


def read_station(value: Any) -> str:
    """Return a device's own address as it stands on its plate; a plain number will do."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        value = str(value)
    if not isinstance(value, str) or len(value) > STATION_MAX or not _STATION.fullmatch(value):
        raise Refused
    return value


def read_parameters(value: Any) -> tuple[tuple[str, str], ...]:
    """Return what a device gives for the gaps of its profile's requests, by name."""
    if not isinstance(value, dict):
        raise Refused
    pairs = []
    for name, found in value.items():
        if not isinstance(name, str) or not ID.fullmatch(name):
            raise Refused(found=shown(name), allowed="a parameter's name, such as amplifier")
        try:
            pairs.append((name, read_station(found)))
        except Refused:
            raise Refused(found=f"{name}: {shown(found)}", allowed="a number or a text") from None
    return tuple(pairs)


Octets: TypeAlias = Annotated[Template, Kind(read_octets, OCTETS_ALLOWED)]
FixedOctets: TypeAlias = Annotated[bytes, Kind(read_fixed_octets, 'bytes such as "0D 0A"')]
RequestText: TypeAlias = Annotated[Template, Kind(read_request_text, REQUEST_TEXT_ALLOWED)]
Patterns: TypeAlias = Annotated[
    tuple[tuple[int, Template], ...], Kind(read_patterns, PATTERNS_ALLOWED)
]
Separator: TypeAlias = Annotated[bytes, Kind(read_separator, 'one to three characters, as " "')]
Station: TypeAlias = Annotated[
    str, Kind(read_station, 'the device\'s address on the line, such as 1 or "000012345678"')
]
Parameters: TypeAlias = Annotated[
    tuple[tuple[str, str], ...], Kind(read_parameters, "parameters by name, such as {amplifier: 2}")
]
