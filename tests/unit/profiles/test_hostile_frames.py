"""A frame profile that cannot work is refused, each mistake at its place in the profile's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.devices.frames.codec import AnswerSearch
from monitord.devices.frames.model import FramePoint
from tests.unit.profiles.test_hostile_profiles import made, told

ANSWER = {
    "header": '"EB 90"',
    "length_field": "{at: 2, size: 1}",
    "check": "{kind: sum8, first: 2}",
}
REQUEST = '{bytes: "EB 90 05 10 {check}"}'
POINT = "{request: r, byte: 4, unit: W}"


def text(
    answer: dict[str, str] | None = None,
    request: str = REQUEST,
    point: str = POINT,
    check: str = "{kind: sum8, first: 2}",
    more: str = "",
) -> str:
    """Return a profile with one request; ``answer``: keys that are other, empty for left out."""
    keys = {key: value for key, value in (ANSWER | (answer or {})).items() if value}
    shown = ", ".join(f"{key}: {value}" for key, value in keys.items())
    lines = [f"answer: {{{shown}}}", f"requests: {{r: {request}}}", f"points: {{a: {point}}}"]
    return "\n".join([*([f"check: {check}"] if check else []), *lines, more])


def one(folder: Path, profile: str, **keys: Any) -> str:
    (line,) = told(folder, profile, "frame", **keys)
    return line


def test_the_profile_that_these_are_made_from_is_good(tmp_path: Path) -> None:
    """Or the mistakes below would prove nothing."""
    (point,) = made(tmp_path, text(), "frame").points
    assert isinstance(point, FramePoint)
    assert point.request.octets == bytes.fromhex("EB 90 05 10 15")
    assert AnswerSearch(point.request).find(bytes.fromhex("EB 90 06 10 07 1D")) is not None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"header": ""}, "answer.header: got nothing, must be the bytes an answer begins with"),
        ({"header": '"?? 90"'}, "answer.header: it begins with any byte; then every byte would"),
        ({"header": '"EB9"'}, "answer.header: got 'EB9' in it, must be bytes such as"),
        ({"header": "68"}, "answer.header: got 68, must be bytes such as"),
        ({"header": '"68 {numer}"'}, "answer.header: unknown parameter 'numer'; there is none"),
        ({"header": f'"{"AA " * 33}"'}, "answer.header: got 33 bytes, must be 1..32 bytes"),
        ({"header": f'"{"AA " * 257}"'}, "answer.header: got 257 bytes, must be 1..256 bytes"),
        ({"check": ""}, "answer.check: got nothing, must be a check such as {kind: sum8, first"),
        ({"check": "{kind: crc32}"}, "answer.check.kind: got 'crc32', must be one of none, sum8"),
        (
            {"check": "{kind: none}"},
            "answer.end: got nothing, must be the bytes an answer without",
        ),
        (
            {"check": "{kind: sum8, first: 200}"},
            "answer.check: got bytes 200 to 2 of 4, must be within bytes 0 to 2, those before",
        ),
        (
            {"check": "{kind: sum8, last: -1}"},
            None,
        ),
        (
            {"check": "{kind: sum16, at: -1}"},
            "answer.check.at: got -1, must be at most -2; the check and the end come behind it",
        ),
        (
            {"end": '"0D 0A"', "check": "{kind: sum8, at: -2}"},
            "answer.check.at: got -2, must be at most -3; the check and the end come behind it",
        ),
        (
            {"check": "{kind: sum8, last: 40}"},
            "answer.check: got bytes 0 to 3 of 4, must be within bytes 0 to 2, those before the",
        ),
        ({"length": "900"}, "answer.length: got 900, must be 1..512"),
        ({"length": "20"}, "answer.length_field: got length and length_field, must be one of them"),
        (
            {"length_field": "", "length": "2"},
            "answer.length: got 2, must be at least 3: header, length, check and end together",
        ),
        ({"length_field": ""}, "answer.length: got nothing, must be its bytes, or length_field"),
        ({"length_field": "{at: 600, size: 1}"}, "answer.length_field.at: got 600, must be 0..511"),
        (
            {"length_field": "{at: 300, size: 1}"},
            "answer.length_field: got header, length, check and end together are 302 bytes, must",
        ),
        (
            {"length_field": "{at: 2, size: 1, plus: 400}"},
            "answer.length_field.plus: got lengths of 400 to 655, must be some of 4 to 256",
        ),
        (
            {"length_field": "{at: 2, size: 1, plus: -300}"},
            "answer.length_field.plus: got lengths of -300 to -45, must be some of 4 to 256",
        ),
        ({"longest": "3"}, "answer.longest: got header, length, check and end together are 4 byt"),
        ({"longest": "513"}, "answer.longest: got 513, must be 1..512"),
        ({"end": '"0D ??"'}, "answer.end: got '0D ??', must be bytes such as \"0D 0A\"; it has n"),
        ({"end": '"00 00 00 00 00"'}, "answer.end: got 5 bytes, must be 1..4 bytes"),
        (
            {"match": '{1: "91"}'},
            "answer.match[1]: got byte 1 is 91, must be 90, as it is elsewhere",
        ),
        (
            {"match": '{255: "91"}'},
            "answer.match[255]: got bytes to 255, must be within bytes 0 to 254",
        ),
        ({"match": "{a: '91'}"}, "answer.match: got 'a', must be a place 0..511"),
        ({"match": "{3: 91}"}, "answer.match: got 3: 91, must be bytes such as"),
        ({"match": "{}"}, "answer.match: got a mapping, must be bytes by place, such as"),
        (
            {"match": '{3: "91"}', "refused": '{3: "91"}'},
            "answer.refused: every answer would be a refusal; match says the same",
        ),
        (
            {"subtract": "{first: 1, last: -2, value: 51}"},
            "answer.subtract.first: got 1, must be behind the header, 2 or more",
        ),
        ({"subtract": "{first: 4, last: -2, value: 0}"}, "answer.subtract.value: got 0, must be 1"),
        ({"fields": "3"}, "answer.separator: got nothing, must be what stands between the fields"),
        ({"fields": "99"}, "answer.fields: got 99, must be 1..64"),
        ({"separator": '"    "'}, "answer.separator: got '    ', must be one to three characters"),
        (
            {"separator": '" "', "check": "{kind: none}", "end": '"0D"'},
            "answer.fields: got nothing, must be how many fields there are; only their count tells",
        ),
        ({"hedaer": '"68"'}, "answer: unknown key 'hedaer'; did you mean 'header'?"),
    ],
)
def test_an_answer_that_cannot_be_known_is_told(
    tmp_path: Path, answer: dict[str, str], message: str | None
) -> None:
    """Headers, lengths, checks and ends that no frame has, or that every noise has."""
    if message is None:
        assert made(tmp_path, text(answer), "frame").points
    else:
        assert one(tmp_path, text(answer)).startswith(message)


@pytest.mark.parametrize(
    ("request_", "check", "message"),
    [
        ("{}", "", "requests.r: got nothing, must be one of bytes, text"),
        ('{bytes: "01", text: "Q"}', "", "requests.r: got bytes and text, must be one of bytes, "),
        ('{bytes: "01 ??"}', "", "requests.r.bytes: ?? cannot be sent; it stands for any byte"),
        ('{bytes: "01 {statoin}"}', "", "requests.r: unknown parameter 'statoin'"),
        ('{bytes: "01 {check}"}', "", "requests.r.check: got nothing, must be how {check} is reck"),
        (
            '{bytes: "01 {check} {check}"}',
            "{kind: sum8}",
            "requests.r: {check} stands in it 2 times; a request has one check",
        ),
        (
            '{bytes: "01 {check}"}',
            "{kind: sum8, first: 1}",
            "requests.r.check: got bytes 1 to 0, must be within bytes 0 to 0, those before {che",
        ),
        (
            '{bytes: "01 {check} 0D"}',
            "{kind: sum8, at: -1}",
            "check.at: the check of a request stands where {check} is; leave it out",
        ),
        ('{text: "Q\\u7535\\r"}', "", "requests.r.text: got 'Q电\\r', must be a text of ASCII cha"),
        ('{text: "Q{"}', "", "requests.r.text: got 'Q{', must be a text of ASCII characters in"),
        ("{bytes: 68}", "", "requests.r.bytes: got 68, must be bytes such as"),
        ('{bytes: ""}', "", "requests.r.bytes: got 0 bytes, must be 1..256 bytes"),
        ('{bytes: "01", answer: {length: 9}}', "", None),
        ('{bytes: "01", answer: {haeder: 5}}', "", "requests.r.answer: unknown key 'haeder'; did"),
        (
            '{bytes: "01", answer: {match: {0: "EA"}}}',
            "",
            "requests.r.answer.match[0]: got byte 0 is EA, must be EB, as it is elsewhere",
        ),
    ],
)
def test_a_request_that_cannot_be_sent_is_told(
    tmp_path: Path, request_: str, check: str, message: str | None
) -> None:
    """Gaps without a value, checks of nothing, characters that no line carries."""
    profile = text(request=request_, check=check)
    if message is None:
        assert made(tmp_path, profile, "frame").points
    else:
        assert one(tmp_path, profile).startswith(message)


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ("{request: s, byte: 4, unit: W}", "points.a.request: unknown request 's'; known: r"),
        ("{byte: 4, unit: W}", "points.a.request: got nothing, must be an id: a-z"),
        ("{request: r, unit: W}", "points.a: got nothing, must be one of byte, field"),
        ("{request: r, byte: 4, field: 1, unit: W}", "points.a: got byte and field, must be one o"),
        ("{request: r, field: 1, unit: W}", "points.a.field: the answer has no fields; it has no"),
        ("{request: r, byte: 255, unit: W}", "points.a.byte: got 255, must be 0..254, so that 1 b"),
        ("{request: r, byte: 999, unit: W}", "points.a.byte: got 999, must be 0..511"),
        ("{request: r, byte: -1, unit: W}", "points.a.byte: got -1, must be 0..511"),
        (
            "{request: r, byte: 252, type: uint32, unit: W}",
            "points.a.byte: got 252, must be 0..251, so that 4 bytes end before the check and the",
        ),
        ("{request: r, byte: 4, type: bcd, unit: W}", "points.a.size: got nothing, must be 1..8, "),
        ("{request: r, byte: 4, type: bcd, size: 9, unit: W}", "points.a.size: got 9, must be 1.."),
        ("{request: r, byte: 4, size: 2, unit: W}", "points.a.size: uint8 has 1 bytes; leave it o"),
        ("{request: r, byte: 4, type: uint64, unit: W}", "points.a.type: got 'uint64', must be on"),
        ("{request: r, byte: 4, bits: [7, 2], unit: W}", "points.a.bits: got [7, 2], must be with"),
        (
            "{request: r, byte: 4, type: int8, bits: [0, 2], unit: W}",
            "points.a.bits: only uint8, uint16, uint24, uint32, hex and binary have bits; this po",
        ),
        ("{request: r, byte: 4, bits: [0, 1], unit: W}", "points.a.unit: only a number has unit;"),
        ("{request: r, byte: 4}", "points.a.unit: got nothing, must be the number's unit, such as"),
    ],
)
def test_a_point_outside_of_its_answer_is_told(tmp_path: Path, point: str, message: str) -> None:
    """A byte behind the longest frame, a field of an answer that has none."""
    assert one(tmp_path, text(point=point)).startswith(message)


def test_a_field_is_text_and_within_the_count(tmp_path: Path) -> None:
    """The ninth of eight is told, and a binary type of a text field."""
    fields = {"separator": '" "', "fields": "8"}
    point = "{request: r, field: 9, unit: W}"
    assert one(tmp_path, text(fields, point=point)) == "points.a.field: got 9, must be 1..8"
    point = "{request: r, field: 8, type: uint8, unit: W}"
    assert one(tmp_path, text(fields, point=point)).startswith(
        "points.a.type: got 'uint8', must be one of decimal, hex, binary, text for a field"
    )
    point = "{request: r, field: 8, size: 3, unit: W}"
    assert one(tmp_path, text(fields, point=point)) == (
        "points.a.size: a field is as long as it is; leave it out"
    )


STATION = "parameters: {station: {type: uint, size: 1, what: the address on its plate}}\n"
WITH_STATION = '{bytes: "EB 90 06 {station} 10 {check}"}'


def at(**keys: Any) -> dict[str, Any]:
    return {"frame": {"address": "127.0.0.1", "port": 4001} | keys}


def test_a_station_that_is_missing_is_asked_for_at_the_device(tmp_path: Path) -> None:
    """What it is, in the words of the profile."""
    profile = text(request=WITH_STATION, more=STATION)
    (line,) = told(tmp_path, profile, "frame")
    assert line.endswith(
        "site.yaml: devices.it.frame.station: got nothing, must be the address on its plate;"
        " profile 'odd' writes it into its requests"
    )
    (point,) = made(tmp_path, profile, "frame", **at(station=7)).points
    assert isinstance(point, FramePoint)
    assert point.request.octets == bytes.fromhex("EB 90 06 07 10 1D")


@pytest.mark.parametrize(
    ("parameter", "station", "allowed"),
    [
        ("{type: uint, size: 1, what: W}", 256, "a number 0..255: W"),
        ("{type: uint, size: 2, what: W}", "0x10000", "a number 0..65535: W"),
        ("{type: uint, size: 2, what: W}", "1_0", "a number 0..65535: W"),
        ("{type: bcd, size: 2, what: W}", "12345", "at most 4 digits: W"),
        ("{type: bcd, size: 2, what: W}", "12A4", "at most 4 digits: W"),
        ("{type: text, size: 2, what: W}", "123", "a text of 2 characters: W"),
        ("{type: text, size: 2, what: W}", 1, "a text of 2 characters: W"),
    ],
)
def test_a_station_that_cannot_be_written_is_told(
    tmp_path: Path, parameter: str, station: str | int, allowed: str
) -> None:
    """At the device, whose plate says another."""
    profile = text(request=WITH_STATION, more=f"parameters: {{station: {parameter}}}\n")
    (line,) = told(tmp_path, profile, "frame", **at(station=station))
    assert line.endswith(f"devices.it.frame.station: got '{station}', must be {allowed}")


def test_parameters_that_no_request_has_are_told(tmp_path: Path) -> None:
    """A misspelt one would leave its default in place."""
    (line,) = told(tmp_path, text(), "frame", **at(station=7))
    assert line.endswith("devices.it.frame.station: unknown parameter 'station'; there is none")
    more = STATION + ""
    profile = text(request=WITH_STATION, more=more)
    (line,) = told(tmp_path, profile, "frame", **at(station=7, parameters={"grop": 1}))
    assert line.endswith("parameters.grop: unknown parameter 'grop'; known: station")
    (line,) = told(
        tmp_path,
        text(more="parameters: {check: {type: uint, size: 1, what: W, default: 1}}\n"),
        "frame",
    )
    assert line == "parameters.check: {check} is where the check belongs; choose another id"


def test_a_profile_without_requests_or_of_too_many_is_told(tmp_path: Path) -> None:
    """Nothing would be asked, or a slow line would never be done."""
    lines = told(tmp_path, "points: {a: {request: r, byte: 1, unit: W}}\n", "frame")
    assert "requests: got nothing, must be at least one request" in lines
    many = ", ".join(f"r{number}: {REQUEST}" for number in range(33))
    profile = text(point="{request: r1, byte: 4, unit: W}").replace(f"r: {REQUEST}", many)
    assert one(tmp_path, profile) == "requests: got 33 requests, must be at most 32"


TWO = "requests: {r: {bytes: '01', answer: A}, s: {bytes: '02', answer: B}}"


@pytest.mark.parametrize(
    ("first", "second", "are_apart"),
    [
        ("{}", "{}", False),
        ("{match: {3: '10'}}", "{}", False),
        ("{match: {3: '10'}}", "{match: {4: '11'}}", False),
        ("{match: {3: '10 ??'}}", "{match: {4: '11'}}", False),
        ("{match: {3: '10 12'}}", "{match: {4: '11'}}", True),
        ("{length: 20}", "{length: 21}", True),
        ("{length: 20}", "{}", False),
        ("{header: 'EB 91'}", "{}", True),
        ("{separator: ',', fields: 3}", "{separator: ',', fields: 4}", True),
    ],
)
def test_answers_that_cannot_be_told_apart_are_told(
    tmp_path: Path, first: str, second: str, are_apart: bool
) -> None:
    """A late or doubled answer to one request would be the value of another's point."""
    two = TWO.replace("answer: A", f"answer: {first}").replace("answer: B", f"answer: {second}")
    profile = text().replace(f"requests: {{r: {REQUEST}}}", two)
    if are_apart:
        assert made(tmp_path, profile, "frame").points
    else:
        assert one(tmp_path, profile) == (
            "requests.s.answer: its answer cannot be told from that of request 'r';"
            " say under match what differs: a command, an item"
        )


def test_what_only_frames_have_is_told_in_another_profile(tmp_path: Path) -> None:
    """It would be read over for ever."""
    lines = told(tmp_path, "requests: {}\npoints: {a: {oid: 1.3.6.1.1.0, unit: W}}\n", "snmp")
    assert lines == ["requests: only protocol frame has it; this is snmp"]
