"""The whole on real input: snmpd and a Modbus server go bad and good, the daemon is a process.

The test itself notes when it turned each thing, and holds what the daemon says against that.
"""

from __future__ import annotations

import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from monitord.history import History, PastImpact
from simulators.agents.sink import WebhookSink
from tests.support.agents import ModbusPlant
from tests.support.daemon import (
    BRANCH,
    COMMUNITY,
    POWER,
    Daemon,
    Metrics,
    answering,
    child,
    dotted,
    hook,
    programme,
    silence_detector,
    site,
    transmitter,
    until,
    webhook_sink,
    write_site,
)
from tests.support.wire import LOCALHOST, free_port

pytestmark = pytest.mark.needs_snmpd

DETECTOR = ("discrete_input", 0)
HOLD_US = 1_000_000
MILLISECOND_US = 1_000
"""Messages say times in whole milliseconds."""

PERSISTENT_SCRIPT = """\
# snmpd asks: PING, or get and an OID. The power is whatever stands in the file now.
while read -r ask; do
    if test "$ask" = PING; then echo PONG; continue; fi
    read -r oid
    if test "$ask $oid" = "get .{oid}"; then
        read -r power < {power}
        echo "$oid"; echo integer; echo "$power"
    else
        echo NONE
    fi
done
"""

TIMES = ("began_not_before", "began_not_after", "ended_not_before", "ended_not_after")
TYPES: dict[str, tuple[type, ...]] = {
    "alert_id": (str,), "incident_id": (str,), "event": (str,), "person": (str,),
    "site": (str,), "programme": (str,), "observed": (str,), "column": (str,),
    "reason": (str,), "severity": (str,), "cause": (str,), "title": (str,), "action": (str,),
    "began_not_before": (str,), "began_not_after": (str,),
    "ended_not_before": (str, type(None)), "ended_not_after": (str, type(None)),
    "least_s": (int, float), "most_seen_s": (int, float), "most_s": (int, float),
    "drill": (bool,), "unrecorded": (bool,), "number": (str,),
    "text": (str,), "sms": (str,), "spoken": (str,), "members": (list,), "devices_now": (list,),
}  # fmt: skip
"""The documented JSON, field by field."""


def wall() -> int:
    """Return the wall clock in microseconds: the test's own watch."""
    return time.time_ns() // 1000


class Turn(NamedTuple):
    """The plant became ``state`` (off or on) at a moment between ``before`` and ``after``."""

    before: int
    after: int
    state: str


