"""Runs as root inside the booted system: puts the service through its day, notes what it sees.

Judges nothing: the facts go to ``seen.json``, and the tests outside name the expected ones.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import traceback
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulators.agents.traps import TrapSender
from tests.support.agents import SnmpAgent

UNIT = "monitord.service"
TRAPS = "monitord-traps.socket"
COLD_START = (1, 3, 6, 1, 6, 3, 1, 1, 5, 1)
WITHIN_S = 25.0
POWER_OID = (1, 3, 6, 1, 4, 1, 99999, 1, 0)
CONFIGURATION = """\
site: {{id: hill, name: 大别山发射台, time_zone: Asia/Shanghai, clock: host}}
devices:
  fm1: # its community is a file that monitord's group may read
    name: 调频发射机一
    poll_every: 500ms
    snmp: {{address: 127.0.0.1, port: {port}, version: 2c, community_file: secrets/fm1}}
    points: {{power_w: {{oid: {oid}, unit: W}}}}
    conditions: {{radiating: {{layer: emission, reason: no_carrier, true_when: power_w > 100}}}}
  fm2: # its community is handed in by systemd
    name: 调频发射机二
    poll_every: 500ms
    snmp:
      address: 127.0.0.1
      port: {port}
      version: 2c
      community_file: /run/credentials/monitord.service/fm2
    points: {{power_w: {{oid: {oid}, unit: W}}}}
programmes:
  fm:
    name: 县广播
    chain: [{{stage: transmitter, owner: own, needs: fm1.radiating}}]
people: {{desk: {{name: 值机台, language: zh, tell: [console]}}}}
channels: {{console: {{kind: console}}}}
record: {{folder: /var/lib/monitord}}
traps: {{}}
"""
# The delivered unit with a shorter watchdog, for a test that should not take a minute.
DROP_IN = """\
[Service]
WatchdogSec=5s
LoadCredential=fm2:/etc/monitord-fm2
"""

CLOCK_UNIT = "clock-of-monitord.service"
# What a program may do to the clock that runs exactly as the delivered unit runs the daemon.
CLOCK_PROGRAM = """\
import ctypes, json, time
from monitord.clock_quality import KernelTime, read_max_error
ADJ_MAXERROR = 4
def refused(call):
    try:
        call()
    except PermissionError:
        return True
    return False
libc = ctypes.CDLL(None, use_errno=True)
change = KernelTime(modes=ADJ_MAXERROR, maxerror=1)
print(json.dumps({
    "max_error": read_max_error(),
    "set is refused": refused(lambda: time.clock_settime(time.CLOCK_REALTIME, time.time())),
    "change is refused": libc.adjtimex(ctypes.byref(change)) < 0,
}))
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def shown(*names: str) -> dict[str, str]:
    """Return these properties of the unit."""
    lines = run("systemctl", "show", UNIT, *(f"--property={name}" for name in names)).stdout
    return dict(line.split("=", 1) for line in lines.splitlines())


def state() -> dict[str, str]:
    names = ("ActiveState", "SubState", "Result", "NRestarts", "StatusText", "MainPID")
    return shown(*names, "ExecMainStatus")


def journal() -> str:
    return run("journalctl", "--unit", UNIT, "--output", "cat", "--no-pager").stdout


async def until(what: Callable[[], bool]) -> bool:
    """Wait for something to become true; return whether it did."""
    try:
        async with asyncio.timeout(WITHIN_S):
            while not await asyncio.to_thread(what):  # noqa: ASYNC110 - systemd sets no event
                await asyncio.sleep(0.1)
    except TimeoutError:
        return False
    return True


