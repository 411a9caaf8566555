"""One of a thing is written in the singular, in every English text that counts something."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import Final

import pytest

from monitord import health
from monitord.config import texts as config_texts
from monitord.journal import errors
from monitord.messages.style import SECOND, Form, Style
from monitord.texts import LANGUAGES, arguments, commands, explanation, phrases, report, tools
from monitord.texts.filling import filled
from tests.support.alerts import LABELS

CATALOGUES: Final = {
    "messages": LANGUAGES["en"],
    "arguments": arguments.TEXTS["en"],
    "commands": commands.TEXTS["en"],
    "explanation": explanation.TEXTS["en"],
    "report": report.TEXTS["en"],
    "tools": tools.TEXTS["en"],
    "phrases": phrases.TEXTS["en"],
    "configuration": config_texts.TEXTS["en"],
    "record": errors.TEXTS["en"],
    "health": {"summary": health.SUMMARY, "waiting": health.WAITING},
}
DEPLOY: Final = Path(__file__).parents[3] / "deploy"
NAMES: Final = frozenset(
    {"p", "d", "e", "site", "person", "device", "where", "who", "id", "name", "file", "path"}
    | {"program", "condition", "member", "point", "function", "type", "types", "protocol"}
    | {"profile", "framing", "number", "incident", "first", "error", "core", "found", "raw"}
    | {"unit", "expected", "place", "length", "other"}
)
"""Parameters that are names or texts: what follows one of them is a verb."""
ONE_OF_MANY: Final = re.compile(
    r"\b1 (?:[a-z-]+ )??(?!(?:is|has|was|its|as|ms|unless|waits)\b)[a-z]+s\b|\b1 are\b"
)


def of_one(template: str, one: object) -> str:
    """Return a text in which every count is one."""
    names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
    return filled(template, {name: "it" if name in NAMES else one for name in names})


def counts_digits(template: str) -> bool:
    return ":02}" in template


@pytest.mark.parametrize("catalogue", CATALOGUES)
@pytest.mark.parametrize("one", [1, "1"])
def test_one_of_a_thing_is_in_the_singular(catalogue: str, one: object) -> None:
    """A duty engineer who reads "1 incidents" looks for the rest."""
    found = {}
    for key, template in CATALOGUES[catalogue].items():
        text = of_one(template, 1 if counts_digits(template) else one)
        if ONE_OF_MANY.search(text):
            found[key] = text
    assert found == {}


def test_one_of_a_thing_is_in_the_singular_in_the_rules_of_alerts() -> None:
    """A template of Prometheus has no two forms: its sentence must be right for every number."""
    text = (DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8")
    shown = [re.sub(r"\{\{ *\$value[^}]*\}\}", "1", line) for line in text.splitlines()]
    english = [line for line in shown if "_en:" in line]
    assert len(english) > 10
    assert [line for line in english if ONE_OF_MANY.search(line)] == []


def test_a_length_that_is_read_aloud_has_its_unit_once() -> None:
    """The unit of the first figure is left out, also where that figure is one."""
    style = Style(Form.SPOKEN, "en", LABELS, str, None)
    assert style.length(1 * SECOND) == "1 second"
    assert style.length(61 * SECOND) == "1 minute 1 second"
    assert style.lasted((1 * SECOND, 3 * SECOND, 3 * SECOND)) == "1 to 3 seconds"
    assert style.lasted((29 * SECOND, 31 * SECOND, 31 * SECOND)) == "29 to 31 seconds"


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_no_text_contains_a_sign_of_its_template(catalogue: str) -> None:
    """Both forms of a noun are in the template, and one of them in the text."""
    found = [
        of_one(template, 7 if ":" in template else "7")
        for template in CATALOGUES[catalogue].values()
    ]
    assert [text for text in found if re.search(r"[a-z]\|[a-z]", text)] == []
