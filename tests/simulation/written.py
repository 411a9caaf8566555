"""What people of the simulated site read: each message as it was composed, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from monitord.core.plan import Plan
from monitord.messages.cards import advice
from monitord.messages.forms import full_text, sms_text, spoken_text
from monitord.messages.labels import Labels, Texts, labels_of
from monitord.messages.news import read_alert
from monitord.messages.style import Form, Style
from tests.simulation.facts import SECOND, NamesFacts
from tests.simulation.names import OWN_WORDS
from tests.simulation.observer.reader import LANGUAGES, Text

WORDS = {name: dict(zip(LANGUAGES, words, strict=True)) for name, words in OWN_WORDS.items()}
BEGIN = datetime(1970, 1, 1, 8, tzinfo=UTC)
"""The beginning of site time as the clock of the station showed it."""


class Got(Protocol):
    """One message as a person got it."""

    @property
    def alert(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Named:
    """What the texts need of a configuration."""

    site: str
    plan: Plan
    names: Mapping[str, str]
    short_names: Mapping[str, str] = field(default_factory=dict)
    cards: Texts = field(default_factory=dict)
    words: Texts = field(default_factory=lambda: WORDS)


def labels_for(plan: Plan, names: NamesFacts) -> Labels:
    """Return the names of a site for its messages, by its plan and what people call things."""
    labels = {f"device/{id_}": name for id_, name in names.devices.items()}
    labels |= {f"programme/{id_}": name for id_, name in names.programmes.items()}
    labels |= {f"stage/{id_}": name for id_, name in names.stages.items()}
    return labels_of(Named(plan.site, plan, {"site": names.site, **labels}))


def written(message: Got, labels: Labels) -> Iterator[Text]:
    """Yield what is read of a message in each language."""
    news = read_alert(message.alert)
    for language in LANGUAGES:
        full = Style(Form.FULL, language, labels, _iso, news.boot)
        found = full_text(news, advice(news, full), full, unrecorded=False)
        sms = sms_text(news, replace(full, form=Form.SMS))
        spoken = spoken_text(news, replace(full, form=Form.SPOKEN))
        yield Text(language, found.title, "\n".join(found.lines), sms, spoken)


def _iso(moment: int) -> str:
    return (BEGIN + timedelta(seconds=moment // SECOND)).isoformat()
