"""A cause that is good again while its programme is not seen. Times count from 02:00:00."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import MUX, TX, encoded


@pytest.mark.parametrize("mux", ["good", "no_answer"])
def test_a_cause_heals_while_the_programme_is_not_seen(mux: str) -> None:
    """The multiplexer was good again before the transmitter, which nobody saw, is found off."""
    log = DutyLog(encoded(MUX, TX), begins="02:00:00", answers=SECOND)
    log.then("02:01:40", mux="dead").then("02:02:30", tx="no_answer")
    log.then("02:03:00", mux="good").then("02:04:00", mux=mux)
    log.then("02:06:00", tx="tripped").then("02:08:00", tx="good", mux="good")
    log.expect(
        "02:10:00",
        """
        02:01:43 duty opened mux/services p1 3
        02:06:00..02:06:02 duty revised tx/power p1 80-260
        02:08:30..02:08:31 duty recovered tx/power p1 200-380 good
        """,
        "p1",
    )


@pytest.mark.parametrize("feed", ["good", "no_answer"])
@pytest.mark.parametrize("declared", ["powered_by", "behind", "mutes_on_input"])
def test_what_explained_a_stage_heals_while_the_programme_is_not_seen(
    declared: str, feed: str
) -> None:
    """What fails minutes behind the mains is no consequence of them, seen or not."""
    devices = f"""
    feed: {{kind: feed}}
    mux: {{kind: mux}}
    tx: {{kind: transmitter, {declared}: feed.mains}}
    """
    site = station(devices, f"p1: {{name: 一套, chain: [{MUX}, {TX}]}}")
    log = DutyLog(site, begins="02:00:00", answers=SECOND)
    log.then("02:01:40", feed="off", tx="standby").then("02:02:30", tx="no_answer")
    log.then("02:03:00", feed="good").then("02:04:00", feed=feed)
    log.then("02:06:00", mux="dead").then("02:08:00", tx="good", mux="good", feed="good")
    log.expect(
        "02:10:00",
        """
        02:01:43 duty opened feed/mains p1 3
        02:06:00..02:06:02 duty revised mux/services p1 50-260
        02:08:30..02:08:31 duty recovered mux/services p1 170-380 good
        """,
        "p1",
    )
