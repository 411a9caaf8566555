"""A profile together with the device that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.config import ConfigErrors, load
from monitord.core.model import SECOND, Layer
from monitord.devices.modbus.model import ModbusPoint
from monitord.devices.snmp.model import RowKey, SnmpPoint
from tests.support.mistakes import without_line
from tests.unit.config.samples import changed, write
from tests.unit.profiles.devices import device
from tests.unit.profiles.test_hostile_profiles import ENUM, GOOD, HEAD, made

ROOM = "conditions: {sound_present: {layer: content, true_when: not audio_silent}}"
NEEDS = "needs: room_io.sound_present"
IF_NAME = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
CARD = "{zh: [听, 换源], en: [Listen, Change the source]}"


def told(profile: str, **keys: Any) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        device(profile, **keys)
    return [without_line(error).partition("site.yaml: ")[2] for error in caught.value.errors]


def oids(profile: str, **keys: Any) -> dict[str, tuple[int, ...]]:
    points = device(profile, **keys).points
    return {point.id: point.oid for point in points if isinstance(point, SnmpPoint)}


def test_a_row_is_where_the_profile_names_it() -> None:
    """One port is one number in the device, and so in every OID of the profile."""
    found = oids("if-mib", rows={"interface": 17})
    assert found["oper_status"] == (1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 17)
    assert {oid[-1] for oid in found.values()} == {17}


def test_a_row_may_have_several_parts() -> None:
    """An index of two numbers is written as a list."""
    found = oids("if-mib", rows={"interface": [4, 2**32 - 1]})
    assert found["name"][-2:] == (4, 2**32 - 1)


def test_a_row_with_an_index_of_its_own_needs_none_from_the_device() -> None:
    """The first line of nearly every UPS is row 1; where it is not, the device says so."""
    assert oids("ups-mib")["load_1_percent"][-2:] == (5, 1)
    assert oids("ups-mib", rows={"line_1": [1, 0]})["load_1_percent"][-3:] == (5, 1, 0)


def test_a_missing_row_is_asked_for_once_and_nothing_echoes_it() -> None:
    """Ten points in that row and two conditions on them are one mistake."""
    (line,) = told("if-mib", rows={})
    assert line == (
        "devices.it.rows.interface: is missing; add a row's index, such as 3, or [1, 2] where"
        " it has several parts, or the text of a cell, such as {name: Gi0/1};"
        " profile 'if-mib' reads it: ifIndex of the port that is watched, or one of its names"
    )


@pytest.mark.parametrize("index", [-1, 2**32, 1.5, "3", [], [1, -1], None, True])
def test_an_index_is_whole_numbers(index: Any) -> None:
    """What cannot be part of an OID is reported at the device."""
    (line,) = told("if-mib", rows={"interface": index})
    assert line.startswith("devices.it.rows.interface: is ")
    assert "a row's index, such as 3, or [1, 2] where it has several parts" in line


def test_a_row_may_be_chosen_by_what_a_cell_says() -> None:
    """Its index may change at every restart; its name does not."""
    points = device("if-mib", rows={"interface": {"name": "Gi0/1 "}}).points
    chosen = RowKey("interface", "name", IF_NAME, "Gi0/1")
    assert {point.row for point in points if isinstance(point, SnmpPoint)} == {chosen}
    (status,) = (point for point in points if point.id == "oper_status")
    assert status.where == "1.3.6.1.2.1.2.2.1.8.{interface}"


def test_a_row_without_a_profile_is_chosen_by_a_column() -> None:
    """A device's own points need no profile to be found by a name."""
    points = {"spare": {"oid": "1.3.6.1.2.1.2.2.1.8.{port}.7", "unit": "count"}}
    rows = {"interface": 1, "port": {"1.3.6.1.2.1.31.1.1.1.1": 17}}
    *_, spare = device("if-mib", rows=rows, points=points).points
    assert isinstance(spare, SnmpPoint)
    assert spare.row == RowKey("port", "1.3.6.1.2.1.31.1.1.1.1", IF_NAME, "17")
    assert (spare.oid[-1], spare.after) == (8, (7,))


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"nam": "Gi0/1"}, "rows.interface: no key 'nam'; did you mean 'name'?"),
        (
            {"1.3.{x}": "a"},
            "rows.interface: no key '1.3.{x}'; keys: name, alias, description",
        ),
        ({}, "rows.interface: is 0 keys; use one key, such as {name: Gi0/1}"),
        ({"name": "a", "alias": "b"}, "rows.interface: is 2 keys; use one key, such as"),
        ({"name": "  "}, "rows.interface.name: is '  '; use the text of the cell"),
        ({"name": 1.5}, "rows.interface.name: is 1.5; use the text of the cell"),
        ({"name": None}, "rows.interface.name: is missing; add the text of the cell"),
    ],
)
def test_a_choice_that_chooses_nothing_is_reported(choice: Any, text: str) -> None:
    """One mistake, at the device, with what is allowed."""
    (line,) = told("if-mib", rows={"interface": choice})
    assert line.startswith(f"devices.it.{text}")


