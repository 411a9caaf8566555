"""What the page about profiles shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from monitord.config.protocols import PROTOCOLS
from monitord.config.shapes import AlarmShape, ConditionShape, ProfileShape
from monitord.config.traps import SenderShape, TrapShape
from monitord.core.model import Layer
from tests.unit.profiles.devices import NAMES, SHIPPED, device

PAGE = (SHIPPED.parents[1] / "docs" / "profiles.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_example_is_a_profile_that_loads(tmp_path: Path) -> None:
    """Whoever starts from it starts without a mistake."""
    (tmp_path / "example-power.yaml").write_text(EXAMPLES[0], encoding="utf-8")
    kind = device("example-power", folder=tmp_path, protocol="modbus")
    seen = kind.see({"voltage_v": 2301, "mode": 2, "fuse_alarm": 1})
    assert seen.values == {"voltage_v": 230.1, "mode": "battery", "fuse_alarm": "warning"}
    assert seen.conditions == {"on_battery": True, "supply_good": True}
    assert kind.see({"voltage_v": 0xFFFA}).values["voltage_v"] is None
    assert kind.settings.cards["it.on_battery"]["zh"] == "1. 看市电是否失电 2. 按剩余时间减载"


def test_the_devices_shown_load() -> None:
    """Each names a shipped profile and gives it what it asks for."""
    devices = yaml.safe_load(EXAMPLES[2])["devices"]
    for shown in devices.values():
        keys = {key: shown[key] for key in ("rows", "delays", "conditions") if key in shown}
        assert device(shown["profile"], **keys).points


def test_every_shipped_profile_stands_in_the_table() -> None:
    """With what it is and what the device has to say."""
    table = PAGE.partition("## What is shipped")[2].partition("##")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` ", table, re.MULTILINE) != []
    assert set(re.findall(r"^\| `([a-z0-9-]+)` ", table, re.MULTILINE)) == set(NAMES)


def test_every_key_is_explained() -> None:
    """A key that is not on the page is found by nobody."""
    points = (protocol.point for protocol in PROTOCOLS.values())
    shapes = (ProfileShape, *points, ConditionShape, AlarmShape, TrapShape, SenderShape)
    keys = {key for shape in shapes for key in shape.model_fields}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()
    assert all(f"| `{layer}` |" in PAGE for layer in Layer)
