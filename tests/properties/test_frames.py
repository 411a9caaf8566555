"""Whatever a line brings and whatever a profile says: the right frame or none, and an end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.config.fields.field_types import Refused
from monitord.config.fields.validation import read_schema
from monitord.config.frames.field_types import OCTETS_MAX, read_octets, read_request_text
from monitord.config.frames.requests import Given, read_requests
from monitord.config.loader.errors import Scope
from monitord.config.schemas import ProfileSchema
from monitord.core.model import Value
from monitord.devices.frames.codec import RECEIVED_MAX, AnswerSearch, FrameAnswer
from monitord.devices.frames.fields import raw_of
from monitord.devices.frames.model import CHECK_SIZES, FRAME_MAX, FramePoint, Request
from monitord.devices.model import ReadError
from simulators.agents.frames import (
    EnergyMeter,
    ExampleTransmitter,
    LineDevice,
    MegatecUps,
    TransmitterFigures,
)
from tests.properties.scripts import examples
from tests.support.decoding import decoded
from tests.unit.profiles.devices import device

METER = "000012345678"


def points_of(profile: str) -> list[FramePoint]:
    return [point for point in device(profile).points if isinstance(point, FramePoint)]


POINTS = {
    name: points_of(name) for name in ("megatec-q1", "dlt645-2007", "example-frame-transmitter")
}
TENTHS = st.integers(0, 9999).map(lambda tenths: tenths / 10)
UPS_SHOWS = st.tuples(
    TENTHS, TENTHS, TENTHS, st.integers(0, 999),
    st.integers(0, 999).map(lambda tenths: tenths / 10),
    st.integers(0, 999).map(lambda tenths: tenths / 10),
    st.integers(0, 999).map(lambda tenths: tenths / 10),
    st.text("01", min_size=8, max_size=8),
)  # fmt: skip


def digits(count: int) -> st.SearchStrategy[tuple[str, bool]]:
    return st.tuples(st.text("0123456789", min_size=count, max_size=count), st.just(False))


METER_SHOWS = st.fixed_dictionaries(
    {
        0x0201FF00: st.lists(digits(4), min_size=3, max_size=3),
        0x0202FF00: st.lists(digits(6), min_size=3, max_size=3),
        0x02030000: st.lists(digits(6), min_size=1, max_size=1),
        0x02800002: st.lists(digits(4), min_size=1, max_size=1),
        0x00010000: st.lists(digits(8), min_size=1, max_size=1),
    }
)
TRANSMITTER_SHOWS = st.builds(
    TransmitterFigures,
    forward_w=st.integers(0, 0xFFFF),
    reflected_dw=st.integers(0, 0xFFFF),
    final_stage_degc=st.integers(-128, 127),
    frequency_khz=st.integers(0, 0xFFFFFF),
    is_on=st.booleans(),
    input=st.integers(0, 15),
    alarms=st.lists(st.integers(0, 15), unique=True).map(tuple),
)
DEVICES: st.SearchStrategy[tuple[str, LineDevice]] = st.one_of(
    UPS_SHOWS.map(lambda shown: ("megatec-q1", MegatecUps(lambda: shown))),
    METER_SHOWS.map(lambda shown: ("dlt645-2007", EnergyMeter(METER, lambda: shown))),
    TRANSMITTER_SHOWS.map(
        lambda shown: ("example-frame-transmitter", ExampleTransmitter(1, lambda: shown))
    ),
)
# The octets that matter to these protocols more often than others.
NOISE = st.lists(
    st.one_of(st.sampled_from(b"\x68\x16\xfe\xeb\x90\x07(\r 0.\x91\x33"), st.integers(0, 255)),
    max_size=12,
).map(bytes)


def values_in(points: list[FramePoint], request: Request, received: bytes) -> list[Value] | None:
    """Return the values of a request's points as they are found in what came, None for none."""
    taken = AnswerSearch(request).find(received)
    if taken is None:
        return None
    own = [point for point in points if point.request == request]
    return list(decoded([raw_of(point, taken[0].frame) for point in own], own))


