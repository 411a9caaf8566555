"""A wrong programme may be hostile: whatever was reported before, it is never silent."""

from __future__ import annotations

import json

import pytest

from monitord.core.decision_bodies import FalseAlarm
from monitord.core.model import Decision
from tests.scenarios.dutylog import DutyLog, clock_of
from tests.scenarios.sites import station
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
    return [
        (m.at, a["told"], a["reason"]) for m, a in zip(log.messages(), log.alerts(), strict=True)
    ]


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


AT_ONE_PLACE = {"silent": "silence", "frozen": "freeze", "filler": "filler", "wrong": WRONG}
"""States of a detector, and the reason of each."""


@pytest.mark.parametrize("acknowledged", [False, True])
@pytest.mark.parametrize("after", AT_ONE_PLACE)
@pytest.mark.parametrize("before", AT_ONE_PLACE)
def test_of_what_follows_at_the_same_place_only_a_wrong_programme_is_news(
    before: str, after: str, acknowledged: bool
) -> None:
    """It rings whatever was there before and was acknowledged; the others are one outage."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor=before).until("12:11:00")
    if acknowledged:
        log.acknowledge("duty")
    log.then("12:15:00", monitor=after).then("12:20:00", monitor="good").until("12:25:00")
    rings = after == "wrong" and before != "wrong"
    expected = [("12:10:03", "opened", AT_ONE_PLACE[before])]
    expected += [("12:15:03", "worsened", WRONG)] if rings else []
    assert told(log)[:-1] == expected
    assert told(log)[-1][:2] == ("12:20:30", "recovered")
    if rings:
        assert log.alerts()[1]["acknowledged_by"] is None
    ended = [alert["members"][0]["most"] for alert in log.alerts()][-1]
    assert 598 <= ended / 1_000_000 <= 603


ELSEWHERE = [
    ("tripped", "silent", "also"),
    ("tripped", "frozen", "also"),
    ("tripped", "filler", "also"),
    ("tripped", "wrong", "opened"),
    ("silent", "tripped", "also"),
    ("frozen", "tripped", "also"),
    ("filler", "tripped", "also"),
    ("wrong", "tripped", "also"),
]


def state(name: str) -> dict[str, str]:
    """Return the device with a state, and the state."""
    return {"tx" if name in ("tripped", "reduced", "on_air") else "monitor": name}


@pytest.mark.parametrize("acknowledged", [False, True])
@pytest.mark.parametrize(("before", "after", "kind"), ELSEWHERE)
def test_a_wrong_programme_at_another_place_is_opened_and_anything_else_is_also(
    before: str, after: str, kind: str, acknowledged: bool
) -> None:
    """A further cause of an outage that a person knows is silent; this one is another matter."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", **state(before)).until("12:11:00")
    if acknowledged:
        log.acknowledge("duty")
    log.then("12:15:00", **state(after)).until("12:16:00")
    reason = AT_ONE_PLACE.get(after, "no_carrier")
    assert told(log)[1:] == [("12:15:03", kind, reason)]
    assert log.alerts()[1]["acknowledged_by"] is None
    assert log.alerts()[0]["incident"] != log.alerts()[1]["incident"]


@pytest.mark.parametrize("after", AT_ONE_PLACE)
def test_degraded_and_then_off_the_air_rings_as_an_outage_of_its_own(after: str) -> None:
    """Low power is another fault."""
    devices = DEVICES
    programmes = tv().replace(
        TX, TX.rstrip("}") + ", degraded: [{reason: reduced_power, when: tx.reduced}]}"
    )
    log = DutyLog(one(devices, programmes), begins="12:00:00").then("12:10:00", tx="reduced")
    log.then("12:15:00", monitor=after).until("12:16:00")
    assert told(log)[1:] == [("12:15:03", "opened", AT_ONE_PLACE[after])]


def reasons(log: DutyLog) -> list[tuple[str, str]]:
    """Return kind and reason of every message."""
    return [(kind, reason) for _, kind, reason in told(log)]


