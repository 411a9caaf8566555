"""Answers of v3 agents with octets changed: the digest lets none through, and no header is misread.

Of a user without keys, what is taken is what pysnmp reads. The agent is of pysnmp's types alone.
"""

from __future__ import annotations

import random

from pyasn1.type.error import ValueConstraintError

from monitord.devices.model import ReadError
from monitord.devices.snmp.ber import FastDecodeError, pdu_parser
from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.usm.messages import Header, HeaderReader, read_header
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError
from tests.support.answers import tlv
from tests.support.mutants import mutant
from tests.support.proof import Proof
from tests.support.second_reading import message
from tests.support.usm_headers import by_pysnmp, same, without_data
from tests.support.usm_poll import REQUEST_ID, UP_TIME, Poll, agent, user

LEVELS = (("", ""), ("", ""), ("md5", ""), ("sha1", "aes128"), ("sha256", "des"))
PER_ANSWER = 500
COMPARED = 8
_PARSER = pdu_parser((UP_TIME,))
_ID = REQUEST_ID.to_bytes(4, "big")


class _Asked:
    """A wire that talks with an agent, and whose last answer is mutated again and again."""

    def __init__(self, dice: random.Random) -> None:
        self.has_keys = bool((level := dice.choice(LEVELS))[0])
        self.poll = Poll(UsmWire(user(*level)), agent(*level, time=dice.randrange(10**6)))
        self.poll()
        self.answer = self.poll.out()
        self.headers = HeaderReader()
        self.headers.read(self.answer)

    def unwrapped(self, packet: bytes) -> bytes | None:
        """Return the PDU, None when it is rejected. A request that it ended is sent again."""
        try:
            pdu = self.poll.wire.unwrap(packet, self.poll.now)
        except ResponseMismatchError:
            return None
        except (AskAgainError, ReadError):
            pdu = None
        self.poll()
        self.answer = self.poll.out()
        return pdu


def _header(headers: HeaderReader, packet: bytes) -> Header | None:
    try:
        return headers.read(packet)
    except BerError:
        return None


def _whole_header(packet: bytes) -> Header | None:
    try:
        return read_header(packet)
    except BerError:
        return None


def _is_as_pysnmps(packet: bytes, ours: Header) -> bool:
    """Compare the header; its data is compared elsewhere."""
    header_only = without_data(packet, ours)
    try:
        theirs = by_pysnmp(header_only)
    except ValueConstraintError:
        return True  # msgMaxSize below 484, which is the agent's own affair
    return same(read_header(header_only), theirs, header_only)


def prove(proof: Proof, mutants: int) -> None:
    """Mutate answers to our own requests; see the module."""
    dice, counts = proof.dice, proof.counts
    for number in range(mutants):
        if number % PER_ANSWER == 0:
            asked = _Asked(dice)
        packet = mutant(dice, asked.answer, 3)
        proof.look(packet)
        header = _header(asked.headers, packet)
        proof.check("header from memory", header == _whole_header(packet))
        counts["headers"] += header is not None
        if header is not None and counts["headers"] % COMPARED == 0:
            proof.compare("header by pysnmp", _is_as_pysnmps(packet, header))
        answer = asked.answer
        pdu = asked.unwrapped(packet)
        counts["refused" if pdu is None else "taken"] += 1
        if pdu is None:
            continue
        if asked.has_keys:
            proof.compare("octets under a digest", packet == answer)
        else:
            _compare_values(proof, pdu)


def _compare_values(proof: Proof, pdu: bytes) -> None:
    try:
        values = _PARSER.parse(pdu, _ID).values
    except FastDecodeError:
        return
    read = message(tlv(0x30, b"\x02\x01\x01" + tlv(4, b"") + pdu))
    name = ".".join(map(str, UP_TIME))
    is_same = read is not None and (read.names, repr(read.values)) == ([name], repr(values))
    proof.compare("values", is_same and read is not None and read.numbers[0] == REQUEST_ID)
