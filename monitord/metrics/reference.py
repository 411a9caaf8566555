"""Writes the reference of metrics from their table: ``python -m monitord.metrics.reference docs``.

The pages are committed; a test compares them with what is generated.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitord.metrics.configuration_names import CONFIGURATION
from monitord.metrics.engine_names import ENGINE
from monitord.metrics.families import Family, MetricType
from monitord.metrics.message_names import PEOPLE
from monitord.metrics.names import (
    DEVICES,
    LINES,
    PROGRAMMES,
    TRAPS,
    point_families,
)


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one page. ``sections``: title and text before the table, in order."""

    code: str
    file: str
    heading: str
    links: str
    introduction: str
    columns: tuple[str, ...]
    kinds: dict[MetricType, str]
    sections: tuple[tuple[str, str], ...]
    full_stop: str

    def meaning(self, family: Family) -> str:
        """Return help text and note of ``family``."""
        is_chinese = self.code == "zh"
        text = family.help_zh if is_chinese else family.help_en
        note = family.note_zh if is_chinese else family.note_en
        space = "" if is_chinese or not note else " "
        return f"{text}{self.full_stop}{space}{note}"


ENGLISH: Final = Language(
    "en",
    "metrics.md",
    "Metrics",
    "[简体中文](metrics.zh-CN.md) · [all pages](README.md)",
    "monitord serves them at `http://127.0.0.1:9750/metrics` (`listen` in the configuration) in"
    " the text format of Prometheus. `/-/healthy` answers 200 while the daemon works, `/-/ready`"
    " from the first poll of every device on. Labels come from the configuration and fixed lists."
    " A name and its labels do not change within a version; the CHANGELOG lists every change.\n\n"
    "[deploy/prometheus](../deploy/prometheus) has the scrape configuration and alert rules,"
    " [deploy/grafana](../deploy/grafana) two dashboards.",
    ("metric", "type", "labels", "unit", "meaning"),
    {MetricType.GAUGE: "gauge", MetricType.COUNTER: "counter", MetricType.SUMMARY: "summary"},
    (
        ("Programmes and incidents", ""),
        ("Devices and polls", ""),
        (
            "Points",
            (
                "Every number that a device answers is a gauge in a base unit: a profile's 57 % is"
                " 0.57, its 98.6 MHz is 98600000. A point that the last answer left out has no"
                " sample. A device whose last poll failed has none at all. Texts are not exposed."
            ),
        ),
        ("Messages", ""),
        ("The daemon's own work", ""),
        ("Traps", "Only where the configuration has `traps`."),
        (
            "Lines",
            (
                "`bus` is the line's address and port, or its serial device. Shared sockets are"
                " counted in sum; without one the counts are 0."
            ),
        ),
    ),
    ".",
)

CHINESE: Final = Language(
    "zh",
    "metrics.zh-CN.md",
    "指标",
    "[English](metrics.md) · [全部文档](README.zh-CN.md)",
    "monitord在`http://127.0.0.1:9750/metrics`（配置中的`listen`）以Prometheus文本格式提供指标。"
    "`/-/healthy`在程序正常工作时返回200；`/-/ready`在每台设备都轮询过一次之后返回200。"
    "标签取自配置和固定列表。同一版本内指标名和标签不变，改动都写在CHANGELOG里。\n\n"
    "[deploy/prometheus](../deploy/prometheus)有采集配置和告警规则，"
    "[deploy/grafana](../deploy/grafana)有两个仪表板。",
    ("指标", "类型", "标签", "单位", "含义"),
    {
        MetricType.GAUGE: "gauge 瞬时值",
        MetricType.COUNTER: "counter 累计值",
        MetricType.SUMMARY: "summary 汇总",
    },
    (
        ("节目和故障单", ""),
        ("设备和轮询", ""),
        (
            "测点",
            (
                "设备应答的每个数值都换算成基本单位，作为瞬时值显示：模板中的57 %显示为0.57，"
                "98.6 MHz显示为98600000。最近一次应答中没有的测点没有样本；"
                "最近一次轮询失败的设备没有任何样本。文本不显示。"
            ),
        ),
        ("通知", ""),
        ("程序自身", ""),
        ("trap", "仅当配置中有`traps`时存在。"),
        (
            "线路",
            "`bus`为线路的地址和端口，或串口设备。共享套接字合计统计；没有共享套接字时为0。",
        ),
    ),
    "。",
)


def page(language: Language) -> str:
    """Return the whole page as Markdown."""
    engine = (*ENGINE, *CONFIGURATION)
    tables = (PROGRAMMES, DEVICES, tuple(point_families()), PEOPLE, engine, TRAPS, LINES)
    lines = [f"# {language.heading}", "", language.links, "", language.introduction]
    for (title, text), families in zip(language.sections, tables, strict=True):
        lines += ["", f"## {title}", "", *([text, ""] if text else []), *_table(language, families)]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write both pages into ``folder``."""
    for language in (ENGLISH, CHINESE):
        (folder / language.file).write_text(page(language), encoding="utf-8")


def _table(language: Language, families: Iterable[Family]) -> Iterator[str]:
    yield _row(language.columns)
    yield _row(["---"] * len(language.columns))
    for family in families:
        labels = ", ".join(f"`{label}`" for label in family.labels)
        kind = language.kinds[family.kind]
        yield _row((f"`{family.name}`", kind, labels, family.unit, language.meaning(family)))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
