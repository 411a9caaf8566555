"""The types of a key's value: durations, ids, addresses. Owns their spelling; no key's name.

Each is a pydantic annotation with the text of the values that it accepts, as errors print it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from monitord.config.loader.phrases import Part, phrase, quoted, shown

Made = TypeVar("Made")

ID = re.compile(r"[a-z][a-z0-9_]{0,62}")
RESERVED = frozenset({"and", "or", "not", "all", "any", "at_least", "nominal", "true", "false"})
DURATION = re.compile(r"(0|[1-9][0-9]{0,8})(ms|s|m|h)")
UNITS_US = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_-]+)*\.?")
# A name in braces is a row of a table, never an arc of the root. An arc has at most 32 bits.
OID = re.compile(r"[0-9]{1,10}\.[0-9]{1,10}(\.([0-9]{1,10}|\{[a-z][a-z0-9_]{0,62}\}))*")
SLOT = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
TIME_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})")
DAY_MIN = 1440

MAPPING_ALLOWED = phrase("type.mapping")
TEXT_ALLOWED = phrase("type.text")
NUMBER_ALLOWED = phrase("type.number")
IN_QUOTES = phrase("hint.quotes")
ID_ALLOWED = phrase("type.id")
DURATION_ALLOWED = phrase("type.duration")
URL_ALLOWED = phrase("type.url")


class Refused(Exception):  # noqa: N818 - it is an answer, and never leaves this package
    """A value that is not of its type.

    ``found`` replaces the value where that may be secret, ``allowed`` the type's own text.
    ``keys``: the way from the value to the part of it that is wrong.
    """

    def __init__(
        self,
        hint: Part = "",
        found: Part | None = None,
        allowed: Part = "",
        keys: tuple[object, ...] = (),
    ) -> None:
        super().__init__(hint)
        self.hint = hint
        self.found = found
        self.allowed = allowed
        self.keys = keys


class RefusedPartsError(Exception):
    """A value of which several parts are wrong."""

    def __init__(self, parts: list[Refused]) -> None:
        super().__init__(len(parts))
        self.parts = parts


@dataclass(frozen=True, slots=True)
class FieldType:
    """A pydantic annotation. ``read`` returns what a value means, or raises ``Refused``.

    ``allowed``: the right values in words; ``choices``: the right values, where they are few.
    """

    read: Callable[[Any], Any]
    allowed: Part
    choices: tuple[str, ...] = ()

    def validate(self, value: Any) -> Any:
        """Return what ``value`` means, or raise an error that carries (keys, found, allowed, hint)
        of every wrong part.
        """
        try:
            return self.read(value)
        except Refused as refused:
            wrong = [refused]
        except RefusedPartsError as refused:
            wrong = refused.parts
        parts = [
            (
                part.keys,
                shown(value) if part.found is None else part.found,
                part.allowed or self.allowed,
                part.hint,
            )
            for part in wrong
        ]
        raise PydanticCustomError("monitord", "wrong value", {"parts": parts})

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Make pydantic use this type alone."""
        return core_schema.no_info_plain_validator_function(self.validate)


def read_parts(pairs: Iterable[tuple[Any, Any]], read: Callable[[Any, Any], Made]) -> list[Made]:
    """Return ``read(key, part)`` of each pair. Raises ``RefusedPartsError`` with all mistakes."""
    made, wrong = [], []
    for key, part in pairs:
        try:
            made.append(read(key, part))
        except Refused as refused:
            wrong.append(refused)
        except RefusedPartsError as refused:
            wrong += refused.parts
    if wrong:
        raise RefusedPartsError(wrong)
    return made


def read_text(value: Any) -> str:
    """Take a text of 1..200 printable characters."""
    if isinstance(value, bool | int | float):
        raise Refused(IN_QUOTES)
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or not value.isprintable():
        raise Refused
    return value


def read_formula(value: Any) -> str:
    """Take an expression's text; its grammar is read elsewhere."""
    if not isinstance(value, str):
        raise Refused
    return value


def read_duration(value: Any) -> int:
    """Return microseconds for ``500ms``, ``30s``, ``5m`` or ``2h``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise Refused(phrase("hint.unit"))
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused
    return int(match[1]) * UNITS_US[match[2]]


def read_id(value: Any) -> str:
    """Take an id that also can be named in expressions."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise Refused
    if value in RESERVED:
        raise Refused(phrase("hint.reserved", name=quoted(value)))
    return value


def read_number(value: Any) -> int | float:
    """Take a finite number; the document's numbers are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused
    return value


def whole(low: int, high: int) -> FieldType:
    """Return the type of whole numbers from ``low`` to ``high``."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Refused
        return value

    return FieldType(read, phrase("type.whole", low=low, high=high))


def one_of(*choices: str) -> FieldType:
    """Return the type of one text out of ``choices``."""

    def read(value: Any) -> str:
        if value not in choices:
            raise Refused
        return str(value)

    return FieldType(read, any_of(*choices), choices)


