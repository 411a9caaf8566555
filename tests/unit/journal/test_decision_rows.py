"""The rows of people's decisions and of unsettled spans."""

from __future__ import annotations

from pathlib import Path

from monitord.core.model import Event
from monitord.history import UnsettledSpan
from tests.fixtures.events import event, recorded, rows_in


def suspicion(number: int, span: str, start: int, programme: str = "fm") -> Event:
    """Return a span of a presumed outage, found."""
    body = {"programme": programme, "sort": "presumed", "begin": start, "end": start + 9}
    return event(number, "suspicion_found", span, **body, seconds=5, evidence={"cause": "timeout"})


def settled(number: int, *spans: str) -> Event:
    """Return a settlement of spans as on air."""
    named = [[span, "fm", 5] for span in spans]
    body = {"person": "ann", "verdict": "on_air", "note": "", "spans": named}
    return event(number, "spans_settled", "d1", **body)


def test_a_span_is_unsettled_until_it_is_settled_or_disproven(
    tmp_path: Path, one_by_one: bool
) -> None:
    """The list has the oldest first; one settlement ends many."""
    given = [
        suspicion(1, "1-1", 10),
        suspicion(2, "1-2", 40, "tv"),
        suspicion(3, "1-3", 30),
        suspicion(4, "1-4", 20),
        suspicion(5, "1-5", 50),
        event(6, "suspicion_refuted", "1-5", programme="fm", seconds=5, by="witness"),
        settled(7, "1-1", "1-4"),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        assert [s.id for s in history.unsettled(9)] == ["1-3", "1-2"]
        assert history.unsettled(1) == [UnsettledSpan("1-3", "fm", "presumed", 30, 39, 5)]
        assert [s.id for s in history.unsettled(9, programme="tv")] == ["1-2"]
        assert [s.id for s in history.unsettled(9, ids=["1-1", "1-2"])] == ["1-2"]
    assert rows_in(tmp_path, "SELECT id, verdict, settled_by, refuted_by FROM unsettled") == [
        ("1-1", "on_air", "ann", None),
        ("1-2", None, None, None),
        ("1-3", None, None, None),
        ("1-4", "on_air", "ann", None),
        ("1-5", None, None, "witness"),
    ]


def test_every_decision_is_a_row(tmp_path: Path, one_by_one: bool) -> None:
    """Taken or refused, with who and how."""
    said = {"person": "ann", "via": "command", "kind": "acknowledge", "digest": "x"}
    given = [
        event(1, "decision_taken", "d1", **said, body={"incident": "1-9"}),
        event(2, "decision_refused", "d2", **said, why="unknown_incident"),
    ]
    recorded(tmp_path, *given, one_by_one=one_by_one).close()
    assert rows_in(tmp_path, "SELECT id, person, via, kind, body, why FROM decision") == [
        ("d1", "ann", "command", "acknowledge", '{"incident":"1-9"}', None),
        ("d2", "ann", "command", "acknowledge", None, "unknown_incident"),
    ]
