"""What is not seen: silence, dips, witnesses, frozen pictures, a black site."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import station
from tests.scenarios.test_model_causes import one
from tests.support.seam import Site

RUNNING = "up: {table: input_register, wire_address: 9, kind: number, unit: s, uptime_of: WHOSE}"


def dipping(*, whose: str = "equipment", witness: bool = False) -> Site:
    """Return a transmitter whose answers have a running time, and a receiver on other mains."""
    listens = "\n  witnesses: [{id: roof, needs: roof.hears, healthy: roof.reference}]"
    return station(
        f"""
        tx: {{kind: transmitter, points: {{{RUNNING.replace("WHOSE", whose)}}}}}
        roof: {{kind: receiver}}
        """,
        "fm:\n  name: 调频\n  chain: [{stage: transmitter, owner: own, needs: tx.radiating}]"
        + (listens if witness else ""),
    )


def dip(site: Site, roof: str = "good") -> DutyLog:
    """The mains dip for 0.3 s: 35 s without a carrier, 47 s without an answer."""
    log = DutyLog(site, begins="02:00:00").until("02:10:00")
    log.boots("tx", "02:10:00.3").becomes(tx="no_answer", roof=roof)
    return log.then("02:10:35", roof="good").then("02:10:47", tx="good").until("02:20:00")


def test_a_mains_dip_that_nobody_saw_is_suspected_and_reported() -> None:
    """The running time began inside the blind piece: least is zero, and it is not silence."""
    log = dip(dipping())
    (alert, *_) = log.alerts()
    (member,) = alert["members"]
    assert (member["programme"], member["fault"]) == ("fm", "suspected")
    assert member["least"] == 0
    assert 44_000_000 <= member["most"] <= 51_000_000
    assert log.messages()[0].at <= "02:12:00"
    assert "off_air" not in log.seconds("fm")


def test_a_mains_dip_that_a_witness_received_through_is_no_suspicion() -> None:
    """The receiver held the carrier across the piece."""
    log = dip(dipping(witness=True))
    assert log.messages() == []
    kinds = {event.kind for event in log.driver.events}
    assert "suspicion_refuted" in kinds or "suspicion_found" not in kinds


def test_a_mains_dip_that_a_witness_saw_is_suspected_at_full_severity() -> None:
    """The chain is blind and the healthy receiver gets nothing."""
    log = dip(dipping(witness=True), roof="nothing")
    first = log.alerts()[0]
    assert [(m["programme"], m["fault"]) for m in first["members"]] == [("fm", "suspected")]
    assert first["severity"] == "critical"
    assert log.messages()[0].at <= "02:10:10"


def test_a_transmitter_agent_that_reboots_on_air_alarms_nobody() -> None:
    """Forty seconds without an answer and a new running time of the agent alone."""
    log = DutyLog(dipping(whose="agent"), begins="02:00:00").until("02:10:00")
    log.boots("tx", "02:10:20").becomes(tx="no_answer").then("02:10:40", tx="good")
    assert log.until("02:20:00").messages() == []
    assert "off_air" not in log.seconds("fm")


PICTURE = """
tv:
  name: 电视一套
  chain:
    - {stage: transmitter, owner: own, needs: tx.radiating}
