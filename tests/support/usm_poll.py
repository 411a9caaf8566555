"""A v3 wire of ours and an agent of pysnmp's types, polled without a socket. Owns no test."""

from __future__ import annotations

from typing import Any

import pytest
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from monitord.devices.snmp.model import User
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.wire import AskAgainError
from tests.support.usm_agent import UserKeys, UsmAgent

UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
REQUEST_ID = 0x4000_0001
SECOND = 1_000_000
SECRETS = ("authpass123", "privpass123")


def a_get() -> bytes:
    """Return a GET of one object, by pysnmp."""
    pdu = v2c.GetRequestPDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, REQUEST_ID)
    v2c.apiPDU.set_varbinds(pdu, [(UP_TIME, v2c.null)])
    return bytes(encoder.encode(pdu))


def user(auth: str = "sha1", priv: str = "aes128", **more: str) -> User:
    """Return the user that ``agent`` knows."""
    given = {"auth_passphrase": "authpass123", "priv_passphrase": "privpass123"} | more
    return User("ops", auth, priv, **given)


def agent(auth: str = "sha1", priv: str = "aes128", **more: Any) -> UsmAgent:
    """Return an agent with one user."""
    return UsmAgent({"ops": UserKeys(auth, priv)}, {UP_TIME: v2c.TimeTicks(4242)}, **more)


class Poll:
    """One wire and one agent, with as many requests as it takes, at most three for one answer."""

    def __init__(self, wire: UsmWire, asked: UsmAgent) -> None:
        self.wire, self.agent, self.now = wire, asked, 1_000 * SECOND

    def __call__(self) -> int:
        """Return the value read; raises what ends the poll, TimeoutError where nothing comes."""
        again = 0
        self.discover()
        while True:
            try:
                return self._value(self._only(self.wire.wrap(a_get(), REQUEST_ID, self.now)))
            except AskAgainError:
                again += 1
                assert again <= 2, "a reader asks again at most twice"

    def discover(self) -> None:
        """Ask for the engine where the wire wants to."""
        if (opening := self.wire.opening(REQUEST_ID)) is not None:
            with pytest.raises(AskAgainError):
                self.wire.unwrap(self._only(opening), self.now)

    def out(self) -> bytes:
        """Send a request and return its answer, not yet unwrapped."""
        return self._only(self.wire.wrap(a_get(), REQUEST_ID, self.now))

    def take(self, answer: bytes) -> int:
        """Unwrap an answer and return its value."""
        return self._value(answer)

    def passes(self, seconds: int) -> None:
        """Let time go on, for both."""
        self.now += seconds * SECOND
        self.agent.time += seconds

    def _only(self, request: bytes) -> bytes:
        answers = self.agent.answer(request)
        if not answers:
            raise TimeoutError
        return answers[0]

    def _value(self, answer: bytes) -> int:
        pdu, _ = decoder.decode(self.wire.unwrap(answer, self.now), asn1Spec=v2c.ResponsePDU())
        ((oid, value),) = v2c.apiPDU.get_varbinds(pdu)
        assert tuple(oid) == UP_TIME
        return int(value)


def polling(auth: str = "sha1", priv: str = "aes128", **more: Any) -> Poll:
    """Return a wire and an agent that have already talked."""
    poll = Poll(UsmWire(user(auth, priv)), agent(auth, priv, **more))
    assert poll() == 4242
    return poll
