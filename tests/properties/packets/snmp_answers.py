"""Answers of v1 and v2c agents and bare PDUs, with octets changed, through every way in.

The checked parse, the difference decoder and the way value by value must agree, with each other and
with the second reading of the octets; one in ``COMPARED`` that pysnmp reads is held against it too.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from typing import Any

from pysnmp.proto.api import v2c

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError
from monitord.devices.snmp.ber import (
    VERSION_1,
    VERSION_2C,
    FastDecodeError,
    ResponseParser,
    message_parser,
    pdu_parser,
)
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from monitord.devices.snmp.messages import match, parse_response
from monitord.devices.snmp.model import Community
from monitord.devices.snmp.wire import ResponseMismatchError
from tests.support.answers import answer, asked_oids, bare, read_by_pysnmp, tlv
from tests.support.mutants import mutant
from tests.support.proof import Proof
from tests.support.second_reading import message

COMPARED = 2
"""One in so many that are taken is read by pysnmp too, which costs a millisecond."""
COMMUNITY = b"public"
PER_ANSWER = 100
CAREFUL = 8
"""One in so many goes the careful way as well."""
BARE = 3


def taken(parser: ResponseParser, packet: bytes, request_id: bytes) -> list[Raw] | None:
    """Return the values of a packet by the whole parse, None when it rejects the packet."""
    try:
        return parser.parse(packet, request_id).values
    except FastDecodeError:
        return None


def agrees(
    values: list[Raw], packet: bytes, count: int, request_id: int, version: int = VERSION_2C
) -> bool:
    """Return whether the second reading has just this answer. Compared as text: NaN is NaN."""
    read = message(packet)
    names = [".".join(map(str, oid)) for oid in asked_oids(count)]
    envelope = (version, COMMUNITY, request_id, names)
    return (
        read is not None
        and (read.version, read.community, read.numbers[0], read.names) == envelope
        and repr(read.values) == repr(values)
    )


def pysnmp_agrees(values: list[Raw], packet: bytes) -> bool:
    """Return whether pysnmp, where it reads an answer, reads each value that we have."""
    read = read_by_pysnmp(packet)
    if read is None or len(read.raws) != len(values):
        return True
    pairs = zip(values, read.raws, strict=True)
    return all(ours is None or repr(ours) == repr(theirs) for ours, theirs in pairs)


def each_agrees(found: Mapping[tuple[int, ...], Raw], packet: bytes) -> bool:
    """Return whether the second reading has each value of an answer in any form."""
    read = message(packet)
    if read is None:
        return not found
    said: dict[str, set[str]] = {}
    for name, value in zip(read.names, read.values, strict=True):
        said.setdefault(name or "", set()).add(repr(value))
    for oid, value in found.items():
        whole, short = (".".join(map(str, arcs)) for arcs in (oid, oid[:-1]))
        if value is not None and repr(value) not in said.get(whole, set()) | said.get(short, set()):
            return False
    return True


def any_value(dice: random.Random) -> Any:
    """Return a value of any type that an agent may send."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: v2c.Integer32(dice.randrange(1 - 2**31, 2**31) >> dice.randrange(31)),
        lambda: v2c.OctetString(dice.randbytes(dice.randrange(20))),
        lambda: v2c.Counter32(dice.randrange(2**32) >> dice.randrange(32)),
        lambda: v2c.Gauge32(dice.randrange(2**32)),
        lambda: v2c.TimeTicks(dice.randrange(2**32)),
        lambda: v2c.Counter64(dice.randrange(2**64) >> dice.randrange(60)),
        lambda: v2c.ObjectIdentifier((1, 3, dice.randrange(2**32), dice.randrange(300))),
        lambda: v2c.IpAddress(dice.randbytes(4)),
        lambda: v2c.Opaque(b"\x9f\x78\x04" + dice.randbytes(4)),
        lambda: v2c.Opaque(b"\x9f\x79\x08" + struct.pack(">d", dice.gauss())),
        lambda: v2c.Opaque(dice.randbytes(dice.randrange(9))),
        dice.choice((v2c.NoSuchObject, v2c.NoSuchInstance, v2c.EndOfMibView)),
        lambda: v2c.Null(""),
    )
    return dice.choice(makers)()


class _Agent:
    """One agent's answer to one request of ours, in one version, and every decoder for it."""

    def __init__(self, dice: random.Random) -> None:
        self.count, self.request_id = dice.randrange(1, 7), dice.randrange(0x4000_0000, 2**31 - 1)
        self.octets = self.request_id.to_bytes(4, "big")
        self.version = dice.choice((VERSION_1, VERSION_2C, VERSION_2C, BARE))
        self.oids = asked_oids(self.count)
        values = [any_value(dice) for _ in range(self.count)]
        self.base = answer(self.oids, values, self.request_id, version=self.version % BARE)
        if self.version == BARE:
            self.base = bare(answer(self.oids, values, self.request_id))
            self.parser = pdu_parser(self.oids)
        else:
            self.parser = message_parser(self.version, COMMUNITY, self.oids)
        self.found: Mapping[tuple[int, ...], Raw] = {}
        self.difference = DifferenceDecoder(self.parser, Layouts())
        self.by_difference(self.base)
        version = VERSION_2C if self.version == BARE else self.version
        self.wire = CommunityWire(Community(version, COMMUNITY.decode()))

    def by_difference(self, packet: bytes) -> list[Raw] | None:
        try:
            self.difference.decode(packet, self.octets)
        except FastDecodeError:
            return None
        return self.difference.values

    def carefully(self, packet: bytes) -> list[Raw] | None:
        """Return the values by the way value by value, None when it rejects the packet."""
        try:
            pdu = packet if self.version == BARE else self.wire.unwrap(packet, 0)
            found, _ = match(parse_response(pdu, self.request_id), self.oids)
        except (ResponseMismatchError, ReadError):
            return None
        self.found = found
        return [found.get(oid) for oid in self.oids]

    def whole(self, packet: bytes) -> tuple[bytes, int]:
        """Return the packet as a message, and its version."""
        if self.version != BARE:
            return packet, self.version
        return tlv(0x30, b"\x02\x01\x01" + tlv(4, COMMUNITY) + packet), VERSION_2C


def prove(proof: Proof, mutants: int) -> None:
    """Mutate answers to our own requests; see the module."""
    dice, counts = proof.dice, proof.counts
    for number in range(mutants):
        if number % PER_ANSWER == 0:
            agent = _Agent(dice)
        packet = mutant(dice, agent.base)
        proof.look(packet)
        values = taken(agent.parser, packet, agent.octets)
        same = repr(agent.by_difference(packet)) == repr(values)
        proof.check(f"difference after {agent.base.hex()}", same)
        if number % CAREFUL == 0:
            careful = agent.carefully(packet)
            counts["carefully"] += 1
            proof.check("careful way", values is None or repr(careful) == repr(values))
            if careful is not None:
                whole, _ = agent.whole(packet)
                proof.compare("second reading", each_agrees(agent.found, whole))
        counts["refused" if values is None else "taken"] += 1
        if values is not None and counts["taken"] % COMPARED == 0:
            whole, version = agent.whole(packet)
            is_same = agrees(values, whole, agent.count, agent.request_id, version)
            proof.compare("second reading of all", is_same)
            proof.compare("pysnmp", pysnmp_agrees(values, whole))
