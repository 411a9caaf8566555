"""``monitord status``, ``incidents`` and ``ack``, in both languages, with and without a daemon."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from monitord.__main__ import main
from monitord.control.model import refusal
from monitord.control.socket_file import NAME as SOCKET
from monitord.core.fault_plans import Sort
from monitord.core.messages import CLOSINGS
from monitord.core.model import Told
from monitord.journal.database import NAME
from monitord.texts.commands import TEXTS
from tests.fixtures.make_record import INCIDENT
from tests.unit.cli.commands import monitord
from tests.unit.cli.daemons import asked, status_of

LANGUAGES = ("en", "zh")
DOCUMENTED = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")

DEVICES = [
    {"id": "a", "name": "A", "up": True, "last_answer": "2026-11-24T10:00:00+08:00"},
    {"id": "b", "name": "B", "up": False, "last_answer": "2026-11-23T10:00:00+08:00"},
    {"id": "c", "name": "C", "up": False, "last_answer": None},
    {"id": "d", "name": "D", "up": None, "last_answer": None},
]
FIGURES = {"least_s": 1.25, "most_seen_s": 75.0, "most_s": 3725.0}
SPAN = {
    "id": "1-77",
    "programme": "fm",
    "name": "FM",
    "sort": "presumed",
    "began": "2026-11-24T01:00:00+08:00",
    "ended": "2026-11-24T01:02:00+08:00",
    "in_hours_s": 90.0,
}
STATUS: dict[str, Any] = {
    "site": "hill",
    "name": "山",
    "source": "daemon",
    "as_of": "2026-11-24T10:00:05.000+08:00",
    "recorded": False,
    "programmes": [
        {"id": "fm", "name": "FM", "column": "off_air", "since": "2026-11-24T09:00:00+08:00"}
        | {"observed": "unknown:timeout", "presumed": True}
        | FIGURES,
        {"id": "tv", "name": "TV", "column": None, "since": None, "observed": "unknown:not_yet"}
        | {"presumed": False}
        | FIGURES,
    ],
    "devices": [device | {"silent": "timeout"} for device in DEVICES],
    "incidents": [],
    "owed": [
        {"person": "ann", "name": "Ann", "incident": "1-9", "number": 512, "told": told}
        | {"attempts": 2, "received": "no", "channel": None}
        | {"state": state, "due_at": "2026-11-24T10:00:09+08:00"}
        for state, told in (("waiting", None), ("owed", "opened"), ("telling", "revised"))
    ],
}


def member(programme: str, fault: str = "off_air", **more: object) -> dict[str, Any]:
    """Return an open member of the incident, or one that is over."""
    found = {"id": f"{programme}/{fault}", "programme": programme, "name": programme.upper()}
    found |= {"fault": fault, "severity": "critical", "reason": "no_carrier", "stage": "tx"}
    found |= {"open": True, "how": None, "falls": 1}
    found |= dict.fromkeys(("began_not_before", "began_not_after"), "2026-11-24T09:00:00+08:00")
    found |= dict.fromkeys(("ended_not_before", "ended_not_after"))
    return found | FIGURES | more


ENDED = dict.fromkeys(("ended_not_before", "ended_not_after"), "2026-11-24T09:30:00+08:00")
INCIDENT_OPEN = (
    {"id": "1-9", "number": 512, "programme": "fm", "name": "FM", "joined": ["tv"]}
    | {"fault": "off_air", "severity": "critical", "reason": "no_carrier"}
    | {"stage": "tx", "stage_name": "output", "conditions": ["fm1.up"], "place": "fm1/tx"}
    | {"kind": "stage", "devices": [{"id": "fm1", "name": "TX 1"}]}
    | {
        "devices_now": [
            {"device": "fm1", "name": "TX 1", "does": "no_output"},
            {"device": "fm2", "name": "TX 2", "does": "failed"} | {"conditions": ["fm2.remote"]},
            {"device": "fm3", "name": "TX 3", "does": "in_use"}
            | {"programme": "am", "programme_name": "AM"},
        ]
    }
    | {"opened_at": "2026-11-24T09:00:01+08:00", "acknowledged_by": None}
    | {"acknowledged_at": None, "acknowledged": []}
    | dict.fromkeys(("began_not_before", "began_not_after"), "2026-11-24T09:00:00+08:00")
    | FIGURES
    | {
        "members": [
            member("fm"),
            member("tv", falls=3, open=False, how="good", **ENDED),
            member("am", open=False, how="continued"),
            member("sw", "reserve_lost/tx"),
        ]
    }
)
STATUS["incidents"] = [INCIDENT_OPEN]


PRINTED = {
    "en": """\
