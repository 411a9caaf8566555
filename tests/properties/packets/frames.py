"""Answers of devices with frames of their own, with octets changed and noise around them.

An accepted frame is in the octets received, with the form and the check of its protocol's manual,
which this module calculates a second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from monitord.devices.frames.codec import AnswerSearch
from monitord.devices.frames.model import Request
from monitord.devices.model import ReadError
from tests.support.frames import (
    METER,
    METER_ANSWER,
    METER_REFUSAL,
    TRANSMITTER,
    TRANSMITTER_ANSWER,
    UPS,
    UPS_ANSWER,
    crc16,
)
from tests.support.mutants import mutant
from tests.support.proof import Proof

_UPS = re.compile(rb"\([^\r ]*( [^\r ]*){7}\r")


def _is_ups(received: bytes, frame: bytes) -> bool:
    return received.endswith(frame) and len(frame) == 47 and _UPS.fullmatch(frame) is not None


def _is_meter(received: bytes, frame: bytes) -> bool:
    raised = frame
    if frame[8] == 0x91:
        data = bytes((octet + 0x33) & 0xFF for octet in frame[10:-2])
        raised = frame[:10] + data + frame[-2:]
    is_sound = sum(raised[:-2]) & 0xFF == raised[-2] and raised[-1] == 0x16
    return received.endswith(raised) and is_sound and raised[9] == len(raised) - 12


def _is_transmitter(received: bytes, frame: bytes) -> bool:
    is_sound = crc16(frame[2:-2]) == frame[-2:] and frame[2] == len(frame)
    return received.endswith(frame) and is_sound and frame[:2] == b"\xeb\x90"


Check = Callable[[bytes, bytes], bool]
KINDS: tuple[tuple[Request, bytes, Check], ...] = (
    (UPS, UPS_ANSWER, _is_ups),
    (METER, METER_ANSWER, _is_meter),
    (METER, METER_REFUSAL, _is_meter),
    (TRANSMITTER, TRANSMITTER_ANSWER, _is_transmitter),
)


def prove(proof: Proof, mutants: int) -> None:
    """Mutate answers to requests of three protocols; see the module."""
    dice = proof.dice
    for _ in range(mutants):
        request, answer, is_right = dice.choice(KINDS)
        noise = dice.randbytes(dice.randrange(6)) if dice.randrange(3) == 0 else b""
        received = noise + mutant(dice, answer)
        proof.look(received)
        search = AnswerSearch(request)
        try:
            # In two pieces, as lines bring them.
            search.find(received[: dice.randrange(len(received) + 1)])
            taken = search.find(received)
        except ReadError:
            taken = None
        proof.counts["refused" if taken is None else "taken"] += 1
        if taken is not None:
            found, end = taken
            proof.compare(f"sheet of {request.id}", is_right(received[:end], found.frame))