"""
DETECTOR = "studio: {kind: detector, points: {frozen: {true_delay_max: 10s, false_delay_max: 2s}}}"


def test_a_frozen_picture_with_a_good_carrier_is_an_outage() -> None:
    """The detector holds for ten seconds; the beginning lies up to ten seconds earlier."""
    site = station(
        f"{DETECTOR}\ntx: {{kind: transmitter}}",
        PICTURE + "    - {stage: picture, owner: own, needs: studio.moving}\n",
    )
    log = DutyLog(site, begins="20:00:00")
    log.then("20:10:10", studio="frozen").then("20:12:02", studio="good").until("20:15:00")
    (opened, recovered) = log.messages()
    assert (opened.at, opened.told, opened.place) == ("20:10:13", "opened", "studio/picture")
    assert (recovered.told, recovered.place) == ("recovered", "studio/picture")
    (member,) = recovered.members
    assert member.least <= 112 <= member.most
    assert {alert["reason"] for alert in log.alerts()} == {"freeze"}


def test_a_frozen_picture_without_a_content_detector_is_not_seen() -> None:
    """Nothing listens to the content: on air, and no message claims anything of the picture."""
    site = station("studio: {kind: detector}\ntx: {kind: transmitter}", PICTURE)
    log = DutyLog(site, begins="20:00:00")
    log.then("20:10:10", studio="frozen").then("20:12:02", studio="good").until("20:15:00")
    assert log.alerts() == []
    assert set(log.seconds("tv")) <= {"on_air", "blind", "between"}


def witnessed(healthy: str) -> Site:
    """Return a transmitter with a receiver as its witness."""
    return station(
        "tx: {kind: transmitter}\nroof: {kind: receiver}",
        f"""
        fm:
          name: 调频
          chain: [{{stage: transmitter, owner: own, needs: tx.radiating}}]
          witnesses: [{{id: roof, needs: roof.hears{healthy}}}]
        """,
    )


def test_an_iced_witness_with_a_reference_channel_contradicts_nobody() -> None:
    """The loss of the reference too makes the witness ill: the chain alone decides."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", roof="iced").then("02:40:00", roof="good").until("02:45:00")
    assert not {"fm", "fm/disputed", "fm/blind"} & log.members_told()
    assert set(log.seconds("fm")) <= {"on_air", "blind"}


def test_an_iced_witness_without_a_reference_channel_is_a_contradiction() -> None:
    """Nobody can say which is right: it rings, and no second is called off air."""
    log = DutyLog(witnessed(""), begins="02:00:00")
    log.then("02:10:00", roof="iced").then("02:40:00", roof="good").until("02:45:00")
    assert "fm/disputed" in log.members_told()
    assert log.messages()[0].at <= "02:11:00"
    assert "off_air" not in log.seconds("fm")


def test_a_receiver_that_still_receives_contradicts_a_transmitter_without_power() -> None:
    """Never simply good: the chain says off, the healthy receiver says on."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", tx="standby").until("02:15:00")
    assert "fm/disputed" in log.members_told()


def test_a_start_opens_nothing_before_the_last_stage_has_answered() -> None:
    """The studio's first answer is bad and a second earlier; the last stage is good."""
    site = station(
        "studio: {kind: detector}\nmonitor: {kind: detector}",
        """
        tv:
          name: 电视
          chain:
            - {stage: studio, owner: own, needs: studio.sound}
            - {stage: monitor, owner: own, needs: monitor.sound}
        """,
        "duty: {name: 值机台, tell: [desk], tell_after: 0s}",
    )
    log = DutyLog(site, begins="02:00:00", studio="silent", monitor="no_answer")
    log.then("02:00:01", monitor="good").until("02:05:00")
    assert log.alerts() == []
    assert not [event for event in log.driver.events if event.kind == "incident_opened"]


@pytest.mark.parametrize("begins", ["02:00:00", "12:00:00"])
def test_a_site_that_is_black_but_for_our_box_rings_at_any_hour(begins: str) -> None:
    """In hours and out of them; with our own interface up it is the site."""
    site = station(
        "studio: {kind: detector}\ntx: {kind: transmitter}",
        """
        fm:
          name: 调频
          schedule: {daily: "05:55-24:00"}
          chain:
            - {stage: sound, owner: own, needs: studio.sound}
            - {stage: transmitter, owner: own, needs: tx.radiating}
        """,
    )
    hour = begins[:2]
    log = DutyLog(site, begins=begins)
    log.then(f"{hour}:10:00", studio="no_answer", tx="no_answer").until(f"{hour}:15:00")
    (opened, *others) = log.messages()
    assert (opened.told, opened.place) == ("opened", "site/silent")
    assert f"{hour}:10:03" <= opened.at <= f"{hour}:10:08"
    assert "opened" not in [message.told for message in others], "its programmes are suppressed"


