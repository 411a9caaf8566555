"""The kinds of value that points and profiles have: labels, sentinels, bits, rows, cards.

Owns their spelling, as ``kinds`` does for everything else; checks nothing across keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from monitord.config.errors import shown
from monitord.config.kinds import ID, RESERVED, Kind, Refused, read_oid, read_text

RAW_MIN, RAW_MAX = -(2**63), 2**64 - 1
ARC_MAX = 2**32 - 1
BITS_MAX = 32
STEPS_MAX = 12
EXPONENT = re.compile(r"-?[a-z]\w*( [+-] [a-z]\w*)*", re.ASCII)
LANGUAGES = ("zh", "en")

WHOLE = r"-?(?:0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,19})"
SENTINEL = re.compile(rf"({WHOLE})(?:\.\.({WHOLE}))?")

SENTINEL_ALLOWED = 'a whole number, or a range such as "0xFFF8..0xFFFF"'
ABSENT_ALLOWED = 'a list of raw whole numbers and ranges, such as [65535] or ["0xFFF8..0xFFFF"]'
ROW_INDEX_ALLOWED = "a row's index, such as 3, or [1, 2] where it has several parts"
ROW_ALLOWED = f"{ROW_INDEX_ALLOWED}, or what one of its cells says, such as {{name: Gi0/1}}"
KEYS_ALLOWED = "columns by the name they have as a key, such as {name: 1.3.6.1.2.1.31.1.1.1.1}"


def read_labels(value: Any) -> tuple[tuple[int, str], ...]:
    """Return (raw integer, label) pairs; labels are words, so that expressions can name them."""
    if not isinstance(value, dict) or not value:
        raise Refused
    pairs = []
    for raw, label in value.items():
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise Refused(found=shown(raw), allowed="a whole number as the raw value")
        if not isinstance(label, str) or not ID.fullmatch(label) or label in RESERVED:
            raise Refused(found=shown(label), allowed="a label of a-z, 0-9 and _, such as fault")
        pairs.append((raw, label))
    return tuple(sorted(pairs))


def read_raw_numbers(value: Any) -> tuple[int, ...]:
    """Return raw integers as the device sends them."""
    if not isinstance(value, list):
        raise Refused
    for raw in value:
        if not _is_raw(raw):
            raise Refused(found=shown(raw), allowed=f"a whole number {RAW_MIN}..{RAW_MAX}")
    return tuple(value)


def read_absent(value: Any) -> tuple[tuple[int, int], ...]:
    """Return (first, last) of each run of raw integers that mean "no value"."""
    if not isinstance(value, list):
        raise Refused
    return tuple(map(_sentinel, value))


def _sentinel(found: Any) -> tuple[int, int]:
    if _is_raw(found):
        return found, found
    match = SENTINEL.fullmatch(found) if isinstance(found, str) else None
    if match is None:
        raise Refused(found=shown(found), allowed=SENTINEL_ALLOWED)
    first = int(match[1], 0)
    last = first if match[2] is None else int(match[2], 0)
    if not (_is_raw(first) and _is_raw(last)):
        raise Refused(found=shown(found), allowed=f"within {RAW_MIN}..{RAW_MAX}")
    if first > last:
        raise Refused("the lower end comes first", shown(found), SENTINEL_ALLOWED)
    return first, last


def _is_raw(found: Any) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and RAW_MIN <= found <= RAW_MAX


def read_bits(value: Any) -> tuple[int, int]:
    """Return (offset, width) of a field; bit 0 is the register's lowest."""
    if not isinstance(value, list) or len(value) != 2:
        raise Refused
    offset, width = value
    if not (_is_raw(offset) and _is_raw(width)) or offset < 0 or width < 1:
        raise Refused(found=f"[{shown(offset)}, {shown(width)}]")
    if offset + width > BITS_MAX:
        raise Refused("it ends behind the highest bit", f"[{offset}, {width}]")
    return offset, width


@dataclass(frozen=True, slots=True)
class RowChoice:
    """A row by what one of its cells says. ``key``: a profile's word for the column, or its OID."""

    key: str
    value: str


def read_rows(value: Any) -> dict[str, tuple[int, ...] | RowChoice]:
    """Return for each row by its name the arcs of its index, or by which cell it is found."""
    if not isinstance(value, dict):
        raise Refused
    return {_row_name(name): _row(name, found) for name, found in value.items()}


def _row(name: str, found: Any) -> tuple[int, ...] | RowChoice:
    return _choice(name, found) if isinstance(found, dict) else _index(name, found, ROW_ALLOWED)


def _index(name: str, found: Any, allowed: str = ROW_INDEX_ALLOWED) -> tuple[int, ...]:
    parts = found if isinstance(found, list) else [found]
    if not parts or not all(_is_raw(part) and 0 <= part <= ARC_MAX for part in parts):
        raise Refused(found=f"{name}: {shown(found)}", allowed=allowed)
    return tuple(parts)


