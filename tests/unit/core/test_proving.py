"""Which answers are read for a turn that may prove a programme bad."""

from __future__ import annotations

import pytest

from monitord.core.durable import Durable
from monitord.core.model import Answer, Evidence
from monitord.core.proving import forget_proven, gather, note_heard
from monitord.core.situation import ProgrammeMemory, Situation, Transition
from tests.support.seam import TRANSMITTER_ANSWERS, Watch, bodies, reserve_site

BEGIN, END = 1_000, 2_000
TURN = Transition("a.radiating", value=False, begin=BEGIN, end=END)


def waiting() -> tuple[Situation, ProgrammeMemory]:
    """Return a stage of two members: one turned bad, the other one was bad all the while."""
    situation = Situation(reserve_site().plan, Durable())
    situation.begin(0, "not_yet")
    other = situation.timelines["b.radiating"]
    other.turn(Evidence("b.radiating", False, BEGIN - 9, BEGIN - 5))
    other.extend(Evidence("b.radiating", False, END, END + 5))
    memory = situation.programmes["tv"]
    for name in ("a.radiating", "b.radiating"):
        memory.settling.touch(name)
    memory.heard.clear()
    memory.transitions = [TURN]
    return situation, memory


@pytest.mark.parametrize(
    ("now", "tied", "is_bad"),
    [(END, False, False), (END, True, True), (END + 1, False, True), (END + 1, True, True)],
)
def test_a_turn_that_is_known_late_is_proven_by_what_was_answered_before(
    now: int, tied: bool, is_bad: bool
) -> None:
    """At its own moment only where another device may have answered at that moment too."""
    situation, memory = waiting()
    situation.is_tied = tied
    gather(situation, memory, now, is_open=False)
    assert memory.gathered[TURN].is_bad is is_bad


@pytest.mark.parametrize("apart", [0, 1])
def test_a_turn_is_proven_at_once_by_an_answer_that_was_sent_at_its_moment(apart: int) -> None:
    """That of the other member, taken first. One of a microsecond before does not reach it."""
    watch = Watch(reserve_site((0, 0))).hold(4).hold(4, b="bad")
    turned = watch.at
    inputs = [
        Answer(name, at, at, TRANSMITTER_ANSWERS["bad"])
        for name, at in (("b", turned - apart), ("a", turned))
    ]
    proven = bodies(watch.driver.tick(inputs, turned), "bad_proven")
    assert [body["not_after"] for body in proven] == [turned] * (1 - apart)


def test_a_further_answer_is_read_for_the_turns_that_wait() -> None:
    """Of the device that answered, once; nothing while an outage lasts."""
    situation, memory = waiting()
    gather(situation, memory, END, is_open=False)
    note_heard(situation, "b")
    gather(situation, memory, END + 9, is_open=True)
    assert (list(memory.heard), memory.gathered[TURN].is_bad) == (["b"], False)
    gather(situation, memory, END + 9, is_open=False)
    assert (list(memory.heard), memory.gathered[TURN].is_bad) == ([], True)


def test_what_no_turn_waits_for_is_forgotten() -> None:
    """What others wait for stays, and no device is noted where none waits."""
    situation, memory = waiting()
    later = TURN._replace(end=END + 1)
    memory.transitions = [TURN, later]
    gather(situation, memory, END, is_open=False)
    note_heard(situation, "b")
    memory.transitions = [later]
    forget_proven(memory)
    assert (list(memory.gathered), list(memory.heard)) == ([later], ["b"])
    memory.transitions = []
    forget_proven(memory)
    assert (memory.gathered, list(memory.heard)) == ({}, [])
    note_heard(situation, "b")
    assert list(memory.heard) == []


def test_the_end_of_a_turn_counts_once_its_own_device_answers_again() -> None:
    """The other one turned within its span: only from the end on both are proven bad at once."""
    situation, memory = waiting()
    own = situation.timelines["a.radiating"]
    own.turn(Evidence("a.radiating", False, BEGIN, END))
    memory.transitions = [TURN._replace(begin=BEGIN - 9)]
    gather(situation, memory, END, is_open=False)
    turn, end = memory.transitions
    assert (end.condition, end.begin, end.end) == ("", END, END + 1)
    situation.timelines["b.radiating"].extend(Evidence("b.radiating", False, END + 8, END + 9))
    note_heard(situation, "b")
    gather(situation, memory, END + 9, is_open=False)
    assert not memory.gathered[end].is_bad
    own.extend(Evidence("a.radiating", False, END + 10, END + 15))
    note_heard(situation, "a")
    gather(situation, memory, END + 15, is_open=False)
    assert (memory.gathered[turn].is_bad, memory.gathered[end].is_bad) == (False, True)
    assert memory.transitions == [turn, end]


def test_the_end_of_a_turn_that_is_proven_bad_does_not_wait() -> None:
    """Nothing more can be proven by it."""
    situation, memory = waiting()
    gather(situation, memory, END + 1, is_open=False)
    assert memory.transitions == [TURN]