def metrics() -> str:
    try:
        with urllib.request.urlopen("http://127.0.0.1:9750/metrics", timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def prepare(port: int) -> None:
    """Do what the install steps say."""
    run("systemd-sysusers")
    secrets = Path("/etc/monitord/secrets")
    secrets.mkdir(parents=True)
    configuration = CONFIGURATION.format(port=port, oid=".".join(map(str, POWER_OID)))
    Path("/etc/monitord/monitord.yaml").write_text(configuration, encoding="utf-8")
    (secrets / "fm1").write_text("public\n")
    group = pwd.getpwnam("monitord").pw_gid
    for path, mode in ((secrets, 0o750), (secrets / "fm1", 0o640)):
        os.chown(path, 0, group)
        path.chmod(mode)
    Path("/etc/monitord-fm2").write_text("public\n")
    Path("/etc/monitord-fm2").chmod(0o600)
    drop_in = Path(f"/etc/systemd/system/{UNIT}.d/test.conf")
    drop_in.parent.mkdir()
    drop_in.write_text(DROP_IN)
    run("systemctl", "daemon-reload")
    run("systemctl", "disable", "--now", "snmptrapd.socket", "snmptrapd.service")
    run("systemctl", "enable", TRAPS)


async def a_trap_counts() -> bool:
    """Send traps to port 162 until one is taken; return whether one was."""
    with TrapSender("public", ("127.0.0.1", 162)) as sender:

        def is_taken() -> bool:
            sender.send(COLD_START, ticks=sender.sent)
            return 'monitord_traps_total{device="fm1",result="taken"}' in metrics()

        return await until(is_taken)


def socket_state() -> str:
    return run("systemctl", "is-active", TRAPS).stdout.strip()


async def reload() -> int:
    """Reload as an administrator does; return the exit code."""
    return (await asyncio.to_thread(run, "systemctl", "reload", UNIT)).returncode


def make_mistake(before: str = "500ms", after: str = "soon") -> None:
    """Let an engineer's hand slip, or put it right."""
    path = Path("/etc/monitord/monitord.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def clock() -> Any:
    """Run the program about the clock under the delivered unit; return what it printed."""
    program = Path("/opt/monitord/bin/clock.py")
    program.write_text(CLOCK_PROGRAM, encoding="utf-8")
    python = Path("/opt/monitord/bin/monitord").read_text(encoding="utf-8")
    python = python.replace('-m monitord "$@"', str(program))
    script = program.with_suffix("")
    script.write_text(python, encoding="utf-8")
    script.chmod(0o755)
    unit = Path(f"/etc/systemd/system/{UNIT}").read_text(encoding="utf-8")
    changed = {
        "Type=": "Type=oneshot",
        "ExecStart=": f"ExecStart={script}",
        "Restart=": "Restart=no",
    }
    lines = []
    for line in unit.splitlines():
        key = f"{line.partition('=')[0]}="
        if key != "WatchdogSec=":
            lines.append(changed.get(key, line))
    path = Path(f"/etc/systemd/system/{CLOCK_UNIT}")
    path.write_text("\n".join(lines), encoding="utf-8")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", CLOCK_UNIT)
    printed = run("journalctl", "--unit", CLOCK_UNIT, "--output", "cat", "--no-pager").stdout
    found = [line for line in printed.splitlines() if line.startswith("{")]
    return json.loads(found[0]) if found else {"printed": printed}


def process() -> dict[str, str]:
    """Return who the daemon is and what it may do."""
    status = Path(f"/proc/{shown('MainPID')['MainPID']}/status").read_text()
    lines = dict(line.split(":", 1) for line in status.splitlines())
    found = {name: lines[name].strip() for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}
    return found | {"user": pwd.getpwuid(int(lines["Uid"].split()[0])).pw_name}


def files(folder: str) -> dict[str, str]:
    """Return the owner of each file."""
    return {path.name: path.owner() for path in Path(folder).iterdir()}


def restarted(times: int) -> bool:
    now = state()
    return now["NRestarts"] == str(times) and now["SubState"] == "running"


async def act(agent: SnmpAgent, seen: dict[str, Any]) -> None:
    """Start, look, hang, kill, stop, and start with a mistake in the configuration."""
    prepare(agent.port)
    begun = await asyncio.to_thread(run, "systemctl", "start", UNIT)
    seen["start"] = {"code": begun.returncode, "said": begun.stderr} | state()
    seen["process"] = process()
    seen["clock"] = await asyncio.to_thread(clock)
    await until(lambda: 'state="on_air"} 1.0' in metrics())
    await until(lambda: "(0 silent)" in shown("StatusText")["StatusText"])
    seen["watching"] = {"metrics": metrics()} | state()
    seen["trap"] = {"taken": await a_trap_counts(), "socket": socket_state()}

    os.kill(int(state()["MainPID"]), signal.SIGSTOP)
    await until(lambda: restarted(1))
    seen["after hang"] = state()

    os.kill(int(state()["MainPID"]), signal.SIGKILL)
    await until(lambda: restarted(2))
    seen["after kill"] = state()

    await until(lambda: 'state="on_air"} 1.0' in metrics())
    seen["trap after kill"] = {"taken": await a_trap_counts(), "socket": socket_state()}
    seen["reload"] = {"code": await reload()} | state()
    make_mistake()
    seen["reload refused"] = {"code": await reload(), "journal": journal()} | state()
    make_mistake("soon", "500ms")
    ended = await asyncio.to_thread(run, "systemctl", "stop", UNIT)
    seen["stop"] = {"code": ended.returncode} | state()
    seen["socket after stop"] = socket_state()
    seen["record"] = files("/var/lib/monitord")
    seen["journal"] = journal()

    make_mistake()
    await asyncio.to_thread(run, "systemctl", "start", UNIT)
    await until(lambda: 'state="on_air"} 1.0' in metrics())
    seen["last good"] = {"metrics": metrics(), "journal": journal()} | state()
    await asyncio.to_thread(run, "systemctl", "stop", UNIT)
    shutil.rmtree("/var/lib/monitord")

    await asyncio.to_thread(run, "systemctl", "start", UNIT)
    await until(lambda: state()["ActiveState"] == "failed")
    seen["mistake"] = {"journal": journal()} | state()


async def main(results: Path) -> None:
    seen: dict[str, Any] = {}
    try:
        async with SnmpAgent({POWER_OID: 1000}) as agent:
            await act(agent, seen)
    except Exception:  # noqa: BLE001 - whatever it was, the tests outside are to show it
        seen["broke"] = traceback.format_exc()
        seen["journal"] = journal()
    (results / "seen.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
