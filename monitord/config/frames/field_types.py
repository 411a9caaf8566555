"""The types of values in frame profiles: octets with gaps, patterns by place, stations.

Owns their spelling; checks nothing across keys.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, TypeAlias

from monitord.config.fields.field_types import ID, IN_QUOTES, FieldType, Refused, read_parts
from monitord.config.loader.phrases import phrase, shown
from monitord.devices.frames.model import FRAME_MAX
from monitord.devices.frames.template import Template

OCTETS_MAX: Final = 256
PATTERNS_MAX: Final = 16
STATION_MAX: Final = 32

OCTETS_ALLOWED = phrase("frame.octets")

_PART = re.compile(r"\s*(?:([0-9A-Fa-f]{2})(?![0-9A-Fa-f])|(\?\?)|\{([a-z]\w*)\}|'([ -&(-~]+)')")
_TEXT_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}|([^{}])")
_TEXT = re.compile(r"[\x20-\x7e\r\n\t]+")
_STATION = re.compile(r"[!-~]+")


def read_octets(value: Any) -> Template:
    """Return octets written as hexadecimal pairs, ?? for any, {name} for a gap, 'text'."""
    if isinstance(value, int):
        raise Refused(IN_QUOTES)
    if not isinstance(value, str):
        raise Refused
    parts: list[int | str | None] = []
    at = 0
    text = value.rstrip()
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise Refused(found=phrase("frame.part", part=shown(text[at:].split()[0])))
        parts += _parts(found)
        at = found.end()
    if not 1 <= len(parts) <= OCTETS_MAX:
        count = phrase("bytes", count=len(parts))
        raise Refused(found=count, allowed=phrase("bytes.most", most=OCTETS_MAX))
    return Template(tuple(parts))


def _parts(found: re.Match[str]) -> list[int | str | None]:
    """Return the parts that one written piece means."""
    pair, any_, gap, text = found.groups()
    if pair:
        return [int(pair, 16)]
    if any_:
        return [None]
    if gap:
        if not ID.fullmatch(gap):
            raise Refused(found=phrase("frame.gap", gap=shown(gap)))
        return [gap]
    return list(text.encode("ascii"))


def read_fixed_octets(value: Any) -> bytes:
    """Return octets without gaps."""
    template = read_octets(value)
    fixed = [part for part in template.parts if isinstance(part, int)]
    if len(fixed) != len(template.parts):
        raise Refused(phrase("frame.fixed"))
    return bytes(fixed)


def read_request_text(value: Any) -> Template:
    """Return the octets of a text, with {name} for a gap."""
    if not isinstance(value, str) or not 1 <= len(value) <= OCTETS_MAX:
        raise Refused
    if not _TEXT.fullmatch(value):
        raise Refused(phrase("frame.other_bytes"))
    parts: list[int | str | None] = []
    at = 0
    while at < len(value):
        found = _TEXT_PART.match(value, at)
        if found is None:
            raise Refused(phrase("frame.brace"))
        parts.append(found[1] or ord(found[2]))
        at = found.end()
    return Template(tuple(parts))


def read_patterns(value: Any) -> tuple[tuple[int, Template], ...]:
    """Return (place, octets) in order of their places."""
    if not isinstance(value, dict) or not 1 <= len(value) <= PATTERNS_MAX:
        raise Refused
    return tuple(sorted(read_parts(value.items(), _pattern), key=lambda pair: pair[0]))


def _pattern(place: Any, octets: Any) -> tuple[int, Template]:
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < FRAME_MAX:
        key = phrase("key", key=shown(place))
        raise Refused(found=key, allowed=phrase("type.whole", low=0, high=FRAME_MAX - 1))
    try:
        return place, read_octets(octets)
    except Refused as refused:
        found = shown(octets) if refused.found is None else refused.found
        raise Refused(refused.hint, found, refused.allowed or OCTETS_ALLOWED, (place,)) from refused


def read_separator(value: Any) -> bytes:
    """Return the characters between two text fields."""
    if not isinstance(value, str) or not 1 <= len(value) <= 3 or not _TEXT.fullmatch(value):
        raise Refused
    return value.encode("ascii")


def read_station(value: Any) -> str:
    """Return a device's own address as on its plate; a plain number is accepted."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        value = str(value)
    if not isinstance(value, str) or len(value) > STATION_MAX or not _STATION.fullmatch(value):
        raise Refused
    return value


def read_parameters(value: Any) -> tuple[tuple[str, str], ...]:
    """Return the values for the gaps of a profile's requests, by name."""
    if not isinstance(value, dict):
        raise Refused
    return tuple(read_parts(value.items(), _parameter))


def _parameter(name: Any, found: Any) -> tuple[str, str]:
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise Refused(found=phrase("key", key=shown(name)), allowed=phrase("frame.parameter_name"))
    try:
        return name, read_station(found)
    except Refused as refused:
        allowed = phrase("frame.parameter")
        raise Refused(found=shown(found), allowed=allowed, keys=(name,)) from refused


Octets: TypeAlias = Annotated[Template, FieldType(read_octets, OCTETS_ALLOWED)]
FixedOctets: TypeAlias = Annotated[
    bytes, FieldType(read_fixed_octets, phrase("frame.fixed_octets"))
]
RequestText: TypeAlias = Annotated[
    Template, FieldType(read_request_text, phrase("frame.request_text"))
]
Patterns: TypeAlias = Annotated[
    tuple[tuple[int, Template], ...], FieldType(read_patterns, phrase("frame.patterns"))
]
Separator: TypeAlias = Annotated[bytes, FieldType(read_separator, phrase("frame.separator"))]
Station: TypeAlias = Annotated[str, FieldType(read_station, phrase("frame.address"))]
Parameters: TypeAlias = Annotated[
    tuple[tuple[str, str], ...], FieldType(read_parameters, phrase("frame.parameters"))
]
