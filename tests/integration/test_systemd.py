"""The delivered unit under a real systemd: started, hung, killed, stopped, wrongly configured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.tidy.source import ROOT

pytestmark = [pytest.mark.needs_systemd, pytest.mark.timeout(150)]

UNIT = ROOT / "deploy" / "systemd" / "monitord.service"
BOOT = ROOT / "tests" / "integration" / "systemd" / "boot.sh"
EXPOSURE_MAX = 20  # tenths
BOOT_S_MAX = 120
NOT_ALLOWED_HERE = 77

Seen: TypeAlias = dict[str, Any]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Boot once and return what was seen, by scene."""
    results = tmp_path_factory.mktemp("systemd")
    packages = sysconfig.get_path("purelib")
    booted = subprocess.run(
        ("bash", BOOT, results, ROOT, sys.base_prefix, packages),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=BOOT_S_MAX,
    )
    if booted.returncode == NOT_ALLOWED_HERE:
        pytest.skip(f"systemd cannot be booted here: {booted.stdout.splitlines()[-1]}")
    file = results / "seen.json"
    assert file.exists(), f"nothing was seen of the booted system:\n{booted.stdout}"
    found: Seen = json.loads(file.read_text(encoding="utf-8"))
    assert "broke" not in found, f"{found['broke']}\n{found.get('journal')}"
    return found


def test_it_is_up_once_it_has_said_that_it_is_ready(seen: Seen) -> None:
    """``systemctl start`` returns when the record is loaded and devices are being read."""
    start = seen["start"]
    assert (start["code"], start["said"]) == (0, "")
    assert (start["ActiveState"], start["SubState"]) == ("active", "running")


def test_the_status_line_counts_what_is_monitored(seen: Seen) -> None:
    """``systemctl status`` shows how many devices are silent."""
    wanted = "1 programme, 2 devices (0 silent), 0 incidents open"
    assert seen["watching"]["StatusText"] == wanted


def test_the_hardened_unit_still_reads_and_judges(seen: Seen) -> None:
    """Both ways of handing in a community work, and the programme is judged."""
    metrics = seen["watching"]["metrics"]
    assert 'monitord_device_up{device="fm1"} 1.0' in metrics
    assert 'monitord_device_up{device="fm2"} 1.0' in metrics
    assert 'monitord_programme_state{programme="fm",state="on_air"} 1.0' in metrics


def test_it_runs_as_its_own_user_and_may_do_nothing_more(seen: Seen) -> None:
    """No root, no capability, none to be had, and system calls are filtered."""
    assert seen["process"] == {
        "user": "monitord",
        "CapEff": "0000000000000000",
        "CapBnd": "0000000000000000",
        "NoNewPrivs": "1",
        "Seccomp": "2",
    }


def test_the_quality_of_the_clock_is_read_under_the_delivered_unit(seen: Seen) -> None:
    """A sandbox that forbids the question would leave every wrong clock unnoticed."""
    assert isinstance(seen["clock"].get("max_error"), int), seen["clock"]
    started = next(x for x in seen["journal"].splitlines() if "event=monitord_started" in x)
    assert "clock=" in started
    assert "clock=unreadable" not in started


def test_the_clock_cannot_be_set_under_the_delivered_unit(seen: Seen) -> None:
    """Neither by a new time nor by a correction: the daemon only reads it."""
    assert (seen["clock"]["set is refused"], seen["clock"]["change is refused"]) == (True, True)


def test_traps_come_through_the_socket_that_systemd_opened(seen: Seen) -> None:
    """Port 162, to a daemon that has no capability at all."""
    assert seen["trap"] == {"taken": True, "socket": "active"}
    assert "event=traps_listening port=162 handed_in=true" in seen["journal"]


def test_the_socket_outlives_a_daemon_that_was_killed(seen: Seen) -> None:
    """After a restart it is handed in again."""
    assert seen["trap after kill"] == {"taken": True, "socket": "active"}


def test_a_service_that_is_stopped_takes_its_socket_along(seen: Seen) -> None:
    """Else the next trap would start it again."""
    assert seen["socket after stop"] == "inactive"


def test_a_hanging_daemon_is_restarted(seen: Seen) -> None:
    """Whatever holds it, nobody has to come and look."""
    hung = seen["after hang"]
    assert (hung["ActiveState"], hung["NRestarts"]) == ("active", "1")
    assert "Watchdog timeout" in seen["journal"]


