"""Records of generation 1 fold as they always did: stored histories of that program hold it.

Each file is a life of a site of ``tests.support.seam``, played by ``tests.properties.scripts`` as
they were at the last commit of generation 1: its delays, its events, a digest of the state after
each event, and the last state.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.core.codec import from_plain, shape_hash, to_plain
from monitord.core.generation1.apply import VERSIONS, apply
from monitord.core.generation1.durable import Durable
from tests.fixtures.generation1 import HISTORIES, History1, digest_of, history_of, state_after

SHAPE = "c0a4eaf709434ba3"
"""Of the snapshots that generation 1 stored."""


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name[:-8])
def test_a_history_of_generation_1_folds_to_the_same_states(path: Path) -> None:
    """Rule: old epochs are folded by frozen code, event by event to the same canonical bytes."""
    history = history_of(path)
    durable = Durable()
    for event, digest in zip(history.events, history.states, strict=True):
        apply(durable, event)
        assert digest_of(durable) == digest, (event.number, event.kind)
    assert to_plain(durable) == to_plain(from_plain(Durable, history.state))


def test_a_snapshot_of_generation_1_is_still_used() -> None:
    """Names and types of the frozen state keep the digest that its snapshots carry."""
    assert shape_hash(Durable) == SHAPE


def test_a_snapshot_replaces_the_events_before_it() -> None:
    """A start folds the events after the newest snapshot only."""
    history = history_of(HISTORIES[1])
    half = len(history.events) // 2
    durable = from_plain(Durable, to_plain(state_after(history, half)))
    for event in history.events[half:]:
        apply(durable, event)
    assert digest_of(durable) == history.states[-1]


def test_the_histories_have_open_delivered_and_closed_incidents() -> None:
    """The stored lives show what a mapping must carry; else they prove nothing."""
    histories = [history_of(path) for path in HISTORIES]
    kinds = {event.kind for history in histories for event in history.events}
    assert set(VERSIONS) - kinds == {"message_dropped", "programme_withdrawn"}
    assert sum(_has_delivered_open(history) for history in histories) > 5


def _has_delivered_open(history: History1) -> bool:
    durable = from_plain(Durable, history.state)
    rows = [row for lane in durable.lanes.values() for row in lane]
    return any(row.incident in durable.incidents and row.ever_told == "yes" for row in rows)
