"""From a profile's requests to the octets sent and the rules of answers. Owns their checks.

A profile is written from the vendor's protocol sheet, and may be wrong in any way: a rule that
could never match, or that reaches outside of its frame, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from monitord.config.fields.entries import entries
from monitord.config.fields.validation import read_schema
from monitord.config.frames.answers import behind, read_answer
from monitord.config.frames.schemas import (
    REQUESTS_MAX,
    AnswerSchema,
    CheckSchema,
    ParameterSchema,
    RequestSchema,
)
from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import Phrase, phrase, quoted
from monitord.config.schemas import ProfileSchema, Schema
from monitord.devices.frames.model import CHECK_SIZES, AnswerRule, ByteOrder, Check, Request
from monitord.devices.frames.template import (
    CHECK_SLOT,
    Template,
    build_request,
    encode_bcd,
    encode_text,
)

Values = Mapping[str, bytes]
Requests = Mapping[str, Request | None]
"""A profile's requests by id; None for one with mistakes."""

_NUMBER = re.compile(r"0x[0-9a-fA-F]+|[0-9]+")

Model = TypeVar("Model", bound=Schema)


@dataclass(frozen=True, slots=True)
class Given:
    """A device's values for the gaps in its profile's requests, and their place.

    ``parameters``: (name, text), None where the device has mistakes of its own. The station has
    a key of its own.
    """

    parameters: tuple[tuple[str, str], ...] | None
    scope: Scope

    def place(self, name: str) -> Scope:
        """Return the place of a parameter's value."""
        return self.scope.at("station") if name == "station" else self.scope.at("parameters", name)


def read_requests(profile: ProfileSchema, scope: Scope, given: Given) -> Requests:
    """Return the profile's requests as this device sends them; every mistake is noted.

    ``scope``: the top of the profile's file.
    """
    common = _Common(
        _parameters(profile, scope.at("parameters"), given),
        _optional(CheckSchema, profile.check, scope.at("check")),
        read_schema(AnswerSchema, profile.answer, scope.at("answer")),
        scope,
    )
    place = scope.at("requests")
    if len(profile.requests) > REQUESTS_MAX:
        count = phrase("requests", count=len(profile.requests))
        place.note(count, phrase("at_most", most=REQUESTS_MAX))
        return {str(id_): None for id_ in profile.requests}
    read = {
        id_: _request(id_, found, common, at)
        for id_, found, at in entries(profile.requests, place, "request")
    }
    _check_apart(list(filter(None, read.values())), place)
    probe = _probe(profile, read, scope.at("probe"))
    return {id_: one and replace(one, probe=probe) for id_, one in read.items()}


def _probe(profile: ProfileSchema, requests: Requests, scope: Scope) -> Request | None:
    """Return the request that the profile names as its probe; a mistake is noted.

    Only one that a point reads: what another does nobody can see, and it could switch something.
    """
    name = profile.probe
    if name is None:
        return None
    if name not in requests:
        scope.unknown("request", name, requests)
        return None
    points = profile.points.values()
    if not any(isinstance(point, dict) and point.get("request") == name for point in points):
        scope.note(phrase("request.probe_unread"), hint=phrase("request.probe_reads"))
    elif len(requests) == 1:
        scope.note(phrase("request.probe_alone"), hint=phrase("leave_out"))
    return requests[name]


def _check_apart(requests: list[Request], scope: Scope) -> None:
    """Note requests whose answers look alike: a late one could be read as the other.

    Each is noted once, with the first request that it resembles.
    """
    for number, request in enumerate(requests):
        alike = (other for other in requests[:number] if not _differ(request.answer, other.answer))
        if (other := next(alike, None)) is not None:
            same = phrase("request.alike", request=quoted(other.id))
            scope.at(request.id, "answer").note(same, hint=phrase("request.match"))


def _differ(one: AnswerRule, other: AnswerRule) -> bool:
    """Return whether no frame can be the answer to both."""
    ours, theirs = _fixed(one), _fixed(other)
    if any(ours[place] != theirs[place] for place in ours.keys() & theirs.keys()):
        return True
    lengths = one.length, other.length
    counts = one.field_count, other.field_count
    return any(
        isinstance(first, int) and isinstance(second, int) and first != second
        for first, second in (lengths, counts)
    )


def _fixed(rule: AnswerRule) -> dict[int, int]:
    """Return the octets that every answer has, by place."""
    return {
        place: octet
        for at, pattern in ((0, rule.header), *rule.match)
        for place, octet in enumerate(pattern.octets, at)
        if octet is not None
    }


@dataclass(frozen=True, slots=True)
class _Common:
    """What all requests of a profile share; None where that has mistakes."""

    values: Values
    check: CheckSchema | None
    answer: AnswerSchema | None
    scope: Scope


def _optional(schema: type[Model], found: Any, scope: Scope) -> Model | None:
    return None if found is None else read_schema(schema, found, scope)


# Parameters


