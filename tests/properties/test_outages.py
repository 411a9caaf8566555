"""When monitord reports off air, and when it must not."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.dues import Key, Rank
from monitord.core.durable import Durable
from monitord.core.incident_state import standing
from monitord.core.model import MINUTE, SECOND, Answer
from monitord.core.situation import Situation
from tests.properties.scripts import DeviceScript, Phase, Script, examples, lives, play
from tests.support.seam import (
    DEADLINE,
    T0,
    Driver,
    Outcome,
    Site,
    Watch,
    bodies,
    fm_site,
    reserve_site,
)

HARMLESS = ("good", "absent", "half", "low", "timeout", "refused", "nothing")


def without_bad(site: Site, script: DeviceScript, device: str) -> DeviceScript:
    allowed = [state for state in HARMLESS if state in (*site.answers[device], *HARMLESS[-3:])]
    kept = tuple(
        phase if phase.state in allowed else Phase(allowed[len(phase.state) % len(allowed)], 9)
        for phase in script.phases
    )
    return replace(script, phases=kept)


@examples(60)
@given(lives())
def test_silence_alone_never_opens_an_outage(life: tuple[Site, Script]) -> None:
    """Silence, absent points and restarts are blindness, of any length and in any order."""
    site, script = life
    devices = {name: without_bad(site, d, name) for name, d in script.devices.items()}
    driver = play(site, replace(script, devices=devices))
    assert bodies(driver.events, "bad_proven") == []
    faults = {body["fault"] for body in bodies(driver.events, "incident_opened")}
    assert "off_air" not in faults


@st.composite
def changeovers(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Return (make, break) of each changeover: the other transmitter makes before the first breaks.

    Every state lasts longer than the continuity bound and the widest evidence.
    """
    found: list[tuple[int, int]] = []
    at = T0 + 10 * SECOND
    for _ in range(draw(st.integers(1, 4))):
        make = at + draw(st.integers(0, 3 * SECOND))
        off = make + draw(st.sampled_from([0, 1, 200_000, SECOND, 9 * SECOND]))
        found.append((make, off))
        at = off + 12 * SECOND
    return found


def carries(moves: list[tuple[int, int]], name: str, at: int) -> bool:
    """Return whether ``a`` (on at first) or ``b`` radiates at a moment."""
    on = name == "a"
    for number, (make, off) in enumerate(moves):
        incoming = "b" if number % 2 == 0 else "a"
        moment = make if name == incoming else off
        if at >= moment:
            on = name == incoming
    return on


def honest_answers(
    site: Site, moves: list[tuple[int, int]], name: str, polls: list[tuple[int, int, int]]
) -> list[Answer]:
    """Return answers whose value was true up to the declared age before the request."""
    oldest = min(max(c.true_lag, c.false_lag, 0) for c in site.plan.devices[name == "b"].conditions)
    answers = []
    for number in range(int((moves[-1][1] - T0) / SECOND) + 20):
        phase, latency, age = polls[number % len(polls)]
        if latency > DEADLINE:
            continue
        sent_at = T0 + number * SECOND + phase
        on = carries(moves, name, sent_at - age % (oldest + 1))
        answers.append(Answer(name, sent_at, sent_at + latency, (on, False, False)))
    return answers


POLLS = st.lists(
    st.tuples(
        st.integers(0, 190_000),
        st.sampled_from([1, 10_000, 700_000, DEADLINE, DEADLINE + 1]),
        st.integers(0, 3 * SECOND),
    ),
    min_size=1,
    max_size=5,
)


@examples(90)
@given(changeovers(), POLLS, POLLS, st.sampled_from([0, 2, 3]), st.integers(100_000, 3 * SECOND))
def test_a_clean_changeover_is_never_called_an_outage(
    moves: list[tuple[int, int]],
    of_a: list[tuple[int, int, int]],
    of_b: list[tuple[int, int, int]],
    lag_s: int,
    tick: int,
) -> None:
    """Make before break proves nothing bad, with any phases, lags and lost polls."""
    site = reserve_site((lag_s * SECOND, lag_s * SECOND))
    inputs = honest_answers(site, moves, "a", of_a) + honest_answers(site, moves, "b", of_b)
    driver = Driver(site.plan)
    driver.start(T0)
    while driver.now <= moves[-1][1] + 20 * SECOND:
        now = driver.now + tick
        driver.tick([i for i in inputs if driver.now < i.at <= now], now)
    assert bodies(driver.events, "bad_proven") == []
    pieces = bodies(driver.events, "piece_opened")
    assert not any(p["possible"] == ["bad:no_carrier"] for p in pieces)


@examples(40)
@given(st.integers(10, 30), st.integers(1, 990), st.integers(1, 990))
def test_a_gap_of_seconds_in_a_changeover_is_proven_bad(gap_s: int, one: int, other: int) -> None:
    """A gap longer than bound and evidence is an outage: the rule above hides none."""
    site = reserve_site((0, 0))
    moves = [(T0 + (20 + gap_s) * SECOND, T0 + 20 * SECOND)]
    polls = [[(one * 100, 10_000, 0)], [(other * 100, 10_000, 0)]]
    inputs = honest_answers(site, moves, "a", polls[0]) + honest_answers(
        site, [*moves, (T0 + 90 * SECOND, T0 + 90 * SECOND)], "b", polls[1]
    )
    driver = Driver(site.plan)
    driver.start(T0)
    driver.tick([i for i in inputs if i.at <= T0 + 50 * SECOND], T0 + 50 * SECOND)
    (proven,) = bodies(driver.events, "bad_proven")
    assert moves[0][1] <= proven["not_after"] <= moves[0][1] + 3 * SECOND


