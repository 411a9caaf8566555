"""How often points are read: paces, what a slow point's age becomes, gentle starts, bursts."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors
from monitord.config.explain import explain
from monitord.config.settings import Settings
from monitord.core.model import SECOND
from tests.tidy.source import ROOT
from tests.unit.config.samples import loaded

POINT = "points: {audio_silent: {table: discrete_input, wire_address: 0, true_delay_max: 10s"
DOOR = "points: {door_open: {table: coil, wire_address: 9, agent_refresh_max: 2s, pace: slow}, "
WITH_DOOR = (POINT, POINT.replace("points: {", DOOR))
EVERY = "unit_id: 1}\n    poll_every: 1s"
PROFILE = """\
profile: sketch
title: A sketch
protocol: modbus
source: none
verified: VERIFIED
points: {lock: {object: lock, table: coil, wire_address: 4}}
"""


def of(settings: Settings, id_: str) -> tuple[int, ...]:
    device = next(device for device in settings.devices if device.id == id_)
    return (device.poll_every, device.slow_every, *device.slow)


def test_a_slow_point_is_read_every_half_minute_unless_said(tmp_path: Path) -> None:
    """The others stay as they are."""
    assert of(loaded(tmp_path, WITH_DOOR), "room_io") == (SECOND, 30 * SECOND, 0)
    said = (EVERY, f"{EVERY}\n    slow_every: 10s")
    assert of(loaded(tmp_path, WITH_DOOR, said), "room_io") == (SECOND, 10 * SECOND, 0)
    odd = (EVERY, "unit_id: 1}\n    poll_every: 7s")
    assert of(loaded(tmp_path, WITH_DOOR, odd), "room_io") == (7 * SECOND, 35 * SECOND, 0)
    assert of(loaded(tmp_path), "room_io") == (SECOND, 0)


def test_a_slow_point_is_as_old_as_its_pace_and_a_deadline_allow(tmp_path: Path) -> None:
    """The core's plan has the whole age, so that its evidence is true."""
    plan = loaded(tmp_path, WITH_DOOR).plan
    points = {point.id: point.agent_refresh_max for point in plan.devices[1].points}
    assert points == {"door_open": 2 * SECOND + 30 * SECOND + 800_000, "audio_silent": 0}


def sketched(folder: Path, verified: str, *more: str) -> Settings:
    """Return a configuration with a device of an otherwise good profile, without a pace."""
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    ecreso = (ROOT / "monitord/profiles/worldcast-ecreso-fm.yaml").read_text("utf-8")
    (profiles / "worldcast-ecreso-fm.yaml").write_text(ecreso, "utf-8")
    (profiles / "sketch.yaml").write_text(PROFILE.replace("VERIFIED", verified), "utf-8")
    keys = ", ".join(["name: 草稿", "profile: sketch", "modbus: {address: 10.1.1.44}", *more])
    device = ("  room_io:\n", f"  draft: {{{keys}}}\n  room_io:\n")
    return loaded(folder, device, profiles=profiles)


def burst_of(settings: Settings, id_: str) -> bool:
    return next(device.burst for device in settings.devices if device.id == id_)


def test_an_unverified_profile_begins_at_five_seconds_without_burst(tmp_path: Path) -> None:
    """Nobody knows yet how often such a device may be polled; the station may."""
    settings = sketched(tmp_path, "unverified")
    assert of(settings, "draft") == (5 * SECOND, 0)
    assert not burst_of(settings, "draft")
    settings = sketched(tmp_path, "unverified", "poll_every: 1s", "burst: true")
    assert of(settings, "draft") == (SECOND, 0)
    assert burst_of(settings, "draft")


@pytest.mark.parametrize("verified", ["recording", "two_sources", "single_source"])
def test_a_proven_profile_requires_poll_every(tmp_path: Path, verified: str) -> None:
    """There is no pace that would be right for all."""
    with pytest.raises(ConfigErrors) as caught:
        sketched(tmp_path, verified)
    assert "draft.poll_every: is missing; add a duration" in str(caught.value)
    assert burst_of(sketched(tmp_path, verified, "poll_every: 1s"), "draft")
    assert not burst_of(sketched(tmp_path, verified, "poll_every: 1s", "burst: false"), "draft")


def test_a_device_without_a_profile_has_no_bursts_by_default(tmp_path: Path) -> None:
    """No source shows that it accepts them."""
    assert not burst_of(loaded(tmp_path), "room_io")
    said = (EVERY, f"{EVERY}\n    burst: true")
    assert burst_of(loaded(tmp_path, said), "room_io")


def test_a_bus_that_may_be_known_too_late_is_named(tmp_path: Path) -> None:
    """Alone it is well; with three neighbours that may all be dead it is not."""
    assert explain(loaded(tmp_path)).stale == ()
    more = "".join(
        f"  io{number}: {{name: io, modbus: {{address: 10.1.1.40, unit_id: {number}}},"
        " poll_every: 1s, points: {p: {table: coil, wire_address: 0}}}\n"
        for number in (2, 3, 4)
    )
    stale = explain(loaded(tmp_path, ("  room_io:\n", f"{more}  room_io:\n"))).stale
    assert [device.settings.id for device in stale] == ["io2", "io3", "io4", "room_io"]
    assert stale[0].age_worst == (1 + 3 + 0.8 + 0.05) * SECOND
    assert stale[0].bound == 2.8 * SECOND


def test_a_device_that_its_bus_may_delay_is_explained_with_its_worst_age(tmp_path: Path) -> None:
    """The warning names continuity_bound; points of a profile cannot be given one."""
    near = "".join(
        f"  io{number}: {{name: io, modbus: {{address: 10.1.1.40, unit_id: {number}}},"
        f" poll_every: 1s{bound}, points: {{p: {{table: coil, wire_address: 0}},"
        f" q: {{table: coil, wire_address: 1, continuity_bound: 9s}}}},"
        " conditions: {c: {layer: equipment, true_when: p},"
        " d: {layer: equipment, true_when: q}}}\n"
        for number, bound in ((2, ", continuity_bound: 6s"), (3, ""))
    )
    settings = loaded(tmp_path, ("  room_io:\n", f"{near}  room_io:\n"))
    held = {
        condition.id: condition.bound / SECOND
        for plan in settings.plan.devices
        for condition in plan.conditions
    }
    assert [held["io2.c"], held["io2.d"], held["io3.c"]] == [6, 9, 2.8]
    stale = {device.settings.id for device in explain(settings).stale}
    assert stale == {"io3", "room_io"}
