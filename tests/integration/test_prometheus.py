"""Metrics, rules and dashboards before the real promtool and a Prometheus that scrapes the demo."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio
import yaml

from monitord.metrics.names import FAMILIES, POINT, point_families
from simulators.child import Child, start_child
from tests.support.daemon import until
from tests.support.wire import LOCALHOST, free_port
from tests.tidy.source import ROOT

DEPLOY = ROOT / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
GRAFANA = DEPLOY / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
VARIABLES = {"$__rate_interval": "10s", "$device": ".+", "$site": ".*"}
DATA_WITHIN_S = 60.0
METRICS_URL = re.compile(r"http://127\.0\.0\.1:\d+/metrics")

Json: TypeAlias = dict[str, Any]

every_dashboard = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)


def run(*command: str | Path, cwd: Path = PROMETHEUS, text: str = "") -> tuple[int, str]:
    """Run a program to its end; return its exit code and all that it said."""
    ended = subprocess.run(
        command, cwd=cwd, input=text, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.needs_promtool
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules_test.yml", "rules_days_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_accepts(arguments: tuple[str, ...]) -> None:
    """What is delivered works as it is, and each alert comes when its test says."""
    code, said = run("promtool", *arguments)
    assert code == 0, said


def test_every_alert_is_tested_and_written_in_both_languages() -> None:
    """An alert nobody saw firing may never fire; one in one language is not understood by half."""
    rules = (PROMETHEUS / "rules.yml").read_text(encoding="utf-8")
    tests = "".join(path.read_text("utf-8") for path in PROMETHEUS.glob("rules_*test.yml"))
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert [name for name in alerts if f"alertname: {name}" not in tests] == []
    for key in ("summary_zh", "summary_en", "action_zh", "action_en"):
        assert rules.count(f"{key}:") == len(alerts)


KNOWN = (
    set(FAMILIES)
    | {family.name for family in point_families()}
    | {"monitord_poll_seconds_sum", "monitord_poll_seconds_count"}
)


def unknown_metrics(expression: str) -> list[str]:
    """Return the names of metrics that monitord does not show."""
    return sorted(set(re.findall(r"\bmonitord_[a-z0-9_]+\b(?!\()", expression)) - KNOWN)


def test_the_rules_ask_for_metrics_that_exist() -> None:
    """A renamed metric must not leave an alert behind that can never come."""
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text(encoding="utf-8"))["groups"]
    expressions = [rule["expr"] for group in groups for rule in group["rules"]]
    assert len(expressions) >= 10
    assert [name for text in expressions for name in unknown_metrics(text)] == []


def loaded(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def expressions(dashboard: Json) -> list[tuple[str, str]]:
    """Return (panel's title, expression) of all queries, variables replaced."""
    found = []
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            text = target["expr"]
            for name, value in VARIABLES.items():
                text = text.replace(name, value)
            found.append((panel["title"], text))
    return found


def test_there_are_two_dashboards() -> None:
    """The checks below are about something."""
    assert [path.name for path in DASHBOARDS] == ["site-wall.json", "transmitter.json"]


def test_the_dashboards_are_what_the_script_writes(tmp_path: Path) -> None:
    """A change by hand would be lost at the next writing."""
    script = tmp_path / "build.py"
    script.write_bytes((GRAFANA / "build.py").read_bytes())
    (tmp_path / "dashboards").mkdir()
    assert run(sys.executable, script) == (0, "")
    for path in DASHBOARDS:
        assert (tmp_path / "dashboards" / path.name).read_bytes() == path.read_bytes()


def overlaps(one: Json, other: Json) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not (beside or above)


@every_dashboard
def test_a_dashboards_panels_have_their_own_number_and_place(path: Path) -> None:
    """Grafana draws what lies on top of each other without a word."""
    panels = loaded(path)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert [pair for pair in combinations(places, 2) if overlaps(*pair)] == []


@every_dashboard
def test_a_dashboard_asks_the_provisioned_source_for_known_metrics(path: Path) -> None:
    """Copied files work together without a click."""
    dashboard = loaded(path)
    provisioned = GRAFANA / "provisioning" / "datasources" / "prometheus.yaml"
    uid = re.findall(r"uid: (\S+)", provisioned.read_text(encoding="utf-8"))
    sources = re.findall(r'"uid": "([^"]+)"', json.dumps(dashboard["panels"]))
    assert set(sources) == {"${datasource}"}
    (source,) = (one for one in dashboard["templating"]["list"] if one["type"] == "datasource")
    assert (source["name"], [source["current"]["value"]]) == ("datasource", uid)
    asked = expressions(dashboard)
    assert [text for _, text in asked if "$" in text] == []
    # A name that is matched by a pattern is a pattern.
    plain = [re.sub(r"__name__=~\"[^\"]*\"", "", text) for _, text in asked]
    assert [name for text in plain for name in unknown_metrics(text)] == []


@every_dashboard
def test_a_dashboard_shows_the_chosen_sites_alone_and_in_their_time(path: Path) -> None:
    """One Prometheus has several sites; the wall and the alerts have one clock."""
    dashboard = loaded(path)
    assert "site" in {one["name"] for one in dashboard["templating"]["list"]}
    texts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert texts
    for text in texts:
        bare = re.sub(r'__name__=~"[^"]*"', "", text)
        assert len(re.findall(r"monitord_\w+", bare)) <= text.count('site=~"$site"'), text
    ZoneInfo(dashboard["timezone"])


def test_the_dashboards_are_written_in_another_time_zone_when_asked(tmp_path: Path) -> None:
    """The zone is the site's, not the browser's."""
    script = tmp_path / "build.py"
    script.write_bytes((GRAFANA / "build.py").read_bytes())
    (tmp_path / "dashboards").mkdir()
    assert run(sys.executable, script, "Europe/Berlin") == (0, "")
    for path in DASHBOARDS:
        assert loaded(tmp_path / "dashboards" / path.name)["timezone"] == "Europe/Berlin"


@asynccontextmanager
async def child(*command: str | Path, lines: list[str] | None = None) -> AsyncIterator[Child]:
    """Run a program until the block ends."""
    kept = [] if lines is None else lines
    process = await start_child([str(part) for part in command], kept.append)
    try:
        yield process
    finally:
        await process.stop()


class Asked:
    """The demo's own page, and a Prometheus that scrapes it once a second."""

    def __init__(self, session: aiohttp.ClientSession, page: str, prometheus: str) -> None:
        self._session = session
        self._page = page
        self._prometheus = prometheus

    async def exposition(self) -> str:
        async with self._session.get(self._page) as answer:
            return await answer.text()

    async def series(self, expression: str) -> int:
        """Return how many series an expression had at any time in the last two minutes."""
        now = float((await self._get("query", query="time()"))["data"]["result"][0])
        window = {"start": f"{now - 120}", "end": f"{now}", "step": "1"}
        found = await self._get("query_range", query=expression, **window)
        assert found["status"] == "success", (expression, found.get("error"))
        return len(found["data"]["result"])

    async def is_up(self) -> bool:
        try:
            return await self.series("up == 1") == 1
        except (aiohttp.ClientError, json.JSONDecodeError):  # not listening, or not ready yet
            return False

    async def _get(self, what: str, **parameters: str) -> Json:
        url = f"{self._prometheus}/api/v1/{what}"
        async with self._session.get(url, params=parameters) as answer:
            found: Json = await answer.json(content_type=None)
            return found


def scrape_configuration(folder: Path, page: str) -> Path:
    """Return the delivered configuration with the demo's port and a quicker pace."""
    text = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    port = page.removeprefix(f"http://{LOCALHOST}:").removesuffix("/metrics")
    changed = text.replace("127.0.0.1:9750", f"127.0.0.1:{port}")
    changed = re.sub(r"(scrape|evaluation)_interval: \w+", r"\1_interval: 1s", changed)
    changed = changed.replace("scrape_timeout: 4s", "scrape_timeout: 1s")
    (folder / "rules.yml").write_bytes((PROMETHEUS / "rules.yml").read_bytes())
    (folder / "prometheus.yml").write_text(changed, encoding="utf-8")
    return folder / "prometheus.yml"


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[str]:
    """Run the demonstration on free ports; yield where its metrics are."""
    site = folder / "site.yaml"
    fixed = (ROOT / "simulators" / "site.yaml").read_text(encoding="utf-8")
    site.write_text(re.sub(r"\bport: \d+", "port: 0", fixed), encoding="utf-8")
    lines: list[str] = []
    command = (sys.executable, "-m", "simulators.demo", "--site", site)
    async with child(*command, lines=lines):
        said = await until(
            lambda: METRICS_URL.search("\n".join(lines)), "the demo says where its metrics are"
        )
        yield said.group()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asked]:
    """Return a Prometheus that has scraped the running demo at least once."""
    folder = tmp_path_factory.mktemp("prometheus")
    listen = f"{LOCALHOST}:{free_port(socket.SOCK_STREAM)}"
    async with demo(folder) as page, aiohttp.ClientSession() as session:
        options = (
            f"--config.file={scrape_configuration(folder, page)}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address={listen}",
            "--log.level=error",
        )
        async with child("prometheus", *options):
            prometheus = Asked(session, page, f"http://{listen}")
            await until(prometheus.is_up, "Prometheus scrapes the demo")
            yield prometheus


