"""A second reading of answers to Modbus reads, from its two specifications. Shares no code.

Application Protocol V1.1b3 and Serial Line V1.02; over TCP the PDU alone shows where it ends.
"""

from __future__ import annotations

import re

from tests.support.modbus import crc

Said = tuple[int, ...] | int
"""The cells, or the code of an exception."""

BITS = (1, 2)
FUNCTIONS = (1, 2, 3, 4)


def pdu(octets: bytes) -> tuple[int, Said, int] | None:
    """Return function, what it says, and how many octets it has; None where it is no answer."""
    if len(octets) < 2:
        return None
    function, second = octets[0], octets[1]
    if function - 128 in FUNCTIONS:
        return function - 128, second, 2
    data = octets[2 : 2 + second]
    if function not in FUNCTIONS or len(data) < second:
        return None
    if function in BITS:
        bits = "".join(f"{octet:08b}"[::-1] for octet in data)
        return function, tuple(map(int, bits)), 2 + second
    if second % 2:
        return None
    words = (data[at : at + 2].hex() for at in range(0, second, 2))
    return function, tuple(int(word, 16) for word in words), 2 + second


def over_tcp(octets: bytes, number: int, unit: int) -> tuple[int, Said] | None:
    """Return function and content of the frame with this number that the octets begin with."""
    if octets[:4] != number.to_bytes(2, "big") + b"\0\0" or octets[6:7] != bytes((unit,)):
        return None
    found = pdu(octets[7:])
    return None if found is None else found[:2]


def over_rtu(octets: bytes, unit: int) -> list[tuple[int, Said]]:
    """Return each sound frame of a unit that the octets have anywhere."""
    found = []
    for at in range(len(octets)):
        one = pdu(octets[at + 1 :])
        if octets[at] != unit or one is None:
            continue
        end = at + 1 + one[2]
        if octets[end : end + 2] == crc(octets[at:end]):
            found.append(one[:2])
    return found


def over_ascii(octets: bytes, unit: int) -> list[tuple[int, Said]]:
    """Return each sound line of a unit."""
    found = []
    for digits in re.findall(rb":((?:[0-9a-fA-F]{2})+)\r\n", octets):
        line = bytes.fromhex(digits.decode())
        one = pdu(line[1:-1])
        if line[0] == unit and sum(line) % 256 == 0 and one and one[2] == len(line) - 2:
            found.append(one[:2])
    return found
