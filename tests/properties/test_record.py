"""The record is complete: folding it gives the state, in order, under any hash seed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.durable import Durable
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import Driver, Site, fold

ROOT = Path(__file__).resolve().parents[2]


def state(durable: Durable) -> bytes:
    return canonical(to_plain(durable))


@examples(40)
@given(lives())
def test_folding_the_record_from_zero_gives_the_durable_state(life: tuple[Site, Script]) -> None:
    """I1: after every tick durable state is what the record folds to."""

    def look(driver: Driver) -> None:
        if len(driver.run.ticks) % 16 == 0:
            assert state(fold(driver.events)) == state(driver.situation.durable)

    driver = play(*life, look)
    assert state(fold(driver.events)) == state(driver.situation.durable)


@examples(40)
@given(lives(), st.floats(0, 1))
def test_folding_on_from_any_snapshot_gives_the_same_state(
    life: tuple[Site, Script], where: float
) -> None:
    """I1: a snapshot, through its plain JSON form, replaces the events before it."""
    events = play(*life).events
    cut = round(where * len(events))
    snapshot = json.loads(canonical(to_plain(fold(events[:cut]))))
    assert state(fold(events[cut:], from_plain(Durable, snapshot))) == state(fold(events))


@examples(40)
@given(lives())
def test_times_never_decrease_and_numbers_have_no_gap(life: tuple[Site, Script]) -> None:
    """I5: the order of the record is the order of time, restarts included."""
    events = play(*life).events
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)


@examples(40)
@given(lives())
def test_an_incident_is_named_by_epoch_and_number_of_its_event(life: tuple[Site, Script]) -> None:
    """I5: ids come from the record alone, and are unique."""
    opened = [event for event in play(*life).events if event.kind == "incident_opened"]
    assert [e.subject for e in opened] == [f"{e.epoch}-{e.number}" for e in opened]


@examples(30)
@given(lives())
def test_an_event_has_no_later_moment_than_its_own(life: tuple[Site, Script]) -> None:
    """I5: nothing is dated in the future, except waits and later attempts."""
    for event in play(*life).events:
        body = json.loads(event.body)
        times = ("start", "not_after", "bad_at", "held_to", "proof", "healed", "over", "since")
        known = [body[key] for key in times if body.get(key) is not None]
        known += [body[key][1] for key in ("began", "ended") if body.get(key) is not None]
        assert all(moment <= event.at for moment in known), event


def record_digest(seed: int) -> str:
    """Return the digest of the record of fixed scripts; ``seed`` is Python's for hashes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.properties.digest"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_record_is_the_same_under_any_hash_seed() -> None:
    """I7: no decision depends on the order of a set or of hashes."""
    digests = {record_digest(seed) for seed in (0, 1, 4242)}
    assert len(digests) == 1
    assert digests != {hashlib.sha256().hexdigest()}
