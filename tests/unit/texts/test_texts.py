"""Both languages say everything the core has a code for, and neither leaves a gap."""

from __future__ import annotations

import string
from itertools import product

import pytest

from monitord.core.columns import COLUMNS
from monitord.core.model import Column, Told
from monitord.texts import LANGUAGES, has_text, render

FAULTS = ("off_air", "blind", "reserve_lost", "degraded")
REASONS = ("no_carrier", "no_service", "black", "freeze", "silence", "wrong_programme", "filler")
REASONS += ("empty_carrier", "reduced_power", "reserve_lost")
CAUSES = ("timeout", "refused", "unreachable", "bad_answer", "error_status", "exception")
CAUSES += ("no_value", "absent", "not_yet")
SEVERITIES = ("critical", "major", "minor", "warning")

every_language = pytest.mark.parametrize("language", sorted(LANGUAGES))


def needed_keys() -> list[str]:
    """Return a key for every code the core or the configuration may bring."""
    titles = [f"title.{fault}.{told.value}" for fault, told in product(FAULTS, Told)]
    return [
        *titles,
        *(f"{title}.over" for title in titles),
        *(f"reason.{code}" for code in (*REASONS, *CAUSES)),
        *(f"action.{code}" for code in (*REASONS, *CAUSES, *FAULTS)),
        *(f"column.{column.value}" for column in Column),
        *(f"severity.{severity}" for severity in SEVERITIES),
    ]


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@every_language
def test_every_code_has_a_text(language: str) -> None:
    """A person never reads a code because its word is missing."""
    assert COLUMNS, "the columns of the core are the ones the texts know"
    assert [key for key in needed_keys() if not has_text(language, key)] == []


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
        names = placeholders(template)
        text = render(language, key, **{name: f"<{name}>" for name in names})
        assert text.strip()
        assert all(f"<{name}>" in text for name in names), key


@every_language
def test_every_title_of_a_fault_names_programme_and_beginning(language: str) -> None:
    """Which programme and since when are in the first line, whatever happened."""
    titles = [key for key in needed_keys() if key.startswith("title.")]
    for key in titles:
        assert {"programme", "began", "reason"} <= placeholders(LANGUAGES[language][key]), key


@every_language
def test_every_action_at_an_open_fault_asks_to_call_the_shift_leader(language: str) -> None:
    """An operator is not alone with an outage at 03:00."""
    called = {"zh": "值班长", "en": "shift leader"}[language]
    keys = [f"action.{code}" for code in (*REASONS, *CAUSES, *FAULTS)]
    assert [key for key in keys if called not in LANGUAGES[language][key]] == []


@every_language
def test_actions_are_short(language: str) -> None:
    """A card that takes longer than ten seconds is not read."""
    letters_max = {"zh": 120, "en": 320}[language]
    texts = LANGUAGES[language]
    assert [k for k in texts if k.startswith("action.") and len(texts[k]) > letters_max] == []


def test_an_unknown_key_is_an_error() -> None:
    """A wrong key fails in the tests and not in a message."""
    with pytest.raises(KeyError):
        render("zh", "no.such.key")


def test_braces_in_a_name_are_only_text() -> None:
    """A configured name cannot change the template."""
    assert render("en", "cause.stage", stage="{0.__class__}") == "Cause: {0.__class__}."
