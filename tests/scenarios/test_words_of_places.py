"""The cause's sentence is about the incident's place: each device of it, whatever happens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from monitord.core.model import SECOND
from monitord.core.places import DEVICES_NAMED
from monitord.messages.compose import compose
from monitord.messages.labels import Labels
from tests.scenarios.dutylog import DutyLog, clock_of
from tests.scenarios.sites import labels_for, station
from tests.scenarios.test_plant_faults import PAIR, TWO_TRANSMITTERS
from tests.scenarios.test_shared_reserve import shared
from tests.scenarios.test_what_fell import pair
from tests.scenarios.test_words_of_a_night import SWITCHED, texts
from tests.support.alerts import iso
from tests.support.seam import Site

TRANSMITTER = ("good", "standby", "tripped", "tripped", "no_answer")
STATES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("a", "b", "spare"), TRANSMITTER),
    **dict.fromkeys(("switch", "sw"), ("good", "to_b", "to_b", "between", "no_answer")),
    "matrix": ("good", "to1", "to2", "no_answer"),
    **dict.fromkeys(("mains", "other"), ("good", "off")),
}
SITES: Mapping[str, Callable[[], Site]] = {
    "two": lambda: station(TWO_TRANSMITTERS, PAIR),
    "two and a switch": lambda: station(f"{TWO_TRANSMITTERS}\nswitch: {{kind: switch}}", SWITCHED),
    "on one supply": lambda: pair(switch="same"),
    "on two supplies": lambda: pair(switch="own", b="other.mains"),
    "one reserve for two": shared,
    "one reserve for two, on one supply": lambda: shared(supplied=True),
}
WAITS = ("standby", "in_use", "on_air")
"""What a device does that has not failed."""


def night(site: Site, seed: int) -> DutyLog:
    """Return a log in which the devices change at random for twelve minutes; then all is good."""
    chance = random.Random(seed)
    names = [device.id for device in site.plan.devices]
    log = DutyLog(site, begins="02:00:00", **{n: "standby" for n in names if n in ("b", "spare")})
    log.until("02:02:00")
    while clock_of(log.at) < "02:14:00":
        changes = chance.sample(names, chance.choice((1, 1, 2)))
        log.becomes(**{name: chance.choice(STATES[name]) for name in changes})
        log.until(clock_of(log.at + chance.choice((4, 8, 40, 70)) * SECOND))
    return log.becomes(**dict.fromkeys(names, "good")).until("02:17:00")


def named(site: Site) -> Labels:
    """Return labels in which no name is part of another one, and no two are written as one."""
    labels = labels_for(site)
    own = {f"device/{device.id}": f"<{device.id}>" for device in site.plan.devices}
    return replace(labels, names=labels.names | own)


def sentences(log: DutyLog) -> Iterator[tuple[dict[str, Any], str, Labels]]:
    """Yield each message's alert and its cause, in both languages, and what names the devices."""
    labels = named(log.site)
    for alert in log.alerts():
        for language in ("zh", "en"):
            one = compose(
                alert,  # type: ignore[arg-type]
                labels=labels,
                language=language,
                iso=iso,
                unrecorded=False,
            )
            yield alert, one.cause, labels


def devices_of(alert: dict[str, Any], labels: Labels) -> list[str]:
    """Return the devices that a cause has to name.

    Of what went on elsewhere and is over those of its place.
    Of a reserve in use not what switches it, of a lost one those that hinder it. What goes on
    unseen elsewhere has the place that is over, and names no other.
    """
    place = [device for device in alert["cause"]["devices"] if device != "site"]
    if alert["told"] == "continued" and all(one["ended"] for one in alert["members"]):
        place = alert["cause"]["place"].partition("/")[0].split("+")
        return [device for device in place if device != "site"]
    hinder = {name.partition(".")[0] for name in alert["cause"]["conditions"]}
    if alert["cause"]["place"].endswith("/in_use"):
        return [device for device in place if not switched_by(device, alert, labels)]
    if alert["fault"] == "reserve_lost":
        return [device for device in place if device in hinder]
    return [] if (alert["told"], alert["fault"]) == ("continued", "site_silent") else place


def switched_by(device: str, alert: dict[str, Any], labels: Labels) -> set[str]:
    """Return the devices that a switch fails to reach: its words are theirs."""
    names = [name for name in alert["cause"]["conditions"] if name.partition(".")[0] == device]
    return {labels.carries[name] for name in names if name in labels.carries}


