"""Packets with octets changed, put in and taken out, the same ones for the same dice."""

from __future__ import annotations

import random

CHANGES = ("flip", "flip", "flip", "set", "insert", "delete", "grow")
Change = tuple[str, int, int]


def mutated(packet: bytes, changes: list[Change]) -> bytes:
    """Return a packet with some octets changed, put in or taken out: (kind, place, number)."""
    octets = bytearray(packet)
    for kind, place, number in changes:
        if not octets:
            break
        at = place % len(octets)
        match kind:
            case "flip":
                octets[at] ^= 1 << number % 8
            case "set":
                octets[at] = number
            case "insert":
                octets.insert(at, number)
            case "delete":
                del octets[at]
            case _:
                # A length that grows by one with its content is the mutant that is not noticed.
                octets[at] = (octets[at] + 1) % 256
                octets.insert(at + 1, number)
    return bytes(octets)


def mutant(dice: random.Random, packet: bytes, changes_max: int = 2) -> bytes:
    """Return a packet with up to so many changes, or none."""
    changes = [
        (dice.choice(CHANGES), dice.randrange(2**16), dice.randrange(256))
        for _ in range(dice.randrange(changes_max + 1))
    ]
    return mutated(packet, changes)
