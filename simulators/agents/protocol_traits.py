"""What injected faults must know of each protocol: the id of an answer, and its object.

Written from the standards, independently of monitord. Knows no socket and no value.
"""

from __future__ import annotations

from simulators.agents import ber


class SnmpTraits:
    """Messages of v1 and v2c: another request id; the same values under other OIDs."""

    def with_wrong_id(self, answer: bytes) -> bytes:
        head, pdu = _message(answer)
        id_, *others = _parts(pdu[1])
        number = (ber.read_integer(id_[1]) + 1) % 2**31
        return _put(head, pdu[0], [ber.integer(number), *(ber.tlv(*one) for one in others)])

    def of_other_object(self, answer: bytes) -> bytes:
        head, pdu = _message(answer)
        *numbers, bindings = _parts(pdu[1])
        renamed = [_renamed(binding) for _, binding in ber.parts(bindings[1])]
        return _put(head, pdu[0], [*(ber.tlv(*one) for one in numbers), ber.joined(renamed)])


def _message(answer: bytes) -> tuple[list[bytes], tuple[int, bytes]]:
    """Return version and community, encoded, and the PDU."""
    ((_, whole),) = ber.parts(answer)
    version, community, pdu = ber.parts(whole)
    return [ber.tlv(*version), ber.tlv(*community)], pdu


def _parts(content: bytes) -> list[tuple[int, bytes]]:
    return list(ber.parts(content))


def _put(head: list[bytes], kind: int, parts: list[bytes]) -> bytes:
    return ber.joined([*head, ber.joined(parts, kind)])


def _renamed(binding: bytes) -> bytes:
    """Return a varbind whose OID has another number before its last."""
    (_, name), value = ber.parts(binding)
    *arcs, last = ber.read_object_id(name)
    arcs[-1] = (arcs[-1] + 1) % 2**16
    return ber.joined([ber.object_id((*arcs, last)), ber.tlv(*value)])


class ModbusTcpTraits:
    """Another transaction id; the answer to a read of one octet or register less."""

    def with_wrong_id(self, answer: bytes) -> bytes:
        return ((int.from_bytes(answer[:2], "big") + 1) % 2**16).to_bytes(2, "big") + answer[2:]

    def of_other_object(self, answer: bytes) -> bytes:
        pdu = _shorter(answer[7:])
        return answer[:4] + (1 + len(pdu)).to_bytes(2, "big") + answer[6:7] + pdu


class ModbusRtuTraits:
    """Another unit, as RTU has no transaction id; the answer to a read of one register less."""

    def with_wrong_id(self, answer: bytes) -> bytes:
        return with_crc(bytes((answer[0] % 247 + 1,)) + answer[1:-2])

    def of_other_object(self, answer: bytes) -> bytes:
        return with_crc(answer[:1] + _shorter(answer[1:-2]))


class ModbusAsciiTraits:
    """The same as for RTU, in digits."""

    def with_wrong_id(self, answer: bytes) -> bytes:
        octets = _of_ascii(answer)
        return as_ascii(bytes((octets[0] % 247 + 1,)) + octets[1:])

    def of_other_object(self, answer: bytes) -> bytes:
        octets = _of_ascii(answer)
        return as_ascii(octets[:1] + _shorter(octets[1:]))


def as_ascii(octets: bytes) -> bytes:
    """Return unit and PDU as a frame of Modbus over Serial Line V1.02, 2.5.2, with its LRC."""
    whole = octets + bytes((-sum(octets) & 0xFF,))
    return b":" + whole.hex().upper().encode() + b"\r\n"


def _of_ascii(frame: bytes) -> bytes:
    return bytes.fromhex(frame[1:-4].decode())


def _shorter(pdu: bytes) -> bytes:
    """Return the answer to a read with two octets less, or one more if it has only two."""
    if pdu[0] & 0x80:
        return bytes((pdu[0] & 0x7F, 0))
    cells = pdu[2:-2] if pdu[1] > 2 else pdu[2:] + b"\0"
    return bytes((pdu[0], len(cells))) + cells


def with_crc(octets: bytes) -> bytes:
    """Return octets with the CRC of Modbus over Serial Line V1.02, 6.2.2, low octet first."""
    register = 0xFFFF
    for octet in octets:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return octets + register.to_bytes(2, "little")


class FrameTraits:
    """Frames EB 90, length, address, command, data, CRC of the made-up transmitter."""

    def with_wrong_id(self, answer: bytes) -> bytes:
        return b"\xeb\x90" + with_crc(answer[2:3] + bytes((answer[3] + 1 & 0xFF,)) + answer[4:-2])

    def of_other_object(self, answer: bytes) -> bytes:
        return b"\xeb\x90" + with_crc(answer[2:4] + bytes((answer[4] ^ 0x02,)) + answer[5:-2])
