"""The demonstration: what it shows, how it ends, and that nothing outlives it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from simulators import demo
from simulators.__main__ import main
from simulators.child import start_child
from simulators.plant.faults import SECOND, Fault, What
from simulators.plant.site import PROGRAMME, Site
from simulators.story import ONE_EVENING, Outage, Scene, Story, missing_reports

SHORT = Story(
    faults=(Fault(SECOND // 10, SECOND // 5, What.CARRIER_TRIP),),
    scenes=(Scene(SECOND // 10, "跳闸", "trip"),),
    outages=(Outage("no_carrier", SECOND // 4),),
)

# A daemon that posts the given events, reads the room's inputs, with which the story begins, and
# waits for its end.
STAND_IN = """
import json, pathlib, signal, socket, sys, urllib.request
import yaml
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
config = yaml.safe_load(pathlib.Path(sys.argv[-1]).read_text(encoding="utf-8"))
print("pid", __import__("os").getpid(), sys.argv[-1])
for event in sys.argv[1].split(","):
    body = {"event": event, "incident_id": "1-7", "reason": "no_carrier", "person": "engineer",
            "title": "停播", "began_not_before": "2026-01-01T20:00:08+08:00",
            "began_not_after": "2026-01-01T20:00:09+08:00"}
    url = config["channels"]["desk"]["url"]
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()))
print("一切正常")
sock = socket.create_connection(("127.0.0.1", config["devices"]["room_io"]["modbus"]["port"]))
sock.sendall(bytes.fromhex("000100000006010200000001"))
sock.recv(260)
signal.pause()
"""
PYTHON = (sys.executable, "-c")


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def daemon_pid(lines: list[str]) -> int:
    return next(int(line.split("pid ")[1].split()[0]) for line in lines if "pid " in line)


async def test_an_outage_reported_to_its_end_is_success_and_nothing_is_left() -> None:
    """Plant, daemon and webhook are all shown; no process and no folder outlives them."""
    lines: list[str] = []
    command = (*PYTHON, STAND_IN, "opened,recovered")
    assert await demo.play(SHORT, 0.3, command=command, write=lines.append) == 0
    text = "\n".join(lines)
    assert "plant    跳闸 / trip" in text
    assert "monitord 一切正常" in text
    assert "webhook  opened -> engineer: 停播 [began 20:00:08..20:00:09]" in text
    assert "every outage was reported" in text
    configuration = next(line for line in lines if "pid " in line).split()[-1]
    assert not is_running(daemon_pid(lines))
    assert not Path(configuration).parent.exists()


async def test_an_outage_without_an_end_is_failure() -> None:
    """Opened alone is half the truth."""
    lines: list[str] = []
    command = (*PYTHON, STAND_IN, "opened")
    assert await demo.play(SHORT, 0.3, command=command, write=lines.append) == 1
    assert "no_carrier: reported as opened, but not as recovered" in "\n".join(lines)


async def test_a_daemon_that_dies_is_shown_with_its_last_words() -> None:
    """The terminal shows why there is no demonstration."""
    lines: list[str] = []
    dying = "import sys; sys.stderr.write('no such profile\\n'); sys.exit(2)"
    assert await demo.play(SHORT, None, command=(*PYTHON, dying), write=lines.append) == 1
    assert lines[-1].splitlines() == [
        "demo: the daemon ended by itself with exit code 2. Its last lines:",
        "    no such profile",
    ]


async def begin(seconds: float | None) -> tuple[asyncio.Task[int], int]:
    """Start a demonstration; return it and the daemon's process id once the daemon is at work."""
    lines: list[str] = []
    at_work = asyncio.Event()

    def write(text: str) -> None:
        lines.append(text)
        if "一切正常" in text:
            at_work.set()

    command = (*PYTHON, STAND_IN, "opened")
    playing = asyncio.create_task(demo.play(SHORT, seconds, command=command, write=write))
    await at_work.wait()
    return playing, daemon_pid(lines)


async def test_a_signal_ends_everything_in_order() -> None:
    """Ctrl-C is how a demonstration may always end, and it is no failure."""
    playing, pid = await begin(1000.0)
    os.kill(os.getpid(), signal.SIGINT)
    assert await playing == 0
    assert not is_running(pid)


async def test_a_mistake_of_ours_leaves_no_daemon_behind() -> None:
    """However the demonstration ends, the daemon ends with it."""
    playing, pid = await begin(None)
    playing.cancel()
    await asyncio.wait([playing])
    assert playing.cancelled()
    assert not is_running(pid)


async def test_a_daemon_that_does_not_end_is_ended() -> None:
    """Asked once, then forced: no process is left to hold the ports."""
    deaf = "import signal; signal.signal(15, signal.SIG_IGN); print('deaf'); signal.pause()"
    lines: asyncio.Queue[str] = asyncio.Queue()
    child = await start_child((*PYTHON, deaf), lines.put_nowait)
    assert await lines.get() == "deaf"
    assert await child.stop(within_s=0.1) == -signal.SIGKILL


def test_every_change_of_the_plant_has_its_scene() -> None:
    """The log has a line at each moment at which the plant changes."""
    site = Site(ONE_EVENING.faults)
    changes = {*site.truth(PROGRAMME).times, *site.silent_contact.times}
    assert {scene.at for scene in ONE_EVENING.scenes} == {0, *changes}


def received(event: str, incident: str) -> dict[str, Any]:
    return {"event": event, "incident_id": incident, "reason": "no_carrier"}


REPORTED = [received("opened", "1"), received("recovered", "1")]


@pytest.mark.parametrize(
    ("story", "messages", "at_s", "missing"),
    [
        (ONE_EVENING, REPORTED, 50, []),
        (ONE_EVENING, REPORTED, 90, ["silence: no incident was reported as opened"]),
        (ONE_EVENING, REPORTED, 9, ["nothing is due yet: the first outage is due after 40 s"]),
        # The recovery of another incident does not count.
        (
            SHORT,
            [received("opened", "1"), received("recovered", "2")],
            1,
            ["no_carrier: reported as opened, but not as recovered"],
        ),
    ],
)
def test_a_report_that_is_due_and_absent_is_missing(
    story: Story, messages: list[dict[str, Any]], at_s: int, missing: list[str]
) -> None:
    """An outage that is not due is not missed; a story that shows nothing is a failure."""
    assert missing_reports(story, messages, at_s * SECOND) == missing


@pytest.mark.parametrize(
    "arguments", [["demo", "--story", "none.yaml"], ["demo", "--site", "none.yaml"], ["none.yaml"]]
)
def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """No traceback, and the exit code is 1."""
    assert main(arguments) == 1
    assert capsys.readouterr().err == "none.yaml: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("arguments", [["--help"], ["demo", "--help"], ["devices", "--help"]])
def test_help_is_there(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Each command has a help text."""
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    assert "usage: python -m simulators" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["demo", "--seconds", "0"], "'0' is not a number of seconds above 0"),
        (["demo", "--seconds", "soon"], "'soon' is not a number of seconds above 0"),
        (["devices", "--snmp-port", "99999"], "'99999' is not a port"),
    ],
)
def test_a_wrong_command_line_is_explained(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """The message has what was found and what is allowed; the exit code is 2."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert says in capsys.readouterr().err