The record cannot be written now; see the log of monitord.
hill (山) at 2026-11-24 10:00:05
Programmes
  fm (FM): off air since 09:00:00; observed: monitoring lost (the device does not answer), \
presumed off air: it was bad before monitoring was lost
    off air in all, final so far: at least 1.2 s, at most 1 min 15 s, \
at most 1 h 2 min 5 s including monitoring lost
  tv (TV): not monitored yet
Devices
  a (A): answers, last at 10:00:00
  b (B): no reading since 2026-11-23 10:00:00: the device does not answer
  c (C): no reading yet: the device does not answer
  d (D): not read yet
Open incidents
  512 critical: FM, off air: no carrier; opened 09:00:01, open
    cause: TX 1, stage output
    now: TX 1 no output, TX 2 not ready, TX 3 serves AM
    FM off air (no carrier): began 09:00:00, lasts; at least 1.2 s, at most 1 min 15 s, \
at most 1 h 2 min 5 s including monitoring lost
    TV off air (no carrier): began 09:00:00, ended 09:30:00; 3 times; at least 1.2 s, \
at most 1 min 15 s, at most 1 h 2 min 5 s including monitoring lost
    AM off air (no carrier): began 09:00:00, lasts for another cause; at least 1.2 s, \
at most 1 min 15 s, at most 1 h 2 min 5 s including monitoring lost
    SW no backup (no carrier): began 09:00:00, lasts
    not acknowledged
Unsettled: none
Undelivered messages
  Ann: message for 512 is due at 10:00:09
  Ann: "opened" message for 512 not delivered, 2 attempts
  Ann: "revised" message for 512 is being sent, attempt 2
""",
    "zh": """\
目前无法写入记录；请看monitord的日志。
hill（山），2026-11-24 10:00:05
节目
  fm（FM）：停播，自09:00:00起；观测：失监（设备无应答）、推定停播：失监前已异常
    停播累计（已入账）：至少1.2秒，至多1分15秒，含失监至多1小时2分5秒
  tv（TV）：尚未监测
设备
  a（A）：有应答，最近一次10:00:00
  b（B）：自2026-11-23 10:00:00起无读数：设备无应答
  c（C）：尚无读数：设备无应答
  d（D）：尚未读取
未关的故障单
  512 紧急：FM，停播：无载波；09:00:01开单，未关
    原因：TX 1，环节output
    现状：TX 1无输出、TX 2不可接替、TX 3已用于AM
    FM停播（无载波）：09:00:00开始，尚未结束；至少1.2秒，至多1分15秒，含失监至多1小时2分5秒
    TV停播（无载波）：09:00:00开始，09:30:00结束；共3次；至少1.2秒，至多1分15秒，\
含失监至多1小时2分5秒
    AM停播（无载波）：09:00:00开始，因另一原因未止；至少1.2秒，至多1分15秒，\
含失监至多1小时2分5秒
    SW无后备（无载波）：09:00:00开始，尚未结束
    尚无人确认
未认定：无
待送达的通知
  Ann：单号512的通知定于10:00:09发送
  Ann：单号512的“发生”通知待送达，已尝试2次
  Ann：单号512的“更正”通知正在发送，第2次
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_status_prints_every_state(station: Path, language: str) -> None:
    """Presumed, never monitored, silent since another day, each member and message."""
    printed = await status_of(station, STATUS, language=language)
    assert printed == (0, PRINTED[language], "")


