"""The outbox composes the message of each attempt in the person's language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitord.config.settings import PersonSettings, Settings
from monitord.core.message_events import Alert, AttemptBegan
from monitord.dispatcher import Attempt
from monitord.outbox import Outbox
from tests.support.alerts import iso
from tests.support.seam import fm_site

ALERT = Alert(
    alert_id="1-12-desk-1-opened",
    incident="1-12",
    told="opened",
    person="desk",
    fault="off_air",
    programme="fm",
    joined=[],
    observed="bad:no_carrier",
    column="off_air",
    reason="no_carrier",
    severity="critical",
    cause={"stage": "transmitter", "conditions": ["fm1.radiating"]},
    began=[1_000_000, 2_000_000],
    ended=None,
    least=0,
    most_seen=0,
    most=0,
    drill=False,
)
BEGAN = AttemptBegan("1-12", 3, "webhook", ALERT, "critical", 0, ())
SETTINGS = Settings(
    site="hill",
    time_zone="Asia/Shanghai",
    plan=fm_site().plan,
    config_hash="x",
    devices=(),
    channels=(),
    people=(PersonSettings("desk", "值机台", "zh"), PersonSettings("engineer", "Li", "en")),
    schedules=(),
    names={"programme/fm": "县广播"},
    record_folder=Path("record"),
)


class SentAttempts:
    """A dispatcher that keeps what it is given."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []

    def start(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)


@pytest.fixture
def sent() -> SentAttempts:
    return SentAttempts()


def begin(sent: SentAttempts, person: str, *, recorded: bool = True) -> Attempt:
    Outbox(SETTINGS, sent, iso).begin(person, BEGAN, recorded=recorded)
    return sent.attempts[-1]


def test_an_attempt_goes_to_the_channel_that_the_core_chose(sent: SentAttempts) -> None:
    """Person, incident, attempt and channel are those of the event."""
    attempt = begin(sent, "desk")
    assert (attempt.person, attempt.incident, attempt.attempt) == ("desk", "1-12", 3)
    assert attempt.channel == "webhook"
    assert attempt.message.began_not_before == iso(1_000_000)


def test_each_person_reads_the_language_of_the_configuration(sent: SentAttempts) -> None:
    """One event, two people, two languages."""
    chinese, english = begin(sent, "desk").message, begin(sent, "engineer").message
    assert "停播" in chinese.title
    assert "停播" not in english.title


def test_what_a_reload_took_away_keeps_its_name_in_the_last_word_of_it(sent: SentAttempts) -> None:
    """An id says nothing to an operator; the closing comes behind the reload that renamed it."""
    given = {"site": "大别山", "stage/fm/transmitter": "发射", "programme/fm": "县广播"}
    outbox = Outbox(replace(SETTINGS, names=given), sent, iso)
    outbox.begin("desk", BEGAN, recorded=True)
    before = sent.attempts[-1].message
    outbox.replace(replace(SETTINGS, names={"site": "大别山台"}))
    outbox.begin("desk", BEGAN, recorded=True)
    after = sent.attempts[-1].message
    assert "（发射）" in before.cause
    assert after.cause == before.cause
    assert after.title == before.title.replace("大别山", "大别山台")
    outbox.replace(replace(SETTINGS, names={}))
    outbox.begin("desk", BEGAN, recorded=True)
    assert "（发射）" not in sent.attempts[-1].message.cause, "of one configuration before, not two"


def test_an_unrecorded_message_carries_no_id(sent: SentAttempts) -> None:
    """A number that is not on disk may be given again after a restart."""
    recorded = begin(sent, "desk").message
    assert (recorded.alert_id, recorded.incident_id) == ("1-12-desk-1-opened", "1-12")
    unrecorded = begin(sent, "desk", recorded=False)
    assert (unrecorded.message.alert_id, unrecorded.message.number) == (None, None)
    assert unrecorded.message.unrecorded
    assert unrecorded.incident == "1-12", "the outcome is still reported under the incident"


@pytest.mark.parametrize("person", ["desk", "engineer"])
@pytest.mark.parametrize(("told", "words"), [("opened", "F"), ("recovered", "over")])
def test_a_message_that_cannot_be_composed_costs_its_words_alone(
    sent: SentAttempts, person: str, told: str, words: str
) -> None:
    """The watch goes on, somebody is informed of the fault, and the record's numbers are named."""
    broken = replace(BEGAN, alert=ALERT | {"told": told, "members": [{}], "began": [5, 6]})
    Outbox(SETTINGS, sent, iso).begin(person, broken, recorded=True)
    message = sent.attempts[-1].message
    assert (message.event, message.severity, message.incident_id) == (told, "critical", "1-12")
    assert "县广播" in message.title
    assert "monitord incidents" in message.sms
    assert message.began_not_before == iso(5)
    assert (words in message.title) or person == "desk"
    assert message.action in message.text
