"""The profile of the Ecreso FM transmitter, held against recordings of four of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from monitord.core.expression import truth
from monitord.core.model import Value
from monitord.devices.snmp.model import SnmpSource
from tests.support.decoding import decoded
from tests.unit.config.samples import loaded
from tests.unit.config.snmprec import read_walk

pytestmark = pytest.mark.needs_shared


class Recorded(NamedTuple):
    """A transmitter's points and conditions as a recording shows them."""

    values: dict[str, Value]
    conditions: dict[str, bool | None]


def recorded(name: str, shared: Path, folder: Path) -> Recorded:
    settings = loaded(folder)
    source = settings.devices[0].source
    assert isinstance(source, SnmpSource)
    walk = read_walk(shared / "librenms" / "transmitter" / f"ecresofm-os{name}.snmprec")
    raws = [walk.get(point.oid) for point in source.points]
    taken = decoded(raws, source.points)
    values = {point.id: value for point, value in zip(source.points, taken, strict=True)}
    plans = settings.plan.devices[0].conditions
    return Recorded(values, {plan.id: truth(plan.true_when, values) for plan in plans})


@pytest.mark.parametrize(
    ("name", "forward_w", "wanted_w"),
    [("", 0, 2000), ("_e01", 4, 4), ("_e03", 301, 300), ("_g10", 605, 600)],
)
def test_powers_are_watts(
    shared: Path, tmp_path: Path, name: str, forward_w: int, wanted_w: int
) -> None:
    """Forward and wanted power come as whole watts, exact."""
    values = recorded(name, shared, tmp_path).values
    assert (values["forward_power_w"], values["wanted_power_w"]) == (forward_w, wanted_w)


def test_reflected_power_and_vswr_come_in_tenths(shared: Path, tmp_path: Path) -> None:
    """One of the four has something coming back: 3 W, at a standing wave ratio of 1.2."""
    values = recorded("_e03", shared, tmp_path).values
    assert values["reflected_power_w"] == pytest.approx(3.0)
    assert values["vswr"] == pytest.approx(1.2)
    assert values["frequency_mhz"] == pytest.approx(92.8)


def test_a_transmitter_that_is_off_has_no_standing_wave_ratio(shared: Path, tmp_path: Path) -> None:
    """With nothing going out, nothing can come back: no number, whatever the agent sends."""
    assert recorded("", shared, tmp_path).values["vswr"] is None


def test_a_transmitter_switched_off_is_off_without_a_fault(shared: Path, tmp_path: Path) -> None:
    """No carrier is a matter of power, not of the transmitter's own complaint."""
    off = recorded("", shared, tmp_path)
    assert off.conditions == {
        "fm1.radiating": False,
        "fm1.full_power": False,
        "fm1.fault": False,
        "fm1.remote": True,
    }
    assert off.values["opmode"] == "off"


@pytest.mark.parametrize("name", ["_e01", "_e03", "_g10"])
def test_a_transmitter_on_the_air_radiates(shared: Path, tmp_path: Path, name: str) -> None:
    """Measured as a share of the wanted power, 4 W are as good as 605 W."""
    on = recorded(name, shared, tmp_path)
    assert on.conditions == {
        "fm1.radiating": True,
        "fm1.full_power": True,
        "fm1.fault": False,
        "fm1.remote": True,
    }
    assert (on.values["opmode"], on.values["alarm_3db"]) == ("transmit", "fine")


@pytest.mark.parametrize(
    ("name", "audio"), [("", "line2"), ("_e01", "line1"), ("_e03", "mpx1"), ("_g10", "mpx1")]
)
def test_the_audio_source_is_named(shared: Path, tmp_path: Path, name: str, audio: str) -> None:
    """It is what is modulated now, which differs from what was selected when that is auto."""
    assert recorded(name, shared, tmp_path).values["audio_source"] == audio


def test_an_object_that_was_not_recorded_is_absent_and_decides_nothing(
    shared: Path, tmp_path: Path
) -> None:
    """Three firmwares leave RF present out; radiating is decided without it."""
    values = recorded("_e01", shared, tmp_path).values
    assert values["rf_present"] is None
