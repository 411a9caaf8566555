"""``monitord settle`` and ``false-alarm``, and what ``status`` prints of unsettled time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.cli.deciding import NOT_POSSIBLE
from monitord.control.model import refusal
from monitord.core.unsettled_events import SuspicionSort
from monitord.texts.commands import TEXTS
from tests.unit.cli.commands import monitord
from tests.unit.cli.daemons import asked, status_of
from tests.unit.cli.test_status import LANGUAGES, SPAN, STATUS

FIGURES_OF_NOTHING = dict.fromkeys(("least_s", "most_seen_s", "most_s"), 0.0)


def with_unsettled(**figures: object) -> dict[str, Any]:
    """Return a status with one unsettled span of the first programme."""
    fm = STATUS["programmes"][0] | {"unsettled": 1, "unsettled_s": 90.0, "coverage": 0.99996}
    fm |= {"settled_off": 0, "settled_off_s": 0.0} | figures
    return STATUS | {"programmes": [fm], "unsettled": [SPAN]}


@pytest.mark.parametrize(
    ("language", "zero", "listed"),
    [
        (
            "zh",
            "监测时间内未发现停播，监测覆盖率99.9%，未认定1项，共1分30秒",
            "1-77 fm（FM）：停播中失监，推定停播；01:00:00至01:02:00，其中播出时间1分30秒",
        ),
        (
            "en",
            "no outage found while monitored, coverage 99.9 %, 1 unsettled, 1 min 30 s",
            (
                "1-77 fm (FM): presumed off air, monitoring was lost during an outage;"
                " 01:00:00 to 01:02:00, 1 min 30 s of it in hours"
            ),
        ),
    ],
)
async def test_no_zero_is_printed_while_something_is_unsettled(
    station: Path, language: str, zero: str, listed: str
) -> None:
    """But what was monitored, and what a person still has to settle."""
    status = with_unsettled(least_s=0.0, most_seen_s=0.0, column="on_air")
    printed = await status_of(station, status, language=language)
    lines = [line.strip() for line in printed.out.splitlines()]
    assert zero in lines
    assert listed in lines
    assert TEXTS[language]["status.figures"].partition("{")[0] not in printed.out
    settled = status["programmes"][0] | {"unsettled": 0, "unsettled_s": 0.0}
    status |= {"programmes": [settled], "unsettled": []}
    printed = await status_of(station, status, language=language)
    assert TEXTS[language]["status.figures"].partition("{")[0] in printed.out


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "尚无入账的播出时间，未认定1项，共1分30秒"),
        ("en", "no hours counted yet, 1 unsettled, 1 min 30 s"),
    ],
)
async def test_no_zero_is_printed_before_any_hour_is_counted(
    station: Path, language: str, text: str
) -> None:
    """The first boot without a trusted clock has neither figures nor a coverage."""
    status = with_unsettled(**FIGURES_OF_NOTHING, coverage=None)
    printed = await status_of(station, status, language=language)
    assert text in [line.strip() for line in printed.out.splitlines()]
    assert TEXTS[language]["status.figures"].partition("{")[0] not in printed.out


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize(
    ("language", "coverage", "text"),
    [
        ("zh", 0.0, "播出时间至今都没有监测，未认定"),
        ("en", 0.0, "none of its hours was monitored so far, "),
        ("zh", None, "尚无入账的播出时间，未认定"),
        ("en", None, "no hours counted yet, "),
    ],
)
async def test_no_zero_is_printed_where_nothing_was_monitored(
    station: Path, language: str, coverage: float | None, text: str, count: int
) -> None:
    """Whether a person has to settle anything or not: nobody has seen a second of its hours."""
    figures = FIGURES_OF_NOTHING | {"most_s": 90.0, "column": "blind"}
    status = with_unsettled(**figures, coverage=coverage, unsettled=count)
    printed = await status_of(station, status, language=language)
    assert any(line.strip().startswith(text) for line in printed.out.splitlines())
    assert TEXTS[language]["status.figures"].partition("{")[0] not in printed.out
    assert TEXTS[language]["status.zero"].partition("{")[0] not in printed.out


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("zh", "fm（FM）：播出时间不明；自01:00:00起，至今1分30秒"),
        ("en", "fm (FM): the hours are not known; since 01:00:00, 1 min 30 s so far"),
    ],
)
async def test_what_lasts_is_listed_without_an_id(station: Path, language: str, line: str) -> None:
    """Nobody can settle it before it has ended."""
    lasting = SPAN | {"id": "", "sort": "unsure", "ended": None}
    status = with_unsettled() | {"unsettled": [lasting]}
    printed = await status_of(station, status, language=language)
    assert line in [text.strip() for text in printed.out.splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sort_of_unsettled_time_has_words(language: str) -> None:
    """A person must know what to settle."""
    assert [sort for sort in SuspicionSort if f"sort.{sort}" not in TEXTS[language]] == []


async def test_figures_are_printed_beside_what_is_unsettled_and_what_was_settled(
    station: Path,
) -> None:
    """An outage that was found stays; a record that cannot be read is named."""
    status = with_unsettled(settled_off=2, settled_off_s=60.0) | {"unsettled": None}
    printed = await status_of(station, status)
    lines = [line.strip() for line in printed.out.splitlines()]
    assert "1 unsettled, 1 min 30 s" in lines
    assert "settled as off air: 2, 1 min 0 s" in lines
    assert TEXTS["en"]["status.unsettled.unread"] in lines
    assert any("at least 1.2 s" in line for line in lines)


@pytest.mark.parametrize(
    ("language", "listed"),
    [
        (
            "en",
            (
                (
                    "off air in all, final so far: nothing proven,"
                    " at most 0 s including monitoring lost"
                ),
                "settled as off air: 2, 1 min 0 s",
                "settled as on air: 1, 5 s",
            ),
        ),
        (
            "zh",
            (
                "停播累计（已入账）：没有已证实的，含失监至多0秒",
                "认定停播2项，共1分0秒",
                "认定在播1项，共5秒",
            ),
        ),
    ],
)
@pytest.mark.parametrize("unsettled", [0, 1])
async def test_what_was_settled_is_printed_for_both_verdicts_and_makes_no_zero(
    station: Path, language: str, listed: tuple[str, ...], unsettled: int
) -> None:
    """Nobody reads of time that a person settled as off air that no outage was found."""
    settled = {"settled_off": 2, "settled_off_s": 60.0, "settled_on": 1, "settled_on_s": 5.0}
    nothing = FIGURES_OF_NOTHING | {"unsettled": unsettled}
    printed = await status_of(station, with_unsettled(**settled, **nothing), language=language)
    lines = [line.strip() for line in printed.out.splitlines()]
    for line in listed:
        assert line in lines
    assert not [line for line in lines if "未发现停播" in line or "no outage" in line]


@pytest.mark.parametrize("unsettled", [0, 1])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_found_is_not_printed_of_a_programme_that_is_off_now(
    station: Path, language: str, unsettled: int
) -> None:
    """The first seconds of an outage are not final yet: its present state is, in the line above."""
    nothing = FIGURES_OF_NOTHING | {"unsettled": unsettled, "column": "off_air"}
    printed = await status_of(station, with_unsettled(**nothing), language=language)
    assert TEXTS[language]["status.figures.open"].partition("{")[0] in printed.out
    for text in ("未发现停播", "no outage", "至少0秒", "at least 0 s"):
        assert text not in printed.out


@pytest.mark.parametrize(
    ("least", "unsettled", "is_printed"), [(60.0, 1, True), (0.0, 0, True), (0.0, 1, False)]
)
async def test_filler_has_a_line_of_its_own_that_prints_no_zero_either(
    station: Path, least: float, unsettled: int, is_printed: bool
) -> None:
    """Of the time off air: nothing of it while nobody has settled what else may be of it."""
    own = {"least_s": least, "most_seen_s": 61.0, "most_s": 71.0}
    none = dict.fromkeys(own, 0.0)
    found = with_unsettled(own={"filler": own, "wrong_programme": none}, unsettled=unsettled)
    printed = await status_of(station, found, language="zh")
    line = "其中垫播：至少1分0秒，至多1分1秒，含失监至多1分11秒"
    assert (line in printed.out) is (is_printed and least > 0)
    assert ("其中垫播" in printed.out) is is_printed
    assert "其中错播" not in printed.out


async def test_settle_sends_what_was_said_and_prints_what_was_settled(station: Path) -> None:
    """Ids or all, the verdict, the name, the note; and what is left."""
    requests: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        found = {"verdict": "off_air", "settled": 2, "settled_s": 90.0, "left": 1}
        return found | {"ok": True, "recorded": False}

    options = ("--as", "ann", "--verdict", "off_air")
    printed = await asked(station, answer, "settle", "1-7,1-9", *options, "--note", "seen")
    assert printed.code == 0
    first, second, *_ = printed.out.splitlines()
    assert (first, second) == ("settled as off air: 2, 1 min 30 s", "still unsettled: 1")
    assert TEXTS["en"]["ack.unrecorded"] in printed.out
    await asked(station, answer, "settle", "all", *options, "--programme", "fm", "--json")
    asked_for = [(r["ids"], r["programme"], r["verdict"], r["person"]) for r in requests]
    assert asked_for == [(["1-7", "1-9"], "", "off_air", "ann"), ([], "fm", "off_air", "ann")]
    assert requests[0]["note"] == "seen"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", NOT_POSSIBLE)
async def test_a_settlement_that_is_refused_says_why(
    station: Path, code: str, language: str
) -> None:
    """Exit code 1, and what to do."""
    options = ("settle", "all", "--as", "ann", "--verdict", "on_air")
    printed = await asked(station, lambda _: refusal(code), *options, language=language)
    assert (printed.code, printed.out) == (1, "")
    assert TEXTS[language][f"refused.{code}"] in printed.err


def test_a_settlement_needs_a_verdict_and_a_name(station: Path) -> None:
    """Nothing is settled by nobody."""
    assert monitord("settle", "all", "--verdict", "on_air", station).code == 2
    assert monitord("settle", "all", "--as", "ann", station).code == 2
    assert monitord("settle", "all", "--as", "ann", "--verdict", "maybe", station).code == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_false_alarm_is_sent_with_what_was_seen(station: Path, language: str) -> None:
    """And the reader is reminded that the seconds stay."""
    requests: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        found: dict[str, Any] = {"incident": "1-9", "person": "ann", "name": "Ann Li"}
        found |= {"at": "2026-11-24T10:00:00+08:00", "number": 512}
        return found | {"ok": True, "recorded": True}

    options = ("false-alarm", "1-9", "--as", "ann", "--saw", "the picture moves")
    printed = await asked(station, answer, *options, language=language)
    assert printed.code == 0
    assert TEXTS[language]["false_alarm.settle"] in printed.out
    assert "1-9" not in printed.out
    done = {"en": "512 marked as a false alarm by Ann Li at ", "zh": "单号512已由Ann Li于"}
    assert printed.out.startswith(done[language])
    assert (requests[0]["incident"], requests[0]["person"]) == ("1-9", "ann")
    assert requests[0]["saw"] == "the picture moves"
    assert (await asked(station, answer, *options[:4])).code == 2
