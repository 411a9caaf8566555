"""Every profile decodes what ``expected/<profile>.yaml`` lists, written by hand from its source.

Keys of such a file, each optional but ``source``:

- ``source``: the MIB, RFC or manual from which the values are written.
- ``device``: keys that a device of this profile must set, such as ``rows`` and ``nominal``.
- ``labels``: by point, the label of each raw number; null where a number proves nothing.
  ``beside``: raw values of other points while a label is read.
- ``values``: by point, the value of a raw number or text.
- ``conditions``: by condition, raw values for which it is true, false, null (not known).
  ``counted``: conditions that need more than one answer; test_counters.py and
  test_tr101290.py prove them.
- ``recordings``: a walk below ``../shared/devices`` (``file``), the ``rows`` to read, ``objects``
  to add, how many points the walk has (``present``), and the ``values`` and all ``conditions``
  that follow. ``nothing``: points that the walk has and that rightly have no value, such as a
  counter, which has a value after the second answer, or a sensor that is not fitted.
- ``registers``: registers or bits to ``write`` to a Modbus unit, and what a read of them gives.
  ``as`` is a layout of ``struct``, high word first. ``requests``: those the unit receives.
- ``answers``: one answer frame, as ``hex`` or ``text``, to a request of the profile.
- ``traps``: a trap with one object, and the conditions that it sets.
- ``never_read``: beginnings of OIDs that switch equipment; test_every_profile.py.
- ``settings_read``: points whose objects a manager may write; test_recordings.py.
- ``recognised``: recordings that are offered this profile first, all there are;
  test_recordings.py.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitord.core.model import Value
from monitord.decoding.rules import Raw
from monitord.devices.frames.codec import AnswerSearch
from monitord.devices.frames.fields import raw_of
from monitord.devices.frames.model import FramePoint
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.model import ModbusSource
from monitord.traps.decode import Notification
from tests.support.agents import ModbusPlant
from tests.unit.profiles.devices import EXPECTED, NAMES, Kind, Seen, device, expected, walk

KEYS = {
    "source", "device", "labels", "beside", "values", "conditions", "counted", "recordings",
    "registers", "answers", "traps", "never_read", "settings_read",
    "recognised",
}  # fmt: skip
# Raw numbers that prove nothing where a table of labels does not list them.
UNLISTED = (-1, 99, 255)


def having(key: str) -> list[str]:
    """Return the profiles whose file has that key."""
    return [name for name in NAMES if key in expected(name)]


def raws_of(case: Mapping[str, Any]) -> dict[str, Raw]:
    """Return raw values by point; a text is what an agent sends as octets."""
    return {point: raw_from(raw) for point, raw in case.items()}


def raw_from(raw: Any) -> Raw:
    return raw.encode() if isinstance(raw, str) else raw


def oid(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def check(seen: Seen, case: Mapping[str, Any]) -> None:
    """Compare the values and conditions that a case lists; others may be anything."""
    values, conditions = case.get("values", {}), case.get("conditions", {})
    assert {point: seen.values[point] for point in values} == pytest.approx(values), case
    assert {name: seen.conditions[name] for name in conditions} == conditions, case


def test_every_profile_has_its_expected_values() -> None:
    """A new profile is not shipped before its values are written by hand, with their source."""
    assert {path.stem for path in EXPECTED.glob("*.yaml")} == set(NAMES)
    for name in NAMES:
        assert set(expected(name)) <= KEYS, name
        assert expected(name)["source"], name


@pytest.mark.parametrize("name", NAMES)
def test_every_label_of_a_profile_has_its_expected_value(name: str) -> None:
    """A label that is added to a profile is written down here too, or this fails."""
    listed = {
        point: {raw for raw, label in table.items() if label is not None}
        for point, table in expected(name).get("labels", {}).items()
    }
    labels = {point.id: {raw for raw, _ in point.decoding.labels} for point in device(name).points}
    assert {point: raws for point, raws in labels.items() if raws} == listed


@pytest.mark.parametrize("name", having("labels"))
def test_a_raw_number_has_the_label_of_its_source(name: str) -> None:
    """What 1 means differs from object to object: good in one and bad in the next."""
    kind, beside = device(name), expected(name).get("beside", {})
    for point, table in expected(name)["labels"].items():
        meanings = dict.fromkeys(UNLISTED) | table
        found = {raw: kind.see(beside | {point: raw}).values[point] for raw in meanings}
        assert found == meanings, point


@pytest.mark.parametrize("name", having("values"))
def test_a_raw_value_comes_in_its_unit(name: str) -> None:
    """A wrong factor of ten hides an outage, or reports one that was none."""
    kind = device(name)
    for point, table in expected(name)["values"].items():
        found = {raw: kind.see({point: raw_from(raw)}).values[point] for raw in table}
        assert found == pytest.approx(table), point


@pytest.mark.parametrize("name", having("conditions"))
def test_a_condition_is_true_false_and_unknown_for_these_raw_values(name: str) -> None:
    """Each condition is shown both ways, by values that an agent may send."""
    kind = device(name)
    for condition, shown in expected(name)["conditions"].items():
        for holds, cases in shown.items():
            found = [kind.see(raws_of(case)).conditions[condition] for case in cases]
            assert found == [holds] * len(cases), (condition, cases)


@pytest.mark.parametrize("name", NAMES)
def test_every_condition_is_shown_true_and_false(name: str) -> None:
    """A condition that was only ever seen true may be a constant."""
    shown = expected(name).get("conditions", {})
    counted = expected(name).get("counted", [])
    ids = [plan.id.removeprefix("it.") for plan in device(name).plans]
    assert sorted(shown) == sorted(set(ids) - set(counted))
    assert set(counted) <= set(ids)
    assert [id_ for id_ in shown if not {True, False} <= set(shown[id_])] == []


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", having("recordings"))
def test_a_recorded_device_has_these_values_and_conditions(name: str, shared: Path) -> None:
    """Scales, sentinels, rows and labels, each against the walk of a real device."""
    given = expected(name).get("device", {}).get("rows", {})
    for case in expected(name)["recordings"]:
        rows = given | case.get("rows", {})
        kind = device(name, **({"rows": rows} if rows else {}))
        added = {oid(text): raw for text, raw in case.get("objects", {}).items()}
        objects = walk(shared / f"{case['file']}.snmprec") | added
        seen = kind.read(objects)
        check(seen, case)
        present = [p.id for p in kind.read_points if p.oid in objects]  # type: ignore[attr-defined]
        assert len(present) == case["present"], (case["file"], present)
        nothing = {
            *case.get("nothing", ()),
            *(p for p, v in case.get("values", {}).items() if v is None),
        }
        assert {id_ for id_ in present if seen.values[id_] is None} <= nothing, case["file"]
        if "conditions" in case:
            assert set(case["conditions"]) == set(seen.conditions), case["file"]


@pytest.mark.parametrize("name", having("registers"))
async def test_registers_of_a_unit_have_these_values(name: str) -> None:
    """Addresses, types, word order and factors, read from a Modbus server."""
    for case in expected(name)["registers"]:
        plant = ModbusPlant({})
        for write in case["write"]:
            table = write.get("table", case.get("table", "holding_register"))
            plant.set_registers(table, write["at"], *cells(write))
        async with plant:
            seen = await read(name, plant)
        check(seen, case)
        assert seen.values.keys() == case["values"].keys()
        assert seen.conditions.keys() == case["conditions"].keys()
        if "requests" in case:
            assert [list(request) for request in plant.requests] == case["requests"]


def cells(write: Mapping[str, Any]) -> list[int]:
    """Return registers, or bits where there is no layout."""
    if "as" not in write:
        return list(write["raw"])
    octets = struct.pack(f">{write['as']}", *map(raw_from, write["raw"]))
    return list(struct.unpack(f">{len(octets) // 2}H", octets))


async def read(profile: str, plant: ModbusPlant) -> Seen:
    """Return one read of the plant as a device of that profile."""
    kind = device(profile)
    source = kind.settings.devices[0].source
    assert isinstance(source, ModbusSource)
    reader = ModbusReader(replace(source, port=plant.port))
    try:
        return kind.decode(await reader.read_raw(5.0))
    finally:
        await reader.close()


@pytest.mark.parametrize("name", having("answers"))
def test_an_answer_frame_has_these_values(name: str) -> None:
    """Whole frames, as they come from the line."""
    kind = device(name)
    for case in expected(name)["answers"]:
        octets = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
        check(kind.see(fields(kind, case["request"], octets)), case)


def fields(kind: Kind, request: str, octets: bytes) -> dict[str, Raw]:
    """Return the raw values of one answer; a refusal has none."""
    raws: dict[str, Raw] = {}
    for point in kind.read_points:
        assert isinstance(point, FramePoint)
        if point.request.id == request:
            found = AnswerSearch(point.request).find(octets)
            assert found is not None
            raws[point.id] = None if found[0].is_refusal else raw_of(point, found[0].frame)
    return raws


@pytest.mark.parametrize("name", having("traps"))
def test_a_trap_sets_these_conditions(name: str) -> None:
    """Which condition, and which way: 1 is good in one object and bad in the next."""
    for case in expected(name)["traps"]:
        varbind = (oid(case["object"]), case["raw"])
        assert set_by(name, oid(case["trap"]), varbind) == case["conditions"], case


@pytest.mark.parametrize("name", NAMES)
def test_every_trap_of_a_profile_is_shown(name: str) -> None:
    """A trap that no case shows may set its condition the wrong way."""
    traps = device(name).settings.traps
    rules = [rule for sender in traps.devices for rule in sender.rules] if traps else []
    shown = {
        pair for case in expected(name).get("traps", []) for pair in case["conditions"].items()
    }
    assert {(rule.condition.removeprefix("it."), rule.value) for rule in rules} == shown


def set_by(profile: str, trap: tuple[int, ...], *varbinds: tuple[Any, Raw]) -> dict[str, Value]:
    """Return the conditions that a trap sets, by id."""
    traps = device(profile).settings.traps
    assert traps is not None
    came = Notification(is_inform=False, request_id=1, trap_oid=trap, uptime=0, varbinds=varbinds)
    rules = [rule for rule in traps.devices[0].rules if came.matches(rule)]
    found = {rule.condition.removeprefix("it."): rule.value for rule in rules}
    assert len({(rule.condition, rule.value) for rule in rules}) == len(found)
    return found


def test_a_trap_without_its_object_sets_nothing() -> None:
    """Half a trap proves nothing; and object .4 is not .40."""
    carrier = (1, 3, 6, 1, 4, 1, 19831, 1, 1, 1, 1)
    assert set_by("rs-sx800", (*carrier, 0, 4)) == {}
    assert set_by("rs-sx800", (*carrier, 0, 4), ((*carrier, 1, 40, 0), 2)) == {}
