"""Files and names that are no configuration: each is one named mistake, and nothing blocks."""

from __future__ import annotations

import os
import sys
from array import array
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from monitord.config import ConfigErrors, load
from monitord.config.fields.validation import read_schema
from monitord.config.loader.errors import Scope, in_order, render_errors
from monitord.config.loader.places import Places
from monitord.config.profiles.files import read_profile_file
from monitord.config.schemas import RecordSchema
from monitord.similar import edit_distance
from tests.unit.config.samples import SITE, changed, write

SECRET = "community_file: secrets/fm1"
LANGUAGES = ("en", "zh")


def printed(path: Path) -> list[str]:
    """Return the English lines; the Chinese ones must be as many, and all must be printable."""
    with pytest.raises(ConfigErrors) as caught:
        load(path)
    lines = [caught.value.render(language) for language in LANGUAGES]
    assert len({len(of_one) for of_one in lines}) == 1
    for line in (line for of_one in lines for line in of_one):
        assert line.isprintable()
        line.encode()
    return [line.replace(f"{path.parent}/", "") for line in lines[0]]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("pipe", "is a pipe or a device, not a regular file"),
        ("folder", "is a folder, not a file"),
        ("loop", "is a symbolic link that leads to itself"),
        ("below_a_file", "no such file or folder"),
    ],
)
def test_no_file_of_another_kind_is_opened(tmp_path: Path, kind: str, reason: str) -> None:
    """As a configuration, an included file, a secret, a profile: refused before it is read."""
    name = "file/odd.yaml" if kind == "below_a_file" else "odd.yaml"
    (tmp_path / "own").mkdir()
    (tmp_path / "file").write_text("")
    for odd in (tmp_path / name, tmp_path / "own" / "odd.yaml"):
        match kind:
            case "pipe":
                os.mkfifo(odd)
            case "folder":
                odd.mkdir()
            case "loop":
                odd.symlink_to(odd.name)
    assert [line.rpartition("odd.yaml")[2] for line in printed(tmp_path / name)] == [f": {reason}"]
    assert [str(e) for e in read_profile_file(tmp_path / name).errors] == [
        f"{tmp_path / name}: {reason}"
    ]
    included = write(tmp_path, f"include: [{name}]\n{SITE}")
    (line,) = printed(included)
    assert line.endswith(f"line 1: include[0]: file '{name}' cannot be used: {reason}")
    (line,) = printed(write(tmp_path, changed((SECRET, f"community_file: {name}"))))
    assert "devices.fm1.snmp.community_file: file '" in line
    assert f"cannot be used: {reason}; looked for" in line
    if kind in ("pipe", "folder", "loop"):
        text = changed(("profile: worldcast-ecreso-fm", "profile: odd"))
        assert f"own/odd.yaml: {reason}" in printed(write(tmp_path, f"profiles: [own]\n{text}"))


@pytest.mark.parametrize("character", ["\\0", "\\uD800", "\\x07"])
def test_a_name_that_no_file_can_have_is_a_mistake(tmp_path: Path, character: str) -> None:
    """A NUL and half a surrogate pair reach the operating system from double quotes."""
    name = f'"more{character}.yaml"'
    for text in (
        f"include: [{name}]\n{SITE}",
        f"profiles: [{name}]\n{SITE}",
        changed((SECRET, f"community_file: {name}")),
    ):
        (line,) = printed(write(tmp_path, text))
        assert "more" in line or "community_file" in line


def test_a_secret_that_is_included_is_not_repeated(tmp_path: Path) -> None:
    """One text, a mapping of unknown keys, several lines, syntax that is none: no word of it."""
    for secret in (
        "hunter2",
        "hunter2: hunter2\n",
        "hunter2: hunter2\nhunter2: 1\n",
        "- hunter2\n",
        "&hunter2 a: *hunter2\n",
        "!hunter2 {a: b}\n",
        "'hunter2",
        "[hunter2",
        "hunter2: a: b\n",
        "hunter2:hunter2\nb: 1\n",
        "@hunter2\n",
        "%hunter2 x\n",
        "hunter2\x07",
    ):
        (tmp_path / "c").write_text(secret)
        lines = printed(write(tmp_path, f"include: [c]\n{SITE}"))
        assert lines
        assert all(line.startswith("c: ") for line in lines)
        assert not [line for line in lines if "hunter2" in line]
        assert "hunter2" not in "".join(printed(tmp_path / "c")[:1] if ":" not in secret else "")


