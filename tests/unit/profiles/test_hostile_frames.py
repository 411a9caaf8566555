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
        ({"header": ""}, "answer.header: is missing; add the bytes an answer begins with"),
        ({"header": '"?? 90"'}, "answer.header: it begins with any byte; then every byte would"),
        (
            {"header": '"EB9"'},
            "answer.header: is a text with 'EB9'; use bytes such as \"68 {station} ?? 'Q1' 0D\"",
        ),
        ({"header": "68"}, "answer.header: is 68; use bytes such as"),
        ({"header": '"68 {numer}"'}, "answer.header: no parameter 'numer'; there is none"),
        (
            {"header": f'"{"AA " * 33}"'},
            "answer.header: is 33 bytes; use 1–32 bytes",
        ),
        (
            {"header": f'"{"AA " * 257}"'},
            "answer.header: is 257 bytes; use 1–256 bytes",
        ),
        ({"check": ""}, "answer.check: is missing; add a check such as {kind: sum8, first"),
        ({"check": "{kind: crc32}"}, "answer.check.kind: is 'crc32'; use one of none, sum8"),
        (
            {"check": "{kind: none}"},
            "answer.end: is missing; add the bytes that end an answer without a check; otherwise",
        ),
        (
            {"check": "{kind: sum8, first: 200}"},
            "answer.check: is bytes 200 to 2 of 4; use bytes within 0–2, those before the check",
        ),
        (
            {"check": "{kind: sum8, last: -1}"},
            None,
        ),
        (
            {"check": "{kind: sum16, at: -1}"},
            "answer.check.at: is -1; use at most -2; the check and the end come behind it",
        ),
        (
            {"end": '"0D 0A"', "check": "{kind: sum8, at: -2}"},
            "answer.check.at: is -2; use at most -3; the check and the end come behind it",
        ),
        (
            {"check": "{kind: sum8, last: 40}"},
            "answer.check: is bytes 0 to 3 of 4; use bytes within 0–2, those before the check",
        ),
        ({"length": "900"}, "answer.length: is 900; use a whole number 1–512"),
        ({"length": "20"}, "answer.length_field: has length, length_field; keep one of them"),
        (
            {"length_field": "", "length": "2"},
            "answer.length: is 2; use at least 3: header, length, check and end together",
        ),
        ({"length_field": ""}, "answer.length: is missing; add its bytes, or length_field"),
        (
            {"length_field": "{at: 600, size: 1}"},
            "answer.length_field.at: is 600; use a whole number 0–511",
        ),
        (
            {"length_field": "{at: 300, size: 1}"},
            "answer.length_field: header, length, check and end together are 302 bytes; the",
        ),
        (
            {"length_field": "{at: 2, size: 1, plus: 400}"},
            "answer.length_field.plus: is a length of 400 to 655; use one that can be within",
        ),
        (
            {"length_field": "{at: 2, size: 1, plus: -300}"},
            "answer.length_field.plus: is a length of -300 to -45; use one that can be within",
        ),
        (
            {"longest": "3"},
            "answer.longest: header, length, check and end together are 4 bytes; the longest",
        ),
        ({"longest": "513"}, "answer.longest: is 513; use a whole number 1–512"),
        ({"end": '"0D ??"'}, "answer.end: is '0D ??'; use bytes such as \"0D 0A\"; it has n"),
        ({"end": '"00 00 00 00 00"'}, "answer.end: is 5 bytes; use 1–4 bytes"),
        (
            {"match": '{1: "91"}'},
            "answer.match[1]: is byte 1 = 91; use 90, as elsewhere",
        ),
        (
            {"match": '{255: "91"}'},
            "answer.match[255]: is bytes to 255; use bytes within 0–254",
        ),
        ({"match": "{a: '91'}"}, "answer.match: has the key 'a'; use a whole number 0–511"),
        (
            {"match": "{3: 91}"},
            "answer.match[3]: is 91; use bytes such as \"68 {station} ?? 'Q1' 0D\"; put it in",
        ),
        ({"match": "{}"}, "answer.match: is an empty mapping; use bytes by place, such as"),
        (
            {"match": '{3: "91"}', "refused": '{3: "91"}'},
            "answer.refused: every answer would be a refusal; match has the same bytes",
        ),
        (
            {"subtract": "{first: 1, last: -2, value: 51}"},
            "answer.subtract.first: is 1; use 2 or more, behind the header",
        ),
        (
            {"subtract": "{first: 4, last: -2, value: 0}"},
            "answer.subtract.value: is 0; use a whole number 1–255",
        ),
        (
            {"fields": "3"},
            "answer.separator: is missing; add the characters between the fields, such as ' '",
        ),
        ({"fields": "99"}, "answer.fields: is 99; use a whole number 1–64"),
        ({"separator": '"    "'}, "answer.separator: is '    '; use one to three characters"),
        (
            {"separator": '" "', "check": "{kind: none}", "end": '"0D"'},
            "answer.fields: is missing; add the number of fields; only their number shows that",
        ),
        ({"hedaer": '"68"'}, "answer: no key 'hedaer'; did you mean 'header'?"),
    ],
)
def test_an_answer_that_cannot_be_known_is_reported(
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
        ("{}", "", "requests.r: is incomplete; add one of bytes, text"),
        ('{bytes: "01", text: "Q"}', "", "requests.r: has bytes, text; keep one of them"),
        (
            '{bytes: "01 ??"}',
            "",
            "requests.r.bytes: ?? cannot be sent; it means any byte of an answer",
        ),
        ('{bytes: "01 {statoin}"}', "", "requests.r: no parameter 'statoin'"),
        (
            '{bytes: "01 {check}"}',
            "",
            "requests.r.check: is missing; add how {check} is calculated, such as {kind: sum8,",
        ),
        (
            '{bytes: "01 {check} {check}"}',
            "{kind: sum8}",
            "requests.r: it has {check} 2 times; a request has one check",
        ),
        (
            '{bytes: "01 {check}"}',
            "{kind: sum8, first: 1}",
            "requests.r.check: is bytes 1 to 0; use bytes within 0–0, those before the check",
        ),
        (
            '{bytes: "01 {check} 0D"}',
            "{kind: sum8, at: -1}",
            "check.at: the place of a request's check is {check}; leave it out",
        ),
        ('{text: "Q\\u7535\\r"}', "", "requests.r.text: is 'Q电\\r'; use a text of ASCII cha"),
        ('{text: "Q{"}', "", "requests.r.text: is 'Q{'; use a text of ASCII characters in"),
        ("{bytes: 68}", "", "requests.r.bytes: is 68; use bytes such as"),
        ('{bytes: ""}', "", "requests.r.bytes: is 0 bytes; use 1–256 bytes"),
        ('{bytes: "01", answer: {length: 9}}', "", None),
        ('{bytes: "01", answer: {haeder: 5}}', "", "requests.r.answer: no key 'haeder'; did"),
        (
            '{bytes: "01", answer: {match: {0: "EA"}}}',
            "",
            "requests.r.answer.match[0]: is byte 0 = EA; use EB, as elsewhere",
        ),
    ],
)
def test_a_request_that_cannot_be_sent_is_reported(
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
        ("{request: s, byte: 4, unit: W}", "points.a.request: no request 's'; known: r"),
        ("{byte: 4, unit: W}", "points.a.request: is missing; add an id: a-z"),
        ("{request: r, unit: W}", "points.a: is incomplete; add one of byte, field"),
        ("{request: r, byte: 4, field: 1, unit: W}", "points.a: has byte, field; keep one of them"),
        ("{request: r, field: 1, unit: W}", "points.a.field: the answer has no fields; it has no"),
        (
            "{request: r, byte: 255, unit: W}",
            "points.a.byte: is 255; use a whole number 0–254, to leave 1 byte",
        ),
        ("{request: r, byte: 999, unit: W}", "points.a.byte: is 999; use a whole number 0–511"),
        ("{request: r, byte: -1, unit: W}", "points.a.byte: is -1; use a whole number 0–511"),
        (
            "{request: r, byte: 252, type: uint32, unit: W}",
            "points.a.byte: is 252; use a whole number 0–251, to leave 4 bytes before",
        ),
        (
            "{request: r, byte: 4, type: bcd, unit: W}",
            "points.a.size: is missing; add a whole number 1–8: the bytes of the bcd",
        ),
        (
            "{request: r, byte: 4, type: bcd, size: 9, unit: W}",
            "points.a.size: is 9; use a whole number 1–8: the bytes of the bcd",
        ),
        (
            "{request: r, byte: 4, size: 2, unit: W}",
            "points.a.size: uint8 always has 1 byte; leave it out",
        ),
        ("{request: r, byte: 4, type: uint64, unit: W}", "points.a.type: is 'uint64'; use on"),
        (
            "{request: r, byte: 4, bits: [7, 2], unit: W}",
            "points.a.bits: is [7, 2]; use bits within the 8 bits of uint8",
        ),
        (
            "{request: r, byte: 4, type: int8, bits: [0, 2], unit: W}",
            "points.a.bits: only uint8, uint16, uint24, uint32, hex, binary have bits; this",
        ),
        (
            "{request: r, byte: 4, bits: [0, 1], unit: W}",
            "points.a.unit: only a number has it; this point is of kind boolean; leave it out",
        ),
        ("{request: r, byte: 4}", "points.a.unit: is missing; add the number's unit, such as"),
    ],
)
def test_a_point_outside_of_its_answer_is_reported(
    tmp_path: Path, point: str, message: str
) -> None:
    """A byte behind the longest frame, a field of an answer that has none."""
    assert one(tmp_path, text(point=point)).startswith(message)


