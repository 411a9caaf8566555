"""What the page about profiles shows is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.devices.traps import SenderSchema, TrapSchema
from monitord.config.schemas import AlarmSchema, ConditionSchema, DerivedSchema, ProfileSchema
from monitord.core.model import Layer
from tests.unit.profiles.devices import NAMES, SHIPPED, device, plain_device

PAGE = (SHIPPED.parents[1] / "docs" / "profiles.md").read_text("utf-8")
READINGS = (SHIPPED.parents[1] / "docs" / "readings.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE + READINGS, re.MULTILINE | re.DOTALL)
POWERS = ("forward_power_w", "reflected_power_w")


def example_with(word: str) -> Any:
    """Return the only example with that word."""
    (found,) = (example for example in EXAMPLES if word in example)
    return yaml.safe_load(found)


def test_the_example_is_a_profile_that_loads(tmp_path: Path) -> None:
    """An author who starts from it starts without a mistake."""
    (tmp_path / "example-power.yaml").write_text(EXAMPLES[0], encoding="utf-8")
    kind = device("example-power", folder=tmp_path, protocol="modbus")
    seen = kind.see({"voltage_v": 2301, "mode": 2, "fuse_alarm": 1})
    assert seen.values == {"voltage_v": 230.1, "mode": "battery", "fuse_alarm": "warning"}
    assert seen.conditions == {"on_battery": True, "supply_good": True}
    assert kind.see({"voltage_v": 0xFFFA}).values["voltage_v"] is None
    assert kind.settings.cards["it.on_battery"]["zh"] == "1. 看市电是否失电 2. 按剩余时间减载"


def test_the_devices_shown_load() -> None:
    """Each names a shipped profile and gives it what it asks for."""
    devices = example_with("core_switch")["devices"]
    for shown in devices.values():
        keys = {key: shown[key] for key in ("rows", "delays", "conditions") if key in shown}
        assert device(shown["profile"], **keys).points


def test_the_derived_points_shown_load() -> None:
    """Beside the two powers that they are calculated from."""
    powers = {name: {"oid": f"1.3.{n}", "unit": "W"} for n, name in enumerate(POWERS)}
    shown = powers | example_with("vswr(")["points"]
    made = plain_device(points=shown, nominal={"forward_power_w": 1000})
    raws = {"forward_power_w": 900, "reflected_power_w": 9}
    assert made.see(raws).values["forward_power_percent"] == 90
    assert made.see(raws).values["vswr"] == pytest.approx(1.1 / 0.9)
    assert made.see({"forward_power_w": 50, "reflected_power_w": 9}).values["vswr"] is None


def test_the_counters_shown_load() -> None:
    """With the running time beside them, and a condition on errors in a minute."""
    made = plain_device(**example_with("cc_errors"))
    assert [plan.id for plan in made.plans] == ["it.stream_clean"]


def test_the_dated_figures_shown_load() -> None:
    """The example says since when the power is another."""
    shown = example_with("2026-03-01")
    made = device("rs-sx800", **shown)
    assert "1000" in repr(made.plans)


def test_every_shipped_profile_is_in_the_table() -> None:
    """With what it is and what the device has to say."""
    table = PAGE.partition("## What is shipped")[2].partition("##")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` ", table, re.MULTILINE) != []
    assert set(re.findall(r"^\| `([a-z0-9-]+)` ", table, re.MULTILINE)) == set(NAMES)


def test_every_key_is_explained() -> None:
    """A key that is not on the page is found by nobody."""
    points = (protocol.point for protocol in PROTOCOLS.values())
    shapes = (
        ProfileSchema,
        *points,
        DerivedSchema,
        ConditionSchema,
        AlarmSchema,
        TrapSchema,
        SenderSchema,
    )
    keys = {key for shape in shapes for key in shape.model_fields}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()
    assert all(f"| `{layer}` |" in PAGE for layer in Layer)
