"""The v3 wire: which messages of an agent it accepts and which it rejects."""

from __future__ import annotations

import random

import pytest
from pysnmp.proto.api import v2c

from monitord.devices.model import ReadError
from monitord.devices.snmp.usm.client import UsmWire
from monitord.devices.snmp.usm.keys import AUTH_PROTOCOLS
from monitord.devices.snmp.usm.messages import read_header
from monitord.devices.snmp.usm.privacy import PRIV_PROTOCOLS
from monitord.devices.snmp.wire import AskAgainError, ResponseMismatchError
from tests.support.usm_agent import (
    AUTH,
    DECRYPTION_ERROR,
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    UNSUPPORTED_LEVEL,
    WRONG_DIGEST,
    UserKeys,
    other_engine_id,
)
from tests.support.usm_poll import (
    REQUEST_ID,
    SECRETS,
    UP_TIME,
    Poll,
    a_get,
    agent,
    polling,
    user,
)

LEVELS = [
    ("", ""),
    *((auth, "") for auth in AUTH_PROTOCOLS),
    *((auth, priv) for auth in AUTH_PROTOCOLS for priv in PRIV_PROTOCOLS),
]


@pytest.mark.parametrize(("auth", "priv"), LEVELS)
def test_every_protocol_is_understood_by_pysnmp_and_back(auth: str, priv: str) -> None:
    """Discovery, the request and its answer: three levels, six digests, six ciphers."""
    poll = Poll(UsmWire(user(auth, priv)), agent(auth, priv))
    assert poll() == 4242
    assert poll.agent.reports == [UNKNOWN_ENGINE]
    poll.passes(1)
    assert poll() == 4242
    assert not poll.wire.remarks


def test_a_discovery_without_a_clock_is_followed_by_a_time_window_report() -> None:
    """RFC 3414 §4: boots and time are taken from an authentic report."""
    poll = Poll(UsmWire(user()), agent())
    opening = poll.wire.opening(REQUEST_ID)
    assert opening is not None
    boots, poll.agent.boots, time, poll.agent.time = poll.agent.boots, 0, poll.agent.time, 0
    report = poll.agent.answer(opening)[0]
    poll.agent.boots, poll.agent.time = boots, time
    with pytest.raises(AskAgainError):
        poll.wire.unwrap(report, poll.now)
    assert poll() == 4242
    assert poll.agent.reports == [UNKNOWN_ENGINE, NOT_IN_TIME_WINDOW]
    assert not poll.wire.remarks


def test_a_context_goes_out_and_must_come_back() -> None:
    """RFC 3412 §7.2: an answer of another context is not the one asked."""
    poll = Poll(UsmWire(user(context="exciter_b")), agent(context=b"exciter_b"))
    assert poll() == 4242
    poll.agent.context = b"exciter_a"
    with pytest.raises(ResponseMismatchError, match="context"):
        poll()


@pytest.mark.parametrize(("auth", "priv"), [("sha1", "aes128"), ("md5", "des"), ("sha512", "")])
def test_a_message_with_one_flipped_bit_is_rejected(auth: str, priv: str) -> None:
    """Each bit of a response, one after the other; the true response is accepted afterwards."""
    poll = polling(auth, priv)
    before = repr(poll.wire.engine)
    answer = poll.out()
    for bit in range(len(answer) * 8):
        flipped = bytearray(answer)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ResponseMismatchError):
            poll.wire.unwrap(bytes(flipped), poll.now)
    assert repr(poll.wire.engine) == before
    assert not poll.wire.remarks
    assert poll.take(answer) == 4242