def test_a_programme_that_stays_silent_after_the_site_is_back_rings_itself() -> None:
    """Suppression is a view: when its cause ends, the alarm's own delay begins."""
    log = DutyLog(one(), begins="02:00:00")
    log.then("02:10:00", studio="no_answer", mux="no_answer", tx="no_answer")
    log.then("02:12:00", studio="good", mux="good").until("02:20:00")
    assert "p1/blind" in log.members_told()


LINK, MAINS = ("behind: {}.locked", "link", "down"), ("powered_by: {}.mains", "feed", "off")
KINDS = pytest.mark.parametrize(("declared", "kind", "fails"), [LINK, MAINS])


def three(declared: str, kind: str, parent: str) -> Site:
    """Return three programmes, each of a device of its own with the same parent."""
    own = "\n".join(f"d{n}: {{kind: detector, {declared.format(parent)}}}" for n in range(3))
    sound = "chain: [{{stage: sound, owner: own, needs: d{0}.sound}}]"
    programmes = "\n".join(f"p{n}: {{name: {n}套, {sound.format(n)}}}" for n in range(3))
    return station(f"{own}\n{parent}: {{kind: {kind}}}", programmes)


def places(log: DutyLog) -> set[str]:
    """Return the places of all incidents with a member that is blind."""
    blind = {m.place for m in log.messages() for one in m.members if one.name.endswith("/blind")}
    held = [o for name, o in log.driver.situation.durable.outages.items() if "/blind" in name]
    return blind | {place for outage in held for place in outage.claims}


@KINDS
@pytest.mark.parametrize("parent", ["a", "z"])
def test_what_fell_silent_with_its_parent_is_one_incident_whichever_is_polled_first(
    declared: str, kind: str, fails: str, parent: str
) -> None:
    """The parent is read a few milliseconds before or behind the last answers of its devices."""
    log = DutyLog(three(declared, kind, parent), begins="02:00:00").until("02:10:00")
    log.becomes(d0="no_answer", d1="no_answer", d2="no_answer", **{parent: fails})
    log.until("02:13:00")
    name = declared.rpartition(".")[2]
    assert places(log) == {f"{parent}/{name}"}
    assert [m.told for m in log.messages()].count("opened") == 1


@KINDS
@pytest.mark.parametrize("fell", ["02:10:05", "02:10:30"])
def test_what_was_silent_before_its_parent_failed_has_its_own_incident(
    declared: str, kind: str, fails: str, fell: str
) -> None:
    """Known to be silent while the parent was still seen good: no consequence of it."""
    log = DutyLog(three(declared, kind, "z"), begins="02:00:00")
    log.then("02:10:00", d0="no_answer", d1="no_answer", d2="no_answer")
    log.then(fell, z=fails).until("02:13:00")
    assert places(log) == {"d0/silent", "d1/silent", "d2/silent"}


def test_a_parent_that_failed_behind_a_power_cut_explains_no_silence_from_before_it() -> None:
    """The outage keeps the moment when the silence was noticed, though the memory begins again."""
    log = DutyLog(three(*LINK[:2], "z"), begins="02:00:00").then("02:10:00", d0="no_answer")
    log.until("02:10:30").power_cut("02:10:40").then("02:10:41", z="down").until("02:14:00")
    assert places(log) == {"d0/silent"}


def test_a_parent_that_failed_between_explains_no_silence_that_counts_since_a_reload() -> None:
    """Off, then silent, then the link falls; without its outage it is blind since the silence."""

    def site(stage: str) -> Site:
        chain = f"chain: [{{stage: {stage}, owner: own, needs: tx.radiating}}]"
        devices = "tx: {kind: transmitter, behind: link.locked}\nlink: {kind: link}"
        return station(devices, f"fm: {{name: 调频, {chain}}}")

    log = DutyLog(site("transmitter"), begins="02:00:00").then("02:10:00", tx="tripped")
    log.then("02:11:00", tx="no_answer").then("02:20:00", link="down").until("02:30:00")
    log.reload(site("antenna")).until("02:35:00")
    assert places(log) == {"tx/silent"}


