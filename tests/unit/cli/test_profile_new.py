"""``monitord profile new``, from recordings."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.cli.commands import monitord
from tests.unit.cli.test_profile import WALK, written

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

needs_pysmi = pytest.mark.skipif(
    find_spec("pysmi") is None, reason="the extra mib is not installed"
)


def drafted(folder: Path, walk: str, *arguments: object) -> dict[str, Any]:
    """Return a draft, which its own check and test must pass."""
    path, file = written(folder, "w.snmprec", walk), folder / "my-tx.yaml"
    printed = monitord("profile", "new", "my-tx", "--walk", path, "--output", file, *arguments)
    assert (printed.code, printed.err) == (0, ""), printed
    assert monitord("profile", "check", file).code == 0
    assert monitord("profile", "test", file, path).code == 0
    found = yaml.safe_load(file.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("walk", "language", "text"),
    [
        (
            "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.35833.6\n",
            "zh",
            "1.3.6.1.4.1.35833.6：模板deva-db8008（",
        ),
        (
            "1.3.6.1.4.1.6404.3.1.2.7.1.3.1.0|2|1000\n",
            "en",
            "recognised by its objects: profile worldcast-ecreso-fm (",
        ),
    ],
)
def test_a_device_that_a_profile_knows_is_named(
    tmp_path: Path, walk: str, language: str, text: str
) -> None:
    """By sysObjectID, or by its objects; nothing is drafted."""
    path, output = written(tmp_path, "w.snmprec", walk), tmp_path / "x"
    arguments = ("profile", "new", "mine", "--walk", path, "--output", output)
    printed = monitord(*arguments, language=language)
    assert printed.code == 0
    assert printed.out.startswith(text)
    assert not output.exists()


def test_a_script_is_given_the_profiles_that_know_a_device(tmp_path: Path) -> None:
    """``known`` has their names; ``file`` is null because nothing was written."""
    path = written(tmp_path, "w.snmprec", "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.35833.6\n")
    found = monitord("profile", "new", "mine", "--walk", path, "--json").json
    assert (found["known"], found["file"]) == (["deva-db8008"], None)


def test_a_draft_takes_sensors_with_their_units(tmp_path: Path) -> None:
    """ENTITY-SENSOR-MIB gives type, power of thousand and decimals."""
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
    """With the row, and the keys by which a device finds its index."""
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


@needs_pysmi
def test_a_draft_takes_names_units_and_labels_from_a_mib(tmp_path: Path) -> None:
    """Only objects that the device has; the columns of a table by one row."""
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


@needs_pysmi
def test_a_mib_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """In one line, with the file."""
    mib, walk = written(tmp_path, "BAD-MIB", "nonsense ::="), written(tmp_path, "w", TX_WALK)
    arguments = ("--walk", walk, "--mib", mib, "--output", tmp_path / "x.yaml")
    code, out, err = monitord("profile", "new", "x", *arguments)
    assert (code, out) == (3, "")
    assert err.startswith(f"{mib}: cannot be read as a MIB: ")
    assert err.count("\n") == 1


def test_a_draft_overwrites_nothing(tmp_path: Path) -> None:
    """The file may hold somebody's work."""
    walk, file = written(tmp_path, "w.snmprec", WALK), written(tmp_path, "mine.yaml", "mine")
    code, _, err = monitord("profile", "new", "mine", "--walk", walk, "--output", file)
    assert (code, err) == (1, f"{file}: already exists; name another file, or move this one\n")
    assert file.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (
            ("if-mib", "--walk", "x"),
            "NAME: is 'if-mib'; use a-z, 0-9 and -, and not the name of a shipped profile\n",
            "NAME：现为'if-mib'，应由a-z、0-9和-组成，且不与自带模板重名\n",
        ),
        (
            ("My", "--walk", "x"),
            "NAME: is 'My'; use a-z, 0-9 and -, and not the name of a shipped profile\n",
            "NAME：现为'My'，应由a-z、0-9和-组成，且不与自带模板重名\n",
        ),
        (
            ("mine",),
            "the device is missing; add --walk FILE, or --address HOST and credentials\n",
            "缺少设备；请给出--walk FILE，或--address HOST及其凭据\n",
        ),
    ],
)
def test_a_draft_that_cannot_be_made_says_why(
    arguments: tuple[str, ...], english: str, chinese: str
) -> None:
    """Before any device is read and any file is written."""
    assert monitord("profile", "new", *arguments) == (1, "", english)
    assert monitord("profile", "new", *arguments, language="zh") == (1, "", chinese)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("arguments", "option", "found"),
    [
        (("--address", "10.1.1.300", "--community-file", "x"), "--address", "'10.1.1.300'"),
        (("--address", "127.0.0.1"), "--community-file", ""),
        (("--address", "127.0.0.1", "--community-file", "x"), "--community-file", "x"),
    ],
)
def test_a_mistake_about_the_agent_names_its_option(
    language: str, arguments: tuple[str, ...], option: str, found: str
) -> None:
    """Not the key of a configuration that nobody wrote."""
    printed = monitord("profile", "new", "mine", *arguments, language=language)
    assert (printed.code, printed.out) == (1, "")
    assert printed.err.startswith(option)
    assert found in printed.err
    assert "community_file" not in printed.err