def is_named(device: str, cause: str, alert: dict[str, Any], labels: Labels) -> bool:
    """Return whether a sentence has a device, or of a switch the antenna that it does not reach."""
    reached = [f"天线未接<{one}>" for one in switched_by(device, alert, labels)]
    reached += [f"antenna not on <{one}>" for one in switched_by(device, alert, labels)]
    return f"<{device}>" in cause or any(words in cause for words in reached)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", SITES)
def test_the_cause_names_each_device_of_its_place_and_no_other_that_waits(
    kind: str, seed: int
) -> None:
    """What waits or carries has not failed: only a switch of the place that misses it names it."""
    log = night(SITES[kind](), seed)
    assert {"opened", "recovered"} <= {alert["told"] for alert in log.alerts()}
    for alert, cause, labels in sentences(log):
        place = devices_of(alert, labels)
        assert len(place) <= DEVICES_NAMED
        missing = [device for device in place if not is_named(device, cause, alert, labels)]
        assert not missing, (clock_of(alert["at"]), alert["told"], alert["cause"], cause)
        missed = set[str]().union(*(switched_by(device, alert, labels) for device in place))
        for now in alert["devices_now"]:
            device, does = now["device"], now["does"]
            if does in WAITS and device not in (*place, *missed):
                assert f"<{device}>" not in cause, (alert["cause"], alert["devices_now"], cause)


def sentence(log: DutyLog, told: str, fault: str = "off_air") -> dict[str, str]:
    """Return the last message's cause of a kind, in both languages, with the names of the site."""
    found = {}
    for language, word in (("zh", "原因："), ("en", "Cause: ")):
        text = texts(log, language, told=told, fault=fault)[-1]
        (line,) = [line for line in text.split("\n") if line.startswith(word)]
        found[language] = line.removeprefix(word).rstrip("。.")
    return found


MISSED = "天线未接主发射机", "antenna not on 主发射机"
OF_BACKUP = "，备发射机无输出功率", "; 备发射机: no output power"
CHANGED_OVER = {"a": "tripped"}, {"b": "good", "switch": "to_b"}, {"switch": "good"}
TURNED_AWAY: Mapping[str, tuple[str, tuple[dict[str, str], ...], tuple[str, str]]] = {
    "from the one on air, to one that waits": ("standby", ({"switch": "to_b"},), MISSED),
    "from the one on air, to one that is broken": (
        "tripped",
        ({"switch": "to_b"},),
        (MISSED[0] + OF_BACKUP[0], MISSED[1] + OF_BACKUP[1]),
    ),
    "from the backup on air, to the main that is broken": (
        "standby",
        CHANGED_OVER,
        (
            "天线未接备发射机，主发射机无输出功率",
            "antenna not on 备发射机; 主发射机: no output power",
        ),
    ),
}
"""By what the switch did: the backup at first, what happened, the cause in zh and en."""


@pytest.mark.parametrize("turned", TURNED_AWAY)
def test_a_switch_that_turns_away_is_the_cause_by_what_it_does_not_reach(turned: str) -> None:
    """The one that was broken all along may follow, and is never there instead of the switch."""
    backup, steps, expected = TURNED_AWAY[turned]
    site = station(f"{TWO_TRANSMITTERS}\nswitch: {{kind: switch}}", SWITCHED)
    log = DutyLog(site, begins="02:00:00", b=backup)
    for at, changes in zip(("02:10:00", "02:10:08", "02:30:00"), steps, strict=False):
        log.then(at, **changes)
    log.until("02:40:00")
    assert log.alerts()[-1]["cause"]["place"] == "switch/transmitters"
    assert sentence(log, "opened") == {
        "zh": f"{expected[0]}（发射）",
        "en": f"{expected[1]} (发射)",
    }


def test_the_matrix_that_left_the_reserve_is_the_cause_until_the_programme_is_back() -> None:
    """N+1: the change back begins by the matrix; the own transmitter has been off for long."""
    log = DutyLog(shared(), begins="02:00:00", spare="standby")
    log.then("02:10:00", a="tripped").then("02:10:08", spare="good", matrix="to1")
    log.then("02:30:00", spare="standby", matrix="good").then("02:30:08", a="good")
    log.until("02:35:00")
    assert sentence(log, "opened") == {
        "zh": "设备3状态异常，一号机无输出功率",
        "en": "设备3: abnormal; 一号机: no output power",
    }
    assert sentence(log, "recovered") == {"zh": "设备3状态异常", "en": "设备3: abnormal"}