def test_a_second_wrong_programme_of_one_outage_rings_again_a_minute_later_at_the_earliest() -> (
    None
):
    """Back to filler is no news; what comes and goes every few seconds calls once a minute."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="wrong")
    log.then("12:12:00", monitor="filler").then("12:15:00", monitor="wrong").until("12:16:00")
    assert told(log) == [("12:10:03", "opened", WRONG), ("12:15:03", "worsened", WRONG)]
    for n in range(16, 20):
        for second in range(0, 60, 12):
            log.then(f"12:{n}:{second:02}", monitor="filler")
            log.then(f"12:{n}:{second + 6:02}", monitor="wrong")
    log.until("12:20:00")
    times = [at for at, kind, _ in told(log)[2:] if kind == "worsened"]
    assert 3 <= len(times) <= 4
    assert times == sorted({at[:5]: at for at in times}.values())


def test_a_wrong_programme_shorter_than_the_delay_is_in_the_closing_only() -> None:
    """As any other fault that is over before a person is called for it."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="filler")
    log.then("12:15:00", monitor="wrong").then("12:15:02", monitor="filler")
    log.then("12:20:00", monitor="good").until("12:25:00")
    assert reasons(log) == [("opened", "filler"), ("recovered", "filler")]


def test_what_becomes_a_wrong_programme_before_the_first_message_is_opened_as_that() -> None:
    """One message, with the reason of what is on air when it is sent."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="filler")
    log.then("12:10:01", monitor="wrong").until("12:16:00")
    assert told(log) == [("12:10:03", "opened", WRONG)]


def test_a_wrong_programme_with_another_fault_of_its_detector_is_named_first() -> None:
    """It is both at once: the condition that is written first does not hide it."""
    log = (
        DutyLog(with_both(one()), begins="12:00:00")
        .then("12:10:00", monitor="both")
        .until("12:12:00")
    )
    assert told(log) == [("12:10:03", "opened", WRONG)]
    assert log.alerts()[0]["cause"]["conditions"] == ["monitor.right"]


def test_a_false_alarm_of_filler_does_not_quieten_the_wrong_programme_after_it() -> None:
    """It was about what a person saw then."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="filler").until("12:11:00")
    alarm = FalseAlarm(log.alerts()[-1]["incident"], "the station's own filler")
    log.give(Decision(log.at, "1", "duty", "test", alarm))
    log.then("12:15:00", monitor="wrong").until("12:16:00")
    assert told(log) == [("12:10:03", "opened", "filler"), ("12:15:03", "worsened", WRONG)]


def test_a_wrong_programme_behind_filler_of_the_same_layer_rings() -> None:
    """The later stage falls as a consequence, and then it is another programme."""
    devices = "studio: {kind: detector}\nmonitor: {kind: detector}\ntx: {kind: transmitter}"
    programmes = f"""
    tv:
      name: 电视一套
      chain:
        - {{stage: source, owner: own, needs: studio.no_filler}}
        - {{stage: picture, owner: own, needs: monitor.no_filler and monitor.right}}
        - {TX}
    """
    log = DutyLog(station(devices, programmes), begins="12:00:00")
    log.then("12:10:00", studio="filler", monitor="filler").then("12:15:00", monitor="wrong")
    log.until("12:16:00")
    assert told(log) == [("12:10:03", "opened", "filler"), ("12:15:03", "worsened", WRONG)]
    assert log.alerts()[1]["cause"]["conditions"] == ["monitor.right"]


def test_two_detectors_of_one_stage_give_one_incident_that_rings_again() -> None:
    """The one that shows filler goes on so; the other one shows the wrong programme."""
    devices = "a: {kind: detector}\nb: {kind: detector}\ntx: {kind: transmitter}"
    site = station(devices, tv("a.no_filler and b.right"))
    log = DutyLog(site, begins="12:00:00").then("12:10:00", a="filler")
    log.then("12:15:00", b="wrong").then("12:17:00", a="good").then("12:20:00", b="good")
    log.until("12:25:00")
    kinds = [kind for _, kind, _ in told(log) if kind != "revised"]
    assert kinds == ["opened", "worsened", "recovered"]
    assert told(log)[1] == ("12:15:03", "worsened", WRONG)


LINKED = """
link: {kind: link}
monitor: {kind: detector, behind: link.locked}
tx: {kind: transmitter}
"""


def test_a_wrong_programme_while_the_link_is_down_rings_in_the_incident_of_the_link() -> None:
    """The cause is held: what is on air in the place of the programme is news all the same."""
    log = DutyLog(one(LINKED), begins="12:00:00")
    log.then("12:10:00", link="down", monitor="filler").then("12:15:00", monitor="wrong")
    log.then("12:20:00", link="good", monitor="good")
    log.expect(
        "12:25:00",
        """
        12:10:03 duty opened link/locked tv 3
        12:15:03 duty worsened link/locked tv 303
        12:20:30 duty recovered link/locked tv 600 good
        """,
    )
    assert reasons(log)[:2] == [("opened", "filler"), ("worsened", WRONG)]
    assert log.alerts()[1]["cause"]["conditions"] == ["monitor.right", "link.locked"]