def test_a_field_is_text_and_within_the_count(tmp_path: Path) -> None:
    """The ninth of eight is reported, and a binary type of a text field."""
    fields = {"separator": '" "', "fields": "8"}
    point = "{request: r, field: 9, unit: W}"
    assert (
        one(tmp_path, text(fields, point=point)) == "points.a.field: is 9; use a whole number 1–8"
    )
    point = "{request: r, field: 8, type: uint8, unit: W}"
    assert one(tmp_path, text(fields, point=point)).startswith(
        "points.a.type: is 'uint8'; use one of decimal, hex, binary, text; a field has"
    )
    point = "{request: r, field: 8, size: 3, unit: W}"
    assert one(tmp_path, text(fields, point=point)) == (
        "points.a.size: the length of a field is not fixed; leave it out"
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
        "site.yaml: devices.it.frame.station: is missing; add the address on its plate;"
        " profile 'odd' writes it into its requests"
    )
    (point,) = made(tmp_path, profile, "frame", **at(station=7)).points
    assert isinstance(point, FramePoint)
    assert point.request.octets == bytes.fromhex("EB 90 06 07 10 1D")


@pytest.mark.parametrize(
    ("parameter", "station", "allowed"),
    [
        ("{type: uint, size: 1, what: W}", 256, "a whole number 0–255: W"),
        ("{type: uint, size: 2, what: W}", "0x10000", "a whole number 0–65535: W"),
        ("{type: uint, size: 2, what: W}", "1_0", "a whole number 0–65535: W"),
        ("{type: bcd, size: 2, what: W}", "12345", "at most 4 digits: W"),
        ("{type: bcd, size: 2, what: W}", "12A4", "at most 4 digits: W"),
        ("{type: text, size: 2, what: W}", "123", "a text of 2 characters: W"),
        ("{type: text, size: 2, what: W}", 1, "a text of 2 characters: W"),
    ],
)
def test_a_station_that_cannot_be_written_is_reported(
    tmp_path: Path, parameter: str, station: str | int, allowed: str
) -> None:
    """At the device, whose plate says another."""
    profile = text(request=WITH_STATION, more=f"parameters: {{station: {parameter}}}\n")
    (line,) = told(tmp_path, profile, "frame", **at(station=station))
    assert line.endswith(f"devices.it.frame.station: is '{station}'; use {allowed}")