def test_nothing_mutated_does_more_than_be_refused() -> None:
    """Whole octets changed, cut out and put in: no other exception, no authentic clock moved."""
    poll = polling()
    answer, report = poll.out(), None
    chance = random.Random(4)
    before = repr(poll.wire.engine)
    report = poll.agent.report(UNKNOWN_USER, read_header(answer).message_id, "ops")
    for _ in range(20_000):
        mutated = bytearray(chance.choice((answer, report)))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(mutated))
            mutated[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            poll.wire.unwrap(bytes(mutated), poll.now)
        except (ResponseMismatchError, AskAgainError, ReadError):
            pass
        else:
            assert bytes(mutated) == answer
    assert repr(poll.wire.engine) == before


def test_an_answer_is_taken_once_and_an_old_one_never() -> None:
    """A datagram that comes twice, or that was recorded, is not the answer to what is out."""
    poll = polling()
    first = poll.out()
    assert poll.take(first) == 4242
    for _ in range(2):
        with pytest.raises(ResponseMismatchError) as caught:
            poll.take(first)
        assert not caught.value.faulty
        second = poll.out()
    assert poll.take(second) == 4242


@pytest.mark.parametrize("priv", ["des", "aes128"])
def test_no_two_requests_use_one_salt(priv: str) -> None:
    """Each request counts the salt up by one; an equal IV would give the plaintexts away."""
    poll = polling("sha1", priv)
    requests = [poll.wire.wrap(a_get(), REQUEST_ID, poll.now) for _ in range(3)]
    low = [int.from_bytes(read_header(one).salt[4:], "big") for one in requests]
    assert [(number - low[0]) % 2**32 for number in low] == [0, 1, 2]


@pytest.mark.parametrize("level", [0, AUTH])
def test_an_answer_of_a_lower_level_is_refused(level: int) -> None:
    """RFC 3412 §7.2: an encrypted request needs an encrypted response."""
    poll = polling()
    poll.agent.answer_level = level
    with pytest.raises(ResponseMismatchError, match="lower security level"):
        poll()


def test_an_answer_under_another_key_is_refused() -> None:
    """The digest is what makes an answer the agent's."""
    poll = polling()
    answer = poll.agent
    request = poll.wire.wrap(a_get(), REQUEST_ID, poll.now)
    forger = agent()
    forger.users = {"ops": UserKeys("sha1", "aes128", auth_passphrase="not-the-same")}
    pdu = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_varbinds(pdu, [(UP_TIME, v2c.TimeTicks(1))])
    forged = forger.build(pdu, read_header(request).message_id, "ops", 3)
    with pytest.raises(ResponseMismatchError, match="digest"):
        poll.wire.unwrap(forged, poll.now)
    assert poll.take(answer.answer(request)[0]) == 4242


def test_an_answer_of_another_user_or_engine_is_refused() -> None:
    """Engine id and user are those that were asked."""
    poll = polling()
    poll.agent.users["other"] = poll.agent.users["ops"]
    pdu = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    message_id = read_header(poll.out()).message_id
    with pytest.raises(ResponseMismatchError, match="user is not ours"):
        poll.wire.unwrap(poll.agent.build(pdu, message_id, "other", 3), poll.now)
    other = agent(engine_id=other_engine_id())
    with pytest.raises(ResponseMismatchError, match="engine id"):
        poll.wire.unwrap(other.build(pdu, message_id, "ops", 3), poll.now)


@pytest.mark.parametrize(
    ("report", "named"),
    [
        (UNKNOWN_USER, "user"),
        (UNSUPPORTED_LEVEL, "auth and priv"),
        (WRONG_DIGEST, "auth_file"),
        (DECRYPTION_ERROR, "priv_file"),
        ((1, 3, 6, 1, 6, 3, 12, 1, 5, 0), "context"),
        ((1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0), "context engine"),
        ((1, 3, 6, 1, 2, 1, 1, 3, 0), "no answer"),
    ],
)
def test_a_refusal_names_what_to_look_at_and_no_secret(report: tuple[int, ...], named: str) -> None:
    """The error names the setting of the configuration to check, at once."""
    poll = Poll(UsmWire(user()), agent())
    poll.discover()
    message_id = read_header(poll.out()).message_id
    with pytest.raises(ReadError) as caught:
        poll.wire.unwrap(poll.agent.report(report, message_id, "ops"), poll.now)
    assert caught.value.kind == "error_status"
    assert named in caught.value.detail
    assert not [secret for secret in SECRETS if secret in str(caught.value)]
    assert poll() == 4242


@pytest.mark.parametrize("report", [UNKNOWN_USER, UNSUPPORTED_LEVEL, WRONG_DIGEST])
def test_a_report_without_a_digest_ends_no_request_once_the_engine_is_known(
    report: tuple[int, ...],
) -> None:
    """It may be forged: the response may still come; at the deadline the report is the reason."""
    poll = polling()
    answer = poll.out()
    forged = poll.agent.report(report, read_header(answer).message_id, "ops")
    with pytest.raises(ResponseMismatchError, match="user 'ops'") as caught:
        poll.wire.unwrap(forged, poll.now)
    assert caught.value.faulty
    assert poll.take(answer) == 4242


@pytest.mark.parametrize(
    ("mine", "report"),
    [
        (UserKeys("sha1", "aes128", auth_passphrase="another-one"), "usmStatsWrongDigests"),
        (UserKeys("sha256", "aes128"), "usmStatsWrongDigests"),
        (UserKeys("sha1", "aes128", priv_passphrase="another-one"), "usmStatsDecryptionErrors"),
        (UserKeys("sha1"), "usmStatsUnsupportedSecLevels"),
    ],
)
def test_an_agent_with_other_keys_refuses_by_name(mine: UserKeys, report: str) -> None:
    """Wrong key, wrong protocol, wrong level: a real agent reports each by its counter."""
    poll = Poll(UsmWire(user()), agent())
    poll.agent.users = {"ops": mine}
    with pytest.raises(ReadError, match=report):
        poll()


def test_silence_behind_a_discovery_names_the_privacy_key() -> None:
    """What cannot be decrypted is dropped without a word by net-snmp and others."""
    poll = Poll(UsmWire(user()), agent())
    assert not poll.wire.silence
    opening = poll.wire.opening(REQUEST_ID)
    assert opening is not None
    assert not poll.wire.silence
    with pytest.raises(AskAgainError):
        poll.wire.unwrap(poll.agent.answer(opening)[0], poll.now)
    answer = poll.out()
    assert "check priv_file" in poll.wire.silence
    assert poll.take(answer) == 4242
    poll.out()
    assert not poll.wire.silence


def test_a_wires_text_shows_no_secret() -> None:
    """Passphrases and keys stay out of logs."""
    poll = polling()
    text = repr(poll.wire) + repr(poll.wire.engine) + repr(user())
    assert "ops" in text
    assert not [secret for secret in SECRETS if secret in text]
