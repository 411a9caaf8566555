"""``monitord check`` reports every mistake, or explains the configuration."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitord.__main__ import main
from monitord.cli.explanation import ExplanationReport
from monitord.cli.words import Words
from monitord.config.holidays import EPOCH, unknown_holidays
from monitord.core.model import SECOND
from monitord.texts.explanation import TEXTS
from tests.unit.config.samples import changed, loaded, write

PARTS = """\
fm1 (调频发射机一): SNMPv2c 10.1.1.21:161, every 1 s, deadline 0.8 s
points: audio_silent
room_io.sound_present: content; true when not audio_silent; delay at most 10 s (true), 2 s \
(false); continuity bound 2.8 s; false means empty carrier
fm1.remote has no effect: no programme uses it
county_fm (县广播 98.6 MHz): daily 05:55-24:00
stage 2 transmitter: emission, own
member fm1 carries when fm1.radiating, is ready when not fm1.fault
off air: critical; an incident after 0 s, closed after 30 s of good
duty_desk (值机台), zh: by desk, console; critical after 3 s, major after 3 s, \
minor after 3 s, warning after 3 s
channel console: console, deadline 5 s, one message at a time
channel desk: webhook, deadline 5 s
order of restoration: county
an outage that begins within 5 s of close-down is reported after the hours
""".splitlines()
CLAIM_ZH = (
    "county_fm：可发现的最短停播为13.6秒，取决于room_io.sound_present"
    "（连续性界限2.8秒 + 最宽证据10.8秒）；业务未监测"
)
NEEDS = "at_least(1, room_io.sound_present, fm1.full_power) or fm1.radiating"
DEGRADED = "{when: not fm1.full_power, reason: reduced_power}"
ZONE = "no time zone 'Asia/Shangai'; did you mean 'Asia/Shanghai'?"
UNIT_ID = "devices.room_io.modbus.unit_id: is 'x'; use a whole number 0–255"
CLAIM = (
    "county_fm: shortest detectable outage 13.6 s, limited by room_io.sound_present"
    " (continuity bound 2.8 s + widest evidence 10.8 s); service not monitored"
)


def check(path: Path, *, explain: bool = False, language: str = "en") -> tuple[int, list[str]]:
    out = io.StringIO()
    explained = ["--explain"] if explain else []
    code = main(["check", str(path), "--language", language, *explained], out)
    return code, out.getvalue().replace(f"{path.parent}/", "").splitlines()


def test_a_good_file_is_reported_with_its_shortest_detectable_outage(tmp_path: Path) -> None:
    """The widest condition of the chain decides, and a layer that is not monitored is named."""
    assert check(write(tmp_path)) == (0, ["monitord.yaml: OK", CLAIM])


def test_a_faster_proof_shortens_what_is_surely_seen(tmp_path: Path) -> None:
    """Without the silence detector's hold the next condition decides."""
    text = changed(("true_delay_max: 10s, false_delay_max: 2s", "true_delay_max: 0s"))
    _, lines = check(write(tmp_path, text))
    assert "detectable outage 3.6 s, limited by fm1.radiating" in lines[1]


def test_a_bad_file_is_reported_with_every_mistake_and_their_number(tmp_path: Path) -> None:
    """All at once, and an exit code for scripts."""
    text = changed(("Asia/Shanghai", "Asia/Shangai"), ("unit_id: 1", "unit_id: x"))
    assert check(write(tmp_path, text)) == (
        2,
        [
            f"monitord.yaml: line 1: site.time_zone: {ZONE}",
            f"monitord.yaml: line 8: {UNIT_ID}",
            "monitord.yaml: 2 errors",
        ],
    )


def test_the_explanation_lists_what_is_monitored_judged_and_reported(tmp_path: Path) -> None:
    """Nothing that decides is left out."""
    code, lines = check(write(tmp_path), explain=True)
    assert code == 0
    assert [line for line in lines if not line.startswith(" ")] == [
        "monitord.yaml: OK",
        "Monitored",
        "Evaluated",
        "Notified",
    ]
    assert f"    {CLAIM}" in lines
    for part in PARTS:
        assert any(line.strip() == part for line in lines), part


def test_the_explanation_shows_no_secret(tmp_path: Path) -> None:
    """It is meant to be pasted into a mail."""
    _, lines = check(write(tmp_path), explain=True)
    assert not [line for line in lines if "public" in line or "8080" in line]


def test_hours_past_midnight_read_as_they_were_written(tmp_path: Path) -> None:
    """Nobody writes 25:00."""
    text = changed(('"05:55-24:00"', '["20:00-01:00", "06:00-12:00"]'))
    _, lines = check(write(tmp_path, text), explain=True)
    assert "  county_fm (县广播 98.6 MHz): daily 20:00-01:00, 06:00-12:00" in lines