def off_air(bodies_: list[dict[str, object]]) -> list[dict[str, object]]:
    return [body for body in bodies_ if body["fault"] == "off_air"]


def opened_around(back: int) -> tuple[Site, Script]:
    """Off from 1 s to ``back`` seconds by polls of 1 s, in hours to 1 s and from 4 s on.

    A contact that is silent at the end keeps the ledger from settling while answers come.
    """
    wells = (Phase("good", 1), Phase("bad", back - 1), Phase("good", 2))
    devices = {
        "fm1": DeviceScript(wells, ((0, 1),)),
        "io": DeviceScript((Phase("good", 14),), ((0, 1),)),
    }
    edges = (SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND)
    script = Script(devices, (Outcome(1, "delivered"),), boundaries=edges, tick=100_000, polls=19)
    return fm_site().with_(open_after=0, clear_after=0, tell_after=0), script


@examples(80)
@given(lives())
@example(opened_around(3))
@example(opened_around(4))
@example(opened_around(5))
@example(opened_around(8))
def test_an_outage_that_ended_as_good_had_a_length(life: tuple[Site, Script]) -> None:
    """Rule 5.1: what is good again before its hours begin is no outage of them."""
    site, script = life
    for body in bodies(play(site, script).events, "outage_ended"):
        if (body["fault"], body["how"]) == ("off_air", "good"):
            assert body["figures"]["most"] > 0, body


@examples(80)
@given(lives())
@example(opened_around(3))
def test_an_outage_ends_as_good_only_in_a_clear_piece(life: tuple[Site, Script]) -> None:
    """Rule 5.2: blindness, undecided time and restarts end no outage; only proven good does."""
    site, script = life
    events = play(site, script).events
    for number, event in enumerate(events):
        if event.kind != "outage_ended":
            continue
        (ended,) = bodies([event], "outage_ended")
        if (ended["fault"], ended["how"]) != ("off_air", "good"):
            continue
        pieces = bodies(events[:number], "piece_opened")
        mine = [p for p in pieces if p["subject"] == ended["programme"]]
        (until,) = [p for p in mine if p["start"] == ended["ended"][1]][-1:]
        words = {observed.partition(":")[0] for observed in until["possible"]}
        assert not words & {"bad", "unknown"}, (ended, until)


@examples(80)
@given(lives())
def test_an_incident_closes_after_its_members_were_over_for_the_clearing_time(
    life: tuple[Site, Script],
) -> None:
    """A4: not before, and no later than ten minutes (three falls in ten) where nothing came again.

    It says nothing of the time after: ``clear_after`` ends no outage (three delays, §3).
    """
    site, script = life
    over: dict[tuple[str, str], tuple[int, bool]] = {}
    clear = {
        fault.id: fault.clear_after for fault in Situation(site.plan, Durable()).faults.values()
    }
    for event in play(site, script).events:
        body = json.loads(event.body)
        if event.kind in ("member_joined", "member_fell"):
            over.pop((event.subject, f"{body['programme']}/{body['fault']}"), None)
            over[event.subject, f"{body['programme']}/{body['fault']}"] = (1 << 62, False)
        elif event.kind == "member_over":
            key = event.subject, f"{body['programme']}/{body['fault']}"
            if over.get(key, (0, False))[0] == 1 << 62:
                # What is withdrawn was none: nothing is waited for.
                wait = 0 if body["how"] == "withdrawn" else clear[key[1]]
                over[key] = body["over"] + wait, body["flaps"] and body["how"] == "good"
        elif event.kind == "incident_closed":
            mine = {key: found for key, found in over.items() if key[0] == event.subject}
            ends = [
                at + max(0, 10 * MINUTE - clear[fault] if flaps else 0)
                for (_, fault), (at, flaps) in mine.items()
            ]
            assert event.at >= max(ends), (event, mine)
            for key in mine:
                del over[key]


def test_blindness_after_the_end_does_not_hold_an_incident_open() -> None:
    """The outage has ended; what is not seen after it is blindness with a message of its own."""
    watch = Watch(fm_site()).hold(30).hold(10, fm1="bad").hold(16).hold(60, fm1="silent")
    (ended,) = off_air(watch.bodies("outage_ended"))
    closed = [b for b in watch.bodies("incident_closed") if b["subject"] == ended["incident"]]
    assert [body["at"] for body in closed] == [ended["ended"][1] + 30 * SECOND]


@examples(60)
@given(lives())
def test_every_open_incident_waits_for_a_due_or_for_evidence(life: tuple[Site, Script]) -> None:
    """One without an open member has its closing in the index; one with an open member none."""

    def look(driver: Driver) -> None:
        durable, dues = driver.situation.durable, driver.situation.dues
        for incident in durable.incidents.values():
            assert incident.members
            due = dues.times.get(Key(Rank.INCIDENT, incident.id))
            assert (due is None) == bool(standing(incident))

    play(*life, look)


@examples(40)
@given(st.integers(1, 40))
def test_an_outage_shorter_than_open_after_opens_nothing(polls: int) -> None:
    """It gives no message, and the ledger counts it all the same."""
    watch = Watch(fm_site().with_(open_after=15 * SECOND))
    watch.hold(30).hold(polls, fm1="bad").hold(60)
    assert len(watch.bodies("incident_opened")) == (polls >= 15)
    assert len(watch.bodies("bad_proven")) == 1
    assert watch.driver.situation.durable.programmes["fm"].figures.most >= polls * SECOND
