"""``monitord profile`` and what ``record`` blanks, without any device."""

from __future__ import annotations

import io
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitord.__main__ import main
from monitord.config.profiles.profiles import Profiles
from monitord.devices.recordings import Cell, RecordingError, parse_recording
from monitord.devices.snmp.blanking import Blanking
from tests.unit.profiles.devices import SHIPPED
from tests.unit.profiles.test_hostile_profiles import GOOD, HEAD, SNMP_MISTAKES

POWER = """profile: odd
title: Odd
protocol: snmp
source: S
verified: unverified
points:
  power_w: {oid: 1.3.6.1.4.1.9.1.0, unit: W, scale: 0.1}
  mode: {oid: 1.3.6.1.4.1.9.2.0, labels: {1: off, 2: running}}
  spare: {oid: 1.3.6.1.4.1.9.3.0, kind: text}
conditions:
  radiating: {layer: emission, true_when: mode == running and power_w > 1}
"""
WALK = "1.3.6.1.4.1.9.1.0|66|105\n1.3.6.1.4.1.9.2.0|2|2\n"

MIB = """EXAMPLE-TX-MIB DEFINITIONS ::= BEGIN
IMPORTS OBJECT-TYPE, Gauge32, Integer32, enterprises FROM SNMPv2-SMI
    DisplayString, TEXTUAL-CONVENTION FROM SNMPv2-TC;
AlarmState ::= TEXTUAL-CONVENTION STATUS current DESCRIPTION "x"
    SYNTAX INTEGER { ok(1), failed(2) }
exampleTx OBJECT IDENTIFIER ::= { enterprises 99999 7 }
txForwardPower OBJECT-TYPE
    SYNTAX Gauge32 UNITS "0.1 Watt" MAX-ACCESS read-only STATUS current DESCRIPTION "p"
    ::= { exampleTx 1 }
txMode OBJECT-TYPE
    SYNTAX INTEGER { off(0), standBy(1), on-air(2) } MAX-ACCESS read-write STATUS current
    DESCRIPTION "m" ::= { exampleTx 2 }
txName OBJECT-TYPE
    SYNTAX DisplayString MAX-ACCESS read-only STATUS current DESCRIPTION "n" ::= { exampleTx 3 }
txPaTable OBJECT-TYPE
    SYNTAX SEQUENCE OF TxPaEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "t"
    ::= { exampleTx 4 }
txPaEntry OBJECT-TYPE
    SYNTAX TxPaEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "e"
    INDEX { txPaIndex } ::= { txPaTable 1 }
TxPaEntry ::= SEQUENCE { txPaIndex Integer32, txPaState AlarmState }
txPaIndex OBJECT-TYPE
    SYNTAX Integer32 MAX-ACCESS not-accessible STATUS current DESCRIPTION "i" ::= { txPaEntry 1 }
txPaState OBJECT-TYPE
    SYNTAX AlarmState MAX-ACCESS read-only STATUS current DESCRIPTION "s" ::= { txPaEntry 2 }
txMissing OBJECT-TYPE
    SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION "a" ::= { exampleTx 9 }
END
"""
TX_WALK = """1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7
1.3.6.1.4.1.99999.7.1.0|66|9950
1.3.6.1.4.1.99999.7.2.0|2|2
1.3.6.1.4.1.99999.7.3.0|4|North
1.3.6.1.4.1.99999.7.4.1.2.4|2|1
1.3.6.1.4.1.99999.7.4.1.2.5|2|2
"""


def said(*arguments: object, language: str = "en") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    written = [*map(str, arguments), "--language", language]
    code = main(written, out, err)
    return code, out.getvalue(), err.getvalue()


def said_json(*arguments: object) -> tuple[int, Any]:
    code, out, _ = said(*arguments, "--json")
    return code, json.loads(out)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", Profiles().names())
def test_every_shipped_profile_passes_its_check(name: str) -> None:
    """By itself, without a device that gives what it asks for."""
    code, out, err = said("profile", "check", SHIPPED / f"{name}.yaml")
    assert (code, err) == (0, "")
    assert "no mistakes" in out


