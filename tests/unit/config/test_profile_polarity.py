"""How the Ecreso profile decodes states that no recording shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.core.expression import truth
from monitord.devices.snmp.model import SnmpSource
from tests.support.decoding import decoded
from tests.unit.config.samples import loaded


def condition(folder: Path, name: str, **raw: int) -> bool | None:
    """Return a condition for raw values by point; the others are absent."""
    settings = loaded(folder)
    source = settings.devices[0].source
    assert isinstance(source, SnmpSource)
    taken = decoded([raw.get(point.id) for point in source.points], source.points)
    values = {point.id: value for point, value in zip(source.points, taken, strict=True)}
    plans = {plan.id: plan.true_when for plan in settings.plan.devices[0].conditions}
    return truth(plans[f"fm1.{name}"], values)


@pytest.mark.parametrize(("raw", "fault"), [(0, None), (1, True), (2, False), (3, None)])
def test_fault_one_is_bad_two_is_fine_and_the_rest_proves_nothing(
    tmp_path: Path, raw: int, fault: bool | None
) -> None:
    """Undefined is neither a fault nor its absence."""
    assert condition(tmp_path, "fault", fault=raw) is fault


@pytest.mark.parametrize(
    ("forward", "wanted", "radiates"),
    [(0, 0, False), (0, 2000, False), (199, 2000, False), (200, 2000, True), (5, 0, True)],
)
def test_radiating_is_a_tenth_of_the_wanted_power_and_more_than_nothing(
    tmp_path: Path, forward: int, wanted: int, radiates: bool
) -> None:
    """A transmitter that is asked for nothing and gives nothing does not radiate."""
    found = condition(tmp_path, "radiating", forward_power_w=forward, wanted_power_w=wanted)
    assert found is radiates


@pytest.mark.parametrize(("forward", "full"), [(999, False), (1000, True)])
def test_full_power_is_half_of_the_wanted_power(tmp_path: Path, forward: int, full: bool) -> None:
    """Less than -3 dB is degraded, not off air."""
    found = condition(tmp_path, "full_power", forward_power_w=forward, wanted_power_w=2000)
    assert found is full


def test_without_the_wanted_power_radiating_is_not_known(tmp_path: Path) -> None:
    """An absent object leaves open what it would have decided."""
    assert condition(tmp_path, "radiating", forward_power_w=500) is None


def test_no_power_is_no_carrier_even_without_the_wanted_power(tmp_path: Path) -> None:
    """Nothing is less than any share."""
    assert condition(tmp_path, "radiating", forward_power_w=0) is False
