"""``monitord incidents`` of a record that a core has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config.settings import SchedulePlan
from monitord.core.decision_bodies import Acknowledge, DecisionBody
from monitord.core.model import Decision
from monitord.texts.commands import TEXTS
from tests.support.seam import Watch
from tests.unit.cli.commands import monitord
from tests.unit.test_report import kept, watch_of


def begun() -> Watch:
    return watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),))).hold(30)


def decide(watch: Watch, body: DecisionBody, person: str = "desk") -> None:
    at = watch.driver.now
    watch.driver.tick([Decision(at, f"d{at}{person}", person, "command", body)], at)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_an_acknowledgement_covered_is_not_said_to_be_without_one(
    tmp_path: Path, language: str
) -> None:
    """The record has the members that were open when it was acknowledged."""
    watch = begun().hold(20, fm1="bad")
    (incident,) = watch.driver.situation.durable.incidents
    decide(watch, Acknowledge(incident))
    path = kept(tmp_path, watch.hold(20, fm1="bad"))
    (found,) = monitord("incidents", path, "--open", "--json").json["incidents"]
    assert [one["members"] for one in found["acknowledged"]] == [["fm/off_air"]]
    shown = monitord("incidents", path, "--open", language=language)
    assert TEXTS[language]["incident.unseen.members"].partition("{")[0] not in shown.out
    assert "2026-11-11" in shown.out
