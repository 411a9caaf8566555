"""The types of values in points and profiles: labels, sentinels, scales, floors, rows, cards.

Owns their spelling; checks nothing across keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, TypeAlias

from monitord.config.fields.field_types import (
    ID,
    RESERVED,
    FieldType,
    Refused,
    any_of,
    read_number,
    read_oid,
    read_parts,
    read_text,
)
from monitord.config.loader.phrases import phrase, quoted, shown
from monitord.decoding.model import Floor, Formula

RAW_MIN, RAW_MAX = -(2**63), 2**64 - 1
ARC_MAX = 2**32 - 1
BITS_MAX = 32
STEPS_MAX = 12
EXPONENT = re.compile(r"-?[a-z]\w*( [+-] [a-z]\w*)*", re.ASCII)
LANGUAGES = ("zh", "en")
NOMINAL = "nominal"

SCALE = re.compile(r"([0-9]{1,12}) ?/ ?([0-9]{1,20})")
PER_TIME = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ?/ ?(s|min|h)")
SECONDS = {"s": 1, "min": 60, "h": 3600}
SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?% of ([a-z][a-z0-9_]{0,62})")
FORMULA = re.compile(r"([a-z_]+)\(\s*([a-z]\w*(?:\s*,\s*[a-z]\w*)*)\s*\)", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATED_MAX = 100

WHOLE = r"-?(?:0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,19})"
SENTINEL = re.compile(rf"({WHOLE})(?:\.\.({WHOLE}))?")

SENTINEL_ALLOWED = phrase("type.sentinel")
ABSENT_ALLOWED = phrase("type.absent")
SCALE_ALLOWED = phrase("type.scale")
ROW_INDEX_ALLOWED = phrase("type.row_index")
ROW_ALLOWED = phrase("type.row")
KEYS_ALLOWED = phrase("type.row_keys")


def read_labels(value: Any) -> tuple[tuple[int, str], ...]:
    """Return (raw integer, label) pairs; labels are words, so that expressions can name them."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return tuple(sorted(read_parts(value.items(), _label)))


def _label(raw: Any, label: Any) -> tuple[int, str]:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Refused(found=phrase("key", key=shown(raw)), allowed=phrase("type.raw_key"))
    if not isinstance(label, str) or not ID.fullmatch(label) or label in RESERVED:
        raise Refused(found=shown(label), allowed=phrase("type.label"), keys=(raw,))
    return raw, label


def read_raw_numbers(value: Any) -> tuple[int, ...]:
    """Return raw integers as the device sends them."""
    if not isinstance(value, list):
        raise Refused
    return tuple(read_parts(enumerate(value), _raw_number))


def _raw_number(index: int, raw: Any) -> int:
    if not _is_raw(raw):
        allowed = phrase("type.whole", low=RAW_MIN, high=RAW_MAX)
        raise Refused(found=shown(raw), allowed=allowed, keys=(index,))
    return int(raw)


def read_absent(value: Any) -> tuple[tuple[int, int], ...]:
    """Return (first, last) of each run of raw integers that mean "no value"."""
    if not isinstance(value, list):
        raise Refused
    return tuple(read_parts(enumerate(value), _sentinel))


def _sentinel(index: int, found: Any) -> tuple[int, int]:
    if _is_raw(found):
        return found, found
    match = SENTINEL.fullmatch(found) if isinstance(found, str) else None
    if match is None:
        raise Refused(found=shown(found), allowed=SENTINEL_ALLOWED, keys=(index,))
    first = int(match[1], 0)
    last = first if match[2] is None else int(match[2], 0)
    if not (_is_raw(first) and _is_raw(last)):
        allowed = phrase("range", low=RAW_MIN, high=RAW_MAX)
        raise Refused(found=shown(found), allowed=allowed, keys=(index,))
    if first > last:
        raise Refused(phrase("hint.lower_first"), shown(found), SENTINEL_ALLOWED, (index,))
    return first, last


