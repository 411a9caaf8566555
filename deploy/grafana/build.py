#!/usr/bin/env python3
"""Writes the two dashboards as JSON beside this file; needs nothing but Python.

    python3 deploy/grafana/build.py [TIME_ZONE]

The time zone is the site's, whatever that of the browser: what the wall shows is what the alerts
and the log say. Owns titles, expressions and layout; knows metrics by their names only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

FOLDER = Path(__file__).resolve().parent / "dashboards"
TIME_ZONE = "Asia/Shanghai"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
Json: TypeAlias = dict[str, Any]

STATES = {  # column: (number in the timeline, words, colour)
    "on_air": (1, "播出 on air", "green"),
    "degraded": (2, "劣播 degraded", "yellow"),
    "between": (3, "待定 between", "light-orange"),
    "blind": (4, "盲区 blind", "purple"),
    "off_air": (5, "停播 off air", "red"),
    "planned_off": (6, "计划停播 planned off", "blue"),
    "closed": (7, "非播出时间 closed", "text"),
}
IN_STATE = 'state="{}"'
UP = {0: ("不应答 silent", "red"), 1: ("应答 answers", "green")}
RATE = "[$__rate_interval]"


def of(metric: str, *matchers: str) -> str:
    """Return a selector of a metric at the chosen site. ``matchers``: more, as PromQL has them."""
    return metric + "{" + ",".join(('site=~"$site"', *matchers)) + "}"


def named(expression: str, kind: str) -> str:
    """Return an expression with the label ``name`` of each ``kind``: programme or device."""
    return f"({expression}) * on (site, {kind}) group_left (name) {of(f'monitord_{kind}_info')}"


def query(expression: str, legend: str, *, table: bool = False) -> Json:
    """Return one query; ``table``: the present values only, one row a series."""
    shape = {"format": "table", "instant": True} if table else {"range": True}
    return {"datasource": SOURCE, "expr": expression, "legendFormat": legend} | shape


def panel(
    kind: str,
    title: str,
    size: tuple[int, int],
    *queries: Json,
    unit: str = "none",
    **more: Any,
) -> Json:
    """Return a panel of ``size`` (width, height); its place is found by ``placed``."""
    targets = [q | {"refId": chr(ord("A") + place)} for place, q in enumerate(queries)]
    field = {"unit": unit} | more.pop("field", {})
    overrides = more.pop("overrides", [])
    return {
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"w": size[0], "h": size[1]},
        "targets": targets,
        "fieldConfig": {"defaults": field, "overrides": overrides},
        "options": more.pop("options", {}),
    } | more


def curves(title: str, size: tuple[int, int], *queries: Json, unit: str = "none") -> Json:
    """Return curves over time, gaps left open: nothing was known there."""
    custom = {"lineWidth": 2, "fillOpacity": 8, "spanNulls": False, "showPoints": "auto"}
    options = {"legend": {"displayMode": "list", "placement": "bottom"}}
    field = {"custom": custom}
    return panel("timeseries", title, size, *queries, unit=unit, field=field, options=options)


def bands(title: str, size: tuple[int, int], asked: Json, words: dict[int, Any]) -> Json:
    """Return a timeline whose numbers are shown as words and colours."""
    results = {
        str(number): {"text": text, "color": colour, "index": place}
        for place, (number, (text, colour)) in enumerate(words.items())
    }
    field = {"mappings": [{"type": "value", "options": results}], "custom": {"fillOpacity": 85}}
    options = {"mergeValues": True, "showValue": "auto", "rowHeight": 0.85}
    return panel("state-timeline", title, size, asked, field=field, options=options)


def figures(title: str, size: tuple[int, int], *queries: Json, **more: Any) -> Json:
    """Return the last values as large figures; ``limit``: from there on they are red."""
    steps: list[Json] = [{"color": "green", "value": None}]
    if (limit := more.pop("limit", None)) is not None:
        steps.append({"color": "red", "value": limit})
    field = {"thresholds": {"mode": "absolute", "steps": steps}, "color": {"mode": "thresholds"}}
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"]},
        "colorMode": "background",
        "textMode": "value_and_name",
    }
    return panel("stat", title, size, *queries, field=field, options=options, **more)


def placed(panels: Sequence[Json]) -> list[Json]:
    """Give each panel its number and its place: from the left, a new row where one is full."""
    result, left, top, height = [], 0, 0, 0
    for number, found in enumerate(panels, start=1):
        grid = found["gridPos"]
        if left + grid["w"] > WIDTH:
            left, top, height = 0, top + height, 0
        result.append(found | {"id": number, "gridPos": grid | {"x": left, "y": top}})
        left, height = left + grid["w"], max(height, grid["h"])
    return result


def dashboard(uid: str, title: str, panels: Sequence[Json], variables: Sequence[Json] = ()) -> Json:
    """Return a dashboard that shows the last hour in the site's time."""
    return {
        "uid": uid,
        "title": title,
        "tags": ["monitord"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "timezone": TIME_ZONE,
        "refresh": "5s",
        "time": {"from": "now-1h", "to": "now"},
        "graphTooltip": 1,
        "templating": {"list": [source_variable(), site_variable(), *variables]},
        "annotations": {"list": []},
        "panels": placed(panels),
    }


def source_variable() -> Json:
    """Return the choice of the data source; the provisioned one is the first choice."""
    return {
        "name": "datasource",
        "label": "数据源 Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {"selected": True, "text": "Prometheus", "value": "monitord-prometheus"},
    }


def choice(name: str, label: str, values: str, *, all_value: str, multi: bool) -> Json:
    """Return a variable whose values Prometheus has; all of them are chosen at first."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": values, "refId": name},
        "definition": values,
        "refresh": 2,
        "sort": 1,
        "multi": multi,
        "includeAll": True,
        "allValue": all_value,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def site_variable() -> Json:
    """Return the choice of sites; all of them has those that are scraped without the label."""
    values = "label_values(monitord_programme_info, site)"
    return choice("site", "台站 Site", values, all_value=".*", multi=True)


def device_variable() -> Json:
    """Return the choice of the site's devices that measure a power."""
    values = f"label_values({of('monitord_point_watts')}, device)"
    return choice("device", "设备 Device", values, all_value=".+", multi=True)


def site_wall() -> Json:
    """Return what hangs in the duty room: programmes first, then what could make them unknown."""
    words = {number: (text, colour) for number, text, colour in STATES.values()}
    numbered = " or ".join(
        f"{of('monitord_programme_state', IN_STATE.format(state))} * {number}"
        for state, (number, _, _) in STATES.items()
    )
    state = query(named(f"sum by (site, programme) ({numbered})", "programme"), "{{name}}")
    lost = named(f"increase({of('monitord_programme_off_air_seconds_total')}[24h])", "programme")
    seconds = of("monitord_programme_state_seconds_total", 'state="blind"')
    blind = named(f"increase({seconds}[24h])", "programme")
    answered = of("monitord_polls_total", 'result="answer"')
    share = f"1 - sum by (site, device) (rate({answered}{RATE}))"
    share += f" / sum by (site, device) (rate({of('monitord_polls_total')}{RATE}))"
    oldest = f"topk(5, time() - {of('monitord_device_reading_timestamp_seconds')})"
    worst = 'figure="max"'
    return dashboard(
        "monitord-site",
        "台站总览 Site wall",
        [
            bands("节目 Programmes", (24, 8), state, words),
            figures(
                "未关故障单 Open incidents",
                (8, 5),
                query(f"sum by (severity) ({of('monitord_incidents_open')})", "{{severity}}"),
                limit=1,
            ),
            figures(
                "不应答的设备 Silent devices",
                (4, 5),
                query(f"count({of('monitord_device_up')} == 0) or vector(0)", "设备 devices"),
                limit=1,
            ),
            figures(
                "未送达 Messages owed",
                (6, 5),
                query(of("monitord_deliveries_owed"), "{{person}}"),
                limit=1,
            ),
            figures(
                "未写盘 Events not on disk",
                (6, 5),
                query(of("monitord_events_pending"), "记录条目 events"),
                limit=1,
            ),
            figures(
                "24 小时停播 Off air in 24 h (least, most seen, most)",
                (12, 7),
                query(lost, "{{name}} {{figure}}"),
                unit="s",
                limit=1,
            ),
            figures(
                "24 小时盲区 Blind in 24 h",
                (6, 7),
                query(blind, "{{name}}"),
                unit="s",
                limit=60,
            ),
            curves(
                "未定时长 Not settled yet",
                (6, 7),
                query(named(of("monitord_programme_unsettled_seconds"), "programme"), "{{name}}"),
                unit="s",
            ),
            bands(
                "设备 Devices",
                (24, 12),
                query(named(of("monitord_device_up"), "device"), "{{name}}"),
                UP,
            ),
            curves(
                "采集失败比例 Share of polls without an answer",
                (8, 8),
                query(named(share, "device"), "{{name}}"),
                unit="percentunit",
            ),
            curves(
                "最旧的应答 Oldest answers",
                (8, 8),
                query(named(oldest, "device"), "{{name}}"),
                unit="s",
            ),
            curves(
                "monitord 自身 monitord itself",
                (8, 8),
                query(of("monitord_loop_lag_seconds", worst), "循环滞后 loop lag"),
                query(of("monitord_tick_seconds", worst), "最长一轮 longest tick"),
                unit="s",
            ),
        ],
    )


def transmitter() -> Json:
    """Return one transmitter, or several side by side, with the power that feeds the room."""
    chosen = 'device=~"$device"'
    forward = of("monitord_point_watts", chosen, 'point="forward_power_w"')
    reflected = of("monitord_point_watts", chosen, 'point="reflected_power_w"')
    took = f"rate({of('monitord_poll_seconds_sum', chosen)}{RATE})"
    polls = f"rate({of('monitord_poll_seconds_count', chosen)}{RATE})"
    results = f"rate({of('monitord_polls_total', chosen)}{RATE})"
    levels = of("", '__name__=~"monitord_point_(decibels|dbm|dbuv)"')
    both = "{{device}} {{point}}"
    return dashboard(
        "monitord-transmitter",
        "发射机 Transmitter",
        [
            bands(
                "应答 Answers", (24, 4), query(of("monitord_device_up", chosen), "{{device}}"), UP
            ),
            figures("正向功率 Forward power", (8, 6), query(forward, "{{device}}"), unit="watt"),
            figures(
                "反射比 Reflected share",
                (8, 6),
                query(f"{reflected} / ignoring(point) ({forward} > 0)", "{{device}}"),
                unit="percentunit",
                limit=0.1,
            ),
            panel(
                "table",
                "状态 What it says",
                (8, 14),
                query(f"{of('monitord_point_state', chosen)} == 1", "", table=True),
                transformations=[
                    {
                        "id": "organize",
                        "options": {
                            "excludeByName": dict.fromkeys(
                                ("Time", "Value", "__name__", "instance", "job", "site"), True
                            )
                        },
                    }
                ],
            ),
            curves(
                "功率 Power", (16, 8), query(of("monitord_point_watts", chosen), both), unit="watt"
            ),
            curves(
                "驻波比 VSWR",
                (8, 8),
                query(of("monitord_point_ratio", chosen, 'point="vswr"'), "{{device}}"),
            ),
            curves(
                "百分比 Percentages",
                (8, 8),
                query(of("monitord_point_ratio", 'point=~".+_percent"'), both),
                unit="percentunit",
            ),
            curves("接收电平 Off-air levels", (8, 8), query(levels, both), unit="dB"),
            curves("电压 Voltages", (8, 8), query(of("monitord_point_volts"), both), unit="volt"),
            curves(
                "温度 Temperatures",
                (8, 8),
                query(of("monitord_point_celsius"), both),
                unit="celsius",
            ),
            curves(
                "采集用时 Time a poll takes",
                (8, 8),
                query(f"{took} / {polls}", "{{device}}"),
                unit="s",
            ),
            curves(
                "采集结果 Polls by result",
                (8, 8),
                query(f"sum by (device, result) ({results}) > 0", "{{device}} {{result}}"),
                unit="reqps",
            ),
        ],
        [device_variable()],
    )


DASHBOARDS = {"site-wall.json": site_wall, "transmitter.json": transmitter}


def written(found: Json) -> str:
    """Return a dashboard as it stands in its file."""
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    TIME_ZONE = sys.argv[1] if len(sys.argv) > 1 else TIME_ZONE
    for name, build in DASHBOARDS.items():
        (FOLDER / name).write_text(written(build()), encoding="utf-8")