def _parameters(profile: ProfileSchema, scope: Scope, given: Given) -> Values:
    """Return the octets of every parameter; zeros replace one with mistakes."""
    values: dict[str, bytes] = {}
    named = entries(profile.parameters, scope, "parameter") if profile.parameters else ()
    for name, found, place in named:
        if name == CHECK_SLOT:
            place.note(phrase("request.reserved"), hint=phrase("other_id"))
        schema = read_schema(ParameterSchema, found, place)
        octets = None if schema is None else _value(name, schema, profile.profile, place, given)
        values[name] = bytes(1 if schema is None else schema.size) if octets is None else octets
    for name, _ in given.parameters or ():
        if name not in values:
            given.place(name).unknown("parameter", name, values)
    return values


def _value(
    name: str, schema: ParameterSchema, profile: str, scope: Scope, given: Given
) -> bytes | None:
    """Return the device's value, else the default, or None with the mistake noted."""
    texts = dict(given.parameters or ())
    if name in texts:
        return _encoded(schema, texts[name], given.place(name))
    if schema.default is not None:
        return _encoded(schema, schema.default, scope.at("default"))
    if given.parameters is not None:
        hint = phrase("request.parameter", profile=quoted(profile))
        given.place(name).wrong(None, schema.what, hint)
    return None


def _encoded(schema: ParameterSchema, text: str, scope: Scope) -> bytes | None:
    """Return a parameter as it is written on the line, or None with the mistake noted."""
    order = cast("ByteOrder", schema.byte_order)
    try:
        match schema.type:
            case "uint":
                return _number(text).to_bytes(schema.size, order)
            case "bcd":
                return encode_bcd(text, schema.size, order)
            case _:
                return encode_text(text, schema.size)
    except (ValueError, OverflowError):
        scope.wrong(text, phrase("request.value", allowed=_allowed(schema), what=schema.what))
        return None


def _number(text: str) -> int:
    """Return a decimal or hexadecimal number; raises ValueError for another text."""
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return int(text, 16) if text.startswith("0x") else int(text)


def _allowed(schema: ParameterSchema) -> Phrase:
    match schema.type:
        case "uint":
            return phrase("type.whole", low=0, high=256**schema.size - 1)
        case "bcd":
            return phrase("request.digits", most=2 * schema.size)
        case _:
            return phrase("request.characters", count=schema.size)


# Requests


def _request(id_: str, found: Any, common: _Common, scope: Scope) -> Request | None:
    """Return one request, or None with its mistakes noted."""
    before = len(scope.errors)
    schema = read_schema(RequestSchema, found, scope)
    if schema is None:
        return None
    template = _template(schema, scope)
    own = read_schema(AnswerSchema, schema.answer, scope.at("answer"))
    check = _request_check(schema, common, scope)
    answer = None
    if own is not None and common.answer is not None:
        answer = read_answer(
            own, common.answer, common.values, scope.at("answer"), common.scope.at("answer")
        )
    if template is None or not _gaps_known(template, check, common.values, scope):
        return None
    if answer is None or len(scope.errors) > before:
        return None
    octets = _octets(template, check, common.values, scope)
    return None if octets is None else Request(id_, octets, answer)


def _template(schema: RequestSchema, scope: Scope) -> Template | None:
    template = schema.bytes if schema.text is None else schema.text
    if (schema.bytes is None) == (schema.text is None):
        scope.one_of_keys(("bytes", "text"), are_there=schema.bytes is not None)
        return None
    if template is not None and None in template.parts:
        scope.at("bytes").note(phrase("request.any_byte"), hint=phrase("request.any_meaning"))
        return None
    return template


def _gaps_known(template: Template, check: Check | None, values: Values, scope: Scope) -> bool:
    """Return whether every gap has a value, and the check has its gap."""
    known = {*values, CHECK_SLOT}
    unknown = [gap for gap in template.gaps if gap not in known]
    for gap in unknown:
        scope.unknown("parameter", gap, known)
    count = template.gaps.count(CHECK_SLOT)
    if count > 1:
        scope.note(phrase("request.checks", count=count), hint=phrase("request.one_check"))
    if count == 1 and check is None:
        scope.at("check").wrong(None, phrase("request.check"))
    return not unknown and count <= 1 and not (count and check is None)


def _request_check(schema: RequestSchema, common: _Common, scope: Scope) -> Check | None:
    own = _optional(CheckSchema, schema.check, scope.at("check"))
    found = own or common.check
    place = scope.at("check") if own else common.scope.at("check")
    if found is None:
        return None
    if found.at is not None:
        place.at("at").note(phrase("request.check_at"), hint=phrase("leave_out"))
    last = behind(found.last)
    order = cast("ByteOrder", found.byte_order)
    return Check(found.kind, found.first, last, -1, order, found.written == "hex")


def _octets(template: Template, check: Check | None, values: Values, scope: Scope) -> bytes | None:
    """Return the octets sent, or None where the check covers wrong octets."""
    if check is None or CHECK_SLOT not in template.gaps:
        return build_request(template, values, Check("none", 0, None, -1, "big", as_text=False))
    place = template.place_of(CHECK_SLOT, values)
    blank = template.filled({**values, CHECK_SLOT: bytes(check.size)}).octets
    last = place if check.last is None else slice(0, check.last).indices(len(blank))[1]
    if not check.first < last <= place or not CHECK_SIZES[check.kind]:
        covers = phrase("bytes.covers", first=check.first, last=last - 1)
        scope.at("check").note(covers, phrase("bytes.before_check", last=place - 1))
        return None
    return build_request(template, values, check)
