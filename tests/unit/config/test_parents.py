"""What devices name as the reason of their faults is there, is not theirs, and has no circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors
from monitord.config.devices.templates import Device
from monitord.config.loader.errors import Scope
from monitord.config.parents import check_parents
from tests.unit.config.samples import loaded

ROOM = "    poll_every: 1s\n"
MORE = """\
  {name}:
    name: 电源
    poll_every: 1s
    modbus: {{address: 10.1.2.1, port: 502, unit_id: {unit}}}
    points: {{on: {{table: discrete_input, wire_address: 0}}}}
    conditions: {{good: {{layer: equipment, true_when: "on"}}}}
    {keys}
"""


def refused(folder: Path, *devices: tuple[str, str], language: str = "en") -> list[str]:
    """Return the mistakes of the sample with more devices, each an id and its further keys."""
    more = "".join(
        MORE.format(name=name, keys=keys, unit=number)
        for number, (name, keys) in enumerate(devices, 1)
    )
    with pytest.raises(ConfigErrors) as errors:
        loaded(folder, ("  room_io:\n", f"{more}  room_io:\n"))
    return errors.value.render(language)


@pytest.mark.parametrize("key", ["powered_by", "behind", "mutes_on_input"])
@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("feed.good", "no device 'feed'; known: fm1, room_io"),
        ("fm2.fault", "no device 'fm2'; did you mean 'fm1'?"),
        ("fm1.radiates", "device 'fm1' has no condition 'radiates'; did you mean 'radiating'?"),
        ("room_io.sound_present", "'room_io.sound_present' is a condition of this device itself"),
    ],
)
def test_a_condition_that_explains_nothing_here_is_a_mistake(
    tmp_path: Path, key: str, named: str, problem: str
) -> None:
    """A device that is not in the file is not polled; a device is no reason of itself."""
    with pytest.raises(ConfigErrors) as errors:
        loaded(tmp_path, (ROOM, f"{ROOM}    {key}: {named}\n"))
    (line,) = errors.value.render("en")
    assert f"devices.room_io.{key}: {problem}" in line
    with pytest.raises(ConfigErrors) as errors:
        loaded(tmp_path, (ROOM, f"{ROOM}    {key}: [fm1.fault, {named}]\n"))
    (line,) = errors.value.render("en")
    assert f"devices.room_io.{key}[1]: {problem}" in line


def test_two_devices_that_explain_each_other_are_a_mistake(tmp_path: Path) -> None:
    """Neither could be the cause; the way round is shown, in both languages."""
    devices = (
        ("feed", "powered_by: ups.good"),
        ("ups", "behind: [room_io.sound_present, feed.good]"),
    )
    (line,) = refused(tmp_path, *devices)
    assert "devices.ups.behind[1]: these devices explain each other: feed → ups → feed" in line
    assert line.endswith("leave this out, or the same key at another of them")
    (line,) = refused(tmp_path, *devices, language="zh")
    assert "这些设备互为原因：feed → ups → feed" in line


def test_every_circle_is_reported_at_once(tmp_path: Path) -> None:
    """Two circles through one device, each at the key that closes it."""
    lines = refused(
        tmp_path,
        ("a", "powered_by: [b.good, c.good]"),
        ("b", "mutes_on_input: a.good"),
        ("c", "behind: a.good"),
    )
    assert [line.partition(": these")[0].rpartition("devices.")[2] for line in lines] == [
        "b.mutes_on_input",
        "c.behind",
    ]


def test_one_reason_of_many_devices_is_no_circle(tmp_path: Path) -> None:
    """Two ways to the same supply are usual."""
    more = (
        MORE.format(name="feed", unit=1, keys="")
        + MORE.format(name="ups", unit=2, keys="powered_by: feed.good")
        + MORE.format(name="fan", unit=3, keys="powered_by: [ups.good, feed.good]")
    )
    settings = loaded(tmp_path, ("  room_io:\n", f"{more}  room_io:\n"))
    assert [device.powered_by for device in settings.plan.devices] == [
        (),
        (),
        ("feed.good",),
        ("ups.good", "feed.good"),
        (),
    ]


def test_a_long_way_is_followed_to_its_end_and_printed_short() -> None:
    """Thousands of devices, each powered by the next, the last by the first."""
    count = 5_000
    sections = {f"d{n}": {"powered_by": f"d{(n + 1) % count}.good"} for n in range(count)}
    devices = dict.fromkeys(sections, Device(conditions=("good",)))
    scope = Scope("site.yaml")
    check_parents(sections, devices, scope.at("devices"))
    (error,) = scope.errors
    assert error.key_path == f"devices.d{count - 1}.powered_by"
    assert "d0 → d1 → d2 → d3 → d4 → d5 → d6 → … → d0" in str(error)


def test_a_mistake_elsewhere_in_a_device_hides_no_mistake_of_its_reason(tmp_path: Path) -> None:
    """All mistakes at once, also where one device cannot be read."""
    lines = refused(tmp_path, ("feed", "deadline: 9s\n    powered_by: upss.good"), ("ups", ""))
    assert len(lines) == 2
    assert "no device 'upss'; did you mean 'ups'?" in lines[1]


def test_conditions_of_a_device_that_cannot_be_read_are_not_called_unknown(tmp_path: Path) -> None:
    """Its own mistake is the one to correct."""
    (line,) = refused(tmp_path, ("feed", "powered_by: ups.any"), ("ups", "profile: none"))
    assert "no profile 'none'" in line
