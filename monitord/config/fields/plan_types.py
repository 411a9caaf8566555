"""The types of conditions by id, ranks and names for an SMS. Owns their spelling."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from monitord.config.fields.field_types import ID, FieldType, Refused, read_parts, read_text
from monitord.config.loader.phrases import phrase, shown

RANKS: Final = ("central", "provincial", "city", "county")
"""The usual ranks by name, from 0 on."""
RANK_MAX: Final = 99


def read_condition_ids(value: Any) -> tuple[str, ...]:
    """Return one ``device.condition``, or a list of different ones."""
    if not isinstance(value, list):
        return (_condition_id(value),)
    if not value:
        raise Refused(phrase("leave_out"))

    def read(index: int, found: Any) -> str:
        try:
            made = _condition_id(found)
        except Refused as refused:
            raise Refused(found=shown(found), keys=(index,)) from refused
        if found in value[:index]:
            raise Refused(phrase("leave_out"), found=phrase("again", name=made), keys=(index,))
        return made

    return tuple(read_parts(enumerate(value), read))


def _condition_id(value: Any) -> str:
    device, dot, condition = value.partition(".") if isinstance(value, str) else ("", "", "")
    if not dot or not ID.fullmatch(device) or not ID.fullmatch(condition):
        raise Refused
    return f"{device}.{condition}"


def read_rank(value: Any) -> int:
    """Return a programme's place in the order of restoration, 0..99, by its name or as it is."""
    if isinstance(value, str) and value in RANKS:
        return RANKS.index(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= RANK_MAX:
        raise Refused
    return value


def short_text(letters: int) -> FieldType:
    """Return the type of names of at most so many letters, as an SMS has room for."""

    def read(value: Any) -> str:
        text = read_text(value)
        if len(text) > letters:
            raise Refused
        return text

    return FieldType(read, phrase("type.short_text", most=letters))


SiteShortName: TypeAlias = Annotated[str, short_text(10)]
ShortName: TypeAlias = Annotated[str, short_text(8)]
ConditionIds: TypeAlias = Annotated[
    tuple[str, ...], FieldType(read_condition_ids, phrase("type.condition_ids"))
]
Rank: TypeAlias = Annotated[
    int, FieldType(read_rank, phrase("type.rank", names=RANKS, most=RANK_MAX))
]