@pytest.mark.needs_prometheus
@pytest.mark.asyncio(loop_scope="module")
@every_dashboard
async def test_every_panel_of_a_dashboard_shows_data_of_the_demo(asked: Asked, path: Path) -> None:
    """An expression without series is an empty panel on the wall."""
    open_ends = expressions(loaded(path))
    assert open_ends

    async def all_shown() -> bool:
        while open_ends and await asked.series(open_ends[0][1]):
            del open_ends[0]
        return not open_ends

    await until(all_shown, f"no empty panel in {path.stem}", DATA_WITHIN_S)


@pytest.mark.needs_prometheus
@pytest.mark.needs_promtool
@pytest.mark.asyncio(loop_scope="module")
async def test_promtool_has_nothing_to_say_of_the_metrics(asked: Asked) -> None:
    """Names, types and units of a whole station are as Prometheus wants them."""
    exposition = await asked.exposition()
    assert "monitord_point_watts" in exposition
    assert run("promtool", "check", "metrics", text=exposition) == (0, "")


@pytest.mark.needs_promtool
def test_promtool_has_nothing_to_say_of_any_unit() -> None:
    """The demo does not have them all."""
    names = sorted(name for name in KNOWN if name.startswith(POINT))
    text = "".join(f"# HELP {name} x\n# TYPE {name} gauge\n{name} 1\n" for name in names)
    assert run("promtool", "check", "metrics", text=text) == (0, "")
