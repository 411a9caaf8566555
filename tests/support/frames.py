"""Frames of three kinds of device, written out by hand from their protocol sheets. Owns no test."""

from __future__ import annotations

from dataclasses import replace

from monitord.devices.frames.model import AnswerRule, Check, LengthField, Pattern, Request, Shift

NO_CHECK = Check("none", 0, None, -1, "big", as_text=False)
SUM8 = Check("sum8", 0, None, -2, "big", as_text=False)


def octets(text: str) -> bytes:
    """Return octets written as hexadecimal pairs."""
    return bytes.fromhex(text)


def pattern(text: str) -> Pattern:
    """Return a pattern written as hexadecimal pairs, ``??`` for any octet."""
    return Pattern(tuple(None if part == "??" else int(part, 16) for part in text.split()))


# Megatec Q1: one line of text, 47 octets, without a check.
UPS_ANSWER = b"(220.1 140.0 219.8 034 50.0 27.4 25.0 00001001\r"
UPS = Request(
    "status",
    b"Q1\r",
    AnswerRule(pattern("28"), 47, b"\r", 47, 47, NO_CHECK, separator=b" ", field_count=8),
)

# DL/T 645-2007, meter 000012345678, voltages (0201FF00): 220.1, 219.8 and 221.5 V.
#   68 + 78 + 56 + 34 + 12 + 0 + 0 + 68 + 11 + 04 + 33 + 32 + 34 + 35 = 2C7
#   68 + 78 + 56 + 34 + 12 + 0 + 0 + 68 + 91 + 0A + 33 + 32 + 34 + 35
#      + 34 + 55 + CB + 54 + 48 + 55 = 592
METER_REQUEST = octets("FE FE FE FE 68 78 56 34 12 00 00 68 11 04 33 32 34 35 C7 16")
METER_ANSWER = octets("68 78 56 34 12 00 00 68 91 0A 33 32 34 35 34 55 CB 54 48 55 92 16")
# It does not have that: control D1, one octet of error, 02 + 33; the sum is 1E4 + D1 + 01 + 35.
METER_REFUSAL = octets("68 78 56 34 12 00 00 68 D1 01 35 EB 16")
METER = Request(
    "voltages",
    METER_REQUEST,
    AnswerRule(
        pattern("68 78 56 34 12 00 00 68"),
        LengthField(9, 1, "big", 12),
        b"\x16",
        12,
        64,
        SUM8,
        match=((8, pattern("91")), (10, pattern("33 32 34 35"))),
        refused=((8, pattern("D1")),),
        shift=Shift(10, -2, 0x33),
    ),
)

# A made-up transmitter: EB 90, count of octets, address, command, data, CRC-16 low octet first.
CRC = Check("crc16_modbus", 2, None, -2, "little", as_text=False)
TRANSMITTER_ANSWER = octets("EB 90 0C 01 10 03 E8 00 05 2D E0 E3")
TRANSMITTER = Request(
    "state",
    octets("EB 90 07 01 10 C0 5D"),
    AnswerRule(
        pattern("EB 90"),
        LengthField(2, 1, "big", 0),
        b"",
        5,
        64,
        CRC,
        match=((3, pattern("01 10")),),
    ),
)


def without_check(request: Request) -> Request:
    """Return the same request whose answers have no check."""
    rule = request.answer
    return replace(request, answer=replace(rule, check=replace(NO_CHECK, at=-len(rule.end))))