def any_of(*choices: str) -> Part:
    """Return the text that lists what may be chosen."""
    return choices[0] if len(choices) == 1 else phrase("type.one_of", names=choices)


def read_host(value: Any) -> str:
    """Take an IP address or a host name; numbers and dots that are no address are refused."""
    if not isinstance(value, str):
        raise Refused
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    if ":" in value:
        raise Refused(phrase("hint.port"))
    if not HOST.fullmatch(value) or re.fullmatch(r"[0-9.]+", value):
        raise Refused
    return value


def read_oid(value: Any) -> tuple[int | str, ...]:
    """Return an OID's arcs; it names an instance, so it ends in ``.0``, an index or a ``{row}``.

    A row is its name until a device gives its index.
    """
    if not isinstance(value, str) or not OID.fullmatch(value):
        raise Refused
    arcs = tuple(arc[1:-1] if arc[0] == "{" else int(arc) for arc in value.split(".")[:129])
    numbers = [arc for arc in arcs if isinstance(arc, int)]
    if len(arcs) > 128 or max(numbers) > 0xFFFF_FFFF:
        raise Refused
    if numbers[0] > 2 or (numbers[0] < 2 and numbers[1] > 39):
        raise Refused
    return arcs


def read_truth(value: Any) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise Refused
    return value


def read_url(value: Any) -> str:
    """Take an http(s) URL. It may carry a secret, so errors never show it."""
    if not isinstance(value, str):
        raise Refused
    try:
        parts = urlsplit(value)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.scheme not in {"http", "https"} or re.search(r"[\s\x00-\x1f]", value):
        raise Refused(found=phrase("another_text"))
    return value


def read_slot(value: Any) -> tuple[int, int]:
    """Return (from, to) in minutes of the station's day; past midnight ``to`` exceeds 1440."""
    match = SLOT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused(IN_QUOTES if not isinstance(value, str) else "")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= DAY_MIN or end > DAY_MIN:
        raise Refused(phrase("hint.slot_times"))
    if start == end:
        raise Refused(phrase("hint.slot_empty"))
    return start, end if end > start else end + DAY_MIN


def read_time_of_day(value: Any) -> int:
    """Return a time of day, such as "04:10", in minutes since midnight."""
    match = TIME_OF_DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused(IN_QUOTES if not isinstance(value, str) else "")
    hour, minute = map(int, match.groups())
    if hour > 23 or minute > 59:
        raise Refused
    return hour * 60 + minute


def read_slots(value: Any) -> tuple[tuple[int, int], ...]:
    """Return one slot, or a list of them."""
    if not isinstance(value, list):
        return (read_slot(value),)
    if not value:
        raise Refused(phrase("hint.slot_none"))
    return tuple(read_parts(enumerate(value), _slot_of_list))


def _slot_of_list(index: int, found: Any) -> tuple[int, int]:
    try:
        return read_slot(found)
    except Refused as refused:
        raise Refused(refused.hint, shown(found), keys=(index,)) from refused


def read_section(value: Any) -> dict[Any, Any]:
    """Take a mapping whose entries are read one by one."""
    if not isinstance(value, dict):
        raise Refused
    return value


def read_section_or_false(value: Any) -> dict[Any, Any] | bool:
    """Take a mapping whose entries are read one by one, or false for none."""
    if value is False or isinstance(value, dict):
        return value
    raise Refused


def read_list(value: Any) -> list[Any]:
    """Take a list whose items are read one by one."""
    if not isinstance(value, list):
        raise Refused
    return value


Text: TypeAlias = Annotated[str, FieldType(read_text, TEXT_ALLOWED)]
Formula: TypeAlias = Annotated[str, FieldType(read_formula, phrase("type.expression"))]
Duration: TypeAlias = Annotated[int, FieldType(read_duration, DURATION_ALLOWED)]
Id: TypeAlias = Annotated[str, FieldType(read_id, ID_ALLOWED)]
Number: TypeAlias = Annotated[int | float, FieldType(read_number, NUMBER_ALLOWED)]
Port: TypeAlias = Annotated[int, whole(1, 65535)]
Host: TypeAlias = Annotated[str, FieldType(read_host, phrase("type.host"))]
Truth: TypeAlias = Annotated[bool, FieldType(read_truth, phrase("type.truth"))]
Oid: TypeAlias = Annotated[tuple[int | str, ...], FieldType(read_oid, phrase("type.oid"))]
Url: TypeAlias = Annotated[str, FieldType(read_url, URL_ALLOWED)]
TimeOfDay: TypeAlias = Annotated[int, FieldType(read_time_of_day, phrase("type.time_of_day"))]
Section: TypeAlias = Annotated[dict[Any, Any], FieldType(read_section, MAPPING_ALLOWED)]
SectionOrFalse: TypeAlias = Annotated[
    dict[Any, Any] | bool, FieldType(read_section_or_false, phrase("type.false_or_mapping"))
]
Items: TypeAlias = Annotated[list[Any], FieldType(read_list, phrase("type.list"))]