def _is_raw(found: Any) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and RAW_MIN <= found <= RAW_MAX


def read_bits(value: Any) -> tuple[int, int]:
    """Return (offset, width) of a field; bit 0 is the register's lowest."""
    if not isinstance(value, list) or len(value) != 2:
        raise Refused
    offset, width = value
    if not (_is_raw(offset) and _is_raw(width)) or offset < 0 or width < 1:
        raise Refused(found=quoted(value))
    if offset + width > BITS_MAX:
        raise Refused(phrase("hint.highest_bit"), f"[{offset}, {width}]")
    return offset, width


@dataclass(frozen=True, slots=True)
class RowChoice:
    """A row found by the text of a cell. ``key``: a profile's word for the column, or its OID."""

    key: str
    value: str


def read_rows(value: Any) -> dict[str, tuple[int, ...] | RowChoice]:
    """Return for each row by its name the arcs of its index, or the cell by which it is found."""
    if not isinstance(value, dict):
        raise Refused
    return dict(read_parts(value.items(), _row))


def _row(name: Any, found: Any) -> tuple[str, tuple[int, ...] | RowChoice]:
    row = _row_name(name)
    if isinstance(found, dict):
        return row, _choice(row, found)
    index = row_index(found)
    if index is None:
        raise Refused(found=shown(found), allowed=ROW_ALLOWED, keys=(row,))
    return row, index


def row_index(found: Any) -> tuple[int, ...] | None:
    """Return the arcs of an index, written as one number or a list of them; None for others."""
    parts = found if isinstance(found, list) else [found]
    is_index = parts and all(_is_raw(part) and 0 <= part <= ARC_MAX for part in parts)
    return tuple(parts) if is_index else None


def read_row_index(value: Any) -> tuple[int, ...]:
    """Return the arcs of an index."""
    index = row_index(value)
    if index is None:
        raise Refused
    return index


def _choice(name: str, found: dict[Any, Any]) -> RowChoice:
    if len(found) != 1:
        count = phrase("row.keys", count=len(found))
        raise Refused(found=count, allowed=phrase("row.one_key"), keys=(name,))
    ((key, value),) = found.items()
    if not isinstance(key, str):
        key_found = phrase("key", key=shown(key))
        raise Refused(found=key_found, allowed=phrase("row.key"), keys=(name,))
    text = str(value) if _is_raw(value) else value
    if not isinstance(text, str) or not _is_text(text) or not text.strip():
        raise Refused(found=shown(value), allowed=phrase("row.cell"), keys=(name, key))
    return RowChoice(key, text.strip())


def read_row_keys(value: Any) -> dict[str, tuple[int, ...]]:
    """Return the arcs of each column by the name it has as a key."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return dict(read_parts(value.items(), _row_key))


def _row_key(name: Any, found: Any) -> tuple[str, tuple[int, ...]]:
    return _row_name(name), read_column(found, name)


def read_object_ids(value: Any) -> tuple[tuple[int, ...], ...]:
    """Return the arcs of each object identifier of a list."""
    if not isinstance(value, list) or not value:
        raise Refused
    return tuple(read_parts(enumerate(value), lambda index, found: read_column(found, index)))


def read_column(found: Any, *keys: object) -> tuple[int, ...]:
    """Return the arcs of a column: an object without an index. ``keys``: where it is written."""
    try:
        arcs = read_oid(found)
    except Refused:
        arcs = ("",)
    numbers = tuple(arc for arc in arcs if isinstance(arc, int))
    if len(numbers) != len(arcs):
        raise Refused(found=shown(found), allowed=phrase("type.column"), keys=keys)
    return numbers


def read_times_ten_to(value: Any) -> tuple[tuple[int, str], ...]:
    """Return (sign, point) of the sum of points in an exponent such as ``range - decimals``."""
    if not isinstance(value, str) or not EXPONENT.fullmatch(value):
        raise Refused
    terms = re.findall(r"([+-]?)\s*([a-z]\w*)", value)
    return tuple((-1 if sign == "-" else 1, name) for sign, name in terms)


def read_only_if(value: Any) -> tuple[tuple[str, str], ...]:
    """Return (point, label) of each enum that must have this label."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return tuple(read_parts(value.items(), _only_if))


