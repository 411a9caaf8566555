"""Whatever the fast decoder takes of an answer, pysnmp decodes to the same values."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pysnmp.proto.api import v2c

from monitord.decoding.rules import Raw
from monitord.devices.snmp.ber import (
    VERSION_2C,
    FastDecodeError,
    message_parser,
)
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from tests.properties.packets.snmp_answers import COMMUNITY, agrees, taken
from tests.support.answers import answer, asked_oids
from tests.support.mutants import mutated

ID = 0x4A5B6C7D

REALS = st.floats(width=32)
VALUES: st.SearchStrategy[Any] = st.one_of(
    # pyasn1 encodes -2^31 in five octets, which X.690 does not: that one goes to pysnmp.
    st.integers(1 - 2**31, 2**31 - 1).map(v2c.Integer32),
    st.binary(max_size=40).map(v2c.OctetString),
    st.integers(0, 2**32 - 1).map(v2c.Counter32),
    st.integers(0, 2**32 - 1).map(v2c.Gauge32),
    st.integers(0, 2**32 - 1).map(v2c.TimeTicks),
    st.integers(0, 2**64 - 1).map(v2c.Counter64),
    st.lists(st.integers(0, 2**32 - 1), max_size=8).map(
        lambda numbers: v2c.ObjectIdentifier((1, 3, *numbers))
    ),
    st.binary(min_size=4, max_size=4).map(v2c.IpAddress),
    REALS.map(lambda real: v2c.Opaque(b"\x9f\x78\x04" + struct.pack(">f", real))),
    REALS.map(lambda real: v2c.Opaque(b"\x9f\x79\x08" + struct.pack(">d", real))),
    st.binary(max_size=12).map(v2c.Opaque),
    st.sampled_from((v2c.NoSuchObject, v2c.NoSuchInstance, v2c.EndOfMibView)).map(
        lambda kind: kind()
    ),
    st.just("").map(v2c.Null),
)
ANSWERS = st.lists(VALUES, min_size=1, max_size=6)
REPLACED = st.dictionaries(st.integers(0, 5), VALUES, max_size=3)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(("flip", "set", "insert", "delete", "grow")),
        st.integers(0, 2**16),
        st.integers(0, 255),
    ),
    max_size=4,
)


@given(ANSWERS)
def test_whole_answer_is_taken_and_comes_out_as_from_pysnmp(values: list[Any]) -> None:
    """Rule: what agents send every second is taken, with the values that pysnmp gives."""
    oids = asked_oids(len(values))
    packet = answer(oids, values, ID)
    found = taken(message_parser(VERSION_2C, COMMUNITY, oids), packet, ID.to_bytes(4, "big"))
    assert found is not None
    assert agrees(found, packet, len(oids), ID)


@given(ANSWERS, st.lists(st.tuples(REPLACED, CHANGES), min_size=1, max_size=5))
def test_difference_takes_what_the_whole_parse_takes(
    values: list[Any], turns: list[tuple[dict[int, Any], list[tuple[str, int, int]]]]
) -> None:
    """Rule: one after another, with mutants between: same verdict, same values, same changes."""
    oids = asked_oids(len(values))
    parser = message_parser(VERSION_2C, COMMUNITY, oids)
    decoder = DifferenceDecoder(parser, Layouts())
    before: list[Raw] | None = None
    for turn, (replaced, changes) in enumerate(turns):
        request_id = ID + turn
        values = [replaced.get(place, value) for place, value in enumerate(values)]
        packet = mutated(answer(oids, values, request_id), changes)
        expected = taken(parser, packet, request_id.to_bytes(4, "big"))
        try:
            changed = decoder.decode(packet, request_id.to_bytes(4, "big"))
        except FastDecodeError:
            assert expected is None
            before = before if decoder.values else None
            continue
        assert repr(decoder.values) == repr(expected)
        _check_changes(before, decoder.values, changed)
        before = list(decoder.values)


def _check_changes(
    before: list[Raw] | None, after: list[Raw], changed: tuple[int, ...] | None
) -> None:
    """Every place that differs is in ``changed``, in order; after no answer it is None."""
    if before is None:
        assert changed is None
        return
    assert changed is not None
    assert list(changed) == sorted(set(changed))
    differing = {
        place
        for place, (old, new) in enumerate(zip(before, after, strict=True))
        if repr(old) != repr(new)
    }
    assert differing <= set(changed)