@pytest.mark.parametrize(("text", "line"), SNMP_MISTAKES)
def test_a_hostile_profile_is_refused_with_file_and_key(
    tmp_path: Path, text: str, line: str
) -> None:
    """The same mistakes as in a configuration that names it, without one."""
    path = written(tmp_path, "odd.yaml", HEAD.format(protocol="snmp") + text)
    code, out, _ = said("profile", "check", path)
    assert code == 2
    assert any(found.startswith(f"{path}: {line}") for found in out.splitlines()), out


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("Odd.yaml", GOOD, "got file name 'Odd.yaml', must be a name of a-z, 0-9 and - that ends"),
        ("odd.yml", GOOD, "got file name 'odd.yml', must be a name of a-z, 0-9 and - that ends in"),
        ("odd.yaml", "points: &a {a: *a}\n", "line 6: anchor &a is not taken; write the value out"),
        ("odd.yaml", "x: " + "[" * 50 + "]" * 50 + "\n", "line 6, column 23: more than 20 levels"),
        ("other.yaml", GOOD, "profile: got 'odd', must be other; a profile is named as its file"),
        ("if-mib.yaml", GOOD, "profile: 'if-mib' is a shipped profile; give it another name"),
    ],
)
def test_a_file_that_can_be_no_profile_is_told(
    tmp_path: Path, name: str, text: str, line: str
) -> None:
    """Its name and its form are checked too."""
    path = written(tmp_path, name, HEAD.format(protocol="snmp") + text)
    code, out, _ = said("profile", "check", path)
    assert code == 2
    assert any(found.startswith(f"{path}: {line}") for found in out.splitlines()), out


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path: Path) -> None:
    """All files are checked whatever is wrong with one."""
    huge = written(tmp_path, "huge.yaml", "x" * 1_000_001)
    code, found = said_json("profile", "check", tmp_path / "nowhere.yaml", huge)
    assert (code, found["ok"]) == (2, False)
    told = [file["mistakes"][0]["found"] for file in found["files"]]
    assert told == ["cannot be read: No such file or directory", "is larger than 1000000 bytes"]


def test_a_profile_is_shown_on_a_walk(tmp_path: Path) -> None:
    """Raw and decoded, what is absent, every condition."""
    profile, walk = written(tmp_path, "odd.yaml", POWER), written(tmp_path, "w.snmprec", WALK)
    code, found = said_json("profile", "test", profile, walk)
    assert code == 0
    points = {point["id"]: point for point in found["points"]}
    assert (points["power_w"]["raw"], points["power_w"]["value"]) == (105, 10.5)
    assert points["mode"]["value"] == "running"
    assert (points["spare"]["quality"], points["spare"]["remark"]) == ("absent", "missing")
    assert found["conditions"] == [{"id": "radiating", "truth": True}]
    for language in ("en", "zh"):
        code, out, err = said("profile", "test", profile, walk, language=language)
        assert (code, err) == (0, "")
        assert "power_w = 10.5 W" in out


@pytest.mark.parametrize(
    ("walk", "point", "remark"),
    [
        (WALK.replace("2|2\n", "2|7\n"), "mode", "no_label"),
        (WALK.replace("1.3.6.1.4.1.9.1.0|66|105\n", ""), "power_w", "missing_required"),
    ],
)
def test_what_somebody_must_look_into_is_exit_code_1(
    tmp_path: Path, walk: str, point: str, remark: str
) -> None:
    """An enum's unknown value, and a missing object that a condition needs."""
    profile, path = written(tmp_path, "odd.yaml", POWER), written(tmp_path, "w.snmprec", walk)
    code, found = said_json("profile", "test", profile, path)
    assert (code, found["ok"]) == (1, False)
    assert [one["id"] for one in found["points"] if one["remark"] == remark] == [point]


def test_rows_are_chosen_as_a_device_would(tmp_path: Path) -> None:
    """By index, by a key, and else the first there is."""
    status, name = "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.31.1.1.1.1"
    lines = [f"{status}.4|2|1", f"{status}.9|2|2", f"{name}.4|4|eth0", f"{name}.9|4|eth1"]
    walk = written(tmp_path, "w.snmprec", "\n".join(lines))
    for row, seen in (
        ((), "up"),
        (("--row", "interface=9"), "down"),
        (
            ("--row", "interface=name:eth1"),
            "down",
        ),
    ):
        _, found = said_json("profile", "test", "if-mib", walk, *row)
        points = {point["id"]: point["value"] for point in found["points"]}
        assert points["oper_status"] == seen
    code, _, err = said("profile", "test", "if-mib", walk, "--row", "port=9")
    assert (code, err) == (1, "profile if-mib has no row port; known: interface\n")


