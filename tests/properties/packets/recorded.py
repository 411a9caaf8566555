"""Packets of other people's equipment, as they are and with octets changed, into every decoder.

Whatever a packet is, each decoder that takes octets from the network takes it or refuses it in its
declared way. Reads ``../shared``; without it there is nothing to prove here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from monitord.devices.frames.codec import AnswerSearch
from monitord.devices.modbus.blocks import cells_of
from monitord.devices.modbus.frames import QUERIES, ExceptionResponse, TcpQuery
from monitord.devices.model import ReadError
from monitord.devices.snmp.ber import VERSION_1, VERSION_2C, FastDecodeError, message_parser
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from monitord.devices.snmp.messages import parse_response
from monitord.devices.snmp.model import Community
from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.usm.messages import read_header
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError
from tests.properties.packets.modbus_answers import some_block
from tests.properties.packets.notifications import ENDS, Port
from tests.properties.packets.snmp_answers import pysnmp_agrees
from tests.support.answers import Read, read_by_pysnmp
from tests.support.frames import METER, TRANSMITTER, UPS
from tests.support.mutants import mutant
from tests.support.packets import recorded_packets
from tests.support.proof import Proof
from tests.support.second_reading import message
from tests.support.usm_headers import by_pysnmp, same, without_data
from tests.support.usm_poll import user

WIRE = Path(__file__).resolve().parents[4] / "shared" / "devices" / "wire"
SEEDS = 200
"""Each seed has one in so many of the packets as they are, so that all seeds have all."""
CHANGES_MAX = 4
_READS = {1: "coil", 2: "discrete_input", 3: "holding_register", 4: "input_register"}

Decode = Callable[[bytes], bool]
"""Returns whether a packet was taken; raises what is declared."""
DECLARED = (BerError, FastDecodeError, ResponseMismatchError, AskAgainError, ReadError)


@cache
def packets(protocol: str) -> tuple[bytes, ...]:
    """Return every distinct recorded packet of snmp or modbus."""
    files = sorted((WIRE / protocol / "hex").glob("*.tsv"))
    return tuple(dict.fromkeys(one for file in files for one in recorded_packets(file)))


@cache
def _response(packet: bytes) -> Read | None:
    """Return what a recorded packet answers, where it is a response with a request id like ours."""
    read = read_by_pysnmp(packet)
    is_one = read is not None and read.version < 3 and read.oids and read.request_id >= 2**24
    return read if is_one else None


class Decoders:
    """Everything of the daemon that takes octets from the network, as one device would meet it."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._port = Port()
        self._layouts = Layouts()
        self.all: dict[str, Decode] = {
            "fast v1": self._fast(VERSION_1),
            "fast v2c": self._fast(VERSION_2C),
            "careful": self._careful,
            "v3 header": lambda packet: bool(read_header(packet)),
            "v3": self._v3,
            "trap": self._trap,
            "tcp": lambda packet: self._modbus("tcp", packet),
            "rtu": lambda packet: self._modbus("rtu", packet),
            "ascii": lambda packet: self._modbus("ascii", packet),
            **{one.id: self._frame(one) for one in (UPS, METER, TRANSMITTER)},
        }

    def _fast(self, version: int) -> Decode:
        oids = ((1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 1, 5, 0))
        parser = message_parser(version, b"public", oids)
        decoder = DifferenceDecoder(parser, self._layouts)

        def decode(packet: bytes) -> bool:
            number = packet[17:21].ljust(4, b"\x40")
            decoder.decode(packet, number)
            return True

        return decode

    def _careful(self, packet: bytes) -> bool:
        pdu = CommunityWire(Community(VERSION_2C, "public")).unwrap(packet, 0)
        at = 4 if len(pdu) > 8 and pdu[3] == 4 else 3
        parse_response(pdu, int.from_bytes(pdu[at : at + 4], "big"))
        return True

    def _v3(self, packet: bytes) -> bool:
        wire = UsmWire(user("", ""))
        opening = wire.opening(1)
        assert opening is not None
        wire.unwrap(_with_id(packet, read_header(opening).message_id), 0)
        return True

    def _trap(self, packet: bytes) -> bool:
        result = self._port.result(packet)
        self._proof.check(f"trap ends {result}", result in ENDS)
        return result == "taken"

    def _modbus(self, framing: str, packet: bytes) -> bool:
        is_tcp = framing == "tcp"
        unit, code, octets = (packet[6:9] if is_tcp else packet[:3]).ljust(3, b"\1")
        table = _READS.get(code & 0x7F, "holding_register")
        count = octets // 2 if table.endswith("register") else 8 * octets
        block = some_block(table, 0, max(1, min(count, 120)))
        query = QUERIES[framing](block, max(1, unit))
        if isinstance(query, TcpQuery):
            query.request(int.from_bytes(packet[:2], "big"))
        taken = query.find_answer(packet)
        if taken is not None and not isinstance(taken[0], ExceptionResponse):
            cells_of(block, taken[0])
        return taken is not None

    def _frame(self, request: object) -> Decode:
        return lambda packet: AnswerSearch(request).find(packet) is not None  # type: ignore[arg-type]


def _with_id(packet: bytes, message_id: int) -> bytes:
    """Return the packet with our message id where it has one of four octets.

    A packet with another id is rejected before anything else of it is decoded.
    """
    try:
        start, end = read_header(packet).places.message_id
    except BerError:
        return packet
    ours = message_id.to_bytes(4, "big")
    return packet[:start] + ours + packet[end:] if end - start == len(ours) else packet


def _decode(proof: Proof, decoders: Decoders, packet: bytes) -> None:
    proof.look(packet)
    is_taken = False
    for name, decode in decoders.all.items():
        proof.counts["decoded"] += 1
        try:
            took = decode(packet)
        except DECLARED:
            continue
        is_taken |= took
        proof.counts[f"taken by {name}"] += took
    proof.counts["taken" if is_taken else "refused"] += 1


def _compare_own(proof: Proof, packet: bytes, read: Read) -> None:
    """Ask just what a recorded response answers; hold the fast decoder against the others."""
    parser = message_parser(read.version, read.community, read.oids)
    try:
        values = parser.parse(packet, read.request_id.to_bytes(4, "big")).values
    except FastDecodeError:
        return
    theirs = message(packet)
    proof.compare("second reading", theirs is not None and repr(theirs.values) == repr(values))
    proof.compare("pysnmp", pysnmp_agrees(values, packet))


def _compare_header(proof: Proof, packet: bytes) -> None:
    try:
        header_only = without_data(packet, read_header(packet))
        header = read_header(header_only)
    except BerError:
        return
    proof.compare("header by pysnmp", same(header, by_pysnmp(header_only), header_only))


def prove(proof: Proof, mutants: int) -> None:
    """Decode this seed's share of the recorded packets, and mutants of any of them."""
    snmp, modbus = packets("snmp"), packets("modbus")
    if not snmp:
        return
    decoders = Decoders(proof)
    share = (snmp + modbus)[proof.seed % SEEDS :: SEEDS]
    for packet in share:
        _decode(proof, decoders, packet)
        _compare_header(proof, packet)
    for _ in range(mutants - len(share)):
        base = proof.dice.choice(proof.dice.choice((snmp, modbus)))
        packet = mutant(proof.dice, base, CHANGES_MAX)
        _decode(proof, decoders, packet)
        if (read := _response(base)) is not None:
            _compare_own(proof, packet, read)