UNMONITORED = {
    "en": [": off air since", "service not monitored; content not monitored", "off air in all"],
    "zh": ["：停播，自", "业务未监测；内容未监测", "停播累计"],
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_layers_that_are_not_monitored_are_named_beside_a_claim(
    station: Path, language: str
) -> None:
    """A picture that nobody looks at may be frozen while a programme is on air."""
    tv, fm = STATUS["programmes"][1], STATUS["programmes"][0]
    found = [fm | {"unmonitored": ["service", "content"]}, tv | {"unmonitored": []}]
    printed = await status_of(station, STATUS | {"programmes": found}, language=language)
    lines = printed.out.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("  fm"))
    for line, text in zip(lines[first:], UNMONITORED[language], strict=False):
        assert text in line
    assert UNMONITORED[language][1] not in "".join(lines[first + 2 :])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_names_the_layers_that_are_not_monitored(station: Path, language: str) -> None:
    """By the configuration, with the words of the explanation."""
    (programme,) = monitord("status", station, "--json").json["programmes"]
    (explained,) = monitord("check", station, "--json").json["programmes"]
    assert programme["unmonitored"] == explained["unmonitored"] == ["service"]
    text = {"en": "    service not monitored", "zh": "    业务未监测"}[language]
    assert text in monitord("status", station, language=language).out.splitlines()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"source": "record"}, 1),
        ({"incidents": STATUS["incidents"]}, 1),
        ({"devices": STATUS["devices"]}, 1),
        ({"programmes": STATUS["programmes"]}, 1),
    ],
)
async def test_strict_status_is_0_only_if_everything_is_good(
    station: Path, change: dict[str, Any], code: int
) -> None:
    """On air or closed, every device answers, no incident is open, and a daemon runs."""
    good = STATUS | {
        "programmes": [STATUS["programmes"][0] | {"column": name} for name in ("on_air", "closed")],
        "devices": [STATUS["devices"][0]],
        "incidents": [],
    }
    assert (await status_of(station, good | change, "--strict")).code == code
    assert (await status_of(station, good | change)).code == 0


async def test_a_name_moves_no_cursor(station: Path) -> None:
    """Control characters in a label are blanked."""
    printed = await status_of(station, STATUS | {"name": "\x1b[2Jhill"})
    assert "\x1b" not in printed.out
    assert "[2Jhill" in printed.out


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_core_has_a_text(language: str) -> None:
    """An identifier in English is no text for the operator."""
    keys = [f"fault.{sort}" for sort in Sort]
    keys += [f"told.{told.value}" for told in Told]
    keys += [f"owed.{state}" for state in ("waiting", "owed", "telling")]
    keys += [f"incident.{how}" for how in CLOSINGS if how != "good"]
    keys += [f"observed.{sort}" for sort in ("good", "degraded", "bad", "unknown", "between")]
    assert [key for key in keys if key not in TEXTS[language]] == []


async def test_a_code_newer_than_the_texts_is_printed_as_it_is(station: Path) -> None:
    """A daemon of a later version may send one."""
    incident = INCIDENT_OPEN | {"reason": "frost"}
    printed = await status_of(station, STATUS | {"incidents": [incident]})
    assert "512 critical: FM, off air: frost;" in printed.out


HOURS_REFUSED = {
    "en": "ATTENTION: the hours of the configuration are not used:\n  why in en\n",
    "zh": "注意：配置中的播出时段未被采用：\n  why in zh\n",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_hours_that_are_not_used_are_no_good_status(station: Path, language: str) -> None:
    """A start goes on with the recorded ones; the reason is printed before all else."""
    well = STATUS | {"programmes": [], "incidents": [], "owed": [], "recorded": True}
    well |= {"devices": [STATUS["devices"][0]]}
    assert (await status_of(station, well, "--strict")).code == 0
    refused = {"en": "why in en", "zh": "why in zh"}
    well |= {"hours_refused": refused}
    printed = await status_of(station, well, "--strict", language=language)
    assert printed.out.startswith(HOURS_REFUSED[language])
    assert printed.code == 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min 0 s")]
)
async def test_durations_carry_over(station: Path, seconds: float, text: str) -> None:
    """Sixty seconds are a minute, also after rounding."""
    incident = INCIDENT_OPEN | {"least_s": seconds, "members": [member("fm")]}
    printed = await status_of(station, STATUS | {"incidents": [incident]})
    assert f"off air: at least {text}, at most" in printed.out


