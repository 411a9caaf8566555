"""What people decided is in the statement of a period: settlements and false alarms."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from monitord.config.settings import SchedulePlan
from monitord.core.decision_bodies import Basis, FalseAlarm, Settle
from monitord.core.model import Decision
from tests.support.seam import Watch
from tests.unit.test_report import figures, kept, report, watch_of

DAY = ("2026-11-11", "2026-11-11")
MONITORED = ("2026-11-11T12:00:10", "2026-11-11T12:05:00")
NOTHING_FOUND = ("未发现停播", "no outage", "没有停播", "至少0秒", "at least 0 s")


def settle(watch: Watch, verdict: str, *, person: str = "desk", note: str = "") -> None:
    """Let a person settle all that is unsettled."""
    spans = tuple(
        (str(one["subject"]), str(one["programme"]), int(str(one["seconds"])))
        for one in watch.bodies("suspicion_found")
    )
    at = watch.driver.now
    body = Settle(verdict, (), "", note, spans)
    basis = Basis(on_behalf_of="Li", paper="No. 12") if note else Basis()
    watch.driver.tick([Decision(at, f"d{at}", person, "command", body, basis)], at)


def begun() -> Watch:
    return watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 1440),))).hold(30)


def unseen() -> Watch:
    """Return a watch of 35 seconds without any answer, which a person must settle."""
    watch = begun().hold(35, fm1="silent", io="silent").hold(120)
    assert len(watch.bodies("suspicion_found")) == 1
    return watch


def falsely_silent(*, marks: bool = True) -> Watch:
    """Return a watch whose detector found silence; a person found music on air and marked it so."""
    watch = begun().hold(20, io="bad")
    (incident,) = watch.driver.situation.durable.incidents
    if marks:
        at = watch.driver.now
        body = FalseAlarm(incident, "music is on air")
        watch.driver.tick([Decision(at, "f1", "desk", "command", body)], at)
    return watch.hold(30, io="bad").hold(120)


SETTLED_OFF = {
    "en": ("settled as off air: 1, 46", "; coverage ", "off air as settled by a person: 1, 46"),
    "zh": ("认定停播1项，共46", "由", "结论：有停播，经认定1项，共46"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_time_settled_as_off_air_is_off_air_in_the_statement(tmp_path: Path, language: str) -> None:
    """Nobody may read from it that no outage was found; who, when and why are beside it."""
    watch = unseen()
    settle(watch, "off_air", note="the neighbour saw it")
    path = kept(tmp_path, watch.hold(20))
    shown = report(path, *MONITORED, language=language)
    assert shown.code == 0
    for part in (
        *SETTLED_OFF[language],
        "the neighbour saw it",
        "Li",
        "No. 12",
        "2026-11-11 12:03",
    ):
        assert part in shown.out
    assert [text for text in NOTHING_FOUND if text in shown.out] == []


def test_a_settlement_is_in_the_figures_for_programs_too(tmp_path: Path) -> None:
    """As JSON with every span, as a table with the counts; no figure of the record moves."""
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    before = figures(kept(tmp_path / "before", unseen().hold(20)), *MONITORED)
    watch = unseen()
    settle(watch, "off_air")
    path = kept(tmp_path / "after", watch.hold(20))
    after = figures(path, *MONITORED)
    assert (before["unsettled"], before["settled_off"], before["settlements"]) == (1, 0, [])
    assert (after["unsettled"], after["settled_off"], after["settled_on"]) == (0, 1, 0)
    assert after["settled_off_s"] == before["unsettled_s"]
    for name in ("least_s", "most_seen_s", "most_s", "columns_s", "coverage"):
        assert after[name] == before[name]
    (one,) = after["settlements"]
    assert (one["verdict"], one["person"], one["note"]) == ("off_air", "desk", "")
    (span,) = one["spans"]
    assert span["in_hours_s"] == after["settled_off_s"]
    assert span["began"] < span["ended"] < one["at"]
    (row,) = csv.DictReader(io.StringIO(report(path, *MONITORED, "--csv").out))
    for name in ("settled_off", "settled_off_s", "settled_on", "settled_on_s"):
        assert float(row[name]) == after[name]


def test_a_settlement_is_of_the_period_that_its_span_is_of(tmp_path: Path) -> None:
    """Not of that in which somebody settled it."""
    watch = unseen()
    settle(watch, "off_air")
    path = kept(tmp_path, watch.hold(20))
    assert figures(path, "2026-11-11T12:02:30", "2026-11-11T12:04:00")["settlements"] == []


SORTS = ("unsettled", "settled_off", "settled_on")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(("cut", "before"), [("12:00:50", 31), ("12:00:31", 12), ("12:02:30", 46)])
def test_a_span_counts_in_each_period_by_the_part_that_lies_in_it(
    tmp_path: Path, sort: str, cut: str, before: int
) -> None:
    """Two halves of a year have between them the seconds that the year has."""
    watch = unseen()
    if sort != "unsettled":
        settle(watch, sort.removeprefix("settled_") + "_air")
    path = kept(tmp_path, watch.hold(20))
    at = f"2026-11-11T{cut}"
    whole, first, second = (
        figures(path, begin, end)
        for begin, end in (MONITORED, (MONITORED[0], at), (at, MONITORED[1]))
    )
    key = f"{sort}_s"
    assert whole[key] == pytest.approx(46, abs=1.5)
    assert first[key] + second[key] == pytest.approx(whole[key])
    assert first[key] == pytest.approx(before, abs=1.5)
    counts = [each[sort] for each in (first, second)]
    assert counts == [int(each[key] > 0) for each in (first, second)]
    for each in (first, second) if sort != "unsettled" else ():
        spans = [span for one in each["settlements"] for span in one["spans"]]
        assert sum(span["in_hours_s"] for span in spans) == pytest.approx(each[key])


@pytest.mark.parametrize("sort", SORTS)
def test_a_span_that_reaches_a_period_out_of_hours_only_is_none_of_it(
    tmp_path: Path, sort: str
) -> None:
    """It has no second there in which the programme should have been on the air."""
    watch = watch_of("2026-11-11T12:00:00", SchedulePlan("fm", ((0, 12 * 60 + 1),))).hold(30)
    watch.hold(60, fm1="silent", io="silent").hold(120)
    if sort != "unsettled":
        settle(watch, sort.removeprefix("settled_") + "_air")
    path = kept(tmp_path, watch.hold(20))
    before = figures(path, "2026-11-11T12:00:10", "2026-11-11T12:00:55")
    after = figures(path, "2026-11-11T12:01:05", "2026-11-11T12:03:00")
    assert (before[sort], after[sort], after[f"{sort}_s"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ("settled as on air: 1", "; 1 settled as on air", "no outage was found while")),
        ("zh", ("认定在播1项", "；认定在播1项", "监测时间内未发现停播")),
    ],
)
def test_time_settled_as_on_air_is_named_in_the_conclusion(
    tmp_path: Path, language: str, parts: tuple[str, ...]
) -> None:
    """A person said so; the program saw nothing of it."""
    watch = unseen()
    settle(watch, "on_air")
    shown = report(kept(tmp_path, watch.hold(20)), *MONITORED, language=language)
    for part in parts:
        assert part in shown.out


DENIED = {
    "en": (
        "; settled as on air by ",
        " marked it as a false alarm at 2026-11-11 12:00:49",
        "conclusion: off air, outages listed: 1, of these settled as on air: 1\n",
    ),
    "zh": ("；由", "认定为在播", "标为误报：music", "结论：有停播，列出1次，其中认定在播1次\n"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_outage_that_was_a_false_alarm_keeps_its_place_with_that_beside_it(
    tmp_path: Path, language: str
) -> None:
    """The record is not rewritten, and nobody reads an outage that a person has disproven."""
    watch = falsely_silent()
    settle(watch, "on_air")
    shown = report(kept(tmp_path, watch.hold(20)), *DAY, language=language)
    for part in DENIED[language]:
        assert part in shown.out


def listed(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = figures(path, *DAY)["outages"]
    return found


def test_only_an_outage_that_is_settled_whole_is_said_to_be_so(tmp_path: Path) -> None:
    """One that went on unseen is settled for that part alone."""
    watch = begun().hold(20, fm1="bad").hold(30, fm1="absent").hold(60)
    settle(watch, "on_air")
    path = kept(tmp_path, watch.hold(20))
    (one,) = listed(path)
    assert [(each["verdict"], each["whole"]) for each in one["settled"]] == [("on_air", False)]
    assert "; a part of it settled as on air by " in report(path, *DAY).out
    assert "of these settled as on air" not in report(path, *DAY).out


def test_a_false_alarm_that_lasts_is_unsettled_in_the_statement(tmp_path: Path) -> None:
    """With who marked it and what that person saw."""
    watch = begun().hold(20, io="bad")
    (incident,) = watch.driver.situation.durable.incidents
    at = watch.driver.now
    watch.driver.tick([Decision(at, "f1", "desk", "command", FalseAlarm(incident, "music"))], at)
    path = kept(tmp_path, watch.hold(30, io="bad"))
    assert figures(path, *DAY)["unsettled"] == 1
    (one,) = listed(path)
    (mark,) = one["false_alarms"]
    assert (one["ended"], one["settled"], mark["person"], mark["saw"]) == (
        None,
        [],
        "desk",
        "music",
    )