@dataclass(slots=True)
class Plant:
    """What is watched. ``turns``: each turn truly lay between two readings of the test's watch."""

    power_file: Path
    detector: ModbusPlant
    sink: WebhookSink
    turns: list[Turn] = field(default_factory=list)

    def carrier(self, watts: int) -> None:
        """Give the transmitter another forward power."""
        new = self.power_file.with_suffix(".new")
        new.write_text(f"{watts}\n", encoding="ascii")
        self._turn("on" if watts else "off", lambda: new.replace(self.power_file))

    async def silence(self) -> None:
        """Take the sound away; the detector says so only after its hold."""
        silent_since = wall()
        self.turns.append(Turn(silent_since, silent_since, "off"))
        await until(lambda: wall() >= silent_since + HOLD_US // 2, "the detector's hold is over")
        self.detector.cells[DETECTOR] = 1

    def sound(self) -> None:
        """Bring the sound back; the detector says so at once."""
        self._turn("on", lambda: self.detector.cells.__setitem__(DETECTOR, 0))

    def _turn(self, state: str, turn: Any) -> None:
        before = wall()
        turn()
        self.turns.append(Turn(before, wall(), state))

    async def told(self, count: int) -> dict[str, Any]:
        """Wait for this many messages in all; return the last."""
        await until(lambda: len(self.sink.messages) >= count, f"{count} messages")
        assert len(self.sink.messages) == count
        return self.sink.messages[-1]


@pytest.fixture
async def plant(tmp_path: Path) -> AsyncIterator[Plant]:
    """Run snmpd, the detector and the desk."""
    async with (
        snmpd(tmp_path) as port,
        ModbusPlant({DETECTOR: 0}) as detector,
        webhook_sink() as sink,
    ):
        devices = {"fm1": transmitter(port), "room_io": silence_detector(detector.port)}
        write_site(
            tmp_path,
            site(
                devices,
                {"county_fm": programme("room_io.sound_present", "fm1.radiating")},
                channels={"desk": hook(sink.port)},
                people={"duty_desk": {"name": "值机台", "tell": ["desk", "console"]}},
            ),
        )
        yield Plant(tmp_path / "power", detector, sink)


@asynccontextmanager
async def snmpd(folder: Path) -> AsyncIterator[int]:
    """Run Debian's agent with a transmitter's power, which is in ``folder/power``."""
    power, script, free = folder / "power", folder / "power.sh", free_port(socket.SOCK_DGRAM)
    power.write_text("100\n", encoding="ascii")
    script.write_text(PERSISTENT_SCRIPT.format(oid=dotted(POWER), power=power), encoding="ascii")
    (folder / "snmpd.conf").write_text(
        # A pass script that stays is asked each time; the answers of others are kept for a while.
        f"rocommunity {COMMUNITY} {LOCALHOST}\npass_persist .{dotted(BRANCH)} /bin/sh {script}\n",
        encoding="ascii",
    )
    program = shutil.which("snmpd")
    assert program is not None
    command = (
        program, "-f", "-C", "-c", str(folder / "snmpd.conf"), "-p", str(folder / "snmpd.pid"),
        "-Lf", str(folder / "snmpd.log"), f"udp:{LOCALHOST}:{free}",
    )  # fmt: skip
    own = {"SNMP_PERSISTENT_DIR": str(folder), "SNMPCONFPATH": str(folder)}
    async with child(*command, log=folder / "snmpd.out", **own):
        await answering(free, COMMUNITY, POWER)
        yield free


# What is held against what.


def microseconds(text: str) -> int:
    """Return an ISO 8601 text with offset as wall time."""
    moment = datetime.fromisoformat(text)
    assert moment.utcoffset() is not None, text
    return round(moment.timestamp() * 1e6)


def check_shape(message: dict[str, Any]) -> None:
    """Every documented field is there, of its type, and consistent with the others."""
    assert set(message) == set(TYPES)
    wrong = {name: value for name, value in message.items() if not isinstance(value, TYPES[name])}
    assert wrong == {}
    times = [microseconds(message[name]) for name in TIMES if message[name] is not None]
    # The two intervals may overlap: an outage may be shorter than its detector's lag.
    assert times[0] <= times[1]
    assert times[2:] == sorted(times[2:])
    assert all(began <= ended for began, ended in zip(times[:2], times[2:], strict=False))
    assert len(times) == (4 if message["event"] == "recovered" else 2)
    assert 0 <= message["least_s"] <= message["most_seen_s"] <= message["most_s"]
    assert (message["drill"], message["unrecorded"]) == (False, False)
    assert message["person"] == "duty_desk"
    assert (message["site"], message["programme"]) == ("dabie_hill", "county_fm")


def check_truth(message: dict[str, Any], off: Turn, on: Turn | None) -> None:
    """What truly happened lies inside what is claimed."""
    began = [microseconds(message[name]) for name in TIMES[:2]]
    assert began[0] <= off.after
    assert off.before < began[1] + MILLISECOND_US
    if on is None:
        return
    ended = [microseconds(message[name]) for name in TIMES[2:]]
    assert ended[0] <= on.after
    assert on.before < ended[1] + MILLISECOND_US
    assert message["least_s"] <= (on.after - off.before) / 1e6
    assert (on.before - off.after) / 1e6 <= message["most_s"]


def outages(turns: Sequence[Turn]) -> list[tuple[Turn, Turn]]:
    """Return the two turns of each outage the test made."""
    assert [turn.state for turn in turns] == ["off", "on"] * (len(turns) // 2)
    return list(zip(turns[::2], turns[1::2], strict=True))


def counters(scrape: Metrics) -> Iterator[tuple[Any, float]]:
    """Yield what must never go backwards, restarts included."""
    for key, value in scrape.samples.items():
        if key[0].startswith("monitord_programme_") and key[0].endswith("_seconds_total"):
            yield key, value


def check_never_backwards(scrapes: Sequence[Metrics]) -> None:
    """Settled seconds only grow, whatever happens in between."""
    for earlier, later in pairwise(dict(counters(scrape)) for scrape in scrapes):
        assert {key: later[key] for key in earlier if later[key] < earlier[key]} == {}


def check_pieces(history: History) -> None:
    """The pieces tile time: each begins where the last one ends, and none is empty."""
    pieces = history.pieces("county_fm", 0, 2**62)
    assert len(pieces) > 1
    assert [(p.finish, p) for p in pieces if p.finish is not None and p.finish <= p.start] == []
    assert [(a.finish, b.start) for a, b in pairwise(pieces) if a.finish != b.start] == []
    assert pieces[-1].finish is None


def check_impact(impact: PastImpact, recovered: dict[str, Any], offset: int) -> None:
    """The record has the figures that the person got."""
    said = [microseconds(recovered[name]) for name in TIMES]
    held = [
        impact.began_not_before,
        impact.began_not_after,
        impact.ended_not_before,
        impact.ended_not_after,
    ]
    assert None not in held
    kept = [moment + offset for moment in held if moment is not None]
    assert all(abs(a - b) <= MILLISECOND_US for a, b in zip(kept, said, strict=True)), (kept, said)
    assert (impact.least, impact.most_seen, impact.most) == tuple(
        round(recovered[name] * 1e6) for name in ("least_s", "most_seen_s", "most_s")
    )


# The tests.


async def test_every_outage_is_sent_recorded_and_shown_as_it_truly_was(
    tmp_path: Path, plant: Plant
) -> None:
    """Carrier, sound: messages, record and metrics agree with the test's watch."""
    async with Daemon(tmp_path / "monitord.yaml") as daemon:
        await daemon.state("county_fm", "on_air")
        await play_carrier(daemon, plant)
        await play_sound(daemon, plant)
        messages = plant.sink.messages
        await figures_shown(daemon, messages)
        assert await daemon.stop() == 0
        check_never_backwards(daemon.scrapes)
    assert [m["event"] for m in messages] == ["opened", "recovered"] * 2
    assert [m["reason"] for m in messages[::2]] == ["no_carrier", "silence"]
    for message in messages:
        check_shape(message)
    assert len({m["alert_id"] for m in messages}) == len(messages)
    for place, (off, on) in enumerate(outages(plant.turns)):
        check_truth(messages[2 * place], off, None)
        check_truth(messages[2 * place + 1], off, on)
        assert messages[2 * place]["incident_id"] == messages[2 * place + 1]["incident_id"]
    check_record(tmp_path / "record", messages)


async def test_a_third_fall_in_ten_minutes_is_sent_at_once_and_closes_after_ten(
    tmp_path: Path, plant: Plant
) -> None:
    """On air again, the incident stays open: the clearing time of section 3 of the architecture."""
    async with Daemon(tmp_path / "monitord.yaml") as daemon:
        await daemon.state("county_fm", "on_air")
        await play_carrier(daemon, plant)
        await play_sound(daemon, plant)
        plant.carrier(0)
        assert "发射机无输出功率" in (await plant.told(5))["cause"]
        await shown_off_air(daemon)
        plant.carrier(100)
        seen = await daemon.state("county_fm", "on_air")
        assert seen.value("incidents_open", severity="critical") == 1
        assert await daemon.stop() == 0
    assert [m["event"] for m in plant.sink.messages] == ["opened", "recovered"] * 2 + ["opened"]
    with History(tmp_path / "record") as history:
        last, *earlier = history.incidents()
        (fall,) = history.impacts(last.id)
    assert (last.closed_at, [each.close_cause for each in earlier]) == (None, ["recovered"] * 2)
    assert fall.ended_not_after is not None


async def play_carrier(daemon: Daemon, plant: Plant) -> None:
    """Carrier off and on again, each sent and shown."""
    count = len(plant.sink.messages)
    plant.carrier(0)
    assert "发射机无输出功率" in (await plant.told(count + 1))["cause"]
    await shown_off_air(daemon)
    plant.carrier(100)
    await plant.told(count + 2)
    await shown_on_air(daemon, count + 2)


async def play_sound(daemon: Daemon, plant: Plant) -> None:
    """Sound away and back, each sent and shown."""
    count = len(plant.sink.messages)
    await plant.silence()
    assert "无声" in (await plant.told(count + 1))["cause"]
    await shown_off_air(daemon)
    plant.sound()
    await plant.told(count + 2)
    await shown_on_air(daemon, count + 2)


async def shown_off_air(daemon: Daemon) -> None:
    """The page says off air: one state, one open incident, devices up and read just now."""
    seen = await daemon.state("county_fm", "off_air")
    assert seen.value("incidents_open", severity="critical") == 1
    assert sum(seen.value("incidents_open", severity=s) or 0 for s in ("major", "minor")) == 0
    for device in ("fm1", "room_io"):
        assert seen.value("device_up", device=device) == 1
        read_at = seen.value("device_reading_timestamp_seconds", device=device)
        assert read_at is not None
        assert abs(read_at - wall() / 1e6) < 30


async def shown_on_air(daemon: Daemon, confirmed: int) -> None:
    """The page says on air: no incident is open, and every message was confirmed."""

    async def look() -> Metrics | None:
        found = await daemon.metrics()
        owed = found.value("deliveries_owed", person="duty_desk")
        count = found.value("deliveries_confirmed_total", person="duty_desk")
        return found if (owed, count) == (0, confirmed) else None

    seen = await until(look, f"{confirmed} messages are confirmed and none is owed")
    assert seen.states("county_fm") == ["on_air"]
    assert seen.value("incidents_open", severity="critical") == 0


async def figures_shown(daemon: Daemon, messages: list[dict[str, Any]]) -> None:
    """Once all is settled, the page's figures are those of the messages, summed."""

    def figure(seen: Metrics, name: str) -> float:
        found = seen.value("programme_off_air_seconds_total", programme="county_fm", figure=name)
        assert found is not None
        return found

    async def look() -> bool:
        seen = await daemon.metrics()
        assert figure(seen, "most_seen") <= figure(seen, "most")
        told = [sum(m[name] for m in messages[1::2]) for name in ("least_s", "most_seen_s")]
        return [figure(seen, "least"), figure(seen, "most_seen")] == pytest.approx(told)

    await until(look, "the figures on the page are those of the messages")


def check_record(folder: Path, messages: list[dict[str, Any]]) -> None:
    """The record is sound, tiles time, and holds each incident as it was sent."""
    with History(folder) as history:
        assert history.verify() == []
        check_pieces(history)
        kinds = [event.kind for event in history.all_events()]
        assert kinds[-1] == "stopped"
        offset = history.clock_offsets()[-1][1]
        incidents = history.incidents()[::-1]
        assert [i.id for i in incidents] == [m["incident_id"] for m in messages[::2]]
        for incident, recovered in zip(incidents, messages[1::2], strict=True):
            assert incident.closed_at is not None
            (impact,) = history.impacts(incident.id)
            check_impact(impact, recovered, offset)
            deliveries = history.deliveries(incident.id)
            assert [(d.channel, d.told, d.delivered) for d in deliveries] == [
                ("desk", "opened", True),
                ("desk", "recovered", True),
            ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
async def test_a_restart_within_an_outage_reports_it_once_and_loses_no_second(
    tmp_path: Path, plant: Plant, number: signal.Signals
) -> None:
    """The incident goes on under its number; counters go on where they were; both signals are 0."""
    path = tmp_path / "monitord.yaml"
    async with Daemon(path) as first:
        await first.state("county_fm", "on_air")
        await until_settled(first)
        plant.carrier(0)
        opened = await plant.told(1)
        await first.state("county_fm", "off_air")
        assert await first.end(number) == 0
    with History(tmp_path / "record") as history:
        assert [event.kind for event in history.all_events()][-1] == "stopped"
        assert history.verify() == []
    async with Daemon(path) as second:
        seen = await second.state("county_fm", "off_air")
        assert seen.value("incidents_open", severity="critical") == 1
        plant.carrier(100)
        recovered = await plant.told(2)
        await second.state("county_fm", "on_air")
        assert await second.stop() == 0
    check_never_backwards([*first.scrapes, *second.scrapes])
    assert [m["event"] for m in plant.sink.messages] == ["opened", "recovered"]
    assert recovered["incident_id"] == opened["incident_id"]
    (off, on) = outages(plant.turns)[0]
    check_truth(recovered, off, on)
    check_record(tmp_path / "record", plant.sink.messages)


async def until_settled(daemon: Daemon) -> None:
    """Wait until time on the air is settled, so that there is something to lose."""

    async def look() -> bool:
        seen = await daemon.metrics()
        name = "programme_state_seconds_total"
        return bool(seen.value(name, programme="county_fm", state="on_air"))

    await until(look, "seconds on the air are settled")
