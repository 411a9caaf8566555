"""``monitord profile check`` and ``test``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.commands import monitord
from tests.unit.profiles.devices import NAMES, SHIPPED
from tests.unit.profiles.test_hostile_profiles import GOOD, HEAD

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
HEAD_SNMP = HEAD.format(protocol="snmp")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_profile_passes_its_check() -> None:
    """By itself, without a device that gives what it asks for."""
    printed = monitord("profile", "check", *(SHIPPED / f"{name}.yaml" for name in NAMES))
    assert (printed.code, printed.err) == (0, "")
    assert printed.out.count(": no errors; ") == len(NAMES)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("odd.yaml", "points: {a: {oid: 1.3.x, unit: W}}\n", "points.a.oid"),
        ("Odd.yaml", GOOD, ""),
        ("odd.yml", GOOD, ""),
        ("odd.yaml", "points: &a {a: *a}\n", "6"),
        ("odd.yaml", "x: " + "[" * 50 + "]" * 50 + "\n", "6"),
        ("other.yaml", GOOD, "profile"),
        ("if-mib.yaml", GOOD, "profile"),
    ],
)
def test_a_mistake_in_a_profile_is_named_with_file_and_key(
    tmp_path: Path, name: str, text: str, line: str
) -> None:
    """Its name and its form are checked too; the last line counts the mistakes."""
    path = written(tmp_path, name, HEAD_SNMP + text)
    for language, summary in (("en", "error"), ("zh", "处错误")):
        printed = monitord("profile", "check", path, language=language)
        *mistakes, last = printed.out.splitlines()
        assert printed.code == 2
        assert any(found.startswith(str(path)) and line in found for found in mistakes)
        assert last.startswith(str(path))
        assert summary in last


def test_all_files_are_checked_whatever_is_wrong_with_one(tmp_path: Path) -> None:
    """A file that is not there, and one that is too large."""
    huge = written(tmp_path, "huge.yaml", "x" * 1_000_001)
    printed = monitord("profile", "check", tmp_path / "nowhere.yaml", huge, "--json")
    assert (printed.code, printed.json["ok"]) == (2, False)
    missing, large = (file["mistakes"][0]["found"] for file in printed.json["files"])
    assert "o such file" in missing
    assert "1000000 bytes" in large


def test_a_profile_decodes_a_walk(tmp_path: Path) -> None:
    """Raw and decoded values, absent points, every condition."""
    profile, walk = written(tmp_path, "odd.yaml", POWER), written(tmp_path, "w.snmprec", WALK)
    printed = monitord("profile", "test", profile, walk, "--json")
    assert printed.code == 0
    points = {point["id"]: point for point in printed.json["points"]}
    assert (points["power_w"]["raw"], points["power_w"]["value"]) == (105, 10.5)
    assert points["mode"]["value"] == "running"
    assert (points["spare"]["quality"], points["spare"]["remark"]) == ("absent", "missing")
    assert printed.json["conditions"] == [{"id": "radiating", "truth": True}]


PRINTED = {
    "en": """\
Profile odd, recording {walk}
Points
  power_w = 10.5 W  (raw 105, 1.3.6.1.4.1.9.1.0)
  mode = running  (raw 2, 1.3.6.1.4.1.9.2.0)
  spare: not in the recording  (1.3.6.1.4.1.9.3.0)
Conditions
  radiating: true
All objects that conditions need are present; all enum values have labels.
""",
    "zh": """\
模板odd，录制文件{walk}
测点
  power_w = 10.5 W  （原始值105，1.3.6.1.4.1.9.1.0）
  mode = running  （原始值2，1.3.6.1.4.1.9.2.0）
  spare：录制中没有  （1.3.6.1.4.1.9.3.0）
条件
  radiating：成立
条件所需的对象都有，每个枚举值都有标签。
""",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_profile_is_printed_for_a_station_engineer(tmp_path: Path, language: str) -> None:
    """In the reader's language."""
    profile, walk = written(tmp_path, "odd.yaml", POWER), written(tmp_path, "w.snmprec", WALK)
    printed = monitord("profile", "test", profile, walk, language=language)
    assert printed == (0, PRINTED[language].format(walk=walk), "")