def _only_if(point: Any, label: Any) -> tuple[str, str]:
    if not all(isinstance(word, str) and ID.fullmatch(word) for word in (point, label)):
        raise Refused(found=shown(label), allowed=phrase("type.point_label"), keys=(point,))
    return point, label


def read_scale(value: Any) -> int | float | Fraction:
    """Take a number, or a fraction in a text, which stays exact."""
    match = SCALE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return read_number(value)
    if int(match[2]) == 0:
        raise Refused(phrase("hint.division"))
    return Fraction(int(match[1]), int(match[2]))


def read_per_time(value: Any) -> float:
    """Return a change per second for ``50/s``, ``3/min`` or ``180/h``."""
    match = PER_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused(phrase("hint.time") if _is_raw(value) else "")
    if not float(match[1]):
        raise Refused
    return float(Fraction(match[1]) / SECONDS[match[2]])


def read_names(value: Any) -> tuple[str, ...]:
    """Take one point, or a list of them; each once."""
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and ID.fullmatch(name) for name in names):
        raise Refused
    if len(set(names)) < len(names):
        raise Refused(phrase("hint.twice"))
    return tuple(names)


def read_floors(value: Any) -> tuple[Floor, ...]:
    """Return the value that each of these points must exceed; a share names its whole."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return tuple(read_parts(value.items(), _floor))


def _floor(point: Any, found: Any) -> Floor:
    if not isinstance(point, str) or not ID.fullmatch(point):
        raise Refused(found=phrase("key", key=shown(point)), allowed=phrase("type.point"))
    match = SHARE.fullmatch(found) if isinstance(found, str) else None
    if match is not None:
        return Floor(point, float(Fraction(match[1]) / 100), match[2])
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Refused(found=shown(found), allowed=phrase("type.floor"), keys=(point,))
    return Floor(point, found)


def read_derived(value: Any) -> Formula:
    """Return the function and its points; the figures it needs come from the device."""
    match = FORMULA.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused
    return Formula(match[1], tuple(name.strip() for name in match[2].split(",")))


def read_nominal(value: Any) -> dict[str, tuple[tuple[str, int | float], ...]]:
    """Return the site's nominal figures by name, each as (since, figure) in order of date.

    ``since`` is an ISO date of the station, empty for a figure that has always counted.
    """
    if not isinstance(value, dict):
        raise Refused
    return dict(read_parts(value.items(), _figures))


def _figures(key: Any, found: Any) -> tuple[str, tuple[tuple[str, int | float], ...]]:
    if not isinstance(key, str):
        raise Refused(found=phrase("key", key=shown(key)), allowed=phrase("type.figure"))
    figures = [_figure(key, item) for item in (found if isinstance(found, list) else [found])]
    dates = [since for since, _ in figures]
    if not figures or len(figures) > DATED_MAX or len(set(dates)) < len(dates):
        raise Refused(found=shown(found), allowed=phrase("type.dated"), keys=(key,))
    return key, tuple(sorted(figures))


def _figure(key: str, found: Any) -> tuple[str, int | float]:
    number = found.get("value") if isinstance(found, dict) else found
    since = found.get("since", "") if isinstance(found, dict) else ""
    unknown = set(found) - {"value", "since"} if isinstance(found, dict) else set()
    if isinstance(number, bool) or not isinstance(number, int | float) or unknown:
        raise Refused(found=shown(found), allowed=phrase("type.figure"), keys=(key,))
    if since != "" and not _is_date(since):
        since_found = phrase("since", date=shown(since))
        raise Refused(found=since_found, allowed=phrase("type.date"), keys=(key,))
    return since, number


def _is_date(found: Any) -> bool:
    if not isinstance(found, str) or not DATE.fullmatch(found):
        return False
    try:
        date.fromisoformat(found)
    except ValueError:
        return False
    return True


def _row_name(name: Any) -> str:
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise Refused(found=phrase("key", key=shown(name)), allowed=phrase("type.row_name"))
    return name


def read_card(value: Any) -> dict[str, str]:
    """Return the steps of a response card by language, numbered, in one line each."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return dict(read_parts(value.items(), _steps))


