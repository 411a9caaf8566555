"""What tests may need beyond Python, and how its absence is reported. Owns no test's own fixtures.

A test that needs something absent is skipped and named at the end. With ``REQUIRE_ALL=1`` (the
whole proof of a change) every skip is a failure, but those for an absent ``../shared``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "devices"
SHARED_REASON = "needs the recorded devices in ../shared, which is absent"

# Debian keeps snmpd where an ordinary user's PATH does not look.
os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))

# No verdict depends on wall time: by itself Hypothesis fails an example that takes 200 ms.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

DEBIAN = {  # marker: (program, Debian package)
    "needs_snmpd": ("snmpd", "snmpd"),
    "needs_snmp": ("snmpget", "snmp"),
    "needs_mbpoll": ("mbpoll", "mbpoll"),
    "needs_socat": ("socat", "socat"),
    "needs_promtool": ("promtool", "prometheus"),
    "needs_prometheus": ("prometheus", "prometheus"),
    "needs_systemd": ("systemd-analyze", "systemd"),
    "needs_ip": ("ip", "iproute2"),
}


@pytest.fixture
def shared() -> Path:
    """Return ``../shared/devices``: walks of real equipment, read and never copied."""
    if not SHARED.is_dir():
        pytest.skip(SHARED_REASON)
    return SHARED


def _missing(item: pytest.Item) -> str | None:
    """Return why this test cannot run here, or None."""
    if item.get_closest_marker("needs_shared") and not SHARED.is_dir():
        return SHARED_REASON
    for marker, (program, package) in DEBIAN.items():
        if item.get_closest_marker(marker) and shutil.which(program) is None:
            return f"needs the Debian package {package}, which is not installed"
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here."""
    if reason := _missing(item):
        pytest.skip(reason)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that ``REQUIRE_ALL`` does not allow into a failure."""
    if not report.skipped or hasattr(report, "wasxfail") or not os.environ.get("REQUIRE_ALL"):
        return
    reason = _reason(report)
    if SHARED.is_dir() or not reason.startswith(SHARED_REASON):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL is set, so this must run: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hold tests to ``REQUIRE_ALL``."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Hold modules that skip themselves to ``REQUIRE_ALL``."""
    report = yield
    _refuse_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every skipped test with its reason; a count alone is overlooked."""
    skipped = terminalreporter.stats.get("skipped", [])
    lines = [f"{report.nodeid}: {_reason(report)}" for report in skipped]
    if lines:
        terminalreporter.section(f"skipped ({len(lines)})")
    for line in lines:
        terminalreporter.line(line)
    if lines and (collected := os.environ.get("MONITORD_SKIPS_FILE")):
        with Path(collected).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