def test_a_dump_of_registers_is_tested_too(tmp_path: Path) -> None:
    """Floats over two registers, and one that the unit does not have."""
    dump = "holding_register|3109|16968\nholding_register|3110|0\nholding_register|3053|-\n"
    walk = written(tmp_path, "w.registers", dump)
    _, found = said_json("profile", "test", "schneider-pm5xxx", walk)
    values = {point["where"].split()[1]: point["value"] for point in found["points"]}
    assert values["3109"] == 50.0
    code, _, err = said("profile", "test", "if-mib", walk)
    assert code == 1
    assert err.startswith("profile if-mib is read over snmp; ")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "no object and no register stands in it"),
        ("hello\n", "line 1: got no line of three parts with | between them"),
        ("1.3|2|1\n1.3.x|2|1\n", "line 2: got '1.3.x', must be an OID or one of coil, "),
        ("1.3.6|99|1\n", "line 1: tag '99' is none of 2, 4, 5, 6, 64, 65, 66, 67, 68, 70"),
        ("1.3.6|2|one\n", "line 1: invalid literal for int() with base 10: 'one'"),
        ("1.3.6|4x|abc\n", "line 1: non-hexadecimal number found in fromhex() arg at position 3"),
        ("1.3.4294967296|2|1\n", "line 1: an arc of '1.3.4294967296' is larger than 4294967295"),
        ("coil|1|2\n", "line 1: value '2' is not 0..1, nor -"),
        ("coil|65536|1\n", "line 1: wire address '65536' is not 0..65535"),
        ("coil|1|1\n1.3.6|2|1\n", "it is a walk and a dump of registers at once"),
        ("1.3.6|2:delay|value=1\n", "line 1: 'delay' is no kind of value that can be read"),
    ],
)
def test_what_is_no_recording_is_told_with_its_line(content: str, text: str) -> None:
    """A file that was edited by hand has mistakes."""
    with pytest.raises(RecordingError) as caught:
        parse_recording(content.encode())
    assert caught.value.mistakes[0].startswith(text)


BLANKS: list[tuple[Cell, bytes | str | None]] = [
    (Cell((1, 3, 6, 1, 2, 1, 1, 5, 0), 4, b"hill-router"), b"name"),
    (Cell((1, 3, 6, 1, 2, 1, 1, 1, 0), 4, b"Box 10.2.3.4, up"), b"Box 192.0.2.1, up"),
    (Cell((1, 3, 6, 1, 2, 1, 1, 1, 0), 4, b"Version 1.2.3"), b"Version 1.2.3"),
    (Cell((1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1), 4, b"\0\x11\x22\x33\x44\x55"), b"\0\0\x5e\0\x53\0"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"\xd8\x11\x22\x33\x44\x55"), b"\0\0\x5e\0\x53\0"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"of D8:11:22:33:44:55"), b"of 00:00:5e:00:53:00"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"fe80::1:2:3:4 x"), b"2001:db8::1 x"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"li.wei@tv.example.cn"), b"somebody@example.org"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"public"), b"xxxxxx"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"trap to s3cret!"), b"trap to xxxxxx!"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"at radio.hill"), b"at xxxxxxxxxx"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 64, "10.1.1.7"), "192.0.2.1"),
    (Cell((1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 1, 1, 7), 64, "10.1.1.7"), None),
    (Cell((1, 0, 8802, 1, 1, 2, 1), 4, b"neighbour"), None),
    (Cell((1, 3, 6, 1, 6, 3, 18, 1, 1), 4, b"other"), None),
]


@pytest.mark.parametrize(("cell", "content"), BLANKS)
def test_secrets_and_addresses_do_not_leave(cell: Cell, content: bytes | str | None) -> None:
    """By their object, by what they look like, and by being ours."""
    found = Blanking(["s3cret"], "radio.hill").blank(cell)
    assert (None if found is None else found.content) == content


def test_an_index_that_holds_the_agents_address_does_not_leave() -> None:
    """Vendors index their tables by it."""
    blanking = Blanking([], "10.9.8.7")
    assert blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, 10, 9, 8, 7), 2, 1)) is None
    assert blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, 10, 9, 8, 6), 2, 1)) is not None
    assert (blanking.left_out, blanking.blanked) == (1, 0)


def test_a_secret_or_an_address_written_as_an_oid_does_not_leave() -> None:
    """Vendors index tables by communities and users, and point with an OID at a row."""
    blanking = Blanking(["s3cret"], "10.9.8.7")
    index = (6, *b"s3cret")
    assert blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, *index), 2, 1)) is None
    for row in ("10.9.8.7", ".".join(map(str, index))):
        pointer = blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, 1), 6, f"1.3.6.1.4.1.9.{row}.1"))
        assert pointer is not None
        assert pointer.content == "0.0"
    kept = Cell((1, 3, 6, 1, 4, 1, 9, 1), 6, "1.3.6.1.4.1.9.10")
    assert blanking.blank(kept) is kept


