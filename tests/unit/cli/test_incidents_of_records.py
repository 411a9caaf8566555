"""``monitord incidents`` of a record that a core has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config.settings import SchedulePlan
from monitord.core.decision_bodies import Acknowledge, DecisionBody, FalseAlarm, Settle
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


MARKED = {
    "en": "marked it as a false alarm at 12:00:49: music is on air",
    "zh": "于12:00:49标为误报：music is on air",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_false_alarm_is_said_with_who_when_and_what_was_seen(
    tmp_path: Path, language: str
) -> None:
    """While it lasts and for ever after, in the list of incidents and in the status."""
    watch = begun().hold(20, io="bad")
    (incident,) = watch.driver.situation.durable.incidents
    decide(watch, FalseAlarm(incident, "music is on air"))
    (tmp_path / "lasting").mkdir()
    path = kept(tmp_path / "lasting", watch.hold(20, io="bad"))
    for command in ("status", "incidents"):
        shown = monitord(command, path, language=language)
        assert MARKED[language] in shown.out
    assert TEXTS[language]["sort.false_alarm"] in monitord("status", path, language=language).out
    (found,) = monitord("incidents", path, "--json").json["incidents"]
    ((mark),) = found["false_alarms"]
    assert (mark["person"], mark["saw"]) == ("desk", "music is on air")
    (tmp_path / "over").mkdir()
    path = kept(tmp_path / "over", watch.hold(120))
    assert monitord("incidents", path, "--open", "--json").json["incidents"] == []
    assert MARKED[language] in monitord("incidents", path, language=language).out


def test_a_status_of_a_record_has_what_was_settled(tmp_path: Path) -> None:
    """By the same rows as that of a daemon."""
    watch = begun().hold(35, fm1="silent", io="silent").hold(120)
    (span,) = watch.bodies("suspicion_found")
    body = Settle("on_air", (), "", "", ((str(span["subject"]), "fm", int(str(span["seconds"]))),))
    decide(watch, body)
    (programme,) = monitord("status", kept(tmp_path, watch), "--json").json["programmes"]
    assert (programme["settled_on"], programme["settled_off"], programme["unsettled"]) == (1, 0, 0)
    assert programme["settled_on_s"] == int(str(span["seconds"])) / 1e6