def test_parameters_that_no_request_has_are_reported(tmp_path: Path) -> None:
    """A misspelt one would leave its default in place."""
    (line,) = told(tmp_path, text(), "frame", **at(station=7))
    assert line.endswith("devices.it.frame.station: no parameter 'station'; there is none")
    more = STATION + ""
    profile = text(request=WITH_STATION, more=more)
    (line,) = told(tmp_path, profile, "frame", **at(station=7, parameters={"grop": 1}))
    assert line.endswith("parameters.grop: no parameter 'grop'; known: station")
    (line,) = told(
        tmp_path,
        text(more="parameters: {check: {type: uint, size: 1, what: W, default: 1}}\n"),
        "frame",
    )
    assert line == "parameters.check: {check} is the place of the check; choose another id"


def test_a_profile_without_requests_or_of_too_many_is_reported(tmp_path: Path) -> None:
    """Nothing would be asked, or a slow line would never be done."""
    lines = told(tmp_path, "points: {a: {request: r, byte: 1, unit: W}}\n", "frame")
    assert "requests: is empty; add at least one request" in lines
    many = ", ".join(f"r{number}: {REQUEST}" for number in range(33))
    profile = text(point="{request: r1, byte: 4, unit: W}").replace(f"r: {REQUEST}", many)
    assert one(tmp_path, profile) == "requests: is 33 requests; use at most 32"


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
def test_answers_that_look_alike_are_reported(
    tmp_path: Path, first: str, second: str, are_apart: bool
) -> None:
    """A late or doubled answer to one request would be the value of another's point."""
    two = TWO.replace("answer: A", f"answer: {first}").replace("answer: B", f"answer: {second}")
    profile = text().replace(f"requests: {{r: {REQUEST}}}", two)
    if are_apart:
        assert made(tmp_path, profile, "frame").points
    else:
        assert one(tmp_path, profile) == (
            "requests.s.answer: its answer cannot be distinguished from that of request 'r';"
            " write under match what differs: a command, an item"
        )