@examples(300)
@given(DEVICES, NOISE, st.data())
def test_noise_at_any_place_gives_the_right_values_or_none(
    speaking: tuple[str, LineDevice], noise: bytes, data: st.DataObject
) -> None:
    """Before, inside and after every answer of every shipped profile."""
    profile, speaker = speaking
    for request in {point.request.id: point.request for point in POINTS[profile]}.values():
        heard = speaker.answer_to(request.octets)
        assert heard is not None
        answer = heard[1]
        right = values_in(POINTS[profile], request, answer)
        assert right is not None
        at = data.draw(st.integers(0, len(answer)))
        disturbed = answer[:at] + noise + answer[at:]
        assert values_in(POINTS[profile], request, disturbed) in (right, None)


@examples(200)
@given(DEVICES, st.data())
def test_a_piece_of_an_answer_gives_nothing(
    speaking: tuple[str, LineDevice], data: st.DataObject
) -> None:
    """Octets that are lost inside, or at either end of it."""
    profile, speaker = speaking
    request = data.draw(st.sampled_from([point.request for point in POINTS[profile]]))
    heard = speaker.answer_to(request.octets)
    assert heard is not None
    # The wake-up octets before a meter's frame may be lost without harm.
    answer = heard[1].lstrip(b"\xfe")
    first = data.draw(st.integers(0, len(answer) - 1))
    last = data.draw(st.integers(first + 1, len(answer)))
    assert values_in(POINTS[profile], request, answer[:first] + answer[last:]) is None


@examples(300)
@given(DEVICES, NOISE, NOISE, st.data())
def test_how_octets_are_cut_changes_nothing(
    speaking: tuple[str, LineDevice], before: bytes, after: bytes, data: st.DataObject
) -> None:
    """What is found octet by octet is found at once, unless what came later spoke against it."""
    profile, speaker = speaking
    request = POINTS[profile][0].request
    heard = speaker.answer_to(request.octets)
    assert heard is not None
    received = before + heard[1] + after
    clean = AnswerSearch(request).find(heard[1])
    at_once = AnswerSearch(request).find(received)
    search = AnswerSearch(request)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(received)))) | {len(received)})
    taken = next((found for cut in cuts if (found := search.find(received[:cut]))), None)
    assert at_once is None or at_once == taken
    assert clean is not None
    assert taken is None or (taken[0] == clean[0] and taken[1] <= len(received))


@examples(300)
@given(st.one_of(st.text(max_size=40), st.text("0123456789ABCDEF ?{}'a\r\u00a0", max_size=30)))
def test_any_text_is_octets_or_is_refused(written: str) -> None:
    """And what was taken is within the limit."""
    for read in (read_octets, read_request_text):
        try:
            template = read(written)
        except Refused:
            continue
        assert 1 <= len(template.parts) <= OCTETS_MAX
        assert all(part is None or isinstance(part, str | int) for part in template.parts)


PLACES = st.integers(-20, 600)
OCTETS = st.lists(
    st.one_of(st.integers(0, 255).map("{:02X}".format), st.just("??"), st.just("{station}")),
    min_size=0,
    max_size=6,
).map(" ".join)
CHECKS = st.fixed_dictionaries(
    {"kind": st.sampled_from(sorted(CHECK_SIZES))},
    optional={
        "first": PLACES,
        "last": PLACES,
        "at": PLACES,
        "byte_order": st.sampled_from(["big", "little", "middle"]),
        "written": st.sampled_from(["binary", "hex"]),
    },
)
ANSWERS = st.fixed_dictionaries(
    {"header": OCTETS, "check": CHECKS},
    optional={
        "length": PLACES,
        "length_field": st.fixed_dictionaries(
            {"at": PLACES, "size": st.integers(0, 5)},
            optional={"plus": st.integers(-600, 600), "written": st.sampled_from(["hex"])},
        ),
        "longest": PLACES,
        "end": OCTETS,
        "match": st.dictionaries(PLACES, OCTETS, max_size=3),
        "refused": st.dictionaries(PLACES, OCTETS, max_size=3),
        "subtract": st.fixed_dictionaries(
            {"first": PLACES, "last": PLACES, "value": st.integers(0, 256)}
        ),
        "separator": st.sampled_from([" ", ",", "", "    "]),
        "fields": st.integers(0, 70),
    },
)


