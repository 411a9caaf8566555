"""The rows of people's decisions and of unsettled spans."""

from __future__ import annotations

from pathlib import Path

from monitord.core.model import Event
from monitord.history import History
from monitord.journal.decision_rows import PastSettlement, UnsettledSpan
from tests.fixtures.events import behind_its_back, event, recorded, rows_in


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


def test_the_spans_of_a_record_with_other_tables_are_found(tmp_path: Path) -> None:
    """A program that only reads folds its own tables beside the record of another version."""
    given = [suspicion(1, "1-1", 10), suspicion(2, "1-2", 40), settled(3, "1-2")]
    recorded(tmp_path, *given).close()
    behind_its_back(
        tmp_path,
        "DROP TABLE unsettled",
        "UPDATE header SET value = 'older' WHERE key = 'projections'",
    )
    with History(tmp_path) as history:
        assert [s.id for s in history.unsettled(9)] == ["1-1"]
        assert [s.id for s in history.decisions.settlements()] == ["1-2"]


def test_a_settlement_is_read_with_who_when_and_why(tmp_path: Path, one_by_one: bool) -> None:
    """As the decision has it; one that the record has no decision of has no reason."""
    said = {"person": "ann", "via": "command", "kind": "settle", "digest": "x"}
    body = {"ids": [], "programme": "", "verdict": "on_air", "note": "recording"}
    basis = {"on_behalf_of": "Li", "paper": "No. 12"}
    other = said | {"kind": "acknowledge", "body": {"incident": "1-9"}}
    given = [
        suspicion(1, "1-1", 10),
        suspicion(2, "1-2", 40, "tv"),
        suspicion(3, "1-3", 70),
        event(4, "decision_taken", "d0", **other),
        event(5, "decision_taken", "d1", at=6_000, **said, **basis, body=body),
        settled(6, "1-1", "1-2"),
        settled(7, "1-3"),
    ]
    with recorded(tmp_path, *given, one_by_one=one_by_one) as history:
        first, second, third = history.decisions.settlements()
    assert first == PastSettlement(
        *("1-1", "fm", "presumed", 10, 19, 5, "on_air", "ann", 6_000, "d1"),
        *("recording", "Li", "No. 12"),
    )
    assert (second.programme, second.note) == ("tv", "recording")
    assert (third.at, third.note, third.paper) == (7_000, "", "")


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