@pytest.mark.parametrize(
    ("told", "leaves"),
    [
        ("nothing came behind 1.3.6.1.2.1.4.20.1.1.10.1.2.3", "1.3.6.1.2.1.4.20..."),
        ("nothing came behind 1.3.6.1.4.1.9.7.10.9.8.7.2", "1.3.6.1.4.1.9.7..."),
        ("nothing came behind 1.3.6.1.4.1.9.7.1", "1.3.6.1.4.1.9.7.1"),
    ],
)
def test_where_a_walk_ended_gives_no_address_away(told: str, leaves: str) -> None:
    """The index of the last object may be a neighbour's address, and stands in the file."""
    said = Blanking([], "10.9.8.7").sentence(told)
    assert said == f"nothing came behind {leaves}"


def drafted(folder: Path, walk: str, *arguments: object) -> dict[str, Any]:
    """Return a draft, which its own check and test must pass."""
    path, file = written(folder, "w.snmprec", walk), folder / "my-tx.yaml"
    code, out, err = said("profile", "new", "my-tx", "--walk", path, "--output", file, *arguments)
    assert (code, err) == (0, ""), out + err
    assert said("profile", "check", file)[0] == 0
    assert said("profile", "test", file, path)[0] == 0
    found = yaml.safe_load(file.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_a_device_that_a_profile_knows_is_named(tmp_path: Path) -> None:
    """Nothing is drafted where somebody did the work already."""
    walk = written(tmp_path, "w.snmprec", "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.35833.6\n")
    code, found = said_json("profile", "new", "mine", "--walk", walk, "--output", tmp_path / "x")
    assert (code, found["known"], found["file"]) == (0, ["deva-db8008"], None)


def test_a_device_without_an_object_id_is_known_by_its_objects(tmp_path: Path) -> None:
    """A sentence says so, rather than one that begins with nothing."""
    walk = written(tmp_path, "w.snmprec", "1.3.6.1.4.1.6404.3.1.2.7.1.3.1.0|2|1000\n")
    code, out, _ = said("profile", "new", "mine", "--walk", walk, "--output", tmp_path / "x")
    assert code == 0
    assert out.startswith("known by its objects: profile worldcast-ecreso-fm")


def test_a_draft_takes_sensors_with_their_units(tmp_path: Path) -> None:
    """ENTITY-SENSOR-MIB says type, power of thousand and decimals."""
    base = "1.3.6.1.2.1.99.1.1.1"
    cells = [(1, 8), (2, 9), (3, 1), (4, 423), (5, 1)]
    lines = [f"{base}.{column}.1005|2|{value}" for column, value in cells]
    name = "1.3.6.1.2.1.47.1.1.1.1.7.1005|4|PA Temperature\n"
    found = drafted(tmp_path, "\n".join([*lines, name]))
    assert found["points"]["pa_temperature_deg_c"] == {
        "object": "entPhySensorValue",
        "unit": "degC",
        "oid": f"{base}.4.1005",
        "scale": 0.1,
        "verified": "unverified",
    }


def test_a_draft_takes_ports_from_the_shipped_profile(tmp_path: Path) -> None:
    """With the row and the keys that the device will choose it by."""
    base = "1.3.6.1.2.1.2.2.1"
    found = drafted(tmp_path, f"{base}.7.3|2|1\n{base}.8.3|2|1\n")
    assert set(found["points"]) == {"admin_status", "oper_status"}
    assert "name" in found["rows"]["interface"]["keys"]
    assert set(found["conditions"]) == {"link_up", "enabled"}


def test_a_draft_without_anything_known_lists_the_vendors_scalars(tmp_path: Path) -> None:
    """A technician compares them with the display."""
    found = drafted(tmp_path, WALK)
    assert found["points"]["object_9_1"]["oid"] == "1.3.6.1.4.1.9.1.0"
    assert {point["verified"] for point in found["points"].values()} == {"unverified"}


@pytest.mark.skipif(find_spec("pysmi") is None, reason="the extra mib is not installed")
def test_a_draft_takes_names_units_and_labels_from_a_mib(tmp_path: Path) -> None:
    """Of what the device has; a table by a row."""
    mib = written(tmp_path, "EXAMPLE-TX-MIB.txt", MIB)
    found = drafted(tmp_path, TX_WALK, "--mib", mib)
    assert found["recognise"] == {"sys_object_id": ["1.3.6.1.4.1.99999.7"]}
    points = found["points"]
    assert set(points) == {"tx_forward_power", "tx_mode", "tx_name", "tx_pa_state"}
    assert (points["tx_forward_power"]["unit"], points["tx_forward_power"]["scale"]) == ("W", 0.1)
    assert points["tx_mode"]["labels"] == {0: "off", 1: "stand_by", 2: "on_air"}
    assert points["tx_name"]["kind"] == "text"
    assert points["tx_pa_state"]["labels"] == {1: "ok", 2: "failed"}
    assert found["rows"]["tx_pa_entry"]["index"] == 4


@pytest.mark.skipif(find_spec("pysmi") is None, reason="the extra mib is not installed")
def test_a_mib_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """In one line, with the file."""
    mib, walk = written(tmp_path, "BAD-MIB", "nonsense ::="), written(tmp_path, "w", TX_WALK)
    arguments = ("--walk", walk, "--mib", mib, "--output", tmp_path / "x.yaml")
    code, out, err = said("profile", "new", "x", *arguments)
    assert (code, out) == (3, "")
    assert err.startswith(f"the MIB cannot be read: {mib}: ")
    assert err.count("\n") == 1


def test_a_draft_overwrites_nothing(tmp_path: Path) -> None:
    """Somebody's work may stand there."""
    walk, file = written(tmp_path, "w.snmprec", WALK), written(tmp_path, "mine.yaml", "mine")
    code, _, err = said("profile", "new", "mine", "--walk", walk, "--output", file)
    assert (code, err) == (1, f"{file} exists already; name another file, or move that one away\n")
    assert file.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "arguments",
    [("profile", "new", "if-mib", "--walk", "x"), ("profile", "new", "My", "--walk", "x")],
)
def test_a_name_that_no_profile_may_have_is_told(arguments: tuple[str, ...]) -> None:
    """Before anything is asked or written."""
    code, _, err = said(*arguments)
    assert code == 1
    assert "no name of a shipped profile" in err