def test_what_was_silent_at_the_opening_is_named_though_it_answers_again() -> None:
    """Its first bad reading may be from before the opening: until the ledger knows, a suspicion."""
    late = "{true_delay_max: 3s, false_delay_max: 3s}"
    site = station(
        f"""
        studio: {{kind: detector, points: {{silent: {late}}}}}
        tx: {{kind: transmitter, poll_every: 2s}}
        """,
        """
        fm:
          name: 调频
          schedule: {daily: "02:10-23:00"}
          chain:
            - {stage: sound, owner: own, needs: studio.sound}
            - {stage: transmitter, owner: own, needs: tx.radiating}
        """,
    )
    log = DutyLog(site, begins="02:08:00").until("02:09:36").becomes(studio="no_answer")
    log.until("02:09:59.8").becomes(studio="good").until("02:10:00.4").becomes(studio="silent")
    log.until("02:11:00").becomes(studio="good").until("02:12:00")
    assert [message.place for message in log.messages()][:2] == ["studio/silent", "studio/sound"]


def suspicions(log: DutyLog) -> list[tuple[str, int]]:
    """Return what each message says of the suspected outage, and its longest time in seconds."""
    return [
        (alert["told"], round(member["most"] / 1_000_000))
        for alert in log.alerts()
        for member in alert["members"]
        if member["fault"] == "suspected"
    ]


def test_a_suspicion_by_a_witness_lasts_while_the_witness_is_silent_too() -> None:
    """Nobody saw the programme on the air: it is not over, and all of its time may be off."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", tx="no_answer", roof="nothing").then("02:11:00", roof="no_answer")
    log.then("02:16:00", roof="nothing").until("02:19:00")
    assert {told for told, _ in suspicions(log)} == {"opened"}
    log.then("02:20:00", tx="good", roof="good").until("02:25:00")
    told, most = suspicions(log)[-1]
    assert told == "recovered"
    assert 597 <= most <= 604


def test_a_suspicion_by_a_witness_lasts_over_our_own_restart() -> None:
    """What monitord did not see then ends nothing."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", tx="no_answer", roof="nothing").until("02:11:00")
    log.power_cut("02:16:00").until("02:19:00")
    assert {told for told, _ in suspicions(log)} == {"opened"}
    log.then("02:20:00", tx="good", roof="good").until("02:25:00")
    told, most = suspicions(log)[-1]
    assert told == "recovered"
    assert 597 <= most <= 604


def test_a_suspicion_by_a_witness_ends_as_soon_as_it_receives_again() -> None:
    """The chain may stay silent: the witness alone proves that it is on the air."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", tx="no_answer", roof="nothing").then("02:12:00", roof="good")
    log.until("02:15:00")
    told, most = suspicions(log)[-1]
    assert told == "recovered"
    assert 117 <= most <= 124


def test_a_witness_that_answers_before_the_chain_after_a_start_suspects_nothing() -> None:
    """A transmitter that monitord has not asked yet is not silent: it may be on the air."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.then("02:10:00", roof="nothing").until("02:11:00")
    log.power_cut("02:11:05").player.lines["tx"].next_at += 2 * SECOND
    log.until("02:15:00")
    assert "fm/disputed" in log.members_told()
    assert "fm/suspected" not in log.members_told()


def test_a_transmitter_that_stays_silent_after_a_start_is_suspected_by_its_witness() -> None:
    """It was asked and did not answer within its bound: then the witness counts."""
    log = DutyLog(witnessed(", healthy: roof.reference"), begins="02:00:00")
    log.until("02:11:00").power_cut("02:11:05").becomes(tx="no_answer", roof="nothing")
    log.until("02:15:00")
    assert suspicions(log)[0][0] == "opened"
    assert log.messages()[0].at <= "02:11:15"