def test_a_point_is_in_one_row_that_is_chosen_by_a_key() -> None:
    """Two of them could not be proven by one answer."""
    points = {"both": {"oid": "1.3.6.{interface}.{other}", "unit": "count"}}
    rows = {"interface": {"name": "a"}, "other": {"1.3.6.1": "b"}}
    (line,) = told("if-mib", rows=rows, points=points)
    assert line.startswith("devices.it.points.both.oid: it has 2 rows that are found by a cell")


def test_a_row_that_nothing_reads_is_reported_with_the_nearest_name() -> None:
    """A misspelt row would otherwise silently leave the default in place."""
    lines = told("ups-mib", rows={"line1": [1, 0]})
    assert lines == ["devices.it.rows: no row 'line1'; did you mean 'line_1'?"]


def test_a_device_may_have_rows_of_its_own_points() -> None:
    """Not only profiles read tables."""
    points = {"backup": {"oid": "1.3.6.1.2.1.2.2.1.8.{spare}", "unit": "count"}}
    found = oids("if-mib", rows={"interface": 1, "spare": 9}, points=points)
    assert found["backup"][-1] == 9


def test_points_and_conditions_of_a_row_that_is_not_chosen_are_left_out() -> None:
    """A computer without a disk to watch is not asked about one."""
    small = device("host-resources", rows={"processor": 1})
    assert {point.id for point in small.points} == {
        "uptime_s",
        "processes",
        "processor_load_percent",
    }
    assert [plan.id for plan in small.plans] == ["it.processor_free"]


def test_a_device_that_leaves_every_row_out_is_asked_to_choose(tmp_path: Path) -> None:
    """Nothing would be read."""
    assert told("entity-sensor", rows={}) == [
        "devices.it.points: every row is left out; choose at least one under rows"
    ]


def test_delays_of_a_device_replace_those_of_the_profile() -> None:
    """How long a detector waits is set at the detector."""
    delays = {"main_loss": {"true_delay_max": "30s", "false_delay_max": "10s"}}
    plans = {plan.id: plan for plan in device("deva-db8008", delays=delays).plans}
    own, other = plans["it.main_has_sound"], plans["it.backup_1_has_sound"]
    # It says sound while the silence has lasted less than its hold, and the other way round.
    assert max(own.true_lag, own.false_lag) == 30 * SECOND
    assert max(other.true_lag, other.false_lag) == 240 * SECOND


def test_delays_of_points_that_are_not_there_are_reported() -> None:
    """A delay that is taken and forgotten would date an outage too narrowly."""
    lines = told("deva-db8008", delays={"main_los": {"true_delay_max": "30s"}})
    assert lines == [
        "devices.it.delays: the device has no point 'main_los'; did you mean 'main_loss'?"
    ]
    lines = told("deva-db8008", delays={"main_loss": {"true_delay": "30s"}})
    assert "devices.it.delays.main_loss: no key 'true_delay'" in lines[0]


def test_every_key_of_a_register_reaches_its_reader(tmp_path: Path) -> None:
    """Fields, wide numbers and runs of sentinels."""
    text = (
        "points:\n"
        "  n: {table: holding_register, wire_address: 3, bits: [4, 3], unit: count}\n"
        "  b: {table: input_register, wire_address: 9, bits: [15, 1]}\n"
        "  w: {table: holding_register, wire_address: 5, type: int64, word_order: little,"
        " unit: Wh, absent: [-1, '0x7FF8..0x7FFF', '-0x8000000000000000']}\n"
    )
    number, bit, wide = made(tmp_path, text, "modbus").points
    assert isinstance(number, ModbusPoint)
    assert isinstance(bit, ModbusPoint)
    assert isinstance(wide, ModbusPoint)
    assert (number.bits, number.type, number.decoding.kind) == ((4, 3), "uint16", "number")
    assert (bit.bits, bit.decoding.kind) == ((15, 1), "boolean")
    assert (wide.type, wide.word_order) == ("int64", "little")
    assert wide.decoding.absent == (-1, -(2**63))
    assert wide.decoding.absent_ranges == ((0x7FF8, 0x7FFF),)


