"""A wrong programme may be hostile: whatever was reported before, it is never silent."""

from __future__ import annotations

import pytest

from monitord.core.decision_bodies import FalseAlarm
from monitord.core.model import Decision
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import labels_for, station
from tests.scenarios.test_model_causes import TX
from tests.support.seam import Site

WRONG = "wrong_programme"
SEEN = "monitor.sound and monitor.moving and monitor.no_filler and monitor.right"
DEVICES = """
monitor: {kind: detector, name: 监测仪}
tx: {kind: transmitter, name: 发射机}
"""


def tv(needs: str = SEEN, name: str = "tv") -> str:
    """Return a programme whose picture is checked before the transmitter."""
    return f"""
    {name}:
      name: 电视一套
      chain:
        - {{stage: picture, owner: own, needs: {needs}}}
        - {TX}
    """


def one(devices: str = DEVICES, programmes: str | None = None) -> Site:
    """Return a station with one detector and one transmitter."""
    return station(devices, tv() if programmes is None else programmes)


def told(log: DutyLog) -> list[tuple[str, str, str]]:
    """Return when, which kind and which reason of every message."""
    return [(m.at, a["told"], a["reason"]) for m, a in zip(log.messages(), log.alerts(), strict=True)]


def test_filler_that_becomes_a_wrong_programme_rings_again() -> None:
    """The same detector and the same stage: the person is called, with the card of what it is."""
    log = DutyLog(one(), begins="12:00:00")
    log.then("12:10:00", monitor="filler").then("12:15:00", monitor="wrong")
    log.then("12:20:00", monitor="good")
    log.expect(
        "12:25:00",
        """
        12:10:03 duty opened monitor/picture tv 3
        12:15:03 duty worsened monitor/picture tv 303
        12:20:30 duty recovered monitor/picture tv 600 good
        """,
    )
    assert [alert["reason"] for alert in log.alerts()][:2] == ["filler", WRONG]
    worse = log.alerts()[1]
    assert worse["cause"]["conditions"] == ["monitor.right"]
    assert worse["observed"] == f"bad:{WRONG}"
