"""Both languages say everything the core has a code for, and neither leaves a gap."""

from __future__ import annotations

import string
from typing import Any

import pytest

from monitord.core.columns import COLUMNS
from monitord.core.model import Column, Told
from monitord.core.record_events import Harm
from monitord.messages.cards import CARD_OF_CONDITION, CARD_OF_FAULT, CARD_OF_REASON
from monitord.texts import LANGUAGES, has_text, render

FAULTS = ("off_air", "suspected", "disputed", "blind", "degraded", "reserve_lost")
FAULTS += (
    "reserve_unknown",
    "reserve_used",
    "manual",
    "site_silent",
    "clock_untrusted",
    "inconsistent",
    "alarm",
    "config_refused",
)
TOLD = ("revised", "recovered", "closed_before_told", "worsened", "falls_again", "grown", "also")
TOLD += ("partly", "digest", "hours_ended", "reconfigured", "continued", "withdrawn")
DOES = ("on_air", "standby", "unswitched", "no_output", "failed", "silent", "unknown", "in_use")
DOES += ("good", "bad")
REASONS = ("no_carrier", "no_service", "black", "freeze", "silence", "wrong_programme", "filler")
REASONS += ("empty_carrier", "reduced_power", "poor_quality", "reserve_lost")
CAUSES = ("timeout", "refused", "unreachable", "bad_answer", "error_status", "exception")
CAUSES += ("inconsistent", "no_value", "absent", "not_yet")
SEVERITIES = ("critical", "major", "minor", "warning")

every_language = pytest.mark.parametrize("language", sorted(LANGUAGES))


def needed_keys() -> list[str]:
    """Return a key for every code the core or the configuration may bring."""
    return [
        *(f"core.{fault}" for fault in FAULTS),
        *(f"{of}.record_{harm}" for of in ("core", "cause", "reason") for harm in Harm),
        *("core.record_replaced.recovered", "what.record_replaced", "subject.record"),
        *(f"what.{fault}" for fault in FAULTS if fault != "alarm"),
        *(f"core.off_air.{told}" for told in TOLD),
        *(f"core.other.{told}" for told in TOLD),
        "core.storm",
        *(f"reason.{code}" for code in (*REASONS, *CAUSES)),
        *(f"column.{column.value}" for column in Column),
        *(f"now.{column.value}" for column in Column),
        *(f"severity.{severity}" for severity in SEVERITIES),
        *(f"does.{does}" for does in DOES),
        *(f"card.{card}.{part}" for card in CARDS for part in (1, 2, 3, "not")),
    ]


CARDS = {
    *CARD_OF_REASON.values(),
    *CARD_OF_FAULT.values(),
    *CARD_OF_CONDITION.values(),
    "alarm",
}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def examples(template: str) -> dict[str, Any]:
    """Return a value for every parameter: a number where the template formats one."""
    parsed = string.Formatter().parse(template)
    found = {name: spec for _, name, spec, _ in parsed if name is not None}
    return {name: 11 if spec else f"<{name}>" for name, spec in found.items()}


@every_language
def test_every_code_has_a_text(language: str) -> None:
    """A person never reads a code because its word is missing."""
    assert COLUMNS, "the columns of the core are the ones the texts know"
    assert [key for key in needed_keys() if not has_text(language, key)] == []


def test_the_kinds_of_messages_are_those_of_the_core() -> None:
    """A kind that the core adds needs its own texts."""
    assert {told.value for told in Told} <= {"opened", "storm", *TOLD}


def test_both_languages_have_the_same_keys_and_parameters() -> None:
    """English and Chinese messages have the same content."""
    zh, en = LANGUAGES["zh"], LANGUAGES["en"]
    assert list(zh) == list(en)
    assert {k: placeholders(v) for k, v in zh.items()} == {
        k: placeholders(v) for k, v in en.items()
    }


@every_language
def test_every_text_can_be_rendered_and_contains_every_parameter(language: str) -> None:
    """A parameter that a template leaves out is a fact that the person never reads."""
    for key, template in LANGUAGES[language].items():
        values = examples(template)
        text = render(language, key, **values)
        assert text.strip() or key.endswith(".separator")
        missing = [name for name, value in values.items() if str(value) not in text]
        assert missing == [], key


@every_language
def test_every_core_names_whom_it_is_about(language: str) -> None:
    """Who is off the air is in the first words, whatever happened."""
    nobody = ("core.stop", "core.site_silent", "core.clock_untrusted", "core.storm")
    nobody += ("core.config_refused", "core.record_")
    for key, template in LANGUAGES[language].items():
        if key.startswith("core.") and not key.startswith(nobody):
            assert placeholders(template) & {"p", "d", "core"}, key
    for key in ("core.off_air", "core.blind", "core.degraded", "core.suspected", "core.alarm"):
        assert "since" in placeholders(LANGUAGES[language][key]), key


@every_language
def test_every_card_asks_to_call_the_shift_leader(language: str) -> None:
    """An operator is not alone with an outage at 03:00."""
    texts = LANGUAGES[language]
    assert {"zh": "值班长", "en": "shift leader"}[language] in texts["card.after"]
    assert placeholders(texts["card.done"]) == {"steps", "after"}


@every_language
def test_a_card_is_short(language: str) -> None:
    """A card that takes longer than ten seconds is not read."""
    letters_max = {"zh": 70, "en": 180}[language]
    texts = LANGUAGES[language]
    for card in CARDS:
        steps = " ".join(texts[f"card.{card}.{step}"] for step in (1, 2, 3))
        assert len(steps) <= letters_max, card


def test_an_unknown_key_is_an_error() -> None:
    """A wrong key fails in the tests and not in a message."""
    with pytest.raises(KeyError):
        render("zh", "no.such.key")


def test_braces_in_a_name_are_only_text() -> None:
    """A configured name cannot change the template."""
    assert render("en", "line.cause", text="{0.__class__}") == "Cause: {0.__class__}."