def test_a_misspelt_section_of_an_included_file_is_named(tmp_path: Path) -> None:
    """It is nearly a section, so it is no secret."""
    (tmp_path / "more.yaml").write_text("devises: {a: hunter2}\npasword: hunter2\n")
    lines = printed(write(tmp_path, f"include: [more.yaml]\n{SITE}"))
    assert lines == ["more.yaml: line 1: no key 'devises'; did you mean 'devices'?"]


def test_an_arc_of_thousands_of_digits_is_no_oid(tmp_path: Path) -> None:
    """Python refuses to read such a number."""
    points = f"points: {{a: {{oid: 1.3.{'9' * 5000}.0, unit: W}}}}, snmp:"
    (line,) = printed(write(tmp_path, SITE.replace("snmp:", points, 1)))
    assert "devices.fm1.points.a.oid: is '1.3.999" in line
    assert len(line) < 300


def test_the_path_of_a_configuration_may_be_of_any_bytes(tmp_path: Path) -> None:
    """What a shell hands over need not be UTF-8; its error can be printed all the same."""
    (line,) = printed(tmp_path / os.fsdecode(b"\xff\n.yaml"))
    assert line.endswith("\\udcff\\n.yaml: no such file or folder")


@pytest.mark.parametrize(
    "name", ["Asia/Beijing", "Beijing", "China", "UTC+8", "\\0", "../x", "A" * 300]
)
def test_no_far_time_zone_is_proposed(tmp_path: Path, name: str) -> None:
    """`Asia/Brunei` is near in letters to none of these; all of China is in one zone."""
    (line,) = printed(write(tmp_path, changed(("Asia/Shanghai", f'"{name}"'))))
    assert line.startswith("monitord.yaml: line 1: site.time_zone: ")
    assert "did you mean" not in line
    assert ("all of China is Asia/Shanghai" in line) == (name not in ("\\0", "A" * 300))


def test_a_wrong_id_hides_no_mistake_of_its_neighbours(tmp_path: Path) -> None:
    """Of its own section, of others, and of what can be checked all the same."""
    text = changed(("id: dabie_hill", "id: Dabie"), ("Asia/Shanghai", "Mars"), ("[desk,", "[dsk,"))
    with pytest.raises(ConfigErrors) as caught:
        load(write(tmp_path, text))
    assert {error.key_path for error in caught.value.errors} == {
        "site.id",
        "site.time_zone",
        "people.duty_desk.tell[0]",
    }


def test_a_secret_that_many_devices_lack_is_one_error(tmp_path: Path) -> None:
    """Seven devices name one file: one line is enough to write it."""
    text = changed((SECRET, "community_file: secrets/none"))
    device = text[text.index("  fm1:") : text.index("  room_io:")]
    more = "".join(device.replace("fm1:", f"fm{n}:") for n in range(2, 8))
    (line,) = printed(write(tmp_path, text.replace("  room_io:", more + "  room_io:", 1)))
    assert "devices.fm1.snmp.community_file: file 'secrets/none' cannot be used" in line
    assert "also at devices.fm2.snmp.community_file" in line
    assert line.endswith(" and 1 more")


def test_very_many_mistakes_are_counted_and_not_all_printed(tmp_path: Path) -> None:
    """A file that is wrong throughout has one cause."""
    keys = "".join(f"x{number}_: 1\n" for number in range(1000))
    path = write(tmp_path, SITE + keys)
    lines = printed(path)
    assert (len(lines), lines[-1]) == (101, "and 900 more errors")


def test_the_distance_of_names_counts_typing_errors() -> None:
    """A letter more, less, changed, or two swapped; beyond the limit it stops counting."""
    pairs = [("tel", "tell"), ("tells", "tell"), ("tall", "tell"), ("tlel", "tell")]
    assert [edit_distance(one, other, 3) for one, other in pairs] == [1, 1, 1, 1]
    assert edit_distance("poll_every", "deadline", 2) == 3
    assert edit_distance("", "abc", 3) == 3


def work(keys: int) -> int:
    """Return how many lines of Python a section of so many wrong keys costs, with its printing."""
    section = {f"x{number}_": 1 for number in range(keys)} | {"folder": "/a", "folde": 1}
    scope = Scope("site.yaml")
    scope.report.places["site.yaml"] = Places(section, array("i", range(1, len(section) + 1)))
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        read_schema(RecordSchema, section, scope)
        render_errors(in_order(scope.errors), "zh")
    finally:
        sys.settrace(before)
    assert len(scope.errors) == keys + 1
    return lines


def test_many_mistakes_cost_no_more_each_than_few() -> None:
    """Sixteen times the wrong keys are sixteen times the work, and not its square."""
    assert work(4_000) < 20 * work(250)
