"""What holds for every shipped profile."""

from __future__ import annotations

import re
from typing import Any

import pytest

from monitord.config.schemas import REASONS
from monitord.core.model import Layer
from monitord.devices.frames.model import FramePoint
from monitord.devices.modbus.model import ModbusPoint
from monitord.devices.snmp.model import SnmpPoint
from monitord.texts import has_text
from monitord.units import BASES
from tests.unit.profiles.devices import NAMES, SHIPPED, device

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


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_loads_as_a_device(name: str) -> None:
    """A station that names it is told of none of our mistakes."""
    made = device(name)
    assert made.points
    assert {plan.id.partition(".")[0] for plan in made.plans} <= {"it"}


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_unit_that_metrics_know_and_its_id_ends_in(name: str) -> None:
    """Whoever reads an id reads the unit; counters and ratios have none to read."""
    numbers = [point for point in device(name).points if point.decoding.kind == "number"]
    for point in numbers:
        unit = point.decoding.unit
        assert unit in BASES, (point.id, unit)
        ending = ENDINGS.get(unit, unit.lower())
        assert not ending or point.id.endswith(f"_{ending}"), (point.id, unit)


def place(point: SnmpPoint | ModbusPoint | FramePoint) -> tuple[Any, ...]:
    """Return what makes two points one."""
    match point:
        case SnmpPoint():
            return (point.oid,)
        case ModbusPoint():
            return (point.table, point.wire_address, point.bits)
        case FramePoint():
            return (point.request.id, point.offset, point.field, point.bits)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_read_twice(name: str) -> None:
    """Two ids of one object would be two truths, and twice the load on the agent."""
    places = [place(point) for point in device(name).read_points]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_named_as_its_source_names_it(name: str) -> None:
    """An engineer finds it again in the MIB or the manual."""
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    assert len(re.findall(r"^    object: ", text, re.MULTILINE)) == len(device(name).read_points)


@pytest.mark.parametrize("name", NAMES)
def test_what_proves_a_programme_gives_a_reason_and_equipment_gives_none(name: str) -> None:
    """A reason is the code of a text that a person reads."""
    for plan in device(name).plans:
        if plan.layer is Layer.EQUIPMENT:
            assert plan.reason == "", plan.id
        else:
            assert plan.reason in REASONS, plan.id
            assert has_text("zh", f"reason.{plan.reason}"), plan.id


@pytest.mark.parametrize("name", NAMES)
def test_every_card_is_in_both_languages(name: str) -> None:
    """The duty officer reads zh, whoever mends the equipment perhaps en."""
    for condition, card in device(name).settings.cards.items():
        assert set(card) == {"zh", "en"}, condition
        assert card["zh"].startswith("1. "), condition


@pytest.mark.parametrize("name", NAMES)
def test_no_writable_command_is_read_as_if_it_were_a_state(name: str) -> None:
    """What switches equipment is not even asked for."""
    for point in device(name).read_points:
        if isinstance(point, ModbusPoint):
            assert not 4096 <= point.wire_address < 4352 or name != "gencomm", point.id
