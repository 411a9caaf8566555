"""SNMPv3 messages of agents in odd but legal forms, through the discovery, the header and the PDU.

Written from RFC 3412, 3414 and X.690 alone: the digests too. What is drawn, a second reading by
slicing and both readers of headers agree on every field, and the wire hands over just the PDU.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

from monitord.devices.model import ReadError
from monitord.devices.snmp.model import User
from monitord.devices.snmp.tlv import BerError
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.usm.messages import Header, HeaderReader, read_header
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError
from tests.properties.encodings.ber import name_octets, plain, put
from tests.support.proof import Proof
from tests.support.second_reading import cut, number

Write = Callable[[int, bytes], bytes]

ROUNDS = 5
"""Messages of one agent: the reader decodes only what differs from the one before."""
SECOND = 1_000_000
UNKNOWN_ENGINES = (1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0)
PASSPHRASE = "a passphrase of the hill"
ENGINES = tuple(bytes((128, *range(size))) for size in (4, 4, 11, 16, 31))
"""From five to 32 octets (RFC 3411 §5, SnmpEngineID)."""
DIGESTS = {"": ("", 0), "md5": ("md5", 12), "sha1": ("sha1", 12), "sha256": ("sha256", 24)}
"""How a digest is made, and how many of its octets are sent (RFC 3414, RFC 7860)."""
SURPLUS = (b"", b"", b"", bytes(15), b"\x30\x03abc")


@lru_cache
def key_of(method: str, engine_id: bytes) -> bytes:
    """Return the key of the passphrase, localized for an engine (RFC 3414 §A.2)."""
    repeated = (PASSPHRASE.encode() * (2**20 // len(PASSPHRASE) + 1))[: 2**20]
    whole = hashlib.new(method, repeated).digest()
    return hashlib.new(method, whole + engine_id + whole).digest()


class Fields(NamedTuple):
    """What a header says, in the order of its octets."""

    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    digest: bytes
    salt: bytes


@dataclass(frozen=True)
class Habits:
    """What an agent does in all its messages. ``reserved``: msgFlags that nobody asks for.

    ``zeros``: octets before each number that say nothing. ``salt``, ``digest``: what it puts where
    nothing is asked for.
    """

    lengths: int
    is_plain: bool
    zeros: tuple[int, ...]
    size_max: int
    reserved: int
    salt: bytes
    digest: bytes
    surplus: bytes


def habits_of(dice: random.Random) -> Habits:
    """Return the habits of an agent."""
    return Habits(
        lengths=dice.randrange(2**32),
        is_plain=dice.randrange(2) == 0,
        zeros=tuple(dice.choice((0, 0, 0, 1, 4, 11)) for _ in range(6)),
        size_max=dice.choice((484, 1472, 65_507, 2**31 - 1)),
        reserved=dice.choice((0, 0, 4, 0x80, 0xF8)),
        salt=dice.choice((b"", b"", bytes(8), b"saltsalt")),
        digest=dice.choice((b"", b"", bytes(12))),
        surplus=dice.choice(SURPLUS),
    )


class Agent:
    """One agent with one user, and its clock."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._habits = habits_of(dice)
        method = dice.choice(("", "", *DIGESTS))
        passphrase = PASSPHRASE if method else ""
        context = dice.choice(("", "", "bridge", "\u53d1\u5c04\u673a"))
        self.user = User("ops", method, "", passphrase, "", context)
        self.engine_id = dice.choice(ENGINES)
        self._boots = dice.randrange(2**31 - 1) >> dice.randrange(31)
        self._time = dice.randrange(2**31 - 10_000) >> dice.randrange(31)

    def report(self, message_id: int, now: int) -> tuple[bytes, Fields]:
        """Return the answer to a discovery: it needs no user and no digest."""
        row = plain(0x30, plain(0x06, name_octets(UNKNOWN_ENGINES)) + plain(0x41, b"\1"))
        pdu = plain(0xA8, plain(0x02, b"\0") * 3 + plain(0x30, row))
        return self._message(message_id, b"", "", pdu, now)

    def response(self, message_id: int, pdu: bytes, now: int) -> tuple[bytes, Fields]:
        """Return an answer to the user."""
        return self._message(message_id, self.user.name.encode(), self.user.auth, pdu, now)

    def _message(
        self, message_id: int, user: bytes, auth: str, pdu: bytes, now: int
    ) -> tuple[bytes, Fields]:
        habits = self._habits
        method, size = DIGESTS[auth]
        flags = habits.reserved & ~3 | bool(auth)
        blank = self._dice.randbytes(size) if size else habits.digest
        time = self._time + now // SECOND
        said = Fields(
            message_id, flags, self.engine_id, self._boots, time, user, blank, habits.salt
        )
        whole = self._octets(said, pdu)
        if not size:
            return whole + habits.surplus, said
        at = whole.index(blank)
        whole = whole[:at] + bytes(size) + whole[at + size :]
        made = hmac.digest(key_of(method, self.engine_id), whole, method)[:size]
        whole = whole[:at] + made + whole[at + size :]
        return whole + habits.surplus, said._replace(digest=made)

    def _octets(self, said: Fields, pdu: bytes) -> bytes:
        habits = self._habits
        lengths = random.Random(habits.lengths)
        write: Write = plain if habits.is_plain else partial(put, lengths)
        numbers = (3, said.message_id, habits.size_max, 3, said.boots, said.time)
        version, id_, size, model, boots, time = (
            write(0x02, bytes(zeros) + value.to_bytes(value.bit_length() // 8 + 1, "big"))
            for zeros, value in zip(habits.zeros, numbers, strict=True)
        )
        globals_ = write(0x30, id_ + size + write(0x04, bytes((said.flags,))) + model)
        texts = [write(0x04, text) for text in (said.user, said.digest, said.salt)]
        security = write(0x30, write(0x04, said.engine_id) + boots + time + b"".join(texts))
        parties = write(0x04, said.engine_id) + write(0x04, self.user.context.encode())
        data = write(0x30, parties + pdu)
        return write(0x30, version + globals_ + write(0x04, security) + data)


def second(datagram: bytes) -> Fields:
    """Return what the octets of a header say, by slicing."""
    whole = _parts(cut(datagram)[1])
    id_, _, flags, _ = _parts(whole[1])
    engine_id, boots, time, user, digest, salt = _parts(cut(whole[2])[1])
    return Fields(
        *(number(id_, signed=True), flags[0], engine_id),
        *(number(boots, signed=True), number(time, signed=True), user, digest, salt),
    )


def _parts(content: bytes) -> list[bytes]:
    found = []
    while content:
        _, part, content, _ = cut(content)
        found.append(part)
    return found


def fields_of(header: Header, datagram: bytes) -> Fields:
    """Return what a reader has of a header."""
    digest = datagram[slice(*header.places.digest)]
    return Fields(*header[:6], digest, header.salt)


class Readers:
    """Both readers of headers, and the wire of one user."""

    def __init__(self, agent: Agent) -> None:
        self.wire = UsmWire(agent.user)
        self.headers = HeaderReader()

    def read(self, datagram: bytes) -> list[Fields]:
        """Return what each reader has of a header."""
        found = (read_header(datagram), self.headers.read(datagram))
        return [fields_of(header, datagram) for header in found]


def _prove_header(proof: Proof, readers: Readers, datagram: bytes, said: Fields) -> None:
    proof.look(datagram)
    proof.compare("second reading", second(datagram) == said)
    end = len(datagram) - len(cut(datagram)[2])
    try:
        found = readers.read(datagram[:end])
    except BerError as error:
        proof.check(f"refused ({error})", False)
        return
    proof.check(f"readers {found}, said {said}", found == [said, said])


def _prove_answers(proof: Proof, agent: Agent, readers: Readers, rounds: int) -> None:
    wire, now = readers.wire, 0
    asked = wire.opening(1)
    assert asked is not None
    datagram, said = agent.report(second(asked).message_id, now)
    _prove_header(proof, readers, datagram, said)
    try:
        wire.unwrap(datagram, now)
    except AskAgainError:
        proof.counts["discovered"] += 1
    except ResponseMismatchError as error:
        proof.check(f"the report was refused ({error})", False)
    for _ in range(rounds - 1):
        now += SECOND * proof.dice.randrange(1, 100)
        pdu = plain(0xA2, proof.dice.randbytes(proof.dice.randrange(40, 200)))
        asked = wire.opening(1) or wire.wrap(b"\xa0\0", 1, now)
        datagram, said = agent.response(second(asked).message_id, pdu, now)
        _prove_header(proof, readers, datagram, said)
        _prove_handed_over(proof, wire, datagram, pdu, now)


def _prove_handed_over(proof: Proof, wire: UsmWire, datagram: bytes, pdu: bytes, now: int) -> None:
    try:
        proof.check("another PDU", wire.unwrap(datagram, now) == pdu)
    except (AskAgainError, ReadError, ResponseMismatchError) as error:
        proof.check(f"the answer was refused ({error})", False)
        return
    surplus = len(cut(datagram)[2])
    said = {remark.kind for remark in wire.remarks}
    wire.remarks.clear()
    proof.check(f"{surplus} octets behind it, remarks {said}", bool(surplus) == bool(said))
    proof.counts["values"] += 1


def prove(proof: Proof, messages: int, kind: type[Readers] = Readers) -> None:
    """Draw messages; see the module. ``kind``: of the readers."""
    for start in range(0, messages, ROUNDS):
        agent = Agent(proof.dice)
        _prove_answers(proof, agent, kind(agent), min(ROUNDS, messages - start))
