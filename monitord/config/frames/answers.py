"""From an answer's keys to the rule that recognises it. Owns the checks of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from monitord.config.fields.validation import read_schema
from monitord.config.frames.schemas import (
    AnswerSchema,
    CheckSchema,
    LengthFieldSchema,
    SubtractSchema,
)
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.devices.frames.model import (
    AnswerRule,
    ByteOrder,
    Check,
    LengthField,
    Pattern,
    Shift,
)
from monitord.devices.frames.template import Template

Values = Mapping[str, bytes]
Placed = tuple[tuple[int, Pattern], ...]

LONGEST: Final = 256
"""An answer's longest length by default."""
END_MAX: Final = 4
HEADER_MAX: Final = 32
# The keys for the length of a frame; a request's own replace all of its profile's.
_LENGTHS: Final = ("length", "length_field")


@dataclass(frozen=True, slots=True)
class _Keys:
    """An answer's keys: those of its request, else those of its profile."""

    own: AnswerSchema
    common: AnswerSchema
    own_scope: Scope
    common_scope: Scope

    def get(self, key: str) -> Any:
        """Return the value of a key."""
        return getattr(self.own if self._is_own(key) else self.common, key)

    def at(self, key: str) -> Scope:
        """Return the place of a key's value; a missing key's place is the profile."""
        return (self.own_scope if self._is_own(key) else self.common_scope).at(key)

    def patterns(self, key: str) -> list[tuple[int, Template, Scope]]:
        """Return both sections' octets by place under a key, each with its scope."""
        both = ((self.common, self.common_scope), (self.own, self.own_scope))
        return [
            (place, template, scope.at(key, place))
            for schema, scope in both
            for place, template in getattr(schema, key)
        ]

    def _is_own(self, key: str) -> bool:
        if key in _LENGTHS and any(other in self.own.model_fields_set for other in _LENGTHS):
            return True
        return key in self.own.model_fields_set


def read_answer(
    own: AnswerSchema, common: AnswerSchema, values: Values, own_scope: Scope, common_scope: Scope
) -> AnswerRule | None:
    """Return the rule of an answer, or None with its mistakes noted.

    ``own``: the request's keys; ``common``: its profile's. ``values``: octets by gap.
    """
    keys = _Keys(own, common, own_scope, common_scope)
    before = len(own_scope.errors)
    header = _header(keys, values)
    end = keys.get("end") or b""
    if len(end) > END_MAX:
        keys.at("end").note(phrase("bytes", count=len(end)), phrase("bytes.most", most=END_MAX))
    check = _check(keys, len(end))
    if header is None or check is None or len(own_scope.errors) > before:
        return None
    length = _length(keys)
    tail = max(len(end), -check.at)
    least = _least(header, length, tail)
    longest = length if isinstance(length, int) else keys.get("longest") or LONGEST
    match = _patterns("match", keys, values)
    refused = _patterns("refused", keys, values)
    rule = AnswerRule(
        header=header,
        length=length,
        end=end,
        least=length if isinstance(length, int) else least,
        longest=longest,
        check=check,
        match=match,
        refused=refused,
        shift=_shift(keys, header),
        separator=keys.get("separator") or b"",
        field_count=keys.get("fields"),
    )
    if len(own_scope.errors) > before:
        return None
    _check_lengths(rule, least, keys)
    if len(own_scope.errors) == before:
        _check_coverage(rule, keys)
    _check_patterns(rule, keys)
    _check_text(rule, keys)
    return None if len(own_scope.errors) > before else rule


def _header(keys: _Keys, values: Values) -> Pattern | None:
    template: Template | None = keys.get("header")
    place = keys.at("header")
    if template is None:
        place.wrong(None, phrase("answer.header"))
        return None
    header = _filled(template, values, place)
    if header is None:
        return None
    if header.octets[0] is None:
        place.note(phrase("answer.any_byte"), hint=phrase("answer.fixed_byte"))
        return None
    if len(header.octets) > HEADER_MAX:
        count = phrase("bytes", count=len(header.octets))
        place.note(count, phrase("bytes.most", most=HEADER_MAX))
        return None
    return header


def _filled(template: Template, values: Values, scope: Scope) -> Pattern | None:
    unknown = [gap for gap in template.gaps if gap not in values]
    for gap in unknown:
        scope.unknown("parameter", gap, values)
    return None if unknown else template.filled(values)


def _check(keys: _Keys, end: int) -> Check | None:
    """Return the answer's check; the key is required, also for an answer without one."""
    found, place = keys.get("check"), keys.at("check")
    if found is None:
        place.wrong(None, phrase("answer.check"), phrase("answer.check_none"))
        return None
    schema = read_schema(CheckSchema, found, place)
    if schema is None:
        return None
    order = cast("ByteOrder", schema.byte_order)
    last = behind(schema.last)
    check = Check(schema.kind, schema.first, last, -1, order, schema.written == "hex")
    latest = -(check.size + end)
    at = latest if schema.at is None else schema.at
    if at > latest:
        most = phrase("at_most", most=latest)
        place.at("at").note(str(at), most, phrase("answer.behind"))
        return None
    if check.kind == "none" and not end:
        keys.at("end").wrong(None, phrase("answer.end"), phrase("answer.any_end"))
        return None
    return Check(check.kind, check.first, check.last, at, order, check.as_text)