@pytest.mark.parametrize(
    ("walk", "point", "remark", "line"),
    [
        (
            WALK.replace("2|2\n", "2|7\n"),
            "mode",
            "no_label",
            "mode: raw 7 has no label",
        ),
        (
            WALK.replace("1.3.6.1.4.1.9.1.0|66|105\n", ""),
            "power_w",
            "missing_required",
            "power_w: not in the recording; a condition needs it",
        ),
    ],
)
def test_a_point_to_correct_is_exit_code_1(
    tmp_path: Path, walk: str, point: str, remark: str, line: str
) -> None:
    """The unknown value of an enum, and a missing object that a condition needs."""
    profile, path = written(tmp_path, "odd.yaml", POWER), written(tmp_path, "w.snmprec", walk)
    printed = monitord("profile", "test", profile, path, "--json")
    assert (printed.code, printed.json["ok"]) == (1, False)
    assert [one["id"] for one in printed.json["points"] if one["remark"] == remark] == [point]
    plain = monitord("profile", "test", profile, path)
    assert (plain.code, plain.out.splitlines()[-1]) == (1, "1 point to correct")
    assert line in plain.out


@pytest.mark.parametrize(
    ("row", "status"), [("", "up"), ("interface=9", "down"), ("interface=name:eth1", "down")]
)
def test_rows_are_chosen_as_a_device_does(tmp_path: Path, row: str, status: str) -> None:
    """By index, by a key, and else the first there is."""
    oper, name = "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.31.1.1.1.1"
    lines = [f"{oper}.4|2|1", f"{oper}.9|2|2", f"{name}.4|4|eth0", f"{name}.9|4|eth1"]
    walk = written(tmp_path, "w.snmprec", "\n".join(lines))
    options = ("--row", row) if row else ()
    printed = monitord("profile", "test", "if-mib", walk, *options, "--json")
    points = {point["id"]: point["value"] for point in printed.json["points"]}
    assert points["oper_status"] == status


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (
            ("if-mib", "{walk}", "--row", "port=9"),
            "profile if-mib has no row port; use one of: interface\n",
            "模板if-mib没有行port；可用：interface\n",
        ),
        (
            ("if-mob", "{walk}"),
            "no profile 'if-mob'; did you mean 'if-mib'?\n",
            "没有模板'if-mob'；是否为'if-mib'？\n",
        ),
        (
            ("schneider-pm5xxx", "{walk}"),
            "{walk}: is a recording of a snmp device; profile schneider-pm5xxx is for modbus\n",
            "{walk}：是snmp设备的录制；模板schneider-pm5xxx用于modbus\n",
        ),
    ],
)
def test_a_test_that_cannot_be_made_says_why(
    tmp_path: Path, arguments: tuple[str, ...], english: str, chinese: str
) -> None:
    """With the nearest right name, or the names there are."""
    walk = written(tmp_path, "w.snmprec", WALK)
    typed = [argument.format(walk=walk) for argument in arguments]
    for language, text in (("en", english), ("zh", chinese)):
        printed = monitord("profile", "test", *typed, language=language)
        assert printed == (1, "", text.format(walk=walk))


def test_a_dump_of_registers_is_decoded_too(tmp_path: Path) -> None:
    """A float in two registers, and one that the unit does not have."""
    dump = "holding_register|3109|16968\nholding_register|3110|0\nholding_register|3053|-\n"
    walk = written(tmp_path, "w.registers", dump)
    found = monitord("profile", "test", "schneider-pm5xxx", walk, "--json").json
    values = {point["where"].split()[1]: point["value"] for point in found["points"]}
    assert values["3109"] == 50.0


@pytest.mark.needs_shared
def test_a_shipped_profile_is_tested_on_its_own_recording(shared: Path) -> None:
    """What the recorded device lacks and a condition needs is named."""
    (path,) = shared.rglob("rs.snmprec")
    printed = monitord("profile", "test", "rs-sx800", path, "--json")
    remarks = {point["id"]: point["remark"] for point in printed.json["points"]}
    lacking = {id_ for id_, remark in remarks.items() if remark == "missing_required"}
    assert (printed.code, lacking) == (1, {"reference", "mute"})
    assert "no_label" not in remarks.values()