def _choice(name: str, found: dict[Any, Any]) -> RowChoice:
    if len(found) != 1:
        raise Refused(found=f"{name}: {len(found)} keys", allowed="one key, such as {name: Gi0/1}")
    ((key, value),) = found.items()
    if not isinstance(key, str):
        raise Refused(found=f"{name}: {shown(key)}", allowed="a key of the row, such as name")
    text = str(value) if _is_raw(value) else value
    if not isinstance(text, str) or not _is_text(text) or not text.strip():
        allowed = "what the cell says, a text or a whole number"
        raise Refused(found=f"{name}: {key}: {shown(value)}", allowed=allowed)
    return RowChoice(key, text.strip())


def read_row_keys(value: Any) -> dict[str, tuple[int, ...]]:
    """Return the arcs of each column by the name it has as a key."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return {_row_name(name): read_column(name, found) for name, found in value.items()}


def read_column(name: str, found: Any) -> tuple[int, ...]:
    """Return the arcs of a column: an object without an index."""
    try:
        arcs = read_oid(found)
    except Refused:
        arcs = ("",)
    numbers = tuple(arc for arc in arcs if isinstance(arc, int))
    if len(numbers) != len(arcs):
        allowed = "a column's OID in numbers without an index"
        raise Refused(found=f"{name}: {shown(found)}", allowed=allowed)
    return numbers


def read_times_ten_to(value: Any) -> tuple[tuple[int, str], ...]:
    """Return (sign, point) of the sum of points in an exponent such as ``range - decimals``."""
    if not isinstance(value, str) or not EXPONENT.fullmatch(value):
        raise Refused
    terms = re.findall(r"([+-]?)\s*([a-z]\w*)", value)
    return tuple((-1 if sign == "-" else 1, name) for sign, name in terms)


def read_only_if(value: Any) -> tuple[tuple[str, str], ...]:
    """Return (point, label) of each enum that must say so."""
    if not isinstance(value, dict) or not value:
        raise Refused
    for point, label in value.items():
        if not all(isinstance(word, str) and ID.fullmatch(word) for word in (point, label)):
            raise Refused(found=f"{shown(point)}: {shown(label)}", allowed="a point and its label")
    return tuple(value.items())


def _row_name(name: Any) -> str:
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise Refused(found=shown(name), allowed="a row's name of a-z, 0-9 and _, such as port")
    return name


def read_card(value: Any) -> dict[str, str]:
    """Return the steps of a response card by language, numbered, in one line each."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return {_language(key): _steps(key, steps) for key, steps in value.items()}


def read_both_languages(value: Any) -> dict[str, str]:
    """Return one text in each language."""
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        raise Refused
    return {language: read_text(value[language]) for language in LANGUAGES}


def _language(key: Any) -> str:
    if key not in LANGUAGES:
        raise Refused(found=f"language {shown(key)}", allowed=f"one of {', '.join(LANGUAGES)}")
    return str(key)


def _steps(language: str, steps: Any) -> str:
    if not isinstance(steps, list) or not 1 <= len(steps) <= STEPS_MAX:
        raise Refused(
            found=f"{language}: {shown(steps)}", allowed=f"a list of 1..{STEPS_MAX} steps"
        )
    try:
        texts = [read_text(step) for step in steps]
    except Refused as refused:
        wrong = next(step for step in steps if not _is_text(step))
        found = f"{language}: {shown(wrong)}"
        raise Refused(refused.hint, found, "steps of text, each at most 200 long") from refused
    return " ".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def _is_text(step: Any) -> bool:
    try:
        read_text(step)
    except Refused:
        return False
    return True


Labels: TypeAlias = Annotated[
    tuple[tuple[int, str], ...], Kind(read_labels, "labels such as {0: off, 1: on}")
]
RawNumbers: TypeAlias = Annotated[
    tuple[int, ...], Kind(read_raw_numbers, "a list of raw whole numbers, such as [65535]")
]
Absent: TypeAlias = Annotated[tuple[tuple[int, int], ...], Kind(read_absent, ABSENT_ALLOWED)]
Bits: TypeAlias = Annotated[
    tuple[int, int], Kind(read_bits, "[offset, width] with bit 0 the lowest, such as [12, 4]")
]
Rows: TypeAlias = Annotated[
    dict[str, tuple[int, ...] | RowChoice],
    Kind(read_rows, "rows by name, such as {interface: 3} or {interface: {name: Gi0/1}}"),
]
RowKeys: TypeAlias = Annotated[dict[str, tuple[int, ...]], Kind(read_row_keys, KEYS_ALLOWED)]
TimesTenTo: TypeAlias = Annotated[
    tuple[tuple[int, str], ...],
    Kind(read_times_ten_to, "points whose sum is the exponent, such as range - decimals"),
]
OnlyIf: TypeAlias = Annotated[
    tuple[tuple[str, str], ...],
    Kind(read_only_if, "labels that other points must have, such as {sensor_type: celsius}"),
]
RowIndex: TypeAlias = Annotated[
    tuple[int, ...], Kind(lambda value: _index("index", value), ROW_INDEX_ALLOWED)
]
Card: TypeAlias = Annotated[
    dict[str, str], Kind(read_card, "steps by language, such as {zh: [...], en: [...]}")
]
BothLanguages: TypeAlias = Annotated[
    dict[str, str], Kind(read_both_languages, "a text in zh and one in en")
]
