"""What the last answers show: which devices are silent, and what is asked before settling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.expression import Kind
from monitord.core.model import SECOND, Evidence
from monitord.core.timeline import Proof, Timeline
from monitord.core.view import suspects
from tests.support.seam import Watch, fm_site, reserve_site, shared_site


def test_a_silent_device_that_a_reload_changes_or_takes_away_is_not_known_to_be_silent() -> None:
    """Nothing was asked of it under its new address, and nobody reads the one that is gone."""
    watch = Watch(shared_site()).hold(20).hold(2, io1="silent", io2="silent")
    driver = watch.driver
    assert suspects(driver.situation) == {"io1", "io2"}
    one = replace(driver.plan, programmes=driver.plan.programmes[:1])
    left = tuple(device for device in driver.plan.devices if device.id != "io2")
    driver.reload(replace(one, devices=left), driver.now + 1, again=["io1"])
    assert suspects(driver.situation) == set()


def test_a_suspected_outage_names_no_stage_no_layer_and_no_condition() -> None:
    """Nobody saw where it broke; its incident has the place of the sign."""
    watch = Watch(fm_site()).hold(20).hold(90, fm1="silent", io="silent").hold(20)
    (began,) = [body for body in watch.bodies("outage_began") if body["fault"] == "suspected"]
    assert [began[part] for part in ("stage", "layer", "conditions")] == ["", "", []]
    (ended,) = [body for body in watch.bodies("outage_ended") if body["fault"] == "suspected"]
    assert [ended[part] for part in ("stage", "layer", "how")] == ["", "", "good"]


def test_a_suspected_outage_as_long_as_open_after_is_an_incident() -> None:
    """As any other outage: it opens when it has lasted that long, and not a microsecond before."""

    def suspected(open_after: int) -> list[int]:
        """Return how long each suspected outage was."""
        watch = Watch(fm_site().with_(open_after=open_after)).hold(20)
        watch.hold(90, fm1="silent", io="silent").hold(20)
        over = [body for body in watch.bodies("member_over") if body["fault"] == "suspected"]
        return [body["not_after"] - body["began_not_after"] for body in over]  # type: ignore[operator]

    (length,) = suspected(0)
    assert (suspected(length), suspected(length + 1)) == ([length], [])


def test_what_the_last_answers_show_is_asked_before_the_programme_is_settled() -> None:
    """The carrier of one member goes, and comes back: its stage and its members say so at once."""
    watch = Watch(reserve_site()).hold(20, b="idle")
    situation, (tv,) = watch.driver.situation, watch.driver.plan.programmes
    (stage,) = tv.chain
    assert situation.members("tv", stage).counts["carries"] == 1
    for number, value in enumerate((False, True), start=1):
        at = watch.driver.now + number * SECOND
        situation.timelines["a.radiating"].turn(Evidence("a.radiating", value, at, at))
        situation.programmes["tv"].touch("a.radiating")
        if value:
            assert situation.kept("tv").stage(stage) is Kind.TRUE
        else:
            assert situation.members("tv", stage).counts["carries"] == 0


def test_what_is_seen_again_bounds_what_is_known_before_the_programme_is_settled() -> None:
    """A blind condition is known up to now; a proven one only up to its proof."""
    watch = Watch(fm_site()).hold(20, io="silent")
    situation, at = watch.driver.situation, watch.driver.now
    assert at - 2 * SECOND < situation.known_to("fm", at) < at
    proof = at - 5 * SECOND
    situation.timelines["io.sound"].turn(Evidence("io.sound", True, proof - SECOND, proof))
    situation.programmes["fm"].touch("io.sound")
    assert situation.known_to("fm", at) == proof


def test_a_condition_that_was_never_seen_is_proven_up_to_the_begin_of_its_timeline() -> None:
    """One that was lost keeps the last proof of what it was, and where its blindness began."""
    timeline = Timeline(50, 100, "not_yet", Proof(70), (10, 10))
    assert (timeline.last_before, timeline.last_after, timeline.known_to(130)) == (100, 100, 130)
    timeline.turn(Evidence("c", True, 110, 120))
    assert timeline.lose("timeout") == 120
    assert (timeline.last_before, timeline.last_after) == (120, 120)
    timeline.change_cause(140, "absent")
    assert (timeline.last_before, timeline.last_after) == (120, 120)


@pytest.mark.parametrize("lags", [(0, 0), (40, 70)])
def test_a_turn_whose_past_nobody_reads_differs_in_that_alone(lags: tuple[int, int]) -> None:
    """From blindness, from a held value, and after it was lost; nothing of before is kept."""
    both = [Timeline(50, 100, "not_yet", Proof(70), lags) for _ in range(2)]
    for number, value in enumerate((True, False, True, None, False), start=2):
        at = number * 100
        if value is None:
            assert len({line.lose("timeout") for line in both}) == 1
            continue
        evidence = Evidence("c", value, at - 20, at)
        held_to = [line.turn(evidence, is_read=line is both[0]) for line in both]
        assert held_to[0] == held_to[1]
        assert both[0].closed
        assert not both[1].closed
        known = [(line.start, line.kind, line.last_before, line.known_to(at)) for line in both]
        assert known[0] == known[1]
        for line in both:
            line.extend(evidence._replace(not_before=at + 30, not_after=at + 50))


def test_a_younger_proof_is_kept_while_the_answers_that_follow_are_older() -> None:
    """A report between two polls is younger than what the last poll says with its lag."""
    proof = Proof(100)
    timeline = Timeline(1_000, 0, "not_yet", proof, (0, 40))
    timeline.turn(Evidence("c", True, 90, 110))
    timeline.follow()
    assert timeline.last_before == 90
    proof.sent_at, proof.at = 200, 210
    assert (timeline.last_before, timeline.last_after) == (160, 210)
