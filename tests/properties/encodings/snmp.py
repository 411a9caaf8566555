"""Answers of v1 and v2c agents in odd but common forms, through every way in.

The drawn truth, the second reading and each reader give the same value for every object. An object
that is not odd keeps its value whatever the others are; no answer is refused as a whole.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError, Remark
from monitord.devices.snmp.ber import FastDecodeError, message_parser
from monitord.devices.snmp.community import CommunityWire
from monitord.devices.snmp.difference import DifferenceDecoder, Layouts
from monitord.devices.snmp.messages import build_get, match, parse_response, read_response
from monitord.devices.snmp.model import Community
from monitord.devices.snmp.wire import ResponseMismatchError
from tests.properties.encodings.ber import Form, Truth, form, name_octets, next_form, plain, put
from tests.support.proof import Proof
from tests.support.second_reading import message

Oid = tuple[int, ...]
Write = Callable[[int, bytes], bytes]

COMMUNITY = b"public"
ROOT = (1, 3, 6, 1, 4, 1, 53864, 7)
ROUNDS = 4
"""Answers of one agent in the same forms with other values: where the difference decoder works."""
INSTANCES = (0, 0, 7, 4_000_000_000)
SURPLUS = (b"", b"", b"", b"", b"\0", bytes(15), b"\x30\x03abc")
"""What follows the message (sharpsnmplib#688, SnmpSharpNet PR 7)."""


@dataclass(frozen=True)
class Habits:
    """What an agent does in all its answers. ``lengths``: the seed of its forms of lengths.

    ``is_plain``: its lengths are the shortest; ``is_short_named``: it leaves a last ``.0`` out.
    ``left_out``, ``twice``, ``otherwise``: the place that it does not answer, answers twice, or
    answers twice and differently; -1 for none. ``has_unasked``: it adds an object of its own.
    """

    lengths: int
    is_plain: bool
    zero_octets: int
    version_octets: int
    surplus: bytes
    order: tuple[int, ...]
    is_short_named: bool
    left_out: int
    twice: int
    otherwise: int
    has_unasked: bool


def habits_of(dice: random.Random, count: int) -> Habits:
    """Return the habits of an agent that is asked for ``count`` objects; half have none."""
    order = list(range(count))
    if dice.randrange(2):
        return Habits(0, True, 1, 1, dice.choice(SURPLUS), tuple(order), False, -1, -1, -1, False)
    if dice.randrange(8) == 0:
        dice.shuffle(order)
    place = dice.randrange(count)
    oddity = dice.randrange(24)
    return Habits(
        lengths=dice.randrange(2**32),
        is_plain=dice.randrange(3) == 0,
        zero_octets=dice.choice((1, 1, 2, 4)),
        version_octets=dice.choice((1, 1, 2, 4)),
        surplus=dice.choice(SURPLUS),
        order=tuple(order),
        is_short_named=dice.randrange(8) == 0,
        left_out=place if oddity == 0 and count > 1 else -1,
        twice=place if oddity == 1 else -1,
        otherwise=place if oddity == 2 else -1,
        has_unasked=oddity == 3,
    )


@dataclass
class Answer:
    """``truth``: of each requested object that it has; ``unsaid``: those that say no value."""

    octets: bytes = b""
    truth: dict[Oid, Truth] = field(default_factory=dict)
    unsaid: set[Oid] = field(default_factory=set)


class Agent:
    """One agent that is asked for some objects in one version of SNMP."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        count = dice.randrange(1, 8)
        self.version = dice.randrange(2)
        self.oids = tuple((*ROOT, place, dice.choice(INSTANCES)) for place in range(count))
        self._habits = habits_of(dice, count)
        self._forms = [form(dice) for _ in self.oids]

    def draw_values(self) -> None:
        """Let about a third of the objects have another value."""
        for place, before in enumerate(self._forms):
            if self._dice.randrange(3) == 0:
                self._forms[place] = next_form(self._dice, before)

    def answer(self, request_id: int) -> Answer:
        """Return the answer of now."""
        habits = self._habits
        lengths = random.Random(habits.lengths)
        write: Write = plain if habits.is_plain else partial(put, lengths)
        answer = Answer()
        listed = b"".join(self._varbinds(write, answer, place) for place in habits.order)
        if habits.has_unasked:
            listed += _varbind(write, (*ROOT, 99, 0), form(self._dice))
        answer.octets = self._message(write, request_id, listed) + habits.surplus
        return answer

    def _varbinds(self, write: Write, answer: Answer, place: int) -> bytes:
        """Return the varbinds of one object, and note what they say."""
        oid, one, habits = self.oids[place], self._forms[place], self._habits
        if place == habits.left_out:
            return b""
        name = oid[:-1] if habits.is_short_named and oid[-1] == 0 else oid
        hidden = self._dice.randrange(60) == 0 and place not in (habits.twice, habits.otherwise)
        says_nothing = one.is_unsaid or hidden or place == habits.otherwise
        answer.truth[oid] = None if says_nothing else one.truth
        if says_nothing:
            answer.unsaid.add(oid)
        if hidden:
            return self._hidden(write, name, one)
        octets = _varbind(write, name, one)
        if place == habits.otherwise:
            return octets + _varbind(write, name, Form(0x04, one.octets + b"?", None))
        return octets * (2 if place == habits.twice else 1)

    def _hidden(self, write: Write, name: Oid, one: Form) -> bytes:
        """Return a varbind whose lengths do not agree: it has more than a value, or less."""
        head = write(0x06, name_octets(name))
        if self._dice.randrange(2):
            return write(0x30, head + write(one.tag, one.octets) + b"\0")
        return write(0x30, head + bytes((one.tag, 126)) + one.octets[:100])

    def _message(self, write: Write, request_id: int, listed: bytes) -> bytes:
        zero = plain(0x02, bytes(self._habits.zero_octets))
        numbers = plain(0x02, request_id.to_bytes(4, "big")) + zero + zero
        version = plain(0x02, self.version.to_bytes(self._habits.version_octets, "big"))
        pdu = write(0xA2, numbers + write(0x30, listed))
        return write(0x30, version + plain(0x04, COMMUNITY) + pdu)


def _varbind(write: Write, name: Oid, one: Form) -> bytes:
    return write(0x30, write(0x06, name_octets(name)) + write(one.tag, one.octets))


class Readers:
    """Every way in for the answers of one agent."""

    def __init__(self, agent: Agent) -> None:
        self._oids = agent.oids
        self._template = build_get(agent.oids)
        self._wire = CommunityWire(Community(agent.version, COMMUNITY.decode()))
        parser = message_parser(agent.version, COMMUNITY, agent.oids)
        self._difference = DifferenceDecoder(parser, Layouts())

    def read(self, octets: bytes, request_id: int) -> tuple[dict[Oid, Raw], list[Remark]]:
        """Read as the reader of one device does."""
        response = read_response(self._wire.unwrap(octets, 0), request_id, self._template)
        found, remarks = match(response, self._oids)
        return found, [*response.remarks, *remarks]

    def carefully(self, octets: bytes, request_id: int) -> dict[Oid, Raw]:
        """Read value by value, as every answer that is not built as usual is read."""
        return match(parse_response(self._wire.unwrap(octets, 0), request_id), self._oids)[0]

    def by_difference(self, octets: bytes, request_id: int) -> dict[Oid, Raw] | None:
        """Read as a shared socket does; None where it leaves the answer to the reader."""
        try:
            self._difference.decode(octets, request_id.to_bytes(4, "big"))
        except FastDecodeError:
            return None
        return dict(zip(self._oids, self._difference.values, strict=True))


def second(octets: bytes, oids: tuple[Oid, ...]) -> dict[Oid, Truth]:
    """Return what the second reading has of each object; None where it has two values."""
    read = message(octets)
    assert read is not None
    found: dict[Oid, Truth] = {}
    for name, value in zip(read.names, read.values, strict=True):
        for oid in oids:
            if name not in (".".join(map(str, oid)), ".".join(map(str, oid[:-1]))):
                continue
            found[oid] = value if oid not in found or repr(found[oid]) == repr(value) else None
    return found


def _same(found: dict[Oid, Raw], truth: dict[Oid, Truth]) -> bool:
    """Compare as text: a float may be no number."""
    return {oid: repr(value) for oid, value in found.items()} == {
        oid: repr(value) for oid, value in truth.items()
    }


def _prove_answer(proof: Proof, readers: Readers, answer: Answer, request_id: int) -> None:
    oids = tuple(answer.truth)
    proof.compare("second reading", _same(second(answer.octets, oids), answer.truth))
    try:
        found, remarks = readers.read(answer.octets, request_id)
        careful = readers.carefully(answer.octets, request_id)
    except (ResponseMismatchError, ReadError) as error:
        proof.check(f"refused as a whole ({error})", False)
        return
    proof.check(f"reader {found} truth {answer.truth}", _same(found, answer.truth))
    proof.check("careful way", _same(careful, answer.truth))
    said = " ".join(remark.detail for remark in remarks if remark.kind == "unreadable")
    for oid in answer.unsaid:
        proof.check("no remark", ".".join(map(str, oid)) in said)
    quick = readers.by_difference(answer.octets, request_id)
    proof.counts["quick" if quick is not None else "careful"] += 1
    proof.check("difference decoder", quick is None or _same(quick, answer.truth))


def prove(proof: Proof, forms: int, kind: type[Readers] = Readers) -> None:
    """Draw answers; see the module. ``forms``: how many answers; ``kind``: of the readers."""
    dice = proof.dice
    for number in range(forms):
        if number % ROUNDS == 0:
            agent = Agent(dice)
            readers = kind(agent)
        request_id = dice.randrange(0x4000_0000, 2**31 - 1)
        answer = agent.answer(request_id)
        proof.look(answer.octets)
        proof.counts["values"] += len(answer.truth) - len(answer.unsaid)
        proof.counts["unsaid"] += len(answer.unsaid)
        _prove_answer(proof, readers, answer, request_id)
        agent.draw_values()
