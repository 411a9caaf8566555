"""A profile with mistakes is refused, each mistake at its place in the profile's own file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitord.config import ConfigErrors
from tests.support.mistakes import without_line
from tests.unit.profiles.devices import Kind, device

HEAD = "profile: odd\ntitle: T\nprotocol: {protocol}\nsource: S\nverified: unverified\n"
GOOD = "points:\n  a: {oid: 1.3.6.1.1.0, unit: W}\n"
REGISTER = "points:\n  a: {table: holding_register, wire_address: 0, unit: W, "
ENUM = "  e: {oid: 1.3.6.1.9.0, labels: {1: on, 2: off}}\n"
ON = "conditions:\n  c: {layer: equipment, true_when: a > 1"
ROW = "rows: {port: {what: the port}}\npoints:\n  a: {oid: '1.3.6.1.{port}', unit: W}\n"
BOTH = "text: {zh: 告警, en: Alarm}"


def made(folder: Path, text: str, protocol: str = "snmp", **keys: Any) -> Kind:
    (folder / "odd.yaml").write_text(HEAD.format(protocol=protocol) + text, encoding="utf-8")
    return device("odd", folder=folder, protocol=protocol, **keys)


def told(folder: Path, text: str, protocol: str = "snmp", **keys: Any) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        made(folder, text, protocol, **keys)
    return [without_line(error).replace("profiles/odd.yaml: ", "") for error in caught.value.errors]


SNMP_MISTAKES = [
    ("points: {}\n", "points: is empty; add at least one point"),
    ("points: 3\n", "points: is 3; use a mapping of keys to values"),
    (
        "points:\n  a: {oid: '1.3.6.1.{Port}', unit: W}\n",
        "points.a.oid: is '1.3.6.1.{Port}'; use an OID in numbers with its instance, such",
    ),
    (
        "points:\n  a: {oid: '1.3.6.1.{port}', unit: W}\n",
        "points.a.oid: no row 'port'; there is none",
    ),
    (
        ROW.replace("the port", "p, index: 1") + "  b: {oid: '1.3.6.1.{prt}', unit: W}\n",
        "points.b.oid: no row 'prt'; did you mean 'port'?",
    ),
    ("rows: {port: {what: p}}\n" + GOOD, "rows.port: no point reads this row; there is none"),
    (ROW.replace("{what: the port}", "the port"), "rows.port: is 'the port'; use a mapping"),
    (
        ROW.replace("the port", "p, index: -1"),
        "rows.port.index: is -1; use a row's index, such as 3, or [1, 2] where it has",
    ),
    (
        ROW.replace("the port", "p, keys: {name: 1.3.x}"),
        "rows.port.keys.name: is '1.3.x'; use an OID in numbers without an index",
    ),
    (
        ROW.replace("the port", "p, keys: {name: '1.3.{port}'}"),
        "rows.port.keys.name: is '1.3.{port}'; use an OID in numbers without an index",
    ),
    (ROW.replace("the port", "p, keys: {}"), "rows.port.keys: is an empty mapping; use columns by"),
    (ROW.replace("the port", "p, keys: name"), "rows.port.keys: is 'name'; use columns by"),
    (
        ROW.replace("the port", "p, index: 1, optional: true"),
        "rows.port.optional: a row with an index is never left out",
    ),
    (GOOD.replace("W}", "W, verified: yes}"), "points.a.verified: is 'yes'; use one of rec"),
    (
        GOOD.replace("W}", "W, absent: ['0xFF..0x10']}"),
        "points.a.absent[0]: is '0xFF..0x10'; use a whole number, or a range such as",
    ),
    (
        GOOD.replace("W}", "W, absent: ['ten']}"),
        "points.a.absent[0]: is 'ten'; use a whole number, or a range such as",
    ),
    (
        GOOD.replace("W}", "W, absent: ['0..0x1FFFFFFFFFFFFFFFF']}"),
        "points.a.absent[0]: is '0..0x1FFFFFFFFFFFFFFFF'; use a whole number, or a range",
    ),
    (
        GOOD.replace("W}", "W, absent: ['0..18446744073709551616']}"),
        "points.a.absent[0]: is '0..18446744073709551616'; use",
    ),
    (
        GOOD.replace("W}", "W, times_ten_to: b}"),
        "points.a.times_ten_to: the device has no point 'b'; known: a",
    ),
    (
        GOOD.replace("W}", "W, times_ten_to: e}") + ENUM,
        "points.a.times_ten_to: e is no number that is read alone",
    ),
    (
        GOOD.replace("W}", "W, times_ten_to: a}"),
        "points.a.times_ten_to: a is no number that is read alone",
    ),
    (
        GOOD.replace("W}", "W, times_ten_to: b * 2}"),
        "points.a.times_ten_to: is 'b * 2'; use points whose sum is the exponent",
    ),
    (
        GOOD.replace("W}", "W, only_if: {a: on}}"),
        "points.a.only_if.a: a is no enum that is read alone",
    ),
    (
        GOOD.replace("W}", "W, only_if: {e: onn}}") + ENUM,
        "points.a.only_if.e: e has no label 'onn'; did you mean 'on'?",
    ),
    (
        GOOD.replace("W}", "W, only_if: {f: on}}") + ENUM,
        "points.a.only_if.f: the device has no point 'f'; known: a, e",
    ),
    (
        GOOD.replace("W}", "W, only_if: {e: 1}}") + ENUM,
        "points.a.only_if.e: is 1; use a point and its label",
    ),
    (
        GOOD + ON + ", reason: black}\n",
        "conditions.c.reason: a condition of layer equipment cannot be a programme's reason;",
    ),
    (GOOD + ON + ", card: do it}\n", "conditions.c.card: is 'do it'; use steps by language"),
    (
        GOOD + ON + ", card: {de: [Nachsehen]}}\n",
        "conditions.c.card: has the key 'de'; use one of zh, en",
    ),
    (
        GOOD + ON + ", card: {zh: 看, en: [look]}}\n",
        "conditions.c.card.zh: is '看'; use a list of 1–12 steps",
    ),
    (
        GOOD + ON + ", card: {zh: [看], en: [look, 5]}}\n",
        "conditions.c.card.en[1]: is 5; use steps of text, each at most 200 long; put it in",
    ),
    (
        GOOD + ON + ", card: {zh: [看]}}\n",
        "conditions.c.card.en: is missing; add a list of steps; a profile's card is in every",
    ),
    (GOOD + "alarms: [c]\n", "alarms[0]: is 'c'; use a mapping of keys to values"),
    (
        GOOD + ON + "}\nalarms: [{condition: d, severity: major, " + BOTH + "}]\n",
        "alarms[0].condition: no condition 'd'; known: c",
    ),
    (
        GOOD + ON + "}\nalarms: [{condition: c, severity: loud, " + BOTH + "}]\n",
        "alarms[0].severity: is 'loud'; use one of critical, major, minor, warning",
    ),
    (
        GOOD + ON + "}\nalarms: [{condition: c, severity: major, text: {zh: 告警}}]\n",
        "alarms[0].text: is a mapping; use a text in zh and one in en",
    ),
    (
        GOOD + ON + "}\nalarms: [{condition: c, value: 1, severity: major, " + BOTH + "}]\n",
        "alarms[0].value: is 1; use true or false",
    ),
]
TRAP = GOOD + ON + "}\ntraps:\n  t: {oid: 1.3.6.1.9.0.1, condition: c, value: true}\n"
TRAP_MISTAKES = [
    (TRAP.replace("condition: c", "condition: d"), "traps.t.condition: no condition 'd'; kn"),
    (TRAP.replace("1.3.6.1.9.0.1", "linkDown"), "traps.t.oid: is 'linkDown'; use an OID in"),
    (
        TRAP.replace("1.3.6.1.9.0.1", "'1.3.6.1.{port}'"),
        "traps.t.oid: is '1.3.6.1.{port}'; use an OID in numbers, such as 1.3.6.1.6.3.1.1.5.",
    ),
    (TRAP.replace("value: true", "value: 1"), "traps.t.value: is 1; use true or false"),
    (TRAP.replace(", value: true", ""), "traps.t.value: is missing; add true or false"),
    (TRAP.replace("t: {oid:", "t: {oit:"), "traps.t: no key 'oit'; did you mean 'oid'?"),
    (
        TRAP.replace("value: true", "value: true, equals: 2"),
        "traps.t.varbind: is missing; add the OID of the varbind that equals is about",
    ),
    (
        TRAP.replace("value: true", "value: true, varbind: 1.3.6.1.9.1"),
        "traps.t.equals: is missing; add the values that the varbind must have",
    ),
    (
        TRAP.replace("value: true", "value: true, varbind: 1.3.6.1.9.1, equals: [1, true]"),
        "traps.t.equals[1]: is true; use a raw whole number or a text, or a list of them,",
    ),
    (
        TRAP.replace("value: true", "value: true, varbind: 1.3.6.1.9.1, equals: []"),
        "traps.t.equals: is an empty list; use a raw whole number or a text, or a list of them",
    ),
    (
        TRAP.replace("t: {", "T: {"),
        "traps: has the trap id 'T'; use an id: a-z, 0-9 and _, beginning with a letter, at",
    ),
    (GOOD + "traps: [t]\n", "traps: is a list; use a mapping of keys to values"),
    (GOOD + "traps: {t: linkDown}\n", "traps.t: is 'linkDown'; use a mapping of keys to"),
]
MODBUS_MISTAKES = [
    ("bits: 3", "points.a.bits: is 3; use [offset, width] with bit 0 the lowest"),
    ("bits: [0]", "points.a.bits: is a list; use [offset, width] with bit 0"),
    (
        "bits: [-1, 4]",
        "points.a.bits: is '[-1, 4]'; use [offset, width] with bit 0 the lowest, such as",
    ),
    (
        "bits: [0, 0]",
        "points.a.bits: is '[0, 0]'; use [offset, width] with bit 0 the lowest, such as [12,",
    ),
    ("bits: [30, 4]", "points.a.bits: is [30, 4]; use [offset, width] with bit 0 the lowest"),
    ("bits: [13, 4]", "points.a.bits: is [13, 4]; use bits within the 16 bits of uint16"),
    (
        "bits: [0, 4], type: int16",
        "points.a.bits: only uint16, uint32 have bits; this point is of type int16",
    ),
    (
        "bits: [0, 1]",
        "points.a.unit: only a number has it; this point is of kind boolean; leave it out",
    ),
    ("type: uint8", "points.a.type: is 'uint8'; use one of bit, uint16, int16, uint32"),
]


@pytest.mark.parametrize(("text", "message"), SNMP_MISTAKES)
def test_a_mistake_is_reported_at_its_place(tmp_path: Path, text: str, message: str) -> None:
    """What was found, and what is allowed instead; nothing else is reported because of it."""
    (line,) = told(tmp_path, text)
    assert line.startswith(message)


@pytest.mark.parametrize(("text", "message"), TRAP_MISTAKES)
def test_a_mistake_in_a_trap_is_reported_at_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    """A trap that says nothing because of a slip would be missed by nobody."""
    (line,) = told(tmp_path, text)
    assert line.startswith(message)


def test_only_what_speaks_snmp_has_traps(tmp_path: Path) -> None:
    """A register sends nothing by itself."""
    text = REGISTER + "}\n" + ON + "}\ntraps: {t: {oid: 1.3.6.1.9, condition: c, value: true}}\n"
    (line,) = told(tmp_path, text, "modbus")
    assert line == "traps: only a profile of protocol snmp has traps, not modbus; leave it out"


@pytest.mark.parametrize(("keys", "message"), MODBUS_MISTAKES)
def test_a_register_that_cannot_be_is_reported(tmp_path: Path, keys: str, message: str) -> None:
    """Fields lie within an unsigned register."""
    (line,) = told(tmp_path, REGISTER + keys + "}\n", "modbus")
    assert line.startswith(message)


@pytest.mark.parametrize(
    ("type_", "last"), [("uint64", 65532), ("int64", 65532), ("float64", 65532), ("int32", 65534)]
)
def test_a_wide_number_ends_within_the_table(tmp_path: Path, type_: str, last: int) -> None:
    """Four registers, or two, and none behind the last."""
    text = REGISTER.replace("address: 0", f"address: {last + 1}") + f"type: {type_}}}\n"
    (line,) = told(tmp_path, text, "modbus")
    assert line.startswith(f"points.a.wire_address: is {last + 1}; use 0–{last} for {type_}")
    good = text.replace(str(last + 1), str(last))
    assert made(tmp_path, good, "modbus").points


@pytest.mark.parametrize(
    "text",
    ["", "points: [", "points:\n\ta: 1\n", "points: &a {x: *a}\n", "points: !!python/name:os.x\n"],
)
def test_no_text_breaks_the_loader(tmp_path: Path, text: str) -> None:
    """Half a file, tabs, aliases and tags are reported, not raised."""
    assert told(tmp_path, text)


def test_a_profile_in_another_encoding_is_reported(tmp_path: Path) -> None:
    """GBK is what an editor of old saves."""
    (tmp_path / "odd.yaml").write_bytes("title: 变频器\n".encode("gbk"))
    with pytest.raises(ConfigErrors, match=r"profiles/odd.yaml: line 1: is not UTF-8"):
        device("odd", folder=tmp_path, protocol="snmp")