def behind(last: int | None) -> int | None:
    """Return the place behind the last octet; None: the end of what there is."""
    return None if last is None or last == -1 else last + 1


def _length(keys: _Keys) -> int | LengthField | None:
    length, found = keys.get("length"), keys.get("length_field")
    place = keys.at("length_field")
    if length is not None and found is not None:
        place.one_of_keys(("length", "length_field"), are_there=True)
        return None
    if length is not None or found is None:
        if length is None and not keys.get("end"):
            keys.at("length").wrong(None, phrase("answer.length"))
        return cast("int | None", length)
    schema = read_schema(LengthFieldSchema, found, place)
    if schema is None:
        return None
    order = cast("ByteOrder", schema.byte_order)
    return LengthField(schema.at, schema.size, order, schema.plus, schema.written == "hex")


def _least(header: Pattern, length: int | LengthField | None, tail: int) -> int:
    """Return the shortest frame that has its header, its length field and its tail."""
    data = length.at + length.size if isinstance(length, LengthField) else 0
    return max(len(header.octets), data) + tail


def _check_lengths(rule: AnswerRule, least: int, keys: _Keys) -> None:
    """Note lengths that no frame with these parts can have."""
    if isinstance(rule.length, int):
        if rule.length < least:
            keys.at("length").wrong(rule.length, phrase("answer.least", least=least))
        return
    if rule.longest < least:
        place = keys.at(
            "length_field" if rule.length and keys.get("longest") is None else "longest"
        )
        place.note(phrase("answer.too_long", count=least, most=rule.longest))
    elif isinstance(rule.length, LengthField):
        smallest, largest = rule.length.plus, rule.length.largest
        if smallest > rule.longest or largest < rule.least:
            found = phrase("answer.lengths", low=smallest, high=largest)
            allowed = phrase("answer.some_length", low=rule.least, high=rule.longest)
            keys.at("length_field").at("plus").note(found, allowed)


def _check_coverage(rule: AnswerRule, keys: _Keys) -> None:
    """Note a check that covers nothing, or itself."""
    check = rule.check
    if check.kind == "none":
        return
    length = rule.least
    place = length + check.at
    last = place if check.last is None else slice(0, check.last).indices(length)[1]
    if not check.first < last <= place:
        found = phrase("bytes.covered", first=check.first, last=last - 1, count=length)
        keys.at("check").note(found, phrase("bytes.before_check", last=place - 1))


def _patterns(key: str, keys: _Keys, values: Values) -> Placed:
    filled = []
    for place, template, scope in keys.patterns(key):
        pattern = _filled(template, values, scope)
        if pattern is not None:
            filled.append((place, pattern))
    return tuple(filled)


def _check_patterns(rule: AnswerRule, keys: _Keys) -> None:
    """Note patterns outside of every frame, and those that contradict the header or another."""
    known = dict(enumerate(rule.header.octets))
    for key, patterns in (("match", rule.match), ("refused", rule.refused)):
        seen = dict(known)
        for (at, pattern), (_, _, scope) in zip(patterns, keys.patterns(key), strict=True):
            if at + len(pattern.octets) > rule.longest - rule.tail:
                last = rule.longest - rule.tail - 1
                found = phrase("bytes.to", last=at + len(pattern.octets) - 1)
                scope.note(found, phrase("bytes.within", last=last))
            for place, octet in enumerate(pattern.octets, at):
                due = seen.setdefault(place, octet)
                if None not in (due, octet) and due != octet:
                    found = phrase("byte", place=place, octet=f"{octet:02X}")
                    scope.note(found, phrase("byte.elsewhere", octet=f"{due:02X}"))
    if rule.refused and set(rule.refused) <= set(rule.match):
        keys.at("refused").note(phrase("answer.refusals"), hint=phrase("answer.match"))


def _shift(keys: _Keys, header: Pattern) -> Shift | None:
    found, place = keys.get("subtract"), keys.at("subtract")
    schema = None if found is None else read_schema(SubtractSchema, found, place)
    if schema is None:
        return None
    if schema.first < len(header.octets):
        place.at("first").wrong(
            schema.first, phrase("answer.behind_header", least=len(header.octets))
        )
    return Shift(schema.first, behind(schema.last), schema.value)


def _check_text(rule: AnswerRule, keys: _Keys) -> None:
    if rule.field_count is not None and not rule.separator:
        keys.at("separator").wrong(None, phrase("answer.separator"))
    if rule.separator and rule.field_count is None and rule.check.kind == "none":
        keys.at("fields").wrong(None, phrase("answer.fields"), phrase("answer.count"))
