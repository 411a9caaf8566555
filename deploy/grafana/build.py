#!/usr/bin/env python3
"""Writes the two dashboards as JSON beside this file; needs nothing but Python.

    python3 deploy/grafana/build.py

Owns titles, expressions and layout; knows metrics by their names only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

FOLDER = Path(__file__).resolve().parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "monitord-prometheus"}
WIDTH = 24
Json: TypeAlias = dict[str, Any]

STATES = {  # column: (number in the timeline, words, colour)
    "on_air": (1, "播出 on air", "green"),
    "degraded": (2, "降质 degraded", "yellow"),
    "between": (3, "转换中 between", "light-orange"),
    "blind": (4, "盲区 blind", "purple"),
    "off_air": (5, "停播 off air", "red"),
    "planned_off": (6, "计划停机 planned off", "blue"),
    "closed": (7, "非播出时间 closed", "text"),
}
STATE_NUMBER = " or ".join(
    f'monitord_programme_state{{state="{state}"}} * {number}'
    for state, (number, _, _) in STATES.items()
)
UP = {0: ("不应答 silent", "red"), 1: ("应答 answers", "green")}
RATE = "[$__rate_interval]"


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
    """Return a dashboard that shows the last hour."""
    return {
        "uid": uid,
        "title": title,
        "tags": ["monitord"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "timezone": "browser",
        "refresh": "5s",
        "time": {"from": "now-1h", "to": "now"},
        "graphTooltip": 1,
        "templating": {"list": list(variables)},
        "annotations": {"list": []},
        "panels": placed(panels),
    }


def device_variable() -> Json:
    """Return the choice of devices that measure a power."""
    choice = "label_values(monitord_point_watts, device)"
    return {
        "name": "device",
        "label": "设备 Device",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": choice, "refId": "devices"},
        "definition": choice,
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def site_wall() -> Json:
    """Return what hangs in the duty room: programmes first, then what could make them unknown."""
    words = {number: (text, colour) for number, text, colour in STATES.values()}
    state = query(f"sum by (programme) ({STATE_NUMBER})", "{{programme}}")
    lost = "increase(monitord_programme_off_air_seconds_total[24h])"
    blind = 'increase(monitord_programme_state_seconds_total{state="blind"}[24h])'
    share = f'1 - sum by (device) (rate(monitord_polls_total{{result="answer"}}{RATE}))'
    share += f" / sum by (device) (rate(monitord_polls_total{RATE}))"
    return dashboard(
        "monitord-site",
        "台站总览 Site wall",
        [
            bands("节目 Programmes", (24, 8), state, words),
            figures(
                "未结事件 Open incidents",
                (8, 5),
                query("sum by (severity) (monitord_incidents_open)", "{{severity}}"),
                limit=1,
            ),
            figures(
                "不应答的设备 Silent devices",
                (4, 5),
                query("count(monitord_device_up == 0) or vector(0)", "设备 devices"),
                limit=1,
            ),
            figures(
                "未送达 Messages owed",
                (6, 5),
                query("monitord_deliveries_owed", "{{person}}"),
                limit=1,
            ),
            figures(
                "未写盘 Events not on disk",
                (6, 5),
                query("monitord_events_pending", "事件 events"),
                limit=1,
            ),
            figures(
                "24 小时停播 Off air in 24 h (least, most seen, most)",
                (12, 7),
                query(lost, "{{programme}} {{figure}}"),
                unit="s",
                limit=1,
            ),
            figures(
                "24 小时盲区 Blind in 24 h",
                (6, 7),
                query(blind, "{{programme}}"),
                unit="s",
                limit=60,
            ),
            curves(
                "未定时长 Not settled yet",
                (6, 7),
                query("monitord_programme_unsettled_seconds", "{{programme}}"),
                unit="s",
            ),
            bands("设备 Devices", (24, 12), query("monitord_device_up", "{{device}}"), UP),
            curves(
                "采集失败比例 Share of polls without an answer",
                (8, 8),
                query(share, "{{device}}"),
                unit="percentunit",
            ),
            curves(
                "最旧的应答 Oldest answers",
                (8, 8),
                query("topk(5, time() - monitord_device_reading_timestamp_seconds)", "{{device}}"),
                unit="s",
            ),
            curves(
                "monitord 自身 monitord itself",
                (8, 8),
                query('monitord_loop_lag_seconds{figure="max"}', "循环滞后 loop lag"),
                query('monitord_tick_seconds{figure="max"}', "最长一轮 longest tick"),
                unit="s",
            ),
        ],
    )


def transmitter() -> Json:
    """Return one transmitter, or several side by side, with the power that feeds the room."""
    chosen = '{device=~"$device"}'
    forward = 'monitord_point_watts{device=~"$device",point="forward_power_w"}'
    reflected = 'monitord_point_watts{device=~"$device",point="reflected_power_w"}'
    took = f"rate(monitord_poll_seconds_sum{chosen}{RATE})"
    polls = f"rate(monitord_poll_seconds_count{chosen}{RATE})"
    levels = '{__name__=~"monitord_point_(decibels|dbm|dbuv)"}'
    both = "{{device}} {{point}}"
    return dashboard(
        "monitord-transmitter",
        "发射机 Transmitter",
        [
            bands("应答 Answers", (24, 4), query(f"monitord_device_up{chosen}", "{{device}}"), UP),
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
                query(f"monitord_point_state{chosen} == 1", "", table=True),
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
                "功率 Power", (16, 8), query(f"monitord_point_watts{chosen}", both), unit="watt"
            ),
            curves(
                "驻波比 VSWR",
                (8, 8),
                query('monitord_point_ratio{device=~"$device",point="vswr"}', "{{device}}"),
            ),
            curves(
                "百分比 Percentages",
                (8, 8),
                query('monitord_point_ratio{point=~".+_percent"}', both),
                unit="percentunit",
            ),
            curves("接收电平 Off-air levels", (8, 8), query(levels, both), unit="dB"),
            curves("电压 Voltages", (8, 8), query("monitord_point_volts", both), unit="volt"),
            curves(
                "温度 Temperatures",
                (8, 8),
                query("monitord_point_celsius", both),
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
                query(
                    f"sum by (device, result) (rate(monitord_polls_total{chosen}{RATE})) > 0",
                    "{{device}} {{result}}",
                ),
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
    for name, build in DASHBOARDS.items():
        (FOLDER / name).write_text(written(build()), encoding="utf-8")