def with_both(site: Site) -> Site:
    """Return a station whose detector may show filler and a wrong programme at once."""
    points = next(device.points for device in site.plan.devices if device.id == "monitor")
    both = tuple(point.id in ("filler", "wrong") for point in points)
    answers = {**site.answers["monitor"], "both": both}
    return Site(site.name, site.plan, {**site.answers, "monitor": answers})


@pytest.mark.parametrize(
    ("becomes", "kind", "place"),
    [("wrong", "opened", "monitor/picture"), ("both", "worsened", "link/locked")],
)
def test_a_wrong_programme_just_after_the_link_is_back_rings_at_once(
    becomes: str, kind: str, place: str
) -> None:
    """A cause of its own; while the filler goes on, the healed cause has it still."""
    log = DutyLog(with_both(one(LINKED)), begins="12:00:00")
    log.then("12:10:00", link="down", monitor="filler").then("12:15:00", link="good")
    log.then("12:15:10", monitor=becomes).until("12:15:20")
    assert told(log)[1:] == [("12:15:13", kind, WRONG)]
    assert log.messages()[1].place == place
    log.until("12:17:00")
    assert [line for line in told(log)[2:] if line[1] in ("opened", "worsened")] == []


def test_a_wrong_programme_behind_two_causes_that_healed_rings_once() -> None:
    """Link and transmitter are back, the filler goes on: one of the two has what follows."""
    log = DutyLog(with_both(one(LINKED)), begins="12:00:00")
    log.then("12:10:00", link="down", monitor="filler", tx="tripped")
    log.then("12:15:00", link="good", tx="good").then("12:15:10", monitor="both")
    log.until("12:15:20")
    rings = [(m.at, m.place) for m in log.messages() if m.told == "worsened"]
    assert rings == [("12:15:13", "link/locked")]


def test_dead_air_at_the_transmitter_and_then_a_wrong_programme_and_back() -> None:
    """Two places, two incidents; each closes by itself."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", tx="tripped")
    log.then("12:15:00", monitor="wrong").then("12:18:00", tx="good")
    log.then("12:20:00", monitor="good").until("12:25:00")
    assert told(log)[:2] == [("12:10:03", "opened", "no_carrier"), ("12:15:03", "opened", WRONG)]
    assert {alert["told"] for alert in log.alerts()[2:]} <= {"continued", "recovered", "partly"}


def test_a_wrong_programme_and_then_dead_air_is_no_second_ring() -> None:
    """The person was called to the outage, and gets the other cause beside it."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="wrong")
    log.then("12:15:00", tx="tripped").then("12:20:00", monitor="good", tx="good")
    log.until("12:25:00")
    assert reasons(log)[:2] == [("opened", WRONG), ("also", "no_carrier")]


@pytest.mark.parametrize("begins_before", [True, False])
def test_behind_a_reload_a_wrong_programme_rings_once(begins_before: bool) -> None:
    """What was reported stays reported; what begins behind it is news."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="filler")
    if begins_before:
        log.then("12:14:00", monitor="wrong").until("12:15:00")
    log.reload(one(DEVICES.replace("发射机", "主发射机")))
    log.then("12:16:00", monitor="wrong").until("12:18:00")
    at = "12:14:03" if begins_before else "12:16:03"
    assert told(log) == [("12:10:03", "opened", "filler"), (at, "worsened", WRONG)]


@pytest.mark.parametrize("begins", ["before", "while", "after"])
def test_behind_a_kill_a_wrong_programme_rings_once(begins: str) -> None:
    """Also one that began while nobody watched."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="filler")
    if begins == "before":
        log.then("12:12:00", monitor="wrong").until("12:14:00")
    log.until("12:14:00")
    if begins == "while":
        log.becomes(monitor="wrong")
    log.power_cut("12:14:30").until("12:15:00")
    log.becomes(monitor="wrong").until("12:18:00")
    worse = [line for line in told(log) if line[1] == "worsened"]
    at = {"before": "12:12:03", "while": "12:14:3", "after": "12:15:03"}[begins]
    assert [(kind, reason) for _, kind, reason in worse] == [("worsened", WRONG)]
    assert worse[0][0].startswith(at)
    assert len(told(log)) == 2


