"""The kinds of value that points and profiles have: labels, sentinels, scales, floors, rows, cards.

Owns their spelling, as ``kinds`` does for everything else; checks nothing across keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, TypeAlias

from monitord.config.field_types import (
    ID,
    RESERVED,
    Kind,
    Refused,
    read_number,
    read_oid,
    read_text,
)
from monitord.config.loader.errors import shown
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

SENTINEL_ALLOWED = 'a whole number, or a range such as "0xFFF8..0xFFFF"'
ABSENT_ALLOWED = 'a list of raw whole numbers and ranges, such as [65535] or ["0xFFF8..0xFFFF"]'
SCALE_ALLOWED = "a number, or a fraction such as 1/256"
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


def read_object_ids(value: Any) -> tuple[tuple[int, ...], ...]:
    """Return the arcs of each sysObjectID."""
    if not isinstance(value, list) or not value:
        raise Refused
    return tuple(read_column("sys_object_id", found) for found in value)


def read_column(name: str, found: Any) -> tuple[int, ...]:
    """Return the arcs of a column: an object without an index."""
    try:
        arcs = read_oid(found)
    except Refused:
        arcs = ("",)
    numbers = tuple(arc for arc in arcs if isinstance(arc, int))
    if len(numbers) != len(arcs):
        allowed = "an OID in numbers without an index"
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


def read_scale(value: Any) -> int | float | Fraction:
    """Take a number, or a fraction in a text, which stays exact."""
    match = SCALE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return read_number(value)
    if int(match[2]) == 0:
        raise Refused("nothing can be divided by 0")
    return Fraction(int(match[1]), int(match[2]))


def read_per_time(value: Any) -> float:
    """Return a change per second for ``50/s``, ``3/min`` or ``180/h``."""
    match = PER_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused("a bare number has no time" if _is_raw(value) else "")
    if not float(match[1]):
        raise Refused
    return float(Fraction(match[1]) / SECONDS[match[2]])


def read_names(value: Any) -> tuple[str, ...]:
    """Take one point, or a list of them; each once."""
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and ID.fullmatch(name) for name in names):
        raise Refused
    if len(set(names)) < len(names):
        raise Refused("one is named twice")
    return tuple(names)


def read_floors(value: Any) -> tuple[Floor, ...]:
    """Return what each of these points must be above; a share names what it is of."""
    if not isinstance(value, dict) or not value:
        raise Refused
    return tuple(_floor(point, found) for point, found in value.items())


def _floor(point: Any, found: Any) -> Floor:
    if not isinstance(point, str) or not ID.fullmatch(point):
        raise Refused(found=shown(point), allowed="a point")
    match = SHARE.fullmatch(found) if isinstance(found, str) else None
    if match is not None:
        return Floor(point, float(Fraction(match[1]) / 100), match[2])
    if isinstance(found, bool) or not isinstance(found, int | float):
        allowed = "a number in its unit, or a share such as 5 % of nominal"
        raise Refused(found=f"{point}: {shown(found)}", allowed=allowed)
    return Floor(point, found)


def read_derived(value: Any) -> Formula:
    """Return the function and its points; the figures it needs come from the device."""
    match = FORMULA.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused
    return Formula(match[1], tuple(name.strip() for name in match[2].split(",")))


def read_nominal(value: Any) -> dict[str, tuple[tuple[str, int | float], ...]]:
    """Return the site's nominal figures by name, each as (since, figure) in order of date.

    ``since`` is an ISO date of the station, empty where a figure has always counted.
    """
    if not isinstance(value, dict):
        raise Refused
    return {_nominal_name(key): _figures(key, found) for key, found in value.items()}


def _nominal_name(key: Any) -> str:
    if not isinstance(key, str):
        raise Refused(found=shown(key), allowed="a name with a number")
    return key


def _figures(key: str, found: Any) -> tuple[tuple[str, int | float], ...]:
    figures = [_figure(key, item) for item in (found if isinstance(found, list) else [found])]
    dates = [since for since, _ in figures]
    if not figures or len(figures) > DATED_MAX or len(set(dates)) < len(dates):
        raise Refused(found=f"{key}: {shown(found)}", allowed="figures of different dates")
    return tuple(sorted(figures))


def _figure(key: str, found: Any) -> tuple[str, int | float]:
    number = found.get("value") if isinstance(found, dict) else found
    since = found.get("since", "") if isinstance(found, dict) else ""
    unknown = set(found) - {"value", "since"} if isinstance(found, dict) else set()
    if isinstance(number, bool) or not isinstance(number, int | float) or unknown:
        raise Refused(found=f"{key}: {shown(found)}", allowed="a name with a number")
    if since != "" and not _is_date(since):
        raise Refused(found=f"{key}: since {shown(since)}", allowed="a date such as 2026-03-01")
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
ObjectIds: TypeAlias = Annotated[
    tuple[tuple[int, ...], ...],
    Kind(read_object_ids, "a list of object identifiers, such as [1.3.6.1.4.1.6404.3.1.2]"),
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
Scale: TypeAlias = Annotated[int | float | Fraction, Kind(read_scale, SCALE_ALLOWED)]
PerTime: TypeAlias = Annotated[
    float, Kind(read_per_time, "a change above 0 and its time, such as 50/s, 3/min or 20/h")
]
Names: TypeAlias = Annotated[
    tuple[str, ...], Kind(read_names, "points, such as [ct_ratio, pt_ratio]")
]
Floors: TypeAlias = Annotated[
    tuple[Floor, ...], Kind(read_floors, "points with a floor, such as {forward_power_w: 50}")
]
Derived: TypeAlias = Annotated[
    Formula,
    Kind(read_derived, "a function of points, such as vswr(forward_power_w, reflected_power_w)"),
]
Nominal: TypeAlias = Annotated[
    dict[str, tuple[tuple[str, int | float], ...]],
    Kind(read_nominal, "numbers by name, such as {forward_power_w: 1000}"),
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