@pytest.mark.parametrize(
    ("probe", "point", "mistake"),
    [
        ("s", "{request: s, byte: 4, unit: W}", ""),
        ("r", POINT, ""),
        (
            "s",
            POINT,
            (
                "probe: no point reads its answer, so it could switch something;"
                " name a request that a point reads"
            ),
        ),
        ("x", POINT, "probe: no request 'x'; known: r, s"),
    ],
)
def test_a_probe_is_a_request_that_a_point_reads(
    tmp_path: Path, probe: str, point: str, mistake: str
) -> None:
    """What any other request does nobody can see."""
    two = TWO.replace("answer: A", "answer: {length: 20}").replace(
        "answer: B", "answer: {length: 21}"
    )
    profile = text(point=point, more=f"probe: {probe}").replace(f"requests: {{r: {REQUEST}}}", two)
    if mistake:
        assert one(tmp_path, profile) == mistake
        return
    (made_point,) = made(tmp_path, profile, "frame").points
    assert isinstance(made_point, FramePoint)
    assert made_point.request.probe is not None
    assert made_point.request.probe.id == probe


def test_the_only_request_is_no_probe(tmp_path: Path) -> None:
    """A late answer to it looks like its own."""
    assert one(tmp_path, text(more="probe: r")) == (
        "probe: it is the only request, and cannot be distinguished from itself; leave it out"
    )


def test_what_only_frames_have_is_reported_in_another_profile(tmp_path: Path) -> None:
    """It would be read over for ever."""
    lines = told(tmp_path, "requests: {}\npoints: {a: {oid: 1.3.6.1.1.0, unit: W}}\n", "snmp")
    assert lines == ["requests: only protocol frame has it; this is snmp"]
