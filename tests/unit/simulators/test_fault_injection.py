"""Injected faults: the same for the same seed, and each as its word is defined."""

from __future__ import annotations

import pytest
from pysnmp.proto.api import v2c

from simulators.agents.fault_injection import ANSWER_FAULTS, FaultInjector
from simulators.agents.faulty import ModbusDevice
from simulators.agents.protocol_traits import (
    FrameTraits,
    ModbusRtuTraits,
    ModbusTcpTraits,
    SnmpTraits,
)
from tests.support.answers import answer, asked_oids, read_by_pysnmp
from tests.support.frames import framed
from tests.support.modbus import rtu_frame

UNIT = 17


def _snmp_answer() -> bytes:
    return answer(asked_oids(2), [v2c.Integer32(5), v2c.Integer32(6)], 99)


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    """The error lists the words."""
    with pytest.raises(ValueError, match="'truth' is no lie, must be one of: late, twice"):
        FaultInjector("truth", SnmpTraits())


def test_the_same_seed_gives_the_same_faults() -> None:
    """A failure can be repeated."""
    answer = framed(bytes((UNIT, 0x10)) + bytes(8))
    for word in ANSWER_FAULTS:
        first, second = (FaultInjector(word, FrameTraits(), 5, share=70) for _ in range(2))
        sent = [list(first.outgoing(b"?", answer)) for _ in range(4)]
        assert sent == [list(second.outgoing(b"?", answer)) for _ in range(4)]


def test_an_snmp_answer_to_nobody_has_another_id_and_is_else_the_same() -> None:
    """Only its request id differs from the answer."""
    true = _snmp_answer()
    read, changed = read_by_pysnmp(true), read_by_pysnmp(SnmpTraits().with_wrong_id(true))
    assert read is not None
    assert changed == read._replace(request_id=read.request_id + 1)


def test_an_snmp_answer_of_another_place_has_other_names_and_is_else_the_same() -> None:
    """Its id is that of the request."""
    true = _snmp_answer()
    read, changed = read_by_pysnmp(true), read_by_pysnmp(SnmpTraits().of_other_object(true))
    assert read is not None
    assert changed is not None
    assert changed.oids != read.oids
    assert changed._replace(oids=read.oids) == read


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
def test_a_modbus_unit_answers_as_specified_and_its_traits_change_that(framing: str) -> None:
    """Registers and bits in one frame; a faulty answer has another number, unit or count."""
    shown = {(3, 0): 0x1234, (3, 1): 2, (1, 5): 1, (1, 6): 0, (1, 7): 1}
    device = ModbusDevice(framing, UNIT, lambda: shown)
    traits = ModbusTcpTraits() if framing == "tcp" else ModbusRtuTraits()

    def framed_(pdu: bytes, unit: int = UNIT, number: bytes = b"\0\7") -> bytes:
        if framing == "rtu":
            return rtu_frame(unit, pdu)
        return number + bytes((0, 0, 0, 1 + len(pdu), unit)) + pdu

    request = framed_(bytes((3, 0, 0, 0, 2)))
    true = framed_(bytes((3, 4, 0x12, 0x34, 0, 2)))
    assert device.answer_to(request) == (len(request), true)
    assert device.answer_to(request[:-1]) is None
    bits, found = framed_(bytes((1, 0, 5, 0, 3))), framed_(bytes((1, 1, 0b101)))
    assert device.answer_to(bits) == (len(bits), found)
    hole = framed_(bytes((3, 0, 1, 0, 2)))
    assert device.answer_to(hole) == (len(hole), framed_(bytes((0x83, 2))))
    nobody = {"tcp": framed_(true[7:], number=b"\0\10"), "rtu": rtu_frame(UNIT + 1, true[1:-2])}
    assert traits.with_wrong_id(true) == nobody[framing]
    assert traits.of_other_object(true) == framed_(bytes((3, 2, 0x12, 0x34)))


def test_faults_are_injected_in_the_share_that_is_set() -> None:
    """The others are true. The true answer follows where that is set."""
    injector = FaultInjector("hanging", FrameTraits(), 3, share=30)
    sent = [list(injector.outgoing(b"?", b"true")) for _ in range(400)]
    assert 80 < injector.injected == sum(not one for one in sent) < 160
    behind = FaultInjector("late", FrameTraits(), truth_behind=True, late_s=2)
    assert list(behind.outgoing(b"?", b"true", b"false")) == [(2, b"false"), (0, b"true")]


def test_what_is_behind_repeated_or_swapped_is_an_answer_of_before() -> None:
    """Each device has its own last answer."""
    behind, again = (FaultInjector(word, FrameTraits()) for word in ("behind", "repeated"))
    for injector in (behind, again):
        list(injector.outgoing(b"1", b"true1", b"false1"))
    assert list(behind.outgoing(b"2", b"true2", b"false2")) == [(0, b"false1")]
    assert list(again.outgoing(b"2", b"true2", b"false2")) == [(0, b"false1"), (0, b"true2")]
    swapping = FaultInjector("swapped", FrameTraits(), partner=behind)
    assert list(swapping.outgoing(b"3", b"true3")) == [(0, b"false2")]