SEEN = [
    {"person": "ann", "name": "Ann", "members": ["fm/off_air"]},
    {"person": "bob", "name": "Bob", "members": ["fm/off_air", "tv/off_air"]},
]
SEEN_TEXT = {
    "en": "acknowledged by Ann at 09:10:00\n    also acknowledged by Bob\n"
    "    nobody has acknowledged yet: SW no backup\n",
    "zh": "Ann于09:10:00确认\n    另有Bob确认\n    其中尚无人确认：SW无后备\n",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_acknowledgement_covers_only_the_members_that_it_saw(
    station: Path, language: str
) -> None:
    """What joined later is listed as not acknowledged (rule 5.2 of the architecture)."""
    seen = {"acknowledged": SEEN, "acknowledged_by": "ann"}
    seen |= {"acknowledged_at": "2026-11-24T09:10:00+08:00"}
    incident = INCIDENT_OPEN | seen
    printed = await status_of(station, STATUS | {"incidents": [incident]}, language=language)
    assert SEEN_TEXT[language] in printed.out


ALARM = {"programme": "", "name": "UPS", "fault": "alarm/ups1.mains_good", "joined": []}
ALARM |= {"reason": "mains_lost", "stage": "", "stage_name": "", "devices_now": []}
ALARM |= {"devices": [{"id": "ups1", "name": "UPS"}], "members": [member("ups")]}


async def test_an_alarm_of_a_device_is_named_after_the_device(station: Path) -> None:
    """It has no programme and no stage."""
    printed = await status_of(station, STATUS | {"incidents": [INCIDENT_OPEN | ALARM]})
    head = "512 critical: UPS, alarm: mains_lost; opened 09:00:01, open"
    assert f"{head}\n    cause: UPS\n" in printed.out


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_without_a_daemon_is_printed(station: Path, language: str) -> None:
    """Copied from a dead machine, and older than acknowledgements."""
    status = monitord("status", station, language=language)
    assert (status.code, status.err) == (0, "")
    assert TEXTS[language]["status.programmes"] in status.out.splitlines()
    incidents = monitord("incidents", station, language=language)
    assert (incidents.code, incidents.err) == (0, "")
    assert incidents.out.startswith(f"{INCIDENT} ")
    assert TEXTS[language]["incident.unseen"] in incidents.out
    assert TEXTS[language]["delivery.delivered"] in incidents.out


def test_json_keys_are_documented(station: Path) -> None:
    """Scripts rely on the keys that docs/cli.md lists."""
    (incident,) = monitord("incidents", station, "--json").json["incidents"]
    found = monitord("status", station, "--json").json
    keys = [*incident, *incident["impacts"][0], *incident["deliveries"][0]]
    keys += [*found, *found["programmes"][0], *found["devices"][0]]
    keys += [*INCIDENT_OPEN, *INCIDENT_OPEN["members"][0], *STATUS["owed"][0], *SPAN]
    keys += [*incident["members"][0], *INCIDENT_OPEN["devices_now"][0], *SEEN[0]]
    keys += ACKNOWLEDGED
    assert [key for key in keys if f"`{key}`" not in DOCUMENTED] == []
    assert monitord("incidents", station, "--open", "--json").json["incidents"] == []


@pytest.mark.parametrize("command", ["status", "incidents"])
def test_another_sites_record_and_a_damaged_one_are_refused(station: Path, command: str) -> None:
    """No figures of another site, no half of the figures, and no traceback."""
    configuration = station.read_text("utf-8")
    station.write_text(configuration.replace("dabie_hill", "other_hill"), "utf-8")
    printed = monitord(command, station)
    assert (printed.code, printed.out) == (3, "")
    assert "is the record of site dabie_hill, not of site other_hill" in printed.err
    (station.parent / "record" / NAME).write_bytes(b"nothing like a database" * 100)
    printed = monitord(command, station)
    assert (printed.code, printed.out) == (3, "")
    assert NAME in printed.err


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "something else than monitord answers"), ("zh", "应答的不是monitord")],
)
async def test_why_the_daemon_cannot_be_asked_is_in_the_readers_language(
    station: Path, language: str, text: str
) -> None:
    """With the file of the socket."""
    async with await asyncio.start_unix_server(not_monitord, station.parent / "record" / SOCKET):
        printed = await asyncio.to_thread(monitord, "status", station, language=language)
    assert (printed.code, printed.out) == (3, "")
    assert SOCKET in printed.err
    assert text in printed.err