def test_an_exponent_and_a_precondition_reach_the_decoder(tmp_path: Path) -> None:
    """1234 x 10^(2 - 1) W while the switch is on, and nothing while it is off or not known."""
    text = (
        GOOD.replace("W}", "W, times_ten_to: p - q, only_if: {e: on}}")
        + ENUM
        + "  p: {oid: 1.3.6.1.2.0, unit: count}\n  q: {oid: 1.3.6.1.3.0, unit: count}\n"
    )
    kind = made(tmp_path, text)
    assert kind.see({"a": 1234, "p": 2, "q": 1, "e": 1}).values["a"] == 12_340
    assert kind.see({"a": 1234, "p": 0, "q": 3, "e": 1}).values["a"] == 1.234
    assert kind.see({"a": 1234, "p": 2, "q": 1, "e": 2}).values["a"] is None
    assert kind.see({"a": 1234, "p": 2, "q": 1}).values["a"] is None
    assert kind.see({"a": 1234, "p": 2, "e": 1}).values["a"] is None


def test_a_card_is_numbered_steps_by_language(tmp_path: Path) -> None:
    """It reaches the composer of the message by the condition's whole id."""
    condition = f"conditions:\n  c: {{layer: emission, true_when: a > 1, card: {CARD}}}\n"
    assert made(tmp_path, GOOD + condition).settings.cards == {
        "it.c": {"zh": "1. 听 2. 换源", "en": "1. Listen 2. Change the source"}
    }


def test_a_station_may_write_a_card_in_its_own_language_only(tmp_path: Path) -> None:
    """A profile is for everybody; a station knows who reads."""
    own = ROOM.replace("true_when", "card: {zh: [去机房听]}, true_when")
    settings = load(write(tmp_path, changed((ROOM, own))))
    assert settings.cards["room_io.sound_present"] == {"zh": "1. 去机房听"}


def test_a_card_does_not_change_what_is_judged(tmp_path: Path) -> None:
    """New words for people are no new configuration of the record."""
    own = ROOM.replace("true_when", "card: {zh: [去机房听]}, true_when")
    before = load(write(tmp_path)).config_hash
    assert load(write(tmp_path, changed((ROOM, own)))).config_hash == before


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ((NEEDS, "needs: fm1.remote"), "chain[0].needs"),
        ((NEEDS, "layer: content, needs: room_io.sound_present and fm1.fault"), "chain[0].needs"),
        (("carries: fm1.radiating", "carries: not fm1.fault"), "chain[1].members[0].carries"),
        (
            (NEEDS, NEEDS + ", degraded: [{when: fm1.fault, reason: reduced_power}]"),
            "chain[0].degraded[0].when",
        ),
    ],
)
def test_no_verdict_rests_on_equipment(tmp_path: Path, change: tuple[str, str], place: str) -> None:
    """A transmitter's own complaint, a UPS or a door proves nothing of the audience's reception."""
    with pytest.raises(ConfigErrors) as caught:
        load(write(tmp_path, changed(change)))
    (error,) = caught.value.errors
    assert error.key_path == f"programmes.county_fm.{place}"
    assert without_line(error).endswith(
        "is about equipment and proves nothing of a programme; only ready may name it"
    )


def test_a_stage_cannot_be_of_the_layer_of_equipment(tmp_path: Path) -> None:
    """Nor may the station say that it is one."""
    with pytest.raises(ConfigErrors, match=r"use one of emission, service, content$"):
        load(write(tmp_path, changed((NEEDS, "layer: equipment, " + NEEDS))))


def test_ready_may_rest_on_equipment(tmp_path: Path) -> None:
    """Whether a reserve could take over is exactly a matter of equipment."""
    settings = load(write(tmp_path))
    member = settings.plan.programmes[0].chain[1].members[0]
    layers = {plan.id: plan.layer for plan in settings.plan.devices[0].conditions}
    assert member.ready is not None
    assert layers["fm1.fault"] is Layer.EQUIPMENT


def test_how_a_profile_is_proven_is_one_of_four_words(tmp_path: Path) -> None:
    """A reader sees a recording, or that there is none."""
    for word in ("recording", "two_sources", "single_source", "unverified"):
        text = HEAD.format(protocol="snmp").replace("unverified", word) + GOOD
        (tmp_path / "odd.yaml").write_text(text)
        assert device("odd", folder=tmp_path, protocol="snmp").points
