"""The frame profiles against whole answers, written out by hand."""

from __future__ import annotations

import pytest

from monitord.decoding.rules import Raw
from monitord.devices.frames.codec import AnswerSearch
from monitord.devices.frames.fields import raw_of
from monitord.devices.frames.model import FramePoint
from tests.support.frames import METER_ANSWER, METER_REFUSAL, METER_REQUEST, UPS_ANSWER, octets
from tests.unit.profiles.devices import Seen, device


def see(profile: str, request: str, answer: bytes) -> Seen:
    """Return what one answer amounts to; nothing where it is not believed."""
    kind = device(profile)
    raws: dict[str, Raw] = {}
    for point in kind.read_points:
        assert isinstance(point, FramePoint)
        if point.request.id == request:
            taken = AnswerSearch(point.request).find(answer)
            assert taken is not None
            raws[point.id] = None if taken[0].is_refusal else raw_of(point, taken[0].frame)
    return kind.see(raws)


def test_a_ups_by_hand() -> None:
    """220.1 V in, 140.0 at the last fault, 219.8 out, 34 %, 50.0 Hz, 27.4 V, 25.0 degrees."""
    seen = see("megatec-q1", "status", UPS_ANSWER)
    numbers = [value for value in seen.values.values() if isinstance(value, int | float)]
    assert numbers[:7] == [220.1, 140.0, 219.8, 34, 50.0, 27.4, 25.0]
    assert seen.values["ups_type"] == "standby"
    assert seen.conditions == {
        "feeding": True,
        "on_battery": False,
        "battery_fine": True,
        "on_bypass": False,
        "boosting": False,
        "fault": False,
        "staying_on": True,
        "load_fits": True,
        "battery_warm_at_most": True,
    }


@pytest.mark.parametrize(
    ("bits", "condition", "holds"),
    [
        (b"10000000", "on_battery", True),
        (b"01000000", "battery_fine", False),
        (b"00100000", "on_bypass", True),
        (b"00101000", "boosting", True),
        (b"00010000", "fault", True),
        (b"00000010", "staying_on", False),
    ],
)
def test_each_status_bit_stands_where_the_protocol_has_it(
    bits: bytes, condition: str, holds: bool
) -> None:
    """The first character is bit 7; bit 5 is the bypass or, in stand-by types, the booster."""
    answer = UPS_ANSWER.replace(b"00001001", bits)
    assert see("megatec-q1", "status", answer).conditions[condition] is holds


def test_what_a_ups_does_not_measure_is_no_value() -> None:
    """Dashes, and the voltage of one cell where that of the battery is due."""
    answer = UPS_ANSWER.replace(b"25.0", b"--.-").replace(b"27.4", b"2.05")
    values = see("megatec-q1", "status", answer).values
    assert (values["temperature_degc"], values["battery_voltage_v"]) == (None, None)
    assert values["output_voltage_v"] == 219.8


def test_a_meter_by_hand() -> None:
    """The meter of the request worked out by hand, and its three voltages."""
    kind = device("dlt645-2007")
    point = kind.read_points[0]
    assert isinstance(point, FramePoint)
    assert point.request.octets == METER_REQUEST
    values = see("dlt645-2007", "voltages", b"\xfe\xfe" + METER_ANSWER).values
    assert [values[f"voltage_{phase}_v"] for phase in (1, 2, 3)] == [220.1, 219.8, 221.5]
    refused = see("dlt645-2007", "voltages", METER_REFUSAL).values
    assert [refused[f"voltage_{phase}_v"] for phase in (1, 2, 3)] == [None, None, None]


@pytest.mark.parametrize(
    ("request_", "answer", "point", "value"),
    [
        # B 12.345 A: 012345, so 45 23 01, and 33 more: 78 56 34; A 1.5 A the other way: 80 on 00.
        ("currents", "91 0D 33 32 35 35 33 48 B3 78 56 34 33 33 33", "current_1_a", -1.5),
        ("currents", "91 0D 33 32 35 35 33 48 B3 78 56 34 33 33 33", "current_2_a", 12.345),
        # 2.5001 kW: 025001, so 01 50 02, on the line 34 83 35.
        ("power", "91 07 33 33 36 35 34 83 35", "power_w", 2500.1),
        # Negative, the highest bit of the last octet: 82, on the line B5.
        ("power", "91 07 33 33 36 35 34 83 B5", "power_w", -2500.1),
        # 49.98 Hz: 98 49, on the line CB 7C.
        ("frequency", "91 06 35 33 B3 35 CB 7C", "frequency_hz", 49.98),
        # 123456.78 kWh: 78 56 34 12, on the line AB 89 67 45.
        ("energy", "91 08 33 33 34 33 AB 89 67 45", "energy_kwh", 123_456.78),
        # FF FF: the meter does not have it; 33 more is 32 32.
        ("frequency", "91 06 35 33 B3 35 32 32", "frequency_hz", None),
    ],
)
def test_each_item_of_a_meter_by_hand(
    request_: str, answer: str, point: str, value: float | None
) -> None:
    """Digits come last pair first, each octet with 33 added; decimals are where the item says."""
    frame = octets("68 78 56 34 12 00 00 68" + answer)
    frame += bytes([sum(frame) & 0xFF, 0x16])
    assert see("dlt645-2007", request_, frame).values[point] == value


def test_a_transmitter_by_hand() -> None:
    """1000 W forward, 5.2 W back, 48.2 V, 25.10 A, -3 and 38 degrees, 98.6 MHz."""
    body = octets("14 01 10 03E8 0034 01E2 09CE FD 26 018128")
    crc = 0xFFFF
    for octet in body:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    answer = octets("EB 90") + body + bytes([crc & 0xFF, crc >> 8])
    assert len(answer) == 0x14
    values = see("example-frame-transmitter", "readings", answer).values
    assert list(values.values())[:7] == [1000, 5.2, 48.2, 25.1, -3, 38, 98_600]