async def not_monitord(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a program of another kind does, after the whole request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    await reader.readexactly(int(length.split(b":")[1]))
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    writer.close()


def test_a_reader_that_closes_its_end_gets_no_traceback(station: Path) -> None:
    """The list is long, and head is short."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as out:
        assert main(["incidents", str(station)], out) == 0


ACKNOWLEDGED = {"ok": True, "incident": "1-9", "number": 512, "person": "ann", "name": "Ann"}
ACKNOWLEDGED |= {"at": "2026-11-24T10:00:05+08:00", "acknowledged": SEEN}
ACK_ANSWERS: list[tuple[dict[str, Any], int, str, str]] = [
    (
        ACKNOWLEDGED | {"already": False, "recorded": True},
        0,
        "512 acknowledged by Ann at 2026-11-24 10:00:05\n",
        "单号512已由Ann于2026-11-24 10:00:05确认\n",
    ),
    (
        ACKNOWLEDGED | {"already": True, "recorded": False},
        0,
        (
            "512 was already acknowledged by Ann at 2026-11-24 10:00:05\n"
            "The record cannot be written now; write it in the duty log too.\n"
        ),
        "单号512此前已由Ann于2026-11-24 10:00:05确认\n目前无法写入记录；请同时写入值班日志。\n",
    ),
    (
        ACKNOWLEDGED | {"person": "bob", "name": "Bob", "already": True, "recorded": True},
        0,
        "512 acknowledged by Ann; Bob was first, at 2026-11-24 10:00:05\n",
        "单号512已由Ann确认；首先由Bob于2026-11-24 10:00:05确认\n",
    ),
    (
        refusal("unknown_incident", incident="1-9", known=["1-7", "1-8"]),
        1,
        "no open incident 1-9; open: 1-7, 1-8\n",
        "没有未关的故障单1-9；未关：1-7、1-8\n",
    ),
    (
        refusal("unknown_person", person="anne", known=["ann", "duty_desk"]),
        1,
        "unknown person anne; did you mean 'ann'?\n",
        "没有人员anne；是否为'ann'？\n",
    ),
    (
        refusal("unknown_person", person="x", known=["ann", "duty_desk"]),
        1,
        "unknown person x; use one of: ann, duty_desk\n",
        "没有人员x；可用：ann、duty_desk\n",
    ),
    (
        refusal("unknown_command", known=[]),
        3,
        "request rejected (unknown_command); compare versions\n",
        "请求被拒（unknown_command）；请核对版本\n",
    ),
]


@pytest.mark.parametrize(("answer", "code", "english", "chinese"), ACK_ANSWERS)
async def test_ack_prints_the_answer_of_the_daemon(
    station: Path, answer: dict[str, Any], code: int, english: str, chinese: str
) -> None:
    """Acknowledged, acknowledged before, refused: with a text in the reader's language."""
    for language, text in (("en", english), ("zh", chinese)):
        printed = await asked(
            station, lambda _: answer, "ack", "1-9", "--person", "ann", language=language
        )
        assert (printed.code, printed.out + printed.err) == (code, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "monitord is not running (record {folder}); start it and retry\n"),
        ("zh", "monitord未运行（记录{folder}）；请启动后重试\n"),
    ],
)
def test_ack_without_a_daemon_is_refused(station: Path, language: str, text: str) -> None:
    """Only the daemon may write the record."""
    printed = monitord("ack", "1-9", "--person", "ann", station, language=language)
    folder = station.parent / "record"
    assert printed == (3, "", text.format(folder=folder))