def test_an_attempt_that_nobody_confirmed_is_followed_by_the_wrong_programme() -> None:
    """Killed while the message of the filler is on its way, and started again."""
    log = DutyLog(one(), begins="12:00:00", answers=2_000_000).then("12:10:00", monitor="filler")
    log.until("12:10:04").power_cut("12:10:20").becomes(monitor="wrong").until("12:12:00")
    assert reasons(log) == [("opened", "filler"), ("opened", "filler"), ("worsened", WRONG)]


def test_at_close_down_a_wrong_programme_is_an_outage_like_others() -> None:
    """Outside hours nothing is rung; at the next opening it is, with its own reason."""
    log = DutyLog(one(), begins="22:00:00", hours=("06:00:00", "23:00:00"))
    log.then("22:30:00", monitor="filler").then("22:40:00", monitor="wrong").until("23:10:00")
    assert reasons(log) == [("opened", "filler"), ("worsened", WRONG), ("hours_ended", "filler")]
    log.until("30:01:00")
    assert [line for line in told(log)[3:] if line[1] == "opened" and line[2] == WRONG]


def test_filler_in_hours_that_is_wrong_out_of_hours_rings_at_the_opening() -> None:
    """Nothing is due of what is out of its hours."""
    log = DutyLog(one(), begins="22:00:00", hours=("06:00:00", "23:00:00"))
    log.then("22:30:00", monitor="filler").then("23:30:00", monitor="wrong").until("29:59:00")
    assert reasons(log) == [("opened", "filler"), ("hours_ended", "filler")]
    log.until("30:01:00")
    assert [line for line in told(log)[2:] if line[1] == "opened" and line[2] == WRONG]


TWO = """
both: {kind: detector, name: 监测仪, points: {wrong2: {table: discrete_input, wire_address: 9}},
       conditions: {right2: {layer: content, reason: wrong_programme, true_when: not wrong2}}}
tx: {kind: transmitter}
"""


def two_programmes(**states: dict[str, bool]) -> Site:
    """Return a station where one detector shows two programmes."""
    programmes = "".join(
        tv(f"both.no_filler and both.right{n}", name).replace("电视一套", f"电视{name}")
        for name, n in (("tv1", ""), ("tv2", "2"))
    )
    site = station(TWO, programmes)
    points = [p.id for d in site.plan.devices if d.id == "both" for p in d.points]
    good = dict.fromkeys(points, False)
    answers = {name: tuple((good | more).values()) for name, more in states.items()}
    return Site(site.name, site.plan, {**site.answers, "both": answers})


def test_of_several_members_the_one_with_the_wrong_programme_rings_and_names_the_incident() -> None:
    """The second in order of restoration; the first shows filler on."""
    site = two_programmes(good={}, filler={"filler": True}, second={"filler": True, "wrong2": True})
    log = DutyLog(site, begins="12:00:00").then("12:10:00", both="filler").until("12:11:00")
    log.then("12:15:00", both="second").until("12:16:00")
    assert told(log) == [("12:10:03", "opened", "filler"), ("12:15:03", "worsened", WRONG)]
    worse = log.alerts()[1]
    assert worse["programme"] == "tv2"
    members = {member["programme"]: member["reason"] for member in worse["members"]}
    assert members == {"tv1": "filler", "tv2": WRONG}


def test_a_member_that_joins_with_a_wrong_programme_rings_at_once() -> None:
    """A further programme waits a minute for its message; this one does not."""
    site = two_programmes(good={}, first={"wrong": True}, both={"wrong": True, "wrong2": True})
    log = DutyLog(site, begins="12:00:00").then("12:10:00", both="first")
    log.then("12:10:20", both="both").until("12:12:00")
    assert told(log) == [("12:10:03", "opened", WRONG), ("12:10:23", "worsened", WRONG)]


