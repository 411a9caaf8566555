"""Fast and slow points of one device in one answer."""

from __future__ import annotations

from monitord.core.model import SECOND
from monitord.decoding.decoder import Reading
from monitord.decoding.device_decoder import DeviceDecoder
from monitord.decoding.model import Decoding
from monitord.devices.snmp.model import SnmpPoint

POINTS = [SnmpPoint(f"p{n}", (1, 3, n), Decoding("number", maximum=100)) for n in range(3)]


def decoder_of(valid_for: int) -> DeviceDecoder:
    return DeviceDecoder(POINTS, "normal", slow=(1,), slow_valid_for=valid_for)


def test_slow_values_are_dated_by_the_request_of_their_own_read() -> None:
    """Sent at 0 s and received at 2 s, valid for 10 s: used for a request at 10 s, not later."""
    decoder = decoder_of(10 * SECOND)
    decoder.decode_slow([7], sent_at=0, at=2 * SECOND)
    at = 10 * SECOND
    assert decoder.decode([1, 3], at, at, None).values == (1, 7, 3)
    assert decoder.decode([1, 3], at + 1, at + 1, None).values == (1, None, 3)


def test_an_answer_without_changes_has_the_same_values_object() -> None:
    """Equal answers share memory, and are recognised without a comparison."""
    decoder = decoder_of(60 * SECOND)
    decoder.decode_slow([7], 0, 0)
    first = decoder.decode([1, 3], SECOND, SECOND, None)
    decoder.decode_slow([7], 2 * SECOND, 2 * SECOND)
    assert decoder.decode([1, 3], 3 * SECOND, 3 * SECOND, ()).values is first.values
    assert decoder.decode([1, 3], 120 * SECOND, 120 * SECOND, ()).values == (1, None, 3)


def test_implausible_values_of_both_reads_are_suspected_at_their_places() -> None:
    """Places are those of the device, not of the read."""
    decoder = decoder_of(10 * SECOND)
    decoder.decode_slow([101], 0, 0)
    assert decoder.decode([1, 102], SECOND, SECOND, None) == Reading(
        (1, None, None), ((1, 101), (2, 102))
    )