def read_both_languages(value: Any) -> dict[str, str]:
    """Return one text in each language."""
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        raise Refused
    return {language: read_text(value[language]) for language in LANGUAGES}


def _steps(language: Any, steps: Any) -> tuple[str, str]:
    if language not in LANGUAGES:
        raise Refused(found=phrase("key", key=shown(language)), allowed=any_of(*LANGUAGES))
    if not isinstance(steps, list) or not 1 <= len(steps) <= STEPS_MAX:
        allowed = phrase("type.steps", most=STEPS_MAX)
        raise Refused(found=shown(steps), allowed=allowed, keys=(language,))
    for index, step in enumerate(steps):
        try:
            read_text(step)
        except Refused as refused:
            keys = language, index
            raise Refused(refused.hint, shown(step), phrase("type.step"), keys) from refused
    return language, " ".join(f"{number}. {text}" for number, text in enumerate(steps, 1))


def _is_text(step: Any) -> bool:
    try:
        read_text(step)
    except Refused:
        return False
    return True


Labels: TypeAlias = Annotated[
    tuple[tuple[int, str], ...], FieldType(read_labels, phrase("type.labels"))
]
RawNumbers: TypeAlias = Annotated[
    tuple[int, ...], FieldType(read_raw_numbers, phrase("type.raw_numbers"))
]
Absent: TypeAlias = Annotated[tuple[tuple[int, int], ...], FieldType(read_absent, ABSENT_ALLOWED)]
Bits: TypeAlias = Annotated[tuple[int, int], FieldType(read_bits, phrase("type.bits"))]
RowsByName: TypeAlias = Annotated[
    dict[str, tuple[int, ...] | RowChoice], FieldType(read_rows, phrase("type.rows"))
]
ObjectIds: TypeAlias = Annotated[
    tuple[tuple[int, ...], ...], FieldType(read_object_ids, phrase("type.object_ids"))
]
RowKeys: TypeAlias = Annotated[dict[str, tuple[int, ...]], FieldType(read_row_keys, KEYS_ALLOWED)]
TimesTenTo: TypeAlias = Annotated[
    tuple[tuple[int, str], ...], FieldType(read_times_ten_to, phrase("type.times_ten_to"))
]
OnlyIf: TypeAlias = Annotated[
    tuple[tuple[str, str], ...], FieldType(read_only_if, phrase("type.only_if"))
]
Scale: TypeAlias = Annotated[int | float | Fraction, FieldType(read_scale, SCALE_ALLOWED)]
PerTime: TypeAlias = Annotated[float, FieldType(read_per_time, phrase("type.per_time"))]
Names: TypeAlias = Annotated[tuple[str, ...], FieldType(read_names, phrase("type.names"))]
Floors: TypeAlias = Annotated[tuple[Floor, ...], FieldType(read_floors, phrase("type.floors"))]
Derived: TypeAlias = Annotated[Formula, FieldType(read_derived, phrase("type.derived"))]
Nominal: TypeAlias = Annotated[
    dict[str, tuple[tuple[str, int | float], ...]], FieldType(read_nominal, phrase("type.nominal"))
]
RowIndex: TypeAlias = Annotated[tuple[int, ...], FieldType(read_row_index, ROW_INDEX_ALLOWED)]
Card: TypeAlias = Annotated[dict[str, str], FieldType(read_card, phrase("type.card"))]
BothLanguages: TypeAlias = Annotated[
    dict[str, str], FieldType(read_both_languages, phrase("type.both_languages"))
]