DAYS = """schedule:
      daily: "05:50-00:05"
      weekly: {"sat, sun": closed}
      monthly: {last tue: ["05:50-13:00", "17:30-00:05"]}
      dates: {2026-10-01 to 2026-10-07: "00:00-24:00", 2026-12-31: "05:50-02:00"}
"""


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Sat, Sun: closed",
                "last Tue of the month: 05:50-13:00, 17:30-00:05",
                "2026-10-01 to 2026-10-07: 00:00-24:00",
                "2026-12-31: 05:50-02:00",
                "coming days",
            ],
        ),
        (
            "zh",
            [
                "周六、周日：不播出",
                "每月最后一个周二：05:50-13:00、17:30-00:05",
                "2026-10-01至2026-10-07：00:00-24:00",
                "2026-12-31：05:50-02:00",
                "今后各日",
            ],
        ),
    ],
)
def test_every_entry_of_a_schedule_and_the_coming_days_are_in_the_explanation(
    language: str, expected: list[str], tmp_path: Path
) -> None:
    """What was meant by a day is seen before that day comes."""
    text = changed(('schedule: {daily: "05:55-24:00"}\n', DAYS))
    code, lines = check(write(tmp_path, text), explain=True, language=language)
    assert code == 0
    shown = [line.strip() for line in lines]
    place = shown.index(expected[0])
    assert shown[place : place + 5] == expected
    coming = shown[place + 5 : place + 19]
    days = [date.fromisoformat(line[:10]) for line in coming]
    assert days == [days[0] + timedelta(days=n) for n in range(14)]
    assert abs(days[0] - datetime.now(UTC).date()) <= timedelta(days=1)
    closed = {"en": "closed", "zh": "不播出"}[language]
    assert all(
        line.endswith(closed)
        for line, day in zip(coming, days, strict=True)
        if day.weekday() >= 5 and (day.month, day.day) != (12, 31) and day.month != 10
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_public_holidays_that_nobody_has_published_are_warned_of(
    language: str, tmp_path: Path
) -> None:
    """Sixty days ahead, and only where a schedule depends on them."""
    festive = 'schedule: {daily: "06:00-24:00", holidays: "00:00-24:00"}'
    plain = 'schedule: {daily: "05:55-24:00"}'
    section = ("record: {folder", "holidays: {country: cn}\nrecord: {folder")
    settings = loaded(tmp_path, (plain, festive), section)
    begin = date(2032, 1, 1).toordinal() - EPOCH
    assert unknown_holidays(settings, begin) == date(2032, 1, 1)
    assert unknown_holidays(loaded(tmp_path, section), begin) is None
    report = ExplanationReport(settings, Words(language), begin * 86_400 * SECOND)
    assert any("2032-01-01" in line for line in report.claims())


def test_every_layer_that_is_not_monitored_is_named(tmp_path: Path) -> None:
    """On the air is claimed only as far as somebody looked."""
    stage = "      - {stage: studio_sound, owner: own, needs: room_io.sound_present}\n"
    _, lines = check(write(tmp_path, changed((stage, ""))))
    assert lines[1].endswith("; service not monitored; content not monitored")


def test_chinese_has_the_same_lines(tmp_path: Path) -> None:
    """The duty operator reads it in his own language."""
    code, lines = check(write(tmp_path), explain=True, language="zh")
    assert code == 0
    assert f"    {CLAIM_ZH}" in lines


def test_a_reader_that_stops_gets_no_traceback(tmp_path: Path) -> None:
    """The explanation is long, and head is short."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as out:
        assert main(["check", "--explain", str(write(tmp_path))], out) == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_line_can_be_said(tmp_path: Path, language: str) -> None:
    """Any, at least, degraded, a member without ready, no schedule: each has its words."""
    text = changed(
        ('    schedule: {daily: "05:55-24:00"}\n', ""),
        (", ready: not fm1.fault}", "}"),
        (
            "needs: room_io.sound_present",
            f"layer: service, needs: '{NEEDS}', degraded: [{DEGRADED}]",
        ),
    )
    code, lines = check(write(tmp_path, text), explain=True, language=language)
    assert code == 0
    said = "\n".join(lines)
    assert NEEDS in said
    assert "not fm1.full_power" in said
    assert TEXTS[language]["explain.always"] in said


KEYS = (
    ("    poll_every: 1s\n", "    poll_every: 1s\n    powered_by: fm1.fault\n"),
    (
        "powered_by",
        "behind: [fm1.remote, fm1.fault]\n    mutes_on_input: fm1.fault\n    powered_by",
    ),
    ("not audio_silent}", "not audio_silent, alarm: {severity: major, open_after: 2s}}"),
    ("owner: own, needs", "owner: own, manual: not fm1.remote, needs"),
    ("    name: 县广播 98.6 MHz\n", "    name: 县广播 98.6 MHz\n    rank: city\n"),
    ("off_air: {open_after: 0s", "manual: {severity: warning}\n    off_air: {open_after: 4s"),
)
EXPLAINED = {
    "en": """\
powered by fm1.fault: it fails with them
behind fm1.remote, fm1.fault: it is not seen without them
mutes without fm1.fault
an alarm while false: major; after 2 s, closed after 30 s of true
left in manual when not fm1.remote
order of restoration: city
left in manual: warning; an incident after 10 s, closed after 30 s of good
WARNING duty_desk: critical is to be sent after 3 s, but county_fm off air is an incident only \
after 4 s; lower open_after or raise tell_after
""",
    "zh": """\
由fm1.fault供电：随之失效
在fm1.remote、fm1.fault之后：没有它们就看不到
没有fm1.fault就静默输出
不成立即告警：重要；持续2秒开单，成立30秒后关单
not fm1.remote时在手动位
恢复次序：市级
倒换在手动位：提示；持续10秒开单，恢复30秒后关单
警告 duty_desk：紧急应在3秒后通知，但county_fm停播持续4秒才开单；请调小open_after，或调大tell_after
""",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_explains_a_fault_and_what_rings_is_in_the_explanation(
    tmp_path: Path, language: str
) -> None:
    """Also what is first restored, and a delay that has no effect."""
    code, lines = check(write(tmp_path, changed(*KEYS)), explain=True, language=language)
    assert code == 0
    for part in EXPLAINED[language].splitlines():
        assert any(line.strip() == part for line in lines), part


def test_a_condition_that_explains_or_rings_has_an_effect(tmp_path: Path) -> None:
    """It need not be in a chain."""
    _, lines = check(write(tmp_path, changed(*KEYS)), explain=True)
    assert not [line for line in lines if "fm1.remote has no effect" in line]


def test_a_script_gets_the_delays_without_effect(tmp_path: Path) -> None:
    """In seconds, with the fault that opens latest."""
    out = io.StringIO()
    path = write(tmp_path, changed(*KEYS))
    assert main(["check", str(path), "--json"], out) == 0
    (early,) = json.loads(out.getvalue())["early"]
    assert early == {
        "person": "duty_desk",
        "severity": "critical",
        "tell_after_s": 3.0,
        "programme": "county_fm",
        "fault": "off_air",
        "open_after_s": 4.0,
        "others": 0,
    }


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "witness roof: receives emission when fm1.radiating; counts while fm1.remote"),
        ("zh", "旁证roof：fm1.radiating时收到发射；fm1.remote时才算数"),
    ],
)
def test_a_witness_is_explained_and_its_conditions_have_an_effect(
    tmp_path: Path, language: str, line: str
) -> None:
    """It decides beside the chain, so it is listed with it."""
    roof = "    witnesses: [{id: roof, needs: fm1.radiating, healthy: fm1.remote}]\n"
    text = changed(("    off_air:", f"{roof}    off_air:"))
    _, lines = check(write(tmp_path, text), explain=True, language=language)
    assert f"    {line}" in lines
    assert not [found for found in lines if found.strip().startswith("fm1.remote ")]
    assert not [found for found in lines if found.strip().startswith("fm1.remote不")]


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "is_open"),
    [
        (0o644, 0o755, True),
        (0o602, 0o755, True),
        (0o640, 0o755, False),
        (0o600, 0o755, False),
        (0o644, 0o750, False),
    ],
)
def test_a_secret_that_every_user_may_read_is_a_warning(
    file_mode: int, folder_mode: int, is_open: bool
) -> None:
    """A folder that others may not enter protects what is in it; a group is the owner's choice."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = write(folder)
        for secret in (folder / "secrets").iterdir():
            secret.chmod(0o600)
        (folder / "secrets" / "fm1").chmod(file_mode)
        (folder / "secrets").chmod(folder_mode)
        code, lines = check(path)
        chinese = check(path, language="zh")[1]
    assert code == 0
    warning = "WARNING: every user of this computer may read or change secrets/fm1; chmod o-rwx it"
    assert (warning in lines) == is_open
    assert any("secrets/fm1" in line for line in chinese) == is_open


def test_a_line_without_numbers_makes_the_shortest_detectable_outage_longer(tmp_path: Path) -> None:
    """Its evidence reaches to the request before, and a second reading is waited for."""
    rtu = changed(("port: 502", "port: 4001, framing: rtu"))
    _, lines = check(write(tmp_path, rtu), explain=True)
    (claim,) = (line for line in lines if "detectable" in line)
    assert "outage 15.6 s, limited by room_io.sound_present" in claim
    assert "(continuity bound 2.8 s + widest evidence 11.8 s + second reading 1 s)" in claim
    (said,) = (line for line in lines if "carry no number" in line)
    assert "a device that is always 2 or more answers late cannot be found" in said


def test_answers_that_may_be_later_make_it_longer_by_as_many_slots(tmp_path: Path) -> None:
    """Three true answers late: the evidence begins three requests earlier."""
    rtu = changed(("port: 502", "port: 4001, framing: rtu, answers_behind_max: 3"))
    _, lines = check(write(tmp_path, rtu), explain=True)
    (claim,) = (line for line in lines if "detectable" in line)
    assert "(continuity bound 2.8 s + widest evidence 13.8 s + second reading 1 s)" in claim
    assert any("always 4 or more answers late" in line for line in lines)
