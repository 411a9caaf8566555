"""Answers of SNMP agents with octets changed, and what is found when pysnmp is asked of them too.

The long proof (``make long JOB=packets``) runs ten million; ``make test`` a slice of them.
"""

from __future__ import annotations

import random
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pysnmp.proto.api import v2c

from monitord.devices.decode import Raw
from monitord.devices.snmp.ber import VERSION_2C, NotUnderstoodError, Question, message_question
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from tests.support.answers import answer, asked_oids, read_by_pysnmp

SEEDS = 200
MUTANTS = 50_000
"""200 seeds of 50,000: ten million mutants."""
COMPARED = 3
"""One in so many that are taken is read by pysnmp too, which costs a millisecond."""
COMMUNITY = b"public"
CHANGES = ("flip", "flip", "flip", "set", "insert", "delete", "grow")
PER_ANSWER = 100


def mutated(packet: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    """Return a packet with some octets changed, put in or taken out: (kind, place, number)."""
    octets = bytearray(packet)
    for kind, place, number in changes:
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


def taken(question: Question, packet: bytes, request_id: bytes) -> list[Raw] | None:
    """Return what the whole parse makes of a packet, None when it refuses."""
    try:
        return question.parse(packet, request_id).values
    except NotUnderstoodError:
        return None


def agrees(values: list[Raw], packet: bytes, count: int, request_id: int) -> bool:
    """Return whether pysnmp reads just this answer. Compared as text: NaN is NaN."""
    read = read_by_pysnmp(packet)
    envelope = (VERSION_2C, COMMUNITY, request_id, asked_oids(count))
    return read is not None and read[:4] == envelope and repr(list(read.raws)) == repr(values)


def _value(dice: random.Random) -> Any:
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


def prove(seed: int, mutants: int) -> tuple[Counter[str], list[str]]:
    """Return what was counted, and each packet that was taken wrongly, in hexadecimal."""
    dice = random.Random(seed)
    counts: Counter[str] = Counter(mutants=mutants)
    failures = []
    for number in range(mutants):
        if number % PER_ANSWER == 0:
            count, request_id = dice.randrange(1, 7), dice.randrange(0x4000_0000, 0x7FFF_FFFF)
            octets = request_id.to_bytes(4, "big")
            question = message_question(VERSION_2C, COMMUNITY, asked_oids(count))
            decoder = DifferenceDecoder(question, Layouts())
            base = answer(asked_oids(count), [_value(dice) for _ in range(count)], request_id)
            decoder.take(base, octets)
        changes = [
            (dice.choice(CHANGES), dice.randrange(2**16), dice.randrange(256))
            for _ in range(dice.randrange(3))
        ]
        packet = mutated(base, changes)
        values = taken(question, packet, octets)
        try:
            decoder.take(packet, octets)
            by_difference: list[Raw] | None = decoder.values
        except NotUnderstoodError:
            by_difference = None
        if repr(by_difference) != repr(values):
            failures.append(f"difference after {base.hex()}: {packet.hex()}")
        if values is None:
            counts["refused"] += 1
            continue
        counts["taken"] += 1
        if counts["taken"] % COMPARED == 0:
            counts["compared"] += 1
            if not agrees(values, packet, count, request_id):
                failures.append(f"pysnmp: {packet.hex()}")
    return counts, failures


def run_shard(k: int, n: int, seconds_max: int, done: set[int]) -> Iterator[dict[str, Any]]:
    """Yield one line a seed; see ``tests/long``."""
    began = time.monotonic()
    for seed in range(k, SEEDS + 1, n):
        if seed in done:
            continue
        if time.monotonic() - began > seconds_max:
            yield {"unfinished": True}
            return
        counts, failures = prove(seed, MUTANTS)
        yield {"seed": seed, "counts": dict(counts), "failures": failures[:20]}