def test_a_draft_needs_a_device_or_a_walk() -> None:
    """And says how to name one."""
    code, _, err = said("profile", "new", "mine")
    assert code == 1
    assert err == "say --walk FILE, or --address ADDRESS with --community-file FILE\n"


# A recording, and what it lacks that a condition needs.
OWN_RECORDINGS: dict[str, tuple[str, set[str]]] = {
    "worldcast-ecreso-fm": ("ecresofm-os_e01", set()),
    "rs-sx800": ("rs", {"reference", "mute"}),
    "deva-db8008": ("DEVA8008", set()),
    "ups-mib": ("netmanplus_204", {"alarms_present"}),
    "if-mib": ("moxa-etherdevice_eds528e", set()),
    "protelevision-pt3080": ("protelevision-t1", {"mute"}),
    "deva-db7001": ("deva-db7001", set()),
    "profline-sfd": ("profline-sfd", set()),
    "deva-db9000rx": ("DEVA9000", set()),
    "cardinal-imdu": ("cardinalImdu", set()),
    "teleste-luminato": ("luminato_c12", set()),
    "cisco-d985x": ("ciscosat", set()),
    "dch-4000p": ("ird", set()),
    "terra-sdi410c": ("terra-receivers_sdi410c", set()),
}


@pytest.mark.needs_shared
@pytest.mark.parametrize("profile", OWN_RECORDINGS)
def test_shipped_profiles_are_tested_on_their_own_recordings(shared: Path, profile: str) -> None:
    """Every enum has a label; what the recorded device does not have is told."""
    stem, lacking = OWN_RECORDINGS[profile]
    (path,) = shared.rglob(f"{stem}.snmprec")
    code, found = said_json("profile", "test", profile, path)
    remarks = {point["id"]: point["remark"] for point in found["points"]}
    assert {id_ for id_, remark in remarks.items() if remark == "missing_required"} == lacking
    assert "no_label" not in remarks.values()
    assert code == bool(lacking)
    assert sum(point["quality"] == "present" for point in found["points"]) >= 3


@pytest.mark.needs_shared
def test_recorded_devices_are_recognised(shared: Path, tmp_path: Path) -> None:
    """By sysObjectID, and by what they have where many devices answer the same."""
    for profile in ("worldcast-ecreso-fm", "rs-sx800", "deva-db8008", "ups-mib"):
        (path,) = shared.rglob(f"{OWN_RECORDINGS[profile][0]}.snmprec")
        _, found = said_json("profile", "new", "x", "--walk", path, "--output", tmp_path / "x")
        assert found["known"] == [profile]
