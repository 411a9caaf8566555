"""The wire of SNMPv3: what is believed of an agent, what is not, and how it comes back."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from monitord.devices.model import ReadError
from monitord.devices.snmp.model import User
from monitord.devices.snmp.usm import REDISCOVER_EVERY, REMARKS_MAX, UsmWire
from monitord.devices.snmp.usm_ciphers import PRIV_PROTOCOLS
from monitord.devices.snmp.usm_keys import AUTH_PROTOCOLS
from monitord.devices.snmp.usm_messages import read_header
from monitord.devices.snmp.wire import AskAgainError, UnbelievedError
from tests.support.usm_agent import (
    AUTH,
    DECRYPTION_ERROR,
    NOT_IN_TIME_WINDOW,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    UNSUPPORTED_LEVEL,
    WRONG_DIGEST,
    UserKeys,
    UsmAgent,
    other_engine_id,
)

UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
REQUEST_ID = 0x4000_0001
SECOND = 1_000_000
LEVELS = [
    ("", ""),
    *((auth, "") for auth in AUTH_PROTOCOLS),
    *((auth, priv) for auth in AUTH_PROTOCOLS for priv in PRIV_PROTOCOLS),
]
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
        if (opening := self.wire.opening(REQUEST_ID)) is not None:
            with pytest.raises(AskAgainError):
                self.wire.unwrap(self._only(opening), self.now)
        while True:
            try:
                return self._value(self._only(self.wire.wrap(a_get(), REQUEST_ID, self.now)))
            except AskAgainError:
                again += 1
                assert again <= 2, "a reader asks again at most twice"

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


@pytest.mark.parametrize(("auth", "priv"), LEVELS)
def test_every_protocol_is_understood_by_pysnmp_and_back(auth: str, priv: str) -> None:
    """Discovery, the request and its answer: three levels, six digests, six ciphers."""
    poll = Poll(UsmWire(user(auth, priv)), agent(auth, priv))
    assert poll() == 4242
    assert poll.agent.reports == [UNKNOWN_ENGINE]
    poll.passes(1)
    assert poll() == 4242
    assert not poll.wire.remarks


def test_a_discovery_that_tells_no_clock_is_followed_by_the_clocks_own_report() -> None:
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
    with pytest.raises(UnbelievedError, match="context"):
        poll()


@pytest.mark.parametrize(("auth", "priv"), [("sha1", "aes128"), ("md5", "des"), ("sha512", "")])
def test_no_single_flipped_bit_is_believed(auth: str, priv: str) -> None:
    """Each bit of an answer, one after the other; the true answer is taken all the same."""
    poll = polling(auth, priv)
    before = repr(poll.wire.engine)
    answer = poll.out()
    for bit in range(len(answer) * 8):
        flipped = bytearray(answer)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UnbelievedError):
            poll.wire.unwrap(bytes(flipped), poll.now)
    assert repr(poll.wire.engine) == before
    assert not poll.wire.remarks
    assert poll.take(answer) == 4242


@pytest.mark.parametrize(("auth", "priv"), [("sha1", "aes128"), ("", "")])
def test_no_answer_cut_short_or_made_longer_is_believed(auth: str, priv: str) -> None:
    """Every length below the whole, and one octet more."""
    poll = polling(auth, priv)
    answer = poll.out()
    for size in range(len(answer)):
        with pytest.raises(UnbelievedError) as caught:
            poll.wire.unwrap(answer[:size], poll.now)
        assert caught.value.faulty
    with pytest.raises(UnbelievedError):
        poll.wire.unwrap(answer + b"\0", poll.now)
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
        except (UnbelievedError, AskAgainError, ReadError):
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
        with pytest.raises(UnbelievedError) as caught:
            poll.take(first)
        assert not caught.value.faulty
        second = poll.out()
    assert poll.take(second) == 4242


@pytest.mark.parametrize("level", [0, AUTH])
def test_an_answer_of_a_lower_level_is_refused(level: int) -> None:
    """RFC 3412 §7.2: who asks encrypted does not believe what is not."""
    poll = polling()
    poll.agent.answer_level = level
    with pytest.raises(UnbelievedError, match="lower security level"):
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
    with pytest.raises(UnbelievedError, match="digest"):
        poll.wire.unwrap(forged, poll.now)
    assert poll.take(answer.answer(request)[0]) == 4242


def test_an_answer_of_another_user_or_engine_is_refused() -> None:
    """Engine id and user are those that were asked."""
    poll = polling()
    poll.agent.users["other"] = poll.agent.users["ops"]
    pdu = v2c.ResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    message_id = read_header(poll.out()).message_id
    with pytest.raises(UnbelievedError, match="user is not ours"):
        poll.wire.unwrap(poll.agent.build(pdu, message_id, "other", 3), poll.now)
    other = agent(engine_id=other_engine_id())
    with pytest.raises(UnbelievedError, match="engine id"):
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
    """The person who can mend it reads which key of the configuration it is."""
    poll = polling()
    message_id = read_header(poll.out()).message_id
    with pytest.raises(ReadError) as caught:
        poll.wire.unwrap(poll.agent.report(report, message_id, "ops"), poll.now)
    assert caught.value.kind == "error_status"
    assert named in caught.value.detail
    assert not [secret for secret in SECRETS if secret in str(caught.value)]
    assert poll() == 4242


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
    """Wrong key, wrong protocol, wrong level: as a real agent tells them apart."""
    poll = Poll(UsmWire(user()), agent())
    poll.agent.users = {"ops": mine}
    with pytest.raises(ReadError, match=report):
        poll()


def test_an_engine_that_counts_its_boots_is_followed_and_told() -> None:
    """RFC 3414 §2.3: boots went up, time began anew. One poll, one remark."""
    poll = polling()
    poll.agent.boots, poll.agent.time = 2, 3
    assert poll() == 4242
    assert list(poll.wire.remarks) == [("restarts", "engine restarted: boots 1 -> 2")]


@pytest.mark.parametrize("proves", [True, False])
@pytest.mark.parametrize("checks", [True, False])
@pytest.mark.parametrize(("boots", "after"), [(5, 1), (5, 5), (1, 0)])
def test_an_engine_that_forgot_its_boots_is_back_in_one_poll_and_told(
    boots: int, after: int, proves: bool, checks: bool
) -> None:
    """Where others drop the device for ever: boots fall back, or stay while the time does.

    Whether the agent proves its report, sends it plain, or does not look at the time at all.
    """
    poll = polling(boots=boots, time=100_000, proves_window_reports=proves, checks_window=checks)
    poll.agent.boots, poll.agent.time = after, 3
    assert poll() == 4242
    restarts, forgets = poll.wire.remarks
    assert (restarts.kind, forgets.kind) == ("restarts", "forgets_boots")
    assert f"boots {boots} -> {after}, engine time 100000 s -> 3 s" in forgets.detail
    poll.wire.remarks.clear()
    poll.passes(1)
    assert poll() == 4242
    assert not poll.wire.remarks


def test_values_out_of_the_time_window_are_not_believed() -> None:
    """RFC 3414 §3.2 step 7b: the clock of such an answer is taken, its values are not."""
    poll = polling(checks_window=False, time=1000)
    poll.agent.time = 849
    with pytest.raises(AskAgainError):
        poll.take(poll.out())
    poll.agent.time = 700
    assert poll() == 4242


def test_an_answer_at_the_windows_edge_is_believed() -> None:
    """150 s behind is in the window, and moves nothing back."""
    poll = polling(checks_window=False, time=1000)
    poll.agent.time = 850
    assert poll.take(poll.out()) == 4242
    assert poll.wire.engine is not None
    assert poll.wire.engine.time == 1000


def test_time_that_runs_apart_slowly_is_followed() -> None:
    """A clock that is slow by a tenth stays in the window for as long as it is polled."""
    poll = polling()
    for _ in range(400):
        poll.now += 10 * SECOND
        poll.agent.time += 9
        assert poll.take(poll.out()) == 4242
    assert not poll.wire.remarks


def test_an_engine_without_boots_left_says_what_it_needs() -> None:
    """RFC 3414 §2.2.3: at 2147483647 it takes nothing any more."""
    poll = polling()
    poll.agent.boots = 2**31 - 1
    with pytest.raises(ReadError, match="used up its boots"):
        poll()
    assert poll.wire.engine is not None
    assert poll.wire.engine.boots == 1


def test_a_replaced_device_is_followed_and_told() -> None:
    """Another engine id behind the same address: found within the same poll."""
    poll = polling()
    old = poll.agent.engine_id
    poll.agent.engine_id = other_engine_id()
    assert poll() == 4242
    (remark,) = poll.wire.remarks
    assert remark.kind == "engine_changed"
    assert old.hex() in remark.detail
    assert poll.agent.engine_id.hex() in remark.detail


def test_a_replaced_device_that_says_nothing_is_found_after_a_few_polls() -> None:
    """Some agents drop what is for another engine without a report."""
    poll = polling(silent_on_unknown_engine=True)
    poll.agent.engine_id = other_engine_id()
    for _ in range(REDISCOVER_EVERY):
        with pytest.raises(TimeoutError):
            poll()
    assert poll() == 4242
    assert poll.wire.remarks[0].kind == "engine_changed"


def test_a_silent_agent_is_asked_for_its_engine_now_and_then_only() -> None:
    """An agent that does not answer discovery is still asked for its values."""
    poll = polling()
    asked = []
    for _ in range(4 * REDISCOVER_EVERY):
        opening = poll.wire.opening(REQUEST_ID)
        asked.append(opening is not None)
        if opening is None:
            poll.wire.wrap(a_get(), REQUEST_ID, poll.now)
    assert sum(asked) == 4 - 1
    while poll.wire.opening(REQUEST_ID) is not None:
        pass
    assert poll.take(poll.out()) == 4242
    assert poll.wire.opening(REQUEST_ID) is None


@pytest.mark.parametrize("report", [UNKNOWN_ENGINE, NOT_IN_TIME_WINDOW])
def test_a_forged_report_costs_one_request_and_no_more(report: tuple[int, ...]) -> None:
    """Reports without a digest can be written by anybody who sees the way: they are hints."""
    poll = polling()
    forger = agent(boots=2_000_000_000, time=1)
    if report == UNKNOWN_ENGINE:
        forger.engine_id = other_engine_id()
    known, before = poll.wire.engine, repr(poll.wire.engine)
    for _ in range(10):
        message_id = read_header(poll.wire.wrap(a_get(), REQUEST_ID, poll.now)).message_id
        with pytest.raises(AskAgainError):
            poll.wire.unwrap(forger.report(report, message_id, "ops"), poll.now)
        poll.wire.wrap(a_get(), REQUEST_ID, poll.now)  # by the hint; nobody answers it
        assert poll.wire.engine is known
        assert repr(known) == before
        assert poll.take(poll.out()) == 4242
    assert not poll.wire.remarks


def test_a_report_under_another_message_id_is_not_heard() -> None:
    """Who does not see our requests cannot even cost one."""
    poll = polling()
    answer = poll.out()
    for report in (UNKNOWN_ENGINE, NOT_IN_TIME_WINDOW, UNKNOWN_USER, WRONG_DIGEST):
        wrong = read_header(answer).message_id ^ 1
        with pytest.raises(UnbelievedError):
            poll.wire.unwrap(poll.agent.report(report, wrong, "ops"), poll.now)
    assert poll.take(answer) == 4242


def test_a_recorded_report_of_an_earlier_boot_is_not_heard() -> None:
    """An old report is authentic for ever; that no id comes twice is what makes it old."""
    poll = polling(boots=1)
    request = poll.wire.wrap(a_get(), REQUEST_ID, poll.now - 10_000 * SECOND)
    poll.agent.time = 100_000
    recorded = poll.agent.answer(request)[0]
    with pytest.raises(AskAgainError):
        poll.wire.unwrap(recorded, poll.now)
    poll.agent.boots = 5
    assert poll() == 4242
    poll.wire.remarks.clear()
    answer = poll.out()
    with pytest.raises(UnbelievedError):
        poll.wire.unwrap(recorded, poll.now)
    assert poll.take(answer) == 4242
    assert not poll.wire.remarks


def test_a_users_many_engines_are_kept_apart() -> None:
    """One user, keys and clocks by engine."""
    polls = [
        Poll(UsmWire(user()), agent(engine_id=other_engine_id(), boots=n, time=1_000 * n))
        for n in range(1, 20)
    ]
    for _ in range(3):
        for poll in polls:
            assert poll() == 4242
            poll.passes(7)
    assert [poll.wire.engine.boots for poll in polls if poll.wire.engine] == list(range(1, 20))


def test_one_engine_at_two_addresses_has_two_wires() -> None:
    """Their messages do not answer each other's, and their salts differ."""
    one, shared = polling(), agent()
    other = Poll(UsmWire(user()), shared)
    assert other() == 4242
    first, second = one.out(), other.out()
    for poll, answer in ((one, second), (other, first)):
        with pytest.raises(UnbelievedError):
            poll.take(answer)
    assert one.take(first) == other.take(second) == 4242


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


def test_remarks_are_bounded() -> None:
    """A device that restarts all the time fills no memory."""
    poll = polling()
    for boots in range(2, 100):
        poll.agent.boots = boots
        assert poll() == 4242
    assert len(poll.wire.remarks) == REMARKS_MAX


def test_a_request_is_not_wrapped_for_an_engine_that_nobody_knows() -> None:
    """Discovery comes first; to leave it out is a mistake of ours."""
    with pytest.raises(AssertionError):
        UsmWire(user()).wrap(a_get(), REQUEST_ID, 0)


def test_a_wires_text_shows_no_secret() -> None:
    """Passphrases and keys stay out of logs."""
    poll = polling()
    text = repr(poll.wire) + repr(poll.wire.engine) + repr(user())
    assert "ops" in text
    assert not [secret for secret in SECRETS if secret in text]
