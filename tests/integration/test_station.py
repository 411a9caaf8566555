"""The whole simulated station: read by the real readers, and watched by the real daemon."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from monitord.config import load
from monitord.decoding.decoder import Decoder
from monitord.devices import open_reader
from simulators import demo
from simulators.clock import PlantClock
from simulators.commands import Commands
from simulators.county_configuration import Traps, write_county_configuration
from simulators.plant.county.layout import DeviceLayout, Layout
from simulators.premises import Premises
from simulators.reports import Reporting
from simulators.site_file import COUNTY_SITE, read_site
from simulators.story_file import STORIES, read_story
from tests.support.daemon import Daemon, until
from tests.support.wire import LOCALHOST, free_port

# An audio input that carries nothing says "no value", and is meant to; so is the SWR
# of a transmitter in reserve, from which no power goes out.
ABSENT = {"fm_silence.ip_1_left_average_db", "dtmb2.vswr"}


def on_free_ports() -> Layout:
    site = read_site(COUNTY_SITE)
    devices: dict[str, DeviceLayout] = {
        id_: replace(device, port=0) for id_, device in site.devices.items()
    }
    return Layout(devices, site.facts)


async def test_every_point_of_the_station_has_a_value(tmp_path: Path) -> None:
    """Profiles and simulators were written from the same tables, apart from each other."""
    clock = PlantClock("Asia/Shanghai")
    premises = Premises(on_free_ports(), clock, "secret")
    await premises.start()
    try:
        path = write_county_configuration(
            tmp_path, premises.ports(), "secret", "http://127.0.0.1:9/x", 0
        )
        absent = set()
        for device in load(path).devices:
            reader = open_reader(device)
            raws = await reader.read_raw(20)
            await reader.close()
            reading = Decoder(device.points, device.all_zero).decode(raws, 0)
            assert reading.suspected == (), device.id
            points = zip(device.points, reading.values, strict=True)
            absent |= {f"{device.id}.{point.id}" for point, value in points if value is None}
    finally:
        await premises.stop()
    assert absent == ABSENT


@pytest.mark.timeout(150)
async def test_a_short_story_is_reported_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A changeover and a trip on FM: each is sent as opened and as recovered, and all ends."""
    layout = on_free_ports()
    story = read_story(STORIES / "short.yaml", layout)
    lines: list[str] = []

    def put_on(clock: PlantClock) -> demo.CountyPlay:
        return demo.CountyPlay(layout, story, clock)

    code = await demo.play(put_on, story.lasts / 1_000_000 + 0.5, write=lines.append)
    assert (code, capsys.readouterr().err) == (0, ""), "\n".join(lines[-40:])
    told = "\n".join(lines)
    assert "dtmb2 is on the antenna" in told
    assert "county_fm" in told or "县广播" in told


async def test_the_stations_own_traps_are_accepted_and_none_is_lost(tmp_path: Path) -> None:
    """A tripped transmitter reports it; it alone is woken, though all are at one address."""
    clock = PlantClock("Asia/Shanghai")
    premises = Premises(on_free_ports(), clock, "secret")
    reporting = Reporting(premises, clock)
    port = free_port(socket.SOCK_DGRAM)
    await premises.start()
    path = write_county_configuration(
        tmp_path, premises.ports(), "secret", "http://127.0.0.1:9/x",
        free_port(socket.SOCK_STREAM), traps=Traps(port, reporting.communities),
    )  # fmt: skip
    daemon = Daemon(path, secrets=tuple(reporting.communities.values()))
    try:
        # Devices that are asked once a minute keep it from being ready for so long.
        await daemon.start()
        await daemon.logged("event=traps_listening")
        clock.begin()
        reporting.start((LOCALHOST, port))
        await premises.polled.wait()
        Commands(premises, clock).carry_out("trip dtmb1")

        async def taken() -> float:
            seen = await daemon.metrics()
            return seen.value("traps_total", device="dtmb1", result="taken") or 0

        await until(taken, "a trap of dtmb1 is taken")
        seen = await daemon.metrics()
        assert seen.value("traps_total", device="fm1", result="taken") is None
        assert seen.value("traps_lost_total", device="dtmb1") == 0
        assert await daemon.stop() == 0
        daemon.shows_no_secret()
    finally:
        await daemon.kill()
        await reporting.stop()
        await premises.stop()
