"""Draws the tables of the core: columns, and the kinds of messages. Owns the drawing, no table.

``python -m tests.tidy.states`` writes them between the markers of ``docs/concepts*.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from monitord.core.columns import COLUMNS
from monitord.core.member_index import URGENCY
from monitord.core.model import Expected, Told
from tests.tidy.source import ROOT

PAGES = {"en": ROOT / "docs" / "concepts.md", "zh": ROOT / "docs" / "concepts.zh-CN.md"}
WORDS = {
    "en": {
        "columns": "The column of a second, by what was possible and what was expected:",
        "possible": "possible",
        "several": "several",
        "one": "that one, or `between`",
        "messages": (
            "The messages of one person about one incident. Of several that are due while it is"
            " open the first one of this list is sent:"
        ),
        "kind": "`event`",
        "when": "when",
    },
    "zh": {
        "columns": "一秒记在哪一栏，由可能的状态和应播情况决定：",
        "possible": "可能",
        "several": "多种可能",
        "one": "都同一栏则该栏，否则 `between`",
        "messages": "一个人关于一张故障单的通知。未关时同时该发几种，只发表中最前的一种：",
        "kind": "`event`",
        "when": "何时",
    },
}
WHEN: Final[dict[Told, dict[str, str]]] = {
    Told.OPENED: {
        "en": "the person has got no message of it, and a fault has lasted for `tell_after`",
        "zh": "此人还没收到过这张单的通知，且有故障持续了 `tell_after`",
    },
    Told.WORSENED: {
        "en": "a fault of a worse severity has joined",
        "zh": "又有更重的故障",
    },
    Told.FALLS_AGAIN: {
        "en": "a fault that was over has come again, and lasts",
        "zh": "已恢复的又出现，且持续",
    },
    Told.GROWN: {
        "en": "a further programme has the same cause; at most once a minute",
        "zh": "同一原因又影响一套节目；每分钟至多一次",
    },
    Told.ALSO: {
        "en": "another cause of an outage that the person knows of; silent",
        "zh": "已通知的停播又有另一原因；不响铃",
    },
    Told.REVISED: {
        "en": "the cause is another one; at most once a minute, and once while it changes often",
        "zh": "原因更正；每分钟至多一次，原因多变时只一次",
    },
    Told.PARTLY: {
        "en": "a fault is over for `clear_after`, others are open; at most once a minute",
        "zh": "有故障恢复满 `clear_after`，其他未恢复；每分钟至多一次",
    },
    Told.DIGEST: {
        "en": "faults came again and went; every ten minutes, later every hour",
        "zh": "故障反复；十分钟一次，渐至每小时一次",
    },
    Told.STORM: {
        "en": "more than ten messages in ten minutes: one about all",
        "zh": "十分钟内超过十条：合为一条",
    },
    Told.RECOVERED: {
        "en": "closed: every fault is over for `clear_after`",
        "zh": "关单：全部故障恢复满 `clear_after`",
    },
    Told.CLOSED_BEFORE_TOLD: {
        "en": "closed before the person got a message of it",
        "zh": "关单，此人还没收到过通知",
    },
    Told.HOURS_ENDED: {
        "en": "closed: the hours ended and it was not back",
        "zh": "关单：至收播未复",
    },
    Told.RECONFIGURED: {
        "en": "closed: the configuration no longer has it",
        "zh": "关单：监测配置已改",
    },
    Told.CONTINUED: {
        "en": "closed: the outage goes on as another incident",
        "zh": "关单：停播未止，并入另一张故障单",
    },
    Told.WITHDRAWN: {
        "en": "closed: the programme was out of hours",
        "zh": "撤回：该时段不应播",
    },
}
BEGIN, END = "<!-- states:begin -->", "<!-- states:end -->"


def message_table(language: str) -> str:
    """Return the kinds of messages: of an open incident in their order, then the closings."""
    words = WORDS[language]
    kinds = dict.fromkeys([*URGENCY, *WHEN])
    rows = [f"| `{told}` | {WHEN[told][language]} |" for told in kinds]
    head = [f"| {words['kind']} | {words['when']} |", "| --- | --- |"]
    return "\n".join([words["messages"], "", *head, *rows])


def column_table(words: dict[str, str]) -> str:
    """Return the column table: what was possible against what was expected."""
    head = [*(f"`{expected}`" for expected in Expected)]
    rows = [
        f"| {sort} | " + " | ".join(f"`{row[expected]}`" for expected in Expected) + " |"
        for sort, row in COLUMNS.items()
    ]
    lines = [
        f"| {words['possible']} | {' | '.join(head)} |",
        "| --- " * (len(head) + 1) + "|",
        *rows,
    ]
    several = f"| {words['several']} | " + " | ".join(words["one"] for _ in Expected) + " |"
    return "\n".join([words["columns"], "", *lines, several])


def diagrams(language: str) -> str:
    """Return what belongs between the markers of a page."""
    return f"\n{column_table(WORDS[language])}\n\n{message_table(language)}\n"


def present(page: Path) -> str:
    """Return what is between the markers of a page now."""
    return page.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]


def main() -> None:
    """Write the diagrams into the pages."""
    for language, page in PAGES.items():
        text = page.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        after = rest.split(END)[1]
        page.write_text(f"{before}{BEGIN}{diagrams(language)}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
