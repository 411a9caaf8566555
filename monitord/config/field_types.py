"""The kinds of value a key may have: durations, ids, addresses. Owns their spelling; no key's name.

Each kind is a pydantic annotation whose description says what is allowed, in the words of errors.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from monitord.config.loader.errors import shown

ID = re.compile(r"[a-z][a-z0-9_]{0,62}")
RESERVED = frozenset({"and", "or", "not", "all", "any", "at_least", "nominal", "true", "false"})
DURATION = re.compile(r"(0|[1-9][0-9]{0,8})(ms|s|m|h)")
UNITS_US = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_-]+)*\.?")
# A name in braces stands for a row of a table, never for the root of the tree.
OID = re.compile(r"[0-9]+\.[0-9]+(\.([0-9]+|\{[a-z][a-z0-9_]{0,62}\}))*")
SLOT = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
DAY_MIN = 1440

ID_ALLOWED = "an id: a-z, 0-9 and _, beginning with a letter, at most 63 long"
DURATION_ALLOWED = "a duration such as 1s or 500ms"
URL_ALLOWED = "a URL that begins with http:// or https://"
SLOT_ALLOWED = 'a slot such as "05:55-24:00"'


class Refused(Exception):  # noqa: N818 - it says what happened, and never leaves this package
    """A value that is not of its kind. ``found`` replaces the value where that may be secret."""

    def __init__(self, hint: str = "", found: str | None = None, allowed: str = "") -> None:
        super().__init__(hint)
        self.hint = hint
        self.found = found
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Kind:
    """An annotation: values that ``read`` takes (it raises ``Refused``), named by ``allowed``."""

    read: Callable[[Any], Any]
    allowed: str

    def validate(self, value: Any) -> Any:
        """Return what ``value`` means, or raise an error that carries its own texts."""
        try:
            return self.read(value)
        except Refused as refused:
            raise PydanticCustomError(
                "monitord",
                "wrong value",
                {
                    "found": shown(value) if refused.found is None else refused.found,
                    "allowed": refused.allowed or self.allowed,
                    "hint": refused.hint,
                },
            ) from refused

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let pydantic ask this kind alone."""
        return core_schema.no_info_plain_validator_function(self.validate)


def read_text(value: Any) -> str:
    """Take a text of 1..200 printable characters."""
    if isinstance(value, bool | int | float):
        raise Refused("put it in quotes")
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
        raise Refused("a bare number has no unit")
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused
    return int(match[1]) * UNITS_US[match[2]]


def read_id(value: Any) -> str:
    """Take an id that also can be named in expressions."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise Refused
    if value in RESERVED:
        raise Refused(f"{value!r} is a word of the expressions")
    return value


def read_number(value: Any) -> int | float:
    """Take a finite number; the document's numbers are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused
    return value


def whole(low: int, high: int) -> Kind:
    """Return the kind of whole numbers ``low..high``."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused(allowed=f"a whole number {low}..{high}")
        if not low <= value <= high:
            raise Refused
        return value

    return Kind(read, f"{low}..{high}")


def one_of(*choices: str) -> Kind:
    """Return the kind of one text out of ``choices``."""

    def read(value: Any) -> str:
        if value not in choices:
            raise Refused
        return str(value)

    return Kind(read, choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}")


def read_host(value: Any) -> str:
    """Take an IP address or a host name; numbers and dots that are no address are refused."""
    if not isinstance(value, str):
        raise Refused
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    if ":" in value:
        raise Refused("the port has its own key")
    if not HOST.fullmatch(value) or re.fullmatch(r"[0-9.]+", value):
        raise Refused
    return value


def read_oid(value: Any) -> tuple[int | str, ...]:
    """Return an OID's arcs; it names an instance, so it ends in ``.0``, an index or a ``{row}``.

    A row stands as its name until a device says which one it is.
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
        raise Refused(found="another text")
    return value


def read_slot(value: Any) -> tuple[int, int]:
    """Return (from, to) in minutes of the station's day; past midnight ``to`` exceeds 1440."""
    match = SLOT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused("put it in quotes" if not isinstance(value, str) else "")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= DAY_MIN or end > DAY_MIN:
        raise Refused("times are 00:00 to 24:00")
    if start == end:
        raise Refused("it ends when it starts; the whole day is 00:00-24:00")
    return start, end if end > start else end + DAY_MIN


def read_slots(value: Any) -> tuple[tuple[int, int], ...]:
    """Take one slot or a list of them."""
    slots = value if isinstance(value, list) else [value]
    if not slots:
        raise Refused("without the key schedule the programme is always on")
    made, bad, hints = [], [], []
    for slot in slots:
        try:
            made.append(read_slot(slot))
        except Refused as refused:
            bad.append(shown(slot))
            hints.append(refused.hint)
    if bad:
        raise Refused("; ".join(dict.fromkeys(filter(None, hints))), " and ".join(bad))
    return tuple(made)


def read_section(value: Any) -> dict[Any, Any]:
    """Take a mapping whose entries are read one by one."""
    if not isinstance(value, dict):
        raise Refused
    return value


def read_section_or_false(value: Any) -> dict[Any, Any] | bool:
    """Take a mapping likewise, or false where there is to be none."""
    if value is False or isinstance(value, dict):
        return value
    raise Refused


def read_list(value: Any) -> list[Any]:
    """Take a list whose items are read one by one."""
    if not isinstance(value, list):
        raise Refused
    return value


Text: TypeAlias = Annotated[str, Kind(read_text, "text")]
Formula: TypeAlias = Annotated[str, Kind(read_formula, "an expression in a text")]
Duration: TypeAlias = Annotated[int, Kind(read_duration, DURATION_ALLOWED)]
Id: TypeAlias = Annotated[str, Kind(read_id, ID_ALLOWED)]
Number: TypeAlias = Annotated[int | float, Kind(read_number, "a number")]
Port: TypeAlias = Annotated[int, whole(1, 65535)]
Host: TypeAlias = Annotated[str, Kind(read_host, "an IP address or a host name")]
Truth: TypeAlias = Annotated[bool, Kind(read_truth, "true or false")]
Oid: TypeAlias = Annotated[
    tuple[int | str, ...],
    Kind(read_oid, "an OID in numbers with its instance, such as 1.3.6.1.2.1.1.3.0"),
]
Url: TypeAlias = Annotated[str, Kind(read_url, URL_ALLOWED)]
Slots: TypeAlias = Annotated[tuple[tuple[int, int], ...], Kind(read_slots, SLOT_ALLOWED)]
Section: TypeAlias = Annotated[dict[Any, Any], Kind(read_section, "a mapping of keys to values")]
SectionOrFalse: TypeAlias = Annotated[
    dict[Any, Any] | bool, Kind(read_section_or_false, "false, or a mapping of keys to values")
]
Items: TypeAlias = Annotated[list[Any], Kind(read_list, "a list")]
