"""What devices share, found by the simulation: a link or the mains, over our own restarts."""

from __future__ import annotations

import pytest

from tests.scenarios.dutylog import SECOND, DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_unseen import KINDS, places, three

RESTARTS = pytest.mark.parametrize("starts", ["02:12:02", "02:12:30", "02:30:00"])


@KINDS
@RESTARTS
def test_our_own_restart_keeps_the_link_or_mains_as_what_is_behind_a_silence(
    declared: str, kind: str, fails: str, starts: str
) -> None:
    """Blindness and restarts keep a cause: not asked yet is none, and each device is none."""
    log = DutyLog(three(declared, kind, "z"), begins="02:00:00").until("02:10:00")
    log.becomes(d0="no_answer", d1="no_answer", d2="no_answer", z=fails).until("02:12:00")
    log.power_cut(starts).until("02:40:00")
    name = declared.rpartition(".")[2]
    assert places(log) == {f"z/{name}"}
    assert [m.told for m in log.messages()].count("opened") == 1
    assert [m.told for m in log.messages()].count("also") == 0


def test_our_own_restart_keeps_a_silent_device_as_the_place_of_blindness() -> None:
    """A device that was silent before is not one that nobody asks."""
    log = DutyLog(three("behind: {}.locked", "link", "z"), begins="02:00:00")
    log.then("02:10:00", d0="no_answer").until("02:12:00")
    log.power_cut("02:12:30").until("02:40:00")
    assert places(log) == {"d0/silent"}


@KINDS
def test_a_parent_that_is_not_seen_keeps_what_it_explained(
    declared: str, kind: str, fails: str
) -> None:
    """Behind our restart its own first answers are lost: nothing shows that it is good again."""
    log = DutyLog(three(declared, kind, "z"), begins="02:00:00").until("02:10:00")
    log.becomes(d0="no_answer", d1="no_answer", d2="no_answer", z=fails).until("02:12:00")
    log.becomes(z="no_answer").power_cut("02:12:30").then("02:14:00", z=fails).until("02:20:00")
    assert places(log) == {f"z/{declared.rpartition('.')[2]}"}


def test_another_device_that_falls_silent_too_is_no_cause_while_the_link_is_down() -> None:
    """A fault that is no outage has one cause; once the link is up, the other is one."""
    devices = "d: {kind: detector, behind: link.locked}\nlink: {kind: link}\nt: {kind: transmitter}"
    chain = (
        "[{stage: sound, owner: own, needs: d.sound}, {stage: tx, owner: own, needs: t.radiating}]"
    )
    log = DutyLog(station(devices, f"fm: {{name: 调频, chain: {chain}}}"), begins="02:00:00")
    log.then("02:10:00", d="no_answer", link="down").then("02:12:00", t="no_answer")
    log.until("02:14:00")
    assert places(log) == {"link/locked"}
    log.becomes(d="good", link="good").until("02:20:00")
    assert places(log) == {"link/locked", "t/silent"}


def test_a_device_that_comes_back_a_moment_behind_its_link_is_no_cause() -> None:
    """The blindness is due in the second between the two: it fell silent with the link."""
    log = DutyLog(three("behind: {}.locked", "link", "a"), begins="02:00:00").until("02:10:00")
    log.becomes(d0="no_answer", d1="no_answer", d2="no_answer", a="down").until("02:10:58")
    log.becomes(a="good").until("02:11:01")
    log.becomes(d0="good", d1="good", d2="good").until("02:13:00")
    assert places(log) == {"a/locked"}


@KINDS
def test_an_end_that_is_found_behind_our_restart_leaves_the_cause_as_it_was(
    declared: str, kind: str, fails: str
) -> None:
    """All is seen again at the first answers: our own stop says nothing of what went before it."""
    log = DutyLog(three(declared, kind, "z"), begins="02:00:00").until("02:10:00")
    log.becomes(d0="no_answer", d1="no_answer", d2="no_answer", z=fails).until("02:10:05")
    log.becomes(d0="good", d1="good", d2="good", z="good").power_cut("02:13:30").until("02:20:00")
    assert places(log) == {f"z/{declared.rpartition('.')[2]}"}


@pytest.mark.parametrize(("stops", "starts"), [("02:12:03", "02:12:05"), ("02:12:18", "02:12:20")])
def test_a_consequence_is_no_cause_behind_our_restart_while_its_cause_is_healed(
    stops: str, starts: str
) -> None:
    """Nobody has seen the transmitter good: it has its clearing time to start after the mains."""
    devices = "tx: {kind: transmitter, powered_by: feed.mains}\nfeed: {kind: feed}"
    chain = "chain: [{stage: tx, owner: own, needs: tx.radiating}]"
    site = station(devices, f"fm: {{name: 调频, {chain}}}")
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    log.then("02:10:00", tx="standby", feed="off").then("02:12:00", feed="good").until(stops)
    log.power_cut(starts).then("02:12:26", tx="good").until("02:30:00")
    off_air = [m for m in log.messages() if any(one.name == "fm" for one in m.members)]
    assert {m.place for m in off_air} == {"feed/mains"}
