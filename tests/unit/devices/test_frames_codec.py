"""Finding an answer in what a line brings; the frames are worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.devices.frames.checksums import check_octets, is_right
from monitord.devices.frames.codec import BEGINNINGS_MAX, RECEIVED_MAX, AnswerSearch, FrameAnswer
from monitord.devices.frames.model import Check, LengthField, Request
from monitord.devices.model import ReadError
from tests.support.frames import (
    METER,
    METER_ANSWER,
    METER_REFUSAL,
    METER_REQUEST,
    TRANSMITTER,
    TRANSMITTER_ANSWER,
    UPS,
    UPS_ANSWER,
    octets,
    pattern,
    without_check,
)

# Their data without the 33 that was added: 2201, 2198, 2215, low octet first.
METER_MEANT = octets("68 78 56 34 12 00 00 68 91 0A 00 FF 01 02 01 22 98 21 15 22 92 16")
AFTER = (b"\x00", b"\xff", b"\xf8", b"\r\n")
KINDS = [
    pytest.param(UPS, UPS_ANSWER, UPS_ANSWER, id="ups"),
    pytest.param(METER, METER_ANSWER, METER_MEANT, id="meter"),
    pytest.param(TRANSMITTER, TRANSMITTER_ANSWER, TRANSMITTER_ANSWER, id="transmitter"),
]


def found(request: Request, received: bytes) -> bytes | None:
    """Return the frame that is found in octets that came at once."""
    taken = AnswerSearch(request).find(received)
    return None if taken is None else taken[0].frame


@pytest.mark.parametrize(("request_", "answer", "meant"), KINDS)
def test_an_answer_is_found_when_its_last_octet_is_there(
    request_: Request, answer: bytes, meant: bytes
) -> None:
    """Half a frame is none, however its octets are cut."""
    search = AnswerSearch(request_)
    for count in range(len(answer)):
        assert search.find(answer[:count]) is None
    assert search.find(answer) == (FrameAnswer(meant), len(answer))


@pytest.mark.parametrize(("request_", "answer", "meant"), KINDS)
def test_a_search_begins_again_when_the_request_was_sent_again(
    request_: Request, answer: bytes, meant: bytes
) -> None:
    """The line may throw one answer away and ask again."""
    search = AnswerSearch(request_)
    for _ in range(2):
        assert search.find(answer[:7]) is None
        assert search.find(answer) == (FrameAnswer(meant), len(answer))
    assert search.find(answer[:9]) is None
    assert search.find(b"\xfe" + answer) == (FrameAnswer(meant), len(answer) + 1)


@pytest.mark.parametrize(("request_", "answer", "meant"), KINDS)
def test_what_comes_before_a_frame_is_passed_over(
    request_: Request, answer: bytes, meant: bytes
) -> None:
    """Preambles, the end of something else, our own request come back."""
    for before in (b"\xfe\xfe\xfe\xfe", b"\x00", b"\r\n", request_.octets):
        assert found(request_, before + answer) == meant


# Currents, 0202FF00: A 1.5 A, B and C 0; what was asked are the voltages.
CURRENTS = octets("68 78 56 34 12 00 00 68 91 0D 33 32 35 35 33 48 33 33 33 33 33 33 33 31 16")
# Meter 000012345679: the first octet of the address and so the sum are one more.
OTHER_METER = octets("68 79 56 34 12 00 00 68 91 0A 33 32 34 35 34 55 CB 54 48 55 93 16")
UNCHECKED = without_check(METER)
# A request, what the line brings, and the frame that is found in it.
FOUND: dict[str, list[tuple[Request, bytes, bytes | None]]] = {
    "behind a header that claims fifty octets": [
        (METER, octets("68 78 56 34 12 00 00 68 91 26") + METER_ANSWER, METER_MEANT),
        (METER, b"\x68" + METER_ANSWER, METER_MEANT),
        (TRANSMITTER, octets("EB 90 40") + TRANSMITTER_ANSWER, TRANSMITTER_ANSWER),
        (TRANSMITTER, octets("EB EB 90 EB") + TRANSMITTER_ANSWER, TRANSMITTER_ANSWER),
    ],
    "without a check the first to begin is the answer, or there is none": [
        # The piece from the second bracket has the right length, and is made of two.
        (UPS, b"(2" + b"(320.1" + UPS_ANSWER[6:], None),
        (UPS, b"(220.1 14" + UPS_ANSWER, None),
    ],
    "the late answer to another request is a good frame, and not ours": [
        (METER, CURRENTS, None),
        (METER, CURRENTS + METER_ANSWER, METER_MEANT),
    ],
    "two meters on one line": [
        (METER, OTHER_METER, None),
        (METER, OTHER_METER + METER_ANSWER, METER_MEANT),
    ],
    "our own request comes back from a two-wire line": [
        (TRANSMITTER, TRANSMITTER.octets, None),
        (TRANSMITTER, b"\x00" + TRANSMITTER.octets, None),
        (METER, METER_REQUEST, None),
        (UNCHECKED, METER_REQUEST + METER_ANSWER, METER_MEANT),
        (UNCHECKED, METER_REQUEST[4:] + METER_ANSWER, None),
    ],
    "twice: without a check the second may be a part of the first": [
        (METER, METER_ANSWER * 2, METER_MEANT),
        (TRANSMITTER, TRANSMITTER_ANSWER * 2, TRANSMITTER_ANSWER),
        (UPS, UPS_ANSWER * 2, None),
    ],
    "a line that is let go adds an octet behind the frame": [
        *((METER, METER_ANSWER + after, METER_MEANT) for after in AFTER),
        *((TRANSMITTER, TRANSMITTER_ANSWER + after, TRANSMITTER_ANSWER) for after in AFTER),
        (UPS, UPS_ANSWER + b"\n", UPS_ANSWER),
    ],
}


@pytest.mark.parametrize("name", FOUND)
def test_the_answer_is_found_among_other_octets_or_none_is(name: str) -> None:
    """The search goes on behind what looked like a frame; what is not ours is passed over."""
    for request, received, expected in FOUND[name]:
        assert found(request, received) == expected, received.hex(" ")


def test_our_hand_made_frames_have_right_sums() -> None:
    """Else they would be passed over for their check."""
    assert [sum(one[:-2]) & 0xFF for one in (CURRENTS, OTHER_METER)] == [CURRENTS[-2], 0x93]


def test_half_a_frame_before_the_real_one_is_passed_over() -> None:
    """A device that restarts begins its answer twice."""
    for count in range(1, len(METER_ANSWER)):
        assert found(METER, METER_ANSWER[:count] + METER_ANSWER) == METER_MEANT
    for count in range(1, len(TRANSMITTER_ANSWER)):
        both = TRANSMITTER_ANSWER[:count] + TRANSMITTER_ANSWER
        assert found(TRANSMITTER, both) == TRANSMITTER_ANSWER


@pytest.mark.parametrize("place", range(len(METER_ANSWER)))
def test_a_wrong_octet_anywhere_is_no_answer(place: int) -> None:
    """Header, length, what it answers, data, check and end: nothing may be another."""
    for octet in range(256):
        wrong = METER_ANSWER[:place] + bytes([octet]) + METER_ANSWER[place + 1 :]
        expected = METER_MEANT if wrong == METER_ANSWER else None
        assert found(METER, wrong) == expected


def test_a_refusal_is_not_an_answer() -> None:
    """The device is there, and does not have what was asked for."""
    taken = AnswerSearch(METER).find(METER_REFUSAL)
    assert taken is not None
    assert taken[0].is_refusal


def test_of_two_whole_answers_that_differ_none_is_taken() -> None:
    """One came too late or was changed on its way; it is not known which."""
    # The same with 222.1 V in phase A: 2221, so 54 for 34, and the sum is 20 more.
    other = octets("68 78 56 34 12 00 00 68 91 0A 33 32 34 35 54 55 CB 54 48 55 B2 16")
    # Forward power 1001 for 1000; the CRC by hand of the library.
    state = TRANSMITTER_ANSWER[:6] + b"\xe9" + TRANSMITTER_ANSWER[7:-2]
    state += check_octets(TRANSMITTER.answer.check, state[2:])
    differ = "two whole answers came, and they differ"
    for request, answer, wrong in (
        (METER, METER_ANSWER, other),
        (METER, METER_ANSWER, METER_REFUSAL),
        (TRANSMITTER, TRANSMITTER_ANSWER, state),
    ):
        for received in (answer + wrong, wrong + answer, answer + b"\xff" + wrong):
            with pytest.raises(ReadError, match=differ):
                AnswerSearch(request).find(received)
    search = AnswerSearch(TRANSMITTER)
    assert search.find(state + TRANSMITTER_ANSWER[:4]) is None
    with pytest.raises(ReadError, match=differ):
        search.find(state + TRANSMITTER_ANSWER)


def test_a_frame_without_an_end_and_with_octets_behind_it_is_rejected() -> None:
    """A check is right by chance now and then, and a slipped frame leaves something."""
    rule = replace(TRANSMITTER.answer, check=Check("sum8", 2, None, -1, "big", as_text=False))
    weak = replace(TRANSMITTER, answer=rule)
    frame = octets("EB 90 0B 01 10 03 E8 00 05 2D 39")
    assert sum(frame[2:-1]) & 0xFF == frame[-1]
    for request, good in ((weak, frame), (TRANSMITTER, TRANSMITTER_ANSWER)):
        assert found(request, good) == good
        assert found(request, good + b"\xff\xf8") == good
        assert found(request, good + b"\x05") is None


def test_a_frame_that_goes_to_its_end_may_have_any_length() -> None:
    """Some devices leave out what they do not have."""
    rule = replace(UPS.answer, length=None, least=4, longest=40, field_count=None)
    text = replace(UPS, answer=rule)
    assert found(text, b"(230.1 50.0\r") == b"(230.1 50.0\r"
    assert found(text, b"(\r") is None
    assert found(text, b"(" + b"1" * 50 + b"\r") is None
    assert found(text, b"(230.1") is None


def test_a_length_in_digits_is_read() -> None:
    """ASCII protocols write even their length as text."""
    rule = replace(
        TRANSMITTER.answer,
        header=pattern("3A"),
        length=LengthField(1, 2, "big", 5, as_text=True),
        end=b"\r",
        check=Check("lrc8", 1, None, -3, "big", as_text=True),
        match=(),
    )
    text = replace(TRANSMITTER, answer=rule)
    # 30 + 36 + 31 + 32 + 33 + 34 + 45 = 175, and 8B to 200; six octets and five around them.
    good = b":061234E8B\r"
    assert found(text, good) == good
    assert found(text, b":061234E8b\r") == b":061234E8b\r"
    assert found(text, b":061234e8B\r") is None
    assert found(text, b":0A1234E8B\r") is None
    assert found(text, b":zz1234E8B\r") is None


def test_octets_without_end_are_a_fault_of_the_line() -> None:
    """Nothing grows, and nothing is searched for ever."""
    with pytest.raises(ReadError, match=f"{RECEIVED_MAX + 1} octets came and no answer"):
        AnswerSearch(METER).find(b"\x00" * (RECEIVED_MAX + 1))
    with pytest.raises(ReadError, match="bad_answer"):
        AnswerSearch(METER).find(METER_ANSWER[:8] * (BEGINNINGS_MAX + 1))


def test_the_reason_of_a_rejected_frame_is_reported() -> None:
    """The engineer with the protocol sheet needs more than a timeout."""
    for received, why in (
        (METER_ANSWER[:-2] + b"\x93\x16", "its check (sum8) is wrong"),
        (METER_ANSWER[:-1] + b"\x17", "it ends in 17, not in 16"),
        (METER_REQUEST[4:], "the request came back"),
        (octets("68 78 56 34 12 00 00 68 91 40"), "its length would be 76, not 12 to 64"),
        (METER_ANSWER.replace(b"\x91", b"\x92").replace(b"\x92\x16", b"\x93\x16"), "another"),
    ):
        search = AnswerSearch(METER)
        assert search.find(received) is None
        assert why in search.why_not
    search = AnswerSearch(UPS)
    assert search.find(UPS_ANSWER.replace(b"140.0 ", b"140.00")) is None
    assert search.why_not == "it has 7 fields, not 8"


def test_a_text_frame_with_an_end_inside_is_two_pieces_and_no_answer() -> None:
    """Its length fits, and its fields may be counted right: it is still not one line of text."""
    broken = UPS_ANSWER.replace(b"(220.1", b"(2\r0.1")
    search = AnswerSearch(UPS)
    assert search.find(broken) is None
    assert search.why_not == "the end mark occurs inside it"
    assert search.find(broken + b"\xff") is None


def test_one_octet_that_slips_in_never_gives_another_frame() -> None:
    """Any octet at any place: the right frame, or none. Every one is tried."""
    for request, answer, meant in (
        (UPS, UPS_ANSWER, UPS_ANSWER),
        (METER, METER_ANSWER, METER_MEANT),
        (TRANSMITTER, TRANSMITTER_ANSWER, TRANSMITTER_ANSWER),
        (without_check(METER), METER_ANSWER, METER_MEANT),
    ):
        for place in range(len(answer) + 1):
            for octet in range(256):
                received = answer[:place] + bytes([octet]) + answer[place:]
                assert found(request, received) in (meant, None)


# The check value of each kind: that of the text 123456789, as the CRC catalogue has it, or by hand.
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("sum8", 0xDD),  # 31 + 32 + ... + 39 = 1DD
        ("sum16", 0x01DD),
        ("lrc8", 0x23),  # DD + 23 = 100
        ("xor8", 0x31),  # 31^32^33 = 30, ^34^35^36 = 07, ^37^38^39 = 31
        ("crc16_modbus", 0x4B37),
        ("crc16_ccitt", 0x29B1),
        ("crc16_xmodem", 0x31C3),
        ("none", 0),
    ],
)
def test_a_check_has_its_published_value(kind: str, value: int) -> None:
    """Every arithmetic is that of its name."""
    check = Check(kind, 0, None, -2, "big", as_text=False)
    size = check.size
    assert check_octets(check, b"123456789") == value.to_bytes(size, "big")
    turned = replace(check, byte_order="little")
    assert check_octets(turned, b"123456789") == value.to_bytes(size, "little")


def test_a_check_covers_what_it_says() -> None:
    """From the third octet on, and not the last but one."""
    check = Check("sum8", 2, -2, -1, "big", as_text=False)
    assert is_right(check, octets("FF FF 01 02 FF 03"))
    assert not is_right(check, octets("FF FF 01 02 FF 02"))
    text = Check("sum8", 0, None, -2, "big", as_text=True)
    assert is_right(text, b"AB83")
    assert is_right(text, b"zp" + b"ea")