def test_the_watchdog_bites_only_the_hanging_daemon(seen: Seen) -> None:
    """Finished work feeds it: it fired once, when nothing was finished."""
    assert seen["journal"].count("Watchdog timeout") == 1
    assert "watchdog_not_fed" not in seen["journal"]


def test_a_killed_daemon_is_restarted(seen: Seen) -> None:
    """Out of memory or by mistake: it comes back."""
    killed = seen["after kill"]
    assert (killed["ActiveState"], killed["NRestarts"]) == ("active", "2")


def test_it_stops_in_order_when_asked(seen: Seen) -> None:
    """SIGTERM ends it with the record closed, and it stays away."""
    stop = seen["stop"]
    assert (stop["code"], stop["ExecMainStatus"]) == (0, "0")
    assert (stop["ActiveState"], stop["Result"]) == ("inactive", "success")
    assert "event=monitord_stopped" in seen["journal"]


def test_the_record_lies_in_the_state_folder_and_is_its_own(seen: Seen) -> None:
    """What must be backed up is in one place, owned by the daemon."""
    assert {"record.sqlite", "alive"} <= set(seen["record"])
    assert set(seen["record"].values()) == {"monitord"}


def test_a_reload_is_done_or_refused_with_its_reasons_by_systemctl(seen: Seen) -> None:
    """The process goes on in both cases; a refusal has an exit code and reasons in the journal."""
    done, refused = seen["reload"], seen["reload refused"]
    assert (done["code"], done["ActiveState"]) == (0, "active"), refused["journal"][-4000:]
    assert refused["code"] != 0
    assert refused["ActiveState"] == "active"
    assert refused["MainPID"] == done["MainPID"]
    assert "devices.fm1.poll_every: is 'soon'" in refused["journal"]


def test_a_start_with_a_mistake_goes_on_with_the_last_good_configuration(seen: Seen) -> None:
    """It watches, and the journal and a metric have the mistake."""
    found = seen["last good"]
    assert found["ActiveState"] == "active"
    assert "monitord_config_reload_ok 0.0" in found["metrics"]
    assert "config_refused_last_good_runs" in found["journal"]


def test_a_mistake_in_a_first_configuration_waits_for_a_person(seen: Seen) -> None:
    """Without a record nothing can go on; a restart fixes no file; the journal names the key."""
    mistake = seen["mistake"]
    assert (mistake["ActiveState"], mistake["ExecMainStatus"]) == ("failed", "2")
    assert mistake["NRestarts"] == "0"
    assert "devices.fm1.poll_every: is 'soon'" in mistake["journal"]


def test_no_community_is_in_the_journal(seen: Seen) -> None:
    """Logs are copied and sent around."""
    assert "public" not in seen["mistake"]["journal"]


def verified(unit: str, folder: Path, name: str = "monitord.service") -> tuple[int, str]:
    """Return what systemd-analyze says of a unit whose program exists here."""
    path = folder / name
    lines = [re.sub("^(Exec[A-Z][a-z]+)=.*", r"\1=/bin/true", x) for x in unit.splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = ("systemd-analyze", "verify", "--man=no", str(path))
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.returncode, said.stdout + said.stderr


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    """A misspelt key is only a warning, so nothing at all may be said."""
    assert verified(UNIT.read_text(encoding="utf-8"), tmp_path) == (0, "")


def test_systemd_finds_no_fault_in_the_socket(tmp_path: Path) -> None:
    """Nor does it in what the socket belongs to."""
    verified(UNIT.read_text(encoding="utf-8"), tmp_path)
    unit = (UNIT.parent / "monitord-traps.socket").read_text(encoding="utf-8")
    assert verified(unit, tmp_path, "monitord-traps.socket") == (0, "")
    misspelt = unit.replace("FlushPending=", "FlushPendin=")
    assert "FlushPendin" in verified(misspelt, tmp_path, "monitord-traps.socket")[1]


def test_the_unit_is_hardly_exposed() -> None:
    """systemd's own figure, 0 to 10, stays at 2.0 or below."""
    command = ("systemd-analyze", "security", "--offline=true", "--no-pager")
    threshold = f"--threshold={EXPOSURE_MAX}"
    said = subprocess.run(
        (*command, threshold, str(UNIT)), capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout
