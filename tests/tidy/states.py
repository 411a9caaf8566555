"""Draws the states and columns from the tables in core. Owns the drawing, no table.

``python -m tests.tidy.states`` writes them between the markers of ``docs/concepts*.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from monitord.core.columns import COLUMNS
from monitord.core.delivery_states import ON_INPUT, RowState
from monitord.core.fault_states import ON_DELAY, ON_SEEN, FaultState
from monitord.core.model import Expected
from tests.tidy.source import ROOT

PAGES = {"en": ROOT / "docs" / "concepts.md", "zh": ROOT / "docs" / "concepts.zh-CN.md"}
WORDS = {
    "en": {
        "delay": "{delay} has passed",
        "columns": "The column of a second, by what was possible and what was expected:",
        "possible": "possible",
        "several": "several",
        "one": "that one, or `between`",
        "fault": "A fault of a programme",
        "message": "The messages of one person about one incident",
    },
    "zh": {
        "delay": "过了 {delay}",
        "columns": "一秒记在哪一栏，由可能的状态和应播情况决定：",
        "possible": "可能",
        "several": "多种可能",
        "one": "都同一栏则该栏，否则 `between`",
        "fault": "一套节目的一个故障",
        "message": "一个人关于一张故障单的通知",
    },
}
BEGIN, END = "<!-- states:begin -->", "<!-- states:end -->"

Edge = tuple[StrEnum, StrEnum, str]


def fault_edges(delay_passed: str) -> Iterator[Edge]:
    """Yield what is seen, and what waiting alone does; staying is not drawn."""
    for state, row in ON_SEEN.items():
        yield from ((state, after, seen) for seen, after in row.items() if after is not state)
    for state, (delay, after) in ON_DELAY.items():
        yield state, after, delay_passed.format(delay=delay)


def message_edges() -> Iterator[Edge]:
    for state, row in ON_INPUT.items():
        yield from ((state, after, given) for given, after in row.items() if after is not state)


def draw(title: str, first: StrEnum, edges: Iterable[Edge]) -> str:
    """Return one diagram; the causes of one transition share an arrow."""
    causes: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for before, after, cause in edges:
        causes.setdefault((before, after), []).append(cause)
    arrows = [
        f"    {before} --> {after}: {', '.join(why)}" for (before, after), why in causes.items()
    ]
    lines = [f"{title}:", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {first}", *arrows]
    return "\n".join([*lines, "```"])


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
    words = WORDS[language]
    fault = draw(words["fault"], FaultState.CLEAR, fault_edges(words["delay"]))
    message = draw(words["message"], RowState.WAITING, message_edges())
    return f"\n{column_table(words)}\n\n{fault}\n\n{message}\n"


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
