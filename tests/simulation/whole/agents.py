"""SNMP agents in memory: each reports what the plant has at that moment, in BER of SNMPv2c.

Of the answers 3 % get lost, 5 % are late, up to the deadline, 1 % come after it, behind those to
later requests, 2 % come once more, and some come from another address. Agents start again, now and
then, and their sysUpTime with them. Shares no code with monitord; draws from the generator that it
is given.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from simulators.agents import ber
from simulators.agents.ber import Oid
from tests.simulation.facts import HOUR, MS, SECOND
from tests.simulation.plant import SimDevice
from tests.simulation.whole.lines import AGAIN, AGAIN_WITHIN, LATE, LOST, TOO_LATE

COMMUNITY = "whole"
UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
ENTERPRISE: Oid = (1, 3, 6, 1, 4, 1, 53864, 1)
"""Behind it the number of a device's value, then 0."""
ELSEWHERE = 0.005
"""How often an answer leaves by another address of the agent."""
BEHIND_SLOTS = 3
"""An answer that comes too late comes within so many slots."""
RAN_BEFORE = HOUR
"""So long before the history every agent had begun."""
VERSION_2C, GET, RESPONSE, TOO_BIG = 1, 0xA0, 0xA2, 1

Peer = tuple[Any, ...]
Arrive = Callable[[bytes, Peer], None]


@dataclass(frozen=True, slots=True)
class Traits:
    """How an agent is odd. ``varbinds_max``: more are tooBig; ``reverses``: answers backwards."""

    varbinds_max: int = 64
    reverses: bool = False


TRAITS = {
    "fm2": Traits(),
    "tv": Traits(varbinds_max=1),
    "enc": Traits(reverses=True),
    "mux": Traits(),
}
"""The devices that are SNMP agents."""


class PlantAgent:
    """The agent of one simulated device. ``starts``: when it begins again, in order.

    ``drawn``: counts what befell its answers.
    """

    def __init__(
        self, device: SimDevice, starts: Sequence[int], random: Random, drawn: Counter[str]
    ) -> None:
        self.device = device
        self.traits = TRAITS[device.id]
        self._starts = starts
        self._random = random
        self._drawn = drawn

    def hear(self, request: bytes, peer: Peer, now: int, arrive: Arrive) -> None:
        """Take a request that was sent to ``peer``; its answer arrives from there, or not."""
        device, random = self.device, self._random
        luck = random.random()
        if device.silent.at(now) or luck < LOST:
            return
        latency = random.randrange(MS, device.deadline if luck < LOST + LATE else 40 * MS)
        looked = now + random.randrange(latency)
        answer = answer_to(request, self._objects(looked), self.traits)
        if luck > 1 - TOO_LATE:
            latency += device.deadline + random.randrange(BEHIND_SLOTS * device.slot)
            self._drawn["snmp_too_late"] += 1
        source = peer
        if random.random() < ELSEWHERE:
            source = ("10.9.9.9", *peer[1:])
            self._drawn["snmp_elsewhere"] += 1
        self._arrive_after(latency, arrive, answer, source)
        self._drawn["snmp_answers"] += 1
        if random.random() < AGAIN:
            self._arrive_after(latency + random.randrange(AGAIN_WITHIN), arrive, answer, source)
            self._drawn["snmp_again"] += 1

    @staticmethod
    def _arrive_after(latency: int, arrive: Arrive, answer: bytes, source: Peer) -> None:
        asyncio.get_running_loop().call_later(latency / SECOND, arrive, answer, source)

    def _objects(self, at: int) -> dict[Oid, bytes]:
        """Return the encoded value of each object at a moment."""
        values = {
            (*ENTERPRISE, number, 0): ber.integer(int(signal.at(at)))
            for number, signal in enumerate(self.device.reported)
        }
        begun = self._starts[bisect_right(self._starts, at) - 1]
        return {UP_TIME: ber.integer((at - begun) // (10 * MS), ber.TAGS["timeticks"]), **values}


def answer_to(request: bytes, objects: dict[Oid, bytes], traits: Traits) -> bytes:
    """Return an agent's answer to a GET of v2c. Raises ``ber.BerError`` for anything else."""
    version, community, pdu = ber.parts(ber.take(next(ber.parts(request)), ber.SEQUENCE))
    if (version, community) != _HEAD:
        raise ber.BerError("no message of this community")
    number, _, _, varbinds = ber.parts(ber.take(pdu, GET))
    oids = _asked(ber.take(varbinds, ber.SEQUENCE))
    status = TOO_BIG if len(oids) > traits.varbinds_max else 0
    found = [
        ber.joined([name, objects.get(oid, _MISSING)]) for oid, name in (() if status else oids)
    ]
    body = (
        ber.tlv(*number),
        ber.integer(status),
        ber.integer(0),
        ber.joined(found[::-1] if traits.reverses else found),
    )
    return ber.joined([ber.tlv(*version), ber.tlv(*community), ber.joined(body, RESPONSE)])


_HEAD = ((ber.INTEGER, bytes([VERSION_2C])), (ber.OCTETS, COMMUNITY.encode()))
_MISSING = ber.tlv(ber.NO_SUCH_INSTANCE, b"")


@cache
def _asked(varbinds: bytes) -> tuple[tuple[Oid, bytes], ...]:
    """Return each object that is asked for, and its name as it is encoded."""
    names = [
        ber.take(next(ber.parts(content)), ber.OBJECT_ID) for _, content in ber.parts(varbinds)
    ]
    return tuple((ber.read_object_id(name), ber.tlv(ber.OBJECT_ID, name)) for name in names)
