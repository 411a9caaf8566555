"""The repository's own configuration, and the simulated station it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitord.config import ConfigErrors, explain, load
from monitord.config.settings import Settings
from monitord.core.chain import watched_names
from monitord.core.model import SECOND
from simulators.county_configuration import CONFIG, FIRST, write_county_configuration
from simulators.site_file import FileError, read_site

PORTS = {id_: device.port for id_, device in read_site().devices.items()}


def written(folder: Path) -> Path:
    return write_county_configuration(folder, PORTS, "public", "http://127.0.0.1:9/x", 9750)


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return load(written(tmp_path))


def test_the_stations_configuration_is_without_a_mistake(tmp_path: Path) -> None:
    """But for the community, which is in no repository: each mistake is about that file."""
    with pytest.raises(ConfigErrors) as raised:
        load(CONFIG / FIRST)
    assert {error.key_path.split(".")[-1] for error in raised.value.errors} == {"community_file"}
    assert load(written(tmp_path)).site == "dabie_hill"


def test_the_demonstration_trusts_the_clock_of_its_computer(site: Settings) -> None:
    """Without it a workstation that nothing synchronises dates every message from its boot."""
    assert site.clock == "host"


def test_the_configuration_and_the_simulated_site_have_the_same_devices(site: Settings) -> None:
    """Fifty-two devices, and each has its simulator's address."""
    found = {device.id: re.findall(r":(\d+)", device.source.where) for device in site.devices}
    assert found == {id_: [str(port)] for id_, port in PORTS.items()}


def test_every_device_of_a_chain_behind_the_transfer_switch_names_its_supply(
    site: Settings,
) -> None:
    """What the mains stop is then explained by them, and a silence that they leave is suspected."""
    used = {name.partition(".")[0] for one in site.plan.programmes for name in watched_names(one)}
    fed = {id_ for id_, device in read_site().devices.items() if device.supply == "bus"}
    named = {one.id for one in site.plan.devices if "bus_meter.mains_good" in one.powered_by}
    assert used & fed
    assert used & fed <= named <= fed


def test_an_incident_waits_for_longer_than_what_the_mains_feed_needs_to_start(
    site: Settings,
) -> None:
    """Else the start of the transmitters is reported as a cause of its own, after the mains are."""
    layout = read_site()
    fed = {id_: device for id_, device in layout.devices.items() if device.supply == "bus"}
    polled = [device for device in site.devices if device.id in fed]
    seen = 2 * max(device.poll_every for device in polled)  # its agent looks as often
    starts = [layout.facts.exciter_boot, layout.facts.fm_start]
    starts += [fed[device.id].boot for device in polled]
    settles = max(layout.facts.freeze_after, layout.facts.silence_after)
    for programme in site.plan.programmes:
        for plan in (programme.off_air, programme.reserve_lost):
            assert plan.clear_after > max(starts) + seen, programme.id
        # The end of lost monitoring is settled when the slowest detector has answered for it.
        assert programme.blind.clear_after > max(starts) + seen + settles, programme.id


def test_only_addresses_and_what_is_the_demonstrations_own_are_changed(tmp_path: Path) -> None:
    """A demonstration of another configuration would show nothing about this one."""
    path = written(tmp_path)
    for own in CONFIG.rglob("*.yaml"):
        if "examples" in own.parts:
            continue
        copy = path.parent / own.relative_to(CONFIG)
        pairs = zip(
            own.read_text("utf-8").split("\n"), copy.read_text("utf-8").split("\n"), strict=True
        )
        other = [line for line, shown in pairs if line != shown]
        assert all(
            re.match(r" *(snmp|modbus|frame|desk|folder|listen|traps|clock)\b", line)
            for line in other
        ), own


def test_every_programme_claims_how_short_an_outage_it_surely_sees(site: Settings) -> None:
    """Detectors with a hold of ten seconds decide it; every layer of television is watched."""
    claims = {each.plan.id: each for each in explain(site).programmes}
    assert list(claims) == ["channel_1", "channel_2", "central", "county_fm"]
    assert all(claim.surely_seen < 15 * SECOND for claim in claims.values())
    assert [list(claim.unmonitored) for claim in claims.values()] == [[], [], [], ["service"]]


def test_the_receiver_speaks_for_no_programme(site: Settings) -> None:
    """A witness that is part of a chain would be asked about itself."""
    assert "offair" not in str([programme.chain for programme in site.plan.programmes])


def test_a_device_that_only_one_of_the_two_has_is_reported(tmp_path: Path) -> None:
    """Station and configuration are kept in step by a failure, not by care."""
    ports = {id_: port for id_, port in PORTS.items() if id_ != "mux"} | {"mux2": 1}
    with pytest.raises(FileError, match="not both here and in the site: mux, mux2"):
        write_county_configuration(tmp_path, ports, "public", "http://127.0.0.1:9/x", 1)
