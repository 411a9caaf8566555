"""Draws the README's states and columns from the tables in core. Owns the drawing, no table.

``python -m tests.tidy.states`` writes them anew between the README's markers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from monitord.core.columns import COLUMNS
from monitord.core.delivery_states import ON_INPUT, RowState
from monitord.core.fault_states import ON_DELAY, ON_SEEN, FaultState
from monitord.core.model import Expected
from tests.tidy.source import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- states:begin -->", "<!-- states:end -->"

Edge = tuple[StrEnum, StrEnum, str]


def fault_edges() -> Iterator[Edge]:
    """Yield what is seen, and what waiting alone does; staying is not drawn."""
    for state, row in ON_SEEN.items():
        yield from ((state, after, seen) for seen, after in row.items() if after is not state)
    for state, (delay, after) in ON_DELAY.items():
        yield state, after, f"{delay} has passed"


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


def column_table() -> str:
    """Return the column table: what was possible against what was expected."""
    head = [*(f"`{expected}`" for expected in Expected)]
    rows = [
        f"| {sort} | " + " | ".join(f"`{row[expected]}`" for expected in Expected) + " |"
        for sort, row in COLUMNS.items()
    ]
    title = "Where a second is counted, by what was possible and what was expected:"
    lines = [f"| possible | {' | '.join(head)} |", "| --- " * (len(head) + 1) + "|", *rows]
    several = "| several | " + " | ".join("that one, or `between`" for _ in Expected) + " |"
    return "\n".join([title, "", *lines, several])


def diagrams() -> str:
    """Return what stands between the README's markers."""
    fault = draw("A fault of a programme", FaultState.CLEAR, fault_edges())
    message = draw("What one person is owed of one incident", RowState.WAITING, message_edges())
    return f"\n{column_table()}\n\n{fault}\n\n{message}\n"


def standing() -> str:
    """Return what stands there now."""
    return README.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]


def main() -> None:
    """Write the diagrams into the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}{diagrams()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
