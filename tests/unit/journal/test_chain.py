"""The hash chain: every change is found, and reported with epoch and number."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from monitord.core.apply import VERSIONS
from monitord.history import History
from monitord.journal import RecordError
from monitord.journal.chain import digest_of, first_link, link
from tests.fixtures.events import behind_its_back, event, marks, opened

DAMAGE = {
    "a body": ("UPDATE event SET body = '{}' WHERE number = 5", "event 1/5: its body is not"),
    "a body taken away": ("UPDATE event SET body = NULL WHERE number = 5", "1/5: its body is miss"),
    "a time": ("UPDATE event SET at = at + 1 WHERE number = 5", "event 1/5: the chain is broken"),
    "a kind": ("UPDATE event SET kind = 'stopped' WHERE number = 5", "1/5: the chain is broken"),
    "a version": ("UPDATE event SET v = 0 WHERE number = 5", "event 1/5: the chain is broken"),
    "a subject": ("UPDATE event SET subject = 'x' WHERE number = 5", "1/5: the chain is broken"),
    "a stream": ("UPDATE event SET stream = 1 WHERE number = 5", "1/5: its epoch is of stream 0"),
    "a generation": ("UPDATE epochs SET generation = 1 WHERE epoch = 2", "2/1: its epoch's citat"),
    "the first generation": ("UPDATE epochs SET generation = 1", "event 1/1: the chain is broken"),
    "a digest": ("UPDATE event SET digest = 'ab' WHERE number = 5", "1/5: its body is not what"),
    "a link": ("UPDATE event SET chain = 'ab' WHERE number = 5", "event 1/5: the chain is broken"),
    "a row": ("DELETE FROM event WHERE number = 5", "event 1/6: event 1/5 is missing before it"),
    "the first row": ("DELETE FROM event WHERE number = 1", "1/2: event 1/1 is missing before it"),
    "the site": ("UPDATE header SET value = 'x' WHERE key = 'site'", "event 1/1: the chain is"),
    "a citation": ("UPDATE epochs SET why = '' WHERE epoch = 2", "event 2/1: its epoch's citation"),
    "what is cited": ("UPDATE epochs SET cites_number = 7", "2/1: its epoch does not cite the end"),
    "the end of an epoch": ("DELETE FROM event WHERE epoch = 1 AND number = 9", "does not cite"),
}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return a folder with a record of two epochs."""
    with opened(tmp_path) as journal:
        journal.commit_sync(marks(1, 9))
        journal.next_epoch("restored")
        journal.commit_sync(marks(1, 3, epoch=2))
    return tmp_path


def test_a_sound_record_has_no_problems(record: Path) -> None:
    """Verification reports nothing if nothing is wrong."""
    with opened(record) as journal:
        assert journal.verify() == []
        assert [*journal.load().events] == [*marks(1, 9), *marks(1, 3, epoch=2)]


@pytest.mark.parametrize("changed", DAMAGE)
def test_every_change_is_found_and_reported_with_its_place(record: Path, changed: str) -> None:
    """No field of an event, no event and no epoch can be changed without breaking the chain."""
    statement, problem = DAMAGE[changed]
    behind_its_back(record, statement)
    with History(record) as history:
        found = history.verify()
    assert problem in found[0]


def test_loading_stops_at_the_first_broken_event(record: Path) -> None:
    """State is never folded from a changed record; the error has the place and what to do."""
    behind_its_back(record, "UPDATE event SET body = '{}' WHERE number IN (4, 6) AND epoch = 1")
    with opened(record) as journal:
        events = journal.load().events
        assert [next(events).number for _ in range(3)] == [1, 2, 3]
        with pytest.raises(RecordError, match=r"record\.sqlite: event 1/4: .*restore a backup"):
            next(events)


def test_every_break_is_reported_once(record: Path) -> None:
    """After a break the walk continues from the stored values."""
    behind_its_back(record, "UPDATE event SET body = '{}' WHERE number IN (4, 6) AND epoch = 1")
    with opened(record) as journal:
        found = journal.verify()
    assert [text.partition(":")[0] for text in found] == ["event 1/4", "event 1/6"]


def test_rewriting_a_body_with_its_digest_breaks_the_chain(record: Path) -> None:
    """A forger must calculate every later link, and a head kept elsewhere still differs."""
    digest = digest_of(b"{}")
    behind_its_back(record, f"UPDATE event SET body = '{{}}', digest = '{digest}' WHERE number = 9")
    with opened(record) as journal:
        assert journal.verify() == [
            "event 1/9: the chain is broken: it or an event before it was changed"
        ]


def test_an_event_dated_before_its_predecessor_is_reported_but_loads(tmp_path: Path) -> None:
    """Times never decrease; an error in that must not stop a start."""
    with opened(tmp_path) as journal:
        journal.commit_sync([event(1, at=5), event(2, at=4)])
        assert journal.verify() == ["event 1/2: dated before the event before it"]
        assert len([*journal.load().events]) == 2


@pytest.mark.parametrize(("kind", "v"), [("marked", VERSIONS["marked"] + 1), ("unheard_of", 1)])
def test_an_event_of_a_newer_monitord_is_refused(tmp_path: Path, kind: str, v: int) -> None:
    """A body of an unknown version is not interpreted."""
    newer = event(1, kind)._replace(v=v)
    with opened(tmp_path) as journal:
        journal.commit_sync([newer])
        with pytest.raises(RecordError, match=f"event 1/1 is '{kind}' version {v}, .* newer one"):
            list(journal.load().events)


def test_a_link_is_the_documented_hash() -> None:
    """Anybody can verify the chain with SHA-256 and this recipe."""
    given = event(1, "marked", "台|1", wall=7)
    digest = sha256(b'{"wall":7}').hexdigest()
    recipe = ["p", 1, 1, 1000, "marked", 1, "台|1", 0, digest]
    text = json.dumps(recipe, separators=(",", ":"), ensure_ascii=False)
    assert link("p", given, digest_of(given.body)) == sha256(text.encode()).hexdigest()
    assert first_link("hill") == sha256(b'["monitord record","hill",3]').hexdigest()
    assert first_link("hill", 1) == sha256(b'["monitord record","hill"]').hexdigest()
