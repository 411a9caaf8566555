"""Muting switches an output off; it stops no answer. Times count from 02:00:00. Rule 5.2."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import SOUND, TX
from tests.support.seam import Site, bodies

PAIR = """{stage: power, owner: own, members: [
    {id: tx, carries: tx.radiating, ready: tx.sane},
    {id: spare, carries: spare.radiating, ready: spare.sane}]}"""


def muting(power: str) -> Site:
    """Return a studio that one programme is judged by, and another one of transmitters alone."""
    devices = """
    studio: {kind: detector}
    tx: {kind: transmitter, mutes_on_input: studio.sound}
    spare: {kind: transmitter, mutes_on_input: studio.sound}
    """
    programmes = f"p1: {{name: 一套, chain: [{SOUND}]}}\np2: {{name: 二套, chain: [{power}]}}"
    return station(devices, programmes)


@pytest.mark.parametrize("gone", [("tx",), ("spare",), ("spare", "tx")])
@pytest.mark.parametrize("power", [TX, PAIR])
def test_what_a_device_mutes_on_does_not_explain_that_it_does_not_answer(
    power: str, gone: tuple[str, ...]
) -> None:
    """The studio has no sound, and minutes later a transmitter is silent: it has another cause."""
    log = DutyLog(muting(power), begins="02:00:00", answers=SECOND)
    log.then("02:10:00", studio="silent").then("02:15:00", **dict.fromkeys(gone, "no_answer"))
    log.until("02:25:00")
    claims = [
        (one["subject"], one["place"]["id"])  # type: ignore[index]
        for one in bodies(log.driver.events, "cause_claimed")
    ]
    by_sound = {fault for fault, place in claims if place == "studio/sound"}
    assert by_sound == {"p1/off_air"}
    others = {place for fault, place in claims if fault not in by_sound}
    # Before the first answers nothing is monitored.
    assert {place.partition("/")[2] for place in others} == {"not_watched", "silent"}
