"""What holds for every shipped profile."""

from __future__ import annotations

import re
from typing import Any

from monitord.config.schemas import REASONS
from monitord.core.model import Layer
from monitord.devices.frames.model import FramePoint
from monitord.devices.modbus.model import ModbusPoint
from monitord.devices.snmp.model import SnmpPoint, SnmpSource
from monitord.texts import has_text
from monitord.units import BASES
from tests.unit.profiles.devices import NAMES, SHIPPED, device, expected, shipped

ENDINGS = {
    "%": "percent",
    "B": "b",
    "kbit/s": "kbit_s",
    "B/s": "b_s",
    "Mbit/s": "mbit_s",
    "count": "",
    "ratio": "",
}
SHIPPED_FOR = {
    "adam-6017",
    "adam-6050",
    "deva-db8008",
    "dlt645-2007",
    "entity-sensor",
    "gencomm",
    "host-resources",
    "if-mib",
    "megatec-q1",
    "rs-sx800",
    "schneider-pm5xxx",
    "ups-mib",
    "worldcast-ecreso-fm",
}


def test_the_profiles_of_a_county_station_are_shipped() -> None:
    """Transmitters, audio, power, network, contacts and computers."""
    assert set(NAMES) >= SHIPPED_FOR


def test_a_shipped_profile_loads_as_a_device() -> None:
    """A station that names it gets no error about our own file."""
    for name in NAMES:
        made = device(name)
        assert made.points, name
        assert {plan.id.partition(".")[0] for plan in made.plans} <= {"it"}, name


def test_every_number_has_a_unit_that_metrics_know_and_its_id_ends_in() -> None:
    """A reader of an id reads its unit; counters and ratios have none."""
    wrong = []
    for name in NAMES:
        for point in device(name).points:
            unit = point.decoding.unit
            ending = ENDINGS.get(unit, unit.lower())
            has_ending = not ending or point.id.endswith(f"_{ending}")
            if point.decoding.kind == "number" and not (unit in BASES and has_ending):
                wrong.append((name, point.id, unit))
    assert wrong == []


def place(point: SnmpPoint | ModbusPoint | FramePoint) -> tuple[Any, ...]:
    """Return where a point is read; two points with one place would be one."""
    match point:
        case SnmpPoint():
            return (point.oid,)
        case ModbusPoint():
            return (point.table, point.wire_address, point.bits)
        case FramePoint():
            return (point.request.id, point.offset, point.field, point.bits)


def test_nothing_is_read_twice() -> None:
    """Two ids of one object would be two truths, and twice the load on the agent."""
    for name in NAMES:
        places = [place(point) for point in device(name).read_points]
        assert len(places) == len(set(places)), name


def test_every_object_has_the_name_of_its_source() -> None:
    """An engineer finds it again in the MIB or the manual."""
    for name in NAMES:
        text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
        objects = re.findall(r"^    object: ", text, re.MULTILINE)
        assert len(objects) == len(device(name).read_points), name


def test_a_condition_of_a_programme_gives_a_reason_and_one_of_equipment_gives_none() -> None:
    """A reason is the code of a text that a person reads."""
    for plan in (plan for name in NAMES for plan in device(name).plans):
        if plan.layer is Layer.EQUIPMENT:
            assert plan.reason == "", plan.id
        else:
            assert plan.reason in REASONS, plan.id
            assert has_text("zh", f"reason.{plan.reason}"), plan.id


def test_every_card_is_in_both_languages() -> None:
    """The duty officer reads zh, the service engineer perhaps en."""
    for name in NAMES:
        for condition, card in device(name).settings.cards.items():
            assert set(card) == {"zh", "en"}, (name, condition)
            assert card["zh"].startswith("1. "), (name, condition)


def test_no_command_is_read_as_if_it_were_a_state() -> None:
    """What switches equipment is never read: an agent may have more than one manager."""
    listed = {
        name: expected(name)["never_read"] for name in NAMES if "never_read" in expected(name)
    }
    assert len(listed) >= 7
    for name, commands in listed.items():
        oids = [".".join(map(str, point.oid)) for point in device(name).read_points]  # type: ignore[attr-defined]
        beginnings = tuple(f"{command}." for command in commands)
        assert [oid for oid in oids if f"{oid}.".startswith(beginnings)] == [], name
    for point in device("gencomm").read_points:
        assert isinstance(point, ModbusPoint)
        assert not 4096 <= point.wire_address < 4352, point.id


def test_a_profile_without_a_recording_does_not_claim_one() -> None:
    """The words at the top of the file agree with its key `verified`."""
    for name in NAMES:
        head = (SHIPPED / f"{name}.yaml").read_text("utf-8").partition("\nprofile:")[0]
        if "no recording" in head.replace("\n#", "").lower():
            assert shipped(name)["verified"] != "recording", name


def test_a_nautel_is_sent_one_object_at_a_time_and_never_outside_its_slots() -> None:
    """Its agent is easily overloaded: two fast objects and the ratio are three requests a poll."""
    source = device("nautel-vs").settings.devices[0].source
    assert isinstance(source, SnmpSource)
    assert source.objects_per_request == 1
    found = shipped("nautel-vs")
    assert found["burst"] is False
    fast = {id_ for id_, point in found["points"].items() if point.get("pace") != "slow"}
    assert fast == {"forward_power_w", "forward_power_percent", "peak_modulation_percent", "swr"}


def test_no_condition_needs_a_state_whose_values_nobody_published() -> None:
    """The Nautel's rfState is shown as a number, so that somebody may find out."""
    conditions = shipped("nautel-vs")["conditions"]
    assert not [name for name, one in conditions.items() if "rf_state" in str(one)]
    assert device("nautel-vs").see({"rf_state": 7}).values["rf_state"] == 7


def test_a_controller_of_one_main_has_nothing_of_a_second() -> None:
    """Without tx_a2 its points and the programme behind it are left out."""
    kind = device("rs-netccu", rows={}, nominal={"forward_power_a1_w": 1000})
    assert "forward_power_a2_w" not in {point.id for point in kind.points}
    assert "it.a2_on_air" not in {plan.id for plan in kind.plans}
    assert "it.a1_on_air" in {plan.id for plan in kind.plans}


RUNNING = {"1.3.6.1.2.1.1.3.0": "agent", "1.3.6.1.2.1.25.1.1.0": "equipment"}
"""Running times of standard MIBs: sysUpTime (RFC 3418) and hrSystemUptime (RFC 2790)."""


def test_every_running_time_says_whose_boot_it_counts_from() -> None:
    """A restart of the equipment while nobody saw it is a suspected outage; of its agent, none."""
    wrong = []
    for name in NAMES:
        for id_, point in shipped(name)["points"].items():
            is_running = point.get("unit") == "s" and "wraps" in point
            whose = RUNNING.get(point.get("oid"))
            given = point.get("uptime_of")
            if (is_running and given is None) or whose not in (None, given):
                wrong.append(f"{name}.{id_}: {given}, {whose}")
    assert wrong == []
