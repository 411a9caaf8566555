"""What happens to the file of the record, at any moments: each harm is reported once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.apply import GENERATION
from monitord.core.codec import canonical, from_plain, to_plain
from monitord.core.durable import Durable
from monitord.core.fault_plans import RECORD_SOUND_AFTER
from monitord.core.model import MINUTE, SECOND, Base, RecordReplaced
from monitord.core.record_events import Harm
from tests.properties.scripts import examples
from tests.support.seam import Watch, bodies, fm_site, fold

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["while_running", "at_start", "killed", "stopped"]),
        st.sampled_from(Harm),
        st.integers(1, 45),
    ),
    min_size=1,
    max_size=7,
)


def live(steps: list[tuple[str, Harm, int]]) -> tuple[Watch, list[tuple[Harm, int]]]:
    """Play the steps, each so many minutes before the next; return what was found and when."""
    watch = Watch(fm_site()).hold(5)
    found = []
    for how, harm, minutes in steps:
        if how == "while_running":
            at = watch.driver.now
            watch.driver.tick([RecordReplaced(at, harm, 3)], at)
            found.append((harm, at))
        else:
            if how == "at_start":
                watch.driver.base = Base(GENERATION, 1, 1, "", None, harm)
            watch.restart(2, clean=how == "stopped")
            found += [(harm, watch.driver.run.ticks[0])] if how == "at_start" else []
        now = watch.driver.now
        for minute in range(1, minutes + 1):
            watch.driver.tick([], now + minute * MINUTE)
    return watch, found


def spells(found: list[tuple[Harm, int]], harm: Harm) -> list[tuple[int, int]]:
    """Return from when to when a harm is news: until the file was sound for an hour."""
    spans: list[tuple[int, int]] = []
    for at in (at for one, at in found if one is harm):
        if spans and at < spans[-1][1]:
            spans[-1] = spans[-1][0], at + RECORD_SOUND_AFTER
        else:
            spans.append((at, at + RECORD_SOUND_AFTER))
    return spans


@examples(60)
@given(STEPS)
def test_each_harm_to_the_record_is_one_incident_until_it_is_sound_for_an_hour(
    steps: list[tuple[str, Harm, int]],
) -> None:
    """No start rings again, none is forgotten, one sort hides no other; a replay is the same."""
    watch, found = live(steps)
    events = watch.driver.events
    opened = [b for b in bodies(events, "outage_began") if b["fault"].startswith("record_")]
    ended = [b for b in bodies(events, "outage_ended") if b["fault"].startswith("record_")]
    for harm in Harm:
        name, now = f"record_replaced/{harm}", watch.driver.now
        spans = spells(found, harm)
        assert [b["began"][1] for b in opened if b["fault"] == name] == [a for a, _ in spans]
        over = [end for _, end in spans if end <= now]
        assert [b["ended"][1] for b in ended if b["fault"] == name] == over
    durable = watch.driver.situation.durable
    incidents = [b for b in bodies(events, "incident_opened") if b["fault"].startswith("record_")]
    assert len(incidents) == len(opened)
    assert canonical(to_plain(fold(events))) == canonical(to_plain(durable))


@examples(20)
@given(st.sampled_from(Harm), st.integers(1, 5))
def test_a_person_gets_one_message_and_one_that_it_is_over(harm: Harm, starts: int) -> None:
    """However often monitord starts within the hour."""
    watch = Watch(fm_site()).hold(5)
    at = watch.driver.now
    watch.driver.tick([RecordReplaced(at, harm, 0)], at)
    watch.hold(10)
    for _ in range(starts):
        watch.restart(2).hold(10)
    now = watch.driver.now
    watch.driver.tick([], at + RECORD_SOUND_AFTER + SECOND)
    watch.driver.tick([], max(now, at + RECORD_SOUND_AFTER) + MINUTE)
    of_record = [
        b["alert"]["told"]
        for b in bodies(watch.driver.events, "attempt_began")
        if b["alert"]["fault"].startswith("record_") and b["alert"]["person"] == "desk"
    ]
    assert of_record == ["opened", "recovered"]


def test_a_state_of_before_is_read_as_that_of_a_sound_record() -> None:
    """A record without the field has one to which nothing happened."""
    plain = to_plain(Durable())
    del plain["record_harmed"]
    assert from_plain(Durable, plain).record_harmed == {}