def test_a_fall_that_comes_back_as_a_wrong_programme_rings_as_that() -> None:
    """Before the incident of the filler is closed."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="filler")
    log.then("12:15:00", monitor="good").then("12:15:15", monitor="wrong").until("12:16:00")
    assert told(log) == [("12:10:03", "opened", "filler"), ("12:15:18", "worsened", WRONG)]


def test_a_reload_that_no_longer_asks_for_it_ends_a_wrong_programme() -> None:
    """The filler goes on; asked for again, it is found again."""
    asked, not_asked = one(), one(programmes=tv("monitor.no_filler"))
    log = DutyLog(with_both(asked), begins="12:00:00").then("12:10:00", monitor="both")
    log.until("12:12:00").reload(with_both(not_asked)).until("12:14:00")
    situation = log.driver.situation
    (claim,) = situation.durable.outages["tv/off_air"].claims.values()
    assert claim.wrong is None
    log.reload(with_both(asked)).until("12:16:00")
    assert reasons(log) == [("opened", WRONG), ("worsened", WRONG)]


def test_the_closing_has_the_figures_of_filler_and_of_the_wrong_programme() -> None:
    """Of all falls, and of every member; what was neither is in none of them."""
    site = two_programmes(
        good={}, silent={"silent": True}, filler={"filler": True}, first={"wrong": True}
    )
    log = DutyLog(site, begins="12:00:00").then("12:10:00", both="filler")
    log.then("12:14:00", both="first").then("12:17:00", both="good").then("12:17:10", both="filler")
    log.then("12:18:10", both="good").until("12:25:00")
    closing = log.alerts()[-1]
    assert closing["told"] == "recovered"
    own = {m["programme"]: m["own"] for m in closing["members"]}
    for programme, reason, true_s in (
        ("tv1", "filler", 300),
        ("tv1", WRONG, 180),
        ("tv2", "filler", 300),
    ):
        least, most_seen, most = (figure / 1_000_000 for figure in own[programme][reason])
        assert true_s - 6 <= least <= true_s <= most_seen <= most <= true_s + 6
    assert WRONG not in own["tv2"]


def test_dead_air_has_no_part_in_the_figures_of_the_filler_after_it() -> None:
    """The closing says how much of it was filler."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="silent")
    log.then("12:12:00", monitor="filler").then("12:15:00", monitor="good").until("12:20:00")
    (own,) = [member["own"] for member in log.alerts()[-1]["members"]]
    assert list(own) == ["filler"]
    least, _, most = own["filler"]
    assert 177 <= least / 1_000_000 <= 180 <= most / 1_000_000 <= 183


def turns(log: DutyLog) -> list[tuple[str, list[str], tuple[str, str]]]:
    """Return of each note in the record: its cause, what shows it, and in which time it turned."""
    events = [e for e in log.driver.events if e.kind == "wrong_programme_turned"]
    found = [json.loads(event.body) for event in events]
    return [
        (b["place"], b["conditions"], (clock_of(b["turned"][0]), clock_of(b["turned"][1])))
        for b in found
    ]


@pytest.mark.parametrize("state", ["filler", "frozen"])
def test_of_other_outages_the_record_notes_no_wrong_programme(state: str) -> None:
    """Neither of what is wrong with the picture otherwise, nor of the transmitter."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor=state)
    log.then("12:12:00", tx="tripped").then("12:15:00", monitor="good").until("12:20:00")
    assert turns(log) == []


def test_the_record_notes_when_a_wrong_programme_turned_at_its_cause() -> None:
    """Between two answers each time; the end also where another cause goes on."""
    log = DutyLog(one(), begins="12:00:00").then("12:10:00", monitor="wrong")
    log.then("12:12:00", tx="tripped").then("12:15:00", monitor="good").until("12:20:00")
    assert turns(log) == [
        ("monitor/picture", ["monitor.right"], ("12:09:59", "12:10:00")),
        ("monitor/picture", [], ("12:14:59", "12:15:00")),
    ]


def test_a_wrong_programme_that_two_detectors_show_began_with_the_first() -> None:
    """The second one adds what it shows, and no later begin."""
    devices = DEVICES + "second: {kind: detector, name: 监测仪二}\n"
    log = DutyLog(one(devices, tv(f"{SEEN} and second.right")), begins="12:00:00")
    log.then("12:10:00", monitor="wrong").then("12:12:00", second="wrong").until("12:14:00")
    assert [begin for _, _, begin in turns(log)] == [("12:09:59", "12:10:00")] * 2


def test_a_wrong_programme_ends_with_the_first_detector_that_may_deny_it() -> None:
    """Either of them is enough; that the other one still shows it dates nothing."""
    devices = DEVICES + "second: {kind: detector, name: 监测仪二}\n"
    log = DutyLog(one(devices, tv("monitor.right or second.right")), begins="12:00:00")
    log.then("12:10:00", monitor="wrong", second="wrong").then("12:12:00", tx="tripped")
    log.then("12:15:00", monitor="good").until("12:16:00")
    (_, shown, _), end = turns(log)
    assert shown == ["monitor.right", "second.right"]
    assert end == ("monitor+second/picture", [], ("12:14:59", "12:15:00"))