def request_of(answer: dict[str, Any]) -> tuple[Request | None, Scope]:
    """Return the answer rule of a profile with this answer, and its errors."""
    scope = Scope("odd.yaml")
    profile = read_schema(
        ProfileSchema,
        {
            "profile": "odd",
            "title": "T",
            "protocol": "frame",
            "source": "S",
            "verified": "unverified",
            "parameters": {"station": {"type": "uint", "size": 1, "what": "W", "default": 7}},
            "check": {"kind": "sum8"},
            "answer": answer,
            "requests": {"r": {"bytes": "01 {station} {check}"}},
            "points": {"a": {}},
        },
        scope,
    )
    assert profile is not None
    requests = read_requests(profile, scope, Given((), Scope("site.yaml")))
    return requests["r"], scope


@examples(500)
@given(ANSWERS, st.lists(st.binary(max_size=300), min_size=1, max_size=8))
def test_no_profile_makes_the_search_loop_or_grow(
    answer: dict[str, Any], pieces: list[bytes]
) -> None:
    """It is refused with a place, or it finds what lies within the octets that came, or nothing."""
    request, scope = request_of(answer)
    assert (request is None) == bool(scope.errors)
    for error in scope.errors:
        assert error.key_path.startswith(("answer", "requests.r"))
    if request is None:
        return
    rule = request.answer
    assert 1 <= rule.least <= rule.longest <= FRAME_MAX
    begin = bytes(octet or 0 for octet in rule.header.octets)
    received = b""
    search = AnswerSearch(request)
    for piece in pieces:
        received += begin + piece
        try:
            taken = search.find(received)
        except ReadError as error:
            assert error.kind == "bad_answer"  # noqa: PT017 - either way is right
            assert len(received) > RECEIVED_MAX or received.count(rule.header.lead) > 100
            return
        if taken is not None:
            answered, end = taken
            assert isinstance(answered, FrameAnswer)
            assert rule.least <= len(answered.frame) <= rule.longest
            assert len(answered.frame) <= end <= len(received)
            received = b""


@pytest.mark.parametrize("kind", sorted(CHECK_SIZES))
def test_an_honest_frame_of_every_check_is_found(kind: str) -> None:
    """Whatever the arithmetic, what a device builds by the rule is taken."""
    answer: dict[str, Any] = {"header": "AA 55", "length": 12, "check": {"kind": kind}}
    if kind == "none":
        answer["end"] = "0D"
    request, scope = request_of(answer)
    assert request is not None, scope.errors
    size = CHECK_SIZES[kind]
    body = b"\xaa\x55" + bytes(range(10 - size))
    good = body + _check(kind, body) if size else body[:-1] + b"\r"
    taken = AnswerSearch(request).find(good)
    assert taken == (FrameAnswer(good), 12)
    if size:
        assert AnswerSearch(replace(request)).find(good[:-1] + bytes([good[-1] ^ 1])) is None


def _check(kind: str, body: bytes) -> bytes:
    """Calculate a check bit by bit, in another way than monitord."""
    if kind in ("sum8", "sum16"):
        return (sum(body) & (0xFF if kind == "sum8" else 0xFFFF)).to_bytes(CHECK_SIZES[kind], "big")
    if kind == "lrc8":
        return bytes([256 - sum(body) % 256 & 0xFF])
    number = {"xor8": 0, "crc16_modbus": 0xFFFF, "crc16_ccitt": 0xFFFF, "crc16_xmodem": 0}[kind]
    for octet in body:
        if kind == "xor8":
            number ^= octet
            continue
        is_reflected = kind == "crc16_modbus"
        number ^= octet if is_reflected else octet << 8
        for _ in range(8):
            if is_reflected:
                number = number >> 1 ^ (0xA001 if number & 1 else 0)
            else:
                number = (number << 1 ^ (0x1021 if number & 0x8000 else 0)) & 0xFFFF
    return number.to_bytes(CHECK_SIZES[kind], "big")
