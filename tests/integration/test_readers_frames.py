"""Devices that speak frames, over real sockets and pseudo-terminals, with all that befalls a line.

The devices are the simulators', which were written from the protocols and not from the profiles.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from monitord.core.model import SECOND, Value
from monitord.devices.bus.settings import Line, Manners, SerialLine, TcpLine
from monitord.devices.frames import FrameReader
from monitord.devices.frames.model import FrameSource
from monitord.devices.model import DeviceSettings, ReadError
from simulators.agents.frames import (
    EnergyMeter,
    ExampleTransmitter,
    FrameLine,
    LineFaults,
    MegatecUps,
    TransmitterFigures,
)
from tests.support.decoding import DecodedReader, decoded_reader, open_decoded_readers
from tests.support.modbus import crc as crc16
from tests.support.wire import LOCALHOST
from tests.unit.profiles.devices import device

AMPLE_S = 20.0
SOON_S = 0.25
METER = "000012345678"
UPS_SHOWS = (220.1, 140.0, 219.8, 34, 50.0, 27.4, 25.0, "10001001")
# By identifier: voltages, currents, power, frequency, energy; the first phase feeds back.
METER_SHOWS = {
    0x0201FF00: [("2201", False), ("2198", False), ("2215", False)],
    0x0202FF00: [("001500", True), ("012345", False), ("000000", False)],
    0x02030000: [("012345", True)],
    0x02800002: [("4998", False)],
    0x00010000: [("00123456", False)],
}
UPS_VALUES: dict[str, Value] = {
    "input_voltage_v": 220.1,
    "fault_voltage_v": 140.0,
    "output_voltage_v": 219.8,
    "load_percent": 34,
    "input_frequency_hz": 50.0,
    "battery_voltage_v": 27.4,
    "temperature_degc": 25.0,
    "utility_fail": True,
    "battery_low": False,
    "bypass_or_boost": False,
    "failed": False,
    "ups_type": "standby",
    "testing": False,
    "shutting_down": False,
    "beeper_on": True,
}
METER_VALUES: dict[str, Value] = {
    "voltage_1_v": 220.1,
    "voltage_2_v": 219.8,
    "voltage_3_v": 221.5,
    "current_1_a": -1.5,
    "current_2_a": 12.345,
    "current_3_a": 0.0,
    "power_w": -1234.5,  # -01.2345 kW
    "frequency_hz": 49.98,
    "energy_kwh": 1234.56,
}
TRANSMITTER_VALUES: dict[str, Value] = {
    "forward_power_w": 1000,
    "reflected_power_w": 5.2,
    "final_stage_voltage_v": 48.2,
    "final_stage_current_a": 25.1,
    "final_stage_temperature_degc": -3,
    "exhaust_temperature_degc": 38,
    "frequency_khz": 98_600,
    "carrier_on": True,
    "remote": False,
    "input": "digital",
    "alarm_temperature": False,
    "alarm_reflected_power": True,
    "alarm_final_stage": False,
    "alarm_power_supply": False,
    "alarm_fan": False,
    "alarm_exciter": False,
    "alarm_no_programme": True,
    "alarm_summary": False,
}


@dataclass
class Case:
    """A simulated device, the profile it is read by, and what that must give."""

    profile: str
    speaker: Any
    values: dict[str, Value]
    keys: dict[str, Any]

    def source(self, line: Line, **manners: Any) -> FrameSource:
        source = device(self.profile, **self.keys).settings.devices[0].source
        assert isinstance(source, FrameSource)
        return replace(source, line=line, manners=replace(source.manners, **manners))


def ups() -> Case:
    return Case("megatec-q1", MegatecUps(lambda: UPS_SHOWS), UPS_VALUES, {})


def meter() -> Case:
    return Case("dlt645-2007", EnergyMeter(METER, lambda: METER_SHOWS), METER_VALUES, {})


def transmitter() -> Case:
    shown = TransmitterFigures(is_remote=False, alarms=(1, 8), final_stage_degc=-3)
    speaker = ExampleTransmitter(7, lambda: shown)
    keys = {"frame": {"address": LOCALHOST, "port": 1, "station": 7}}
    return Case("example-frame-transmitter", speaker, TRANSMITTER_VALUES, keys)


CASES = (ups, meter, transmitter)


@asynccontextmanager
async def serving(case: Case) -> AsyncIterator[FrameLine]:
    """Put one device on a port."""
    line = FrameLine([case.speaker])
    await line.start()
    try:
        yield line
    finally:
        await line.stop()


@pytest.fixture(params=CASES, ids=lambda case: case.__name__)
async def served(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Case, FrameLine]]:
    """Give each device in turn, on a port."""
    case = request.param()
    async with serving(case) as line:
        yield case, line


def reader_of(case: Case, line: FrameLine, **manners: Any) -> DecodedReader:
    return decoded_reader(FrameReader, case.source(TcpLine(LOCALHOST, line.port), **manners))


async def values_of(reader: DecodedReader, case: Case) -> dict[str, Value]:
    values = await reader.read(AMPLE_S)
    return dict(zip(case.values, values, strict=True))


async def test_every_point_has_the_value_the_device_shows(served: tuple[Case, FrameLine]) -> None:
    """Worked out by hand: decimals, signs, states and alarms."""
    case, line = served
    reader = reader_of(case, line)
    assert [point.id for point in reader.points] == list(case.values)
    for _ in range(3):
        assert await values_of(reader, case) == case.values
    await reader.close()


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(LineFaults(piece=1), id="octet_by_octet"),
        pytest.param(LineFaults(noise_before=b"\x00\xfe\x16\x90", piece=3), id="noise_before"),
        pytest.param(LineFaults(noise_after=b"\xff\x00"), id="line_let_go"),
        pytest.param(LineFaults(echoes=True), id="echo"),
    ],
)
async def test_what_a_line_adds_changes_no_value(
    served: tuple[Case, FrameLine], faults: LineFaults
) -> None:
    """Pieces, noise and echoes are passed over."""
    case, line = served
    line.faults = faults
    reader = reader_of(case, line)
    for _ in range(3):
        assert await values_of(reader, case) == case.values
    await reader.close()


async def test_a_device_that_wants_its_connection_closed_gets_that_after_a_failed_read_too(
    served: tuple[Case, FrameLine],
) -> None:
    """Many serve one client at a time: whom a failed read keeps out is the vendor's own program."""
    case, line = served
    line.faults = LineFaults(keep=9)
    reader = reader_of(case, line, close_after_read=True)
    with pytest.raises(ReadError):
        await reader.read(SOON_S)
    assert not reader.bus.transport.is_open
    line.faults = LineFaults()
    assert await values_of(reader, case) == case.values
    assert not reader.bus.transport.is_open


@pytest.mark.parametrize("piece", [0, 11])
async def test_a_doubled_answer_gives_the_right_values_or_none(
    served: tuple[Case, FrameLine], piece: int
) -> None:
    """The second of two is never taken for the answer to the next request."""
    case, line = served
    line.faults = LineFaults(twice=True, piece=piece)
    reader = reader_of(case, line, quiet=20_000)
    for _ in range(4):
        try:
            assert dict(zip(case.values, await reader.read(SOON_S), strict=True)) == case.values
        except ReadError as error:
            assert error.kind in ("timeout", "bad_answer")  # noqa: PT017 - either way is right
    line.faults = LineFaults()
    assert await values_of(reader, case) == case.values
    await reader.close()


@pytest.mark.parametrize("make", [meter, transmitter], ids=["meter", "transmitter"])
async def test_a_wrong_check_is_named_as_such(make: Callable[[], Case]) -> None:
    """Not a silent device, but a disturbed line or a wrong profile."""
    case = make()
    async with serving(case) as line:
        line.faults = LineFaults(wrong_check=True)
        reader = reader_of(case, line)
        with pytest.raises(ReadError, match=r"bad_answer: .* its check \(\w+\) is wrong"):
            await reader.read(8 * SOON_S)
        await reader.close()


async def test_a_late_answer_is_never_taken_for_the_next_ones(
    served: tuple[Case, FrameLine],
) -> None:
    """The late one shows a past moment: dated now, it would be wrong."""
    case, line = served
    now: list[Any] = [case.speaker.show()]
    case.speaker.show = lambda: now[0]
    reader = reader_of(case, line, quiet=20_000)
    line.faults = LineFaults(late_s=2 * SOON_S)
    with pytest.raises(ReadError, match="timeout"):
        await reader.read(SOON_S)
    line.faults = LineFaults()
    now[0] = _changed(now[0])
    values = await values_of(reader, case)
    changed = {key for key, value in values.items() if value != case.values[key]}
    assert changed == {next(iter(case.values))}
    assert await values_of(reader, case) == values
    await reader.close()


def _changed(shown: Any) -> Any:
    """Return the same with another first value."""
    if isinstance(shown, tuple):
        return (231.0, *shown[1:])
    if isinstance(shown, dict):
        return shown | {0x0201FF00: [("2310", False), *shown[0x0201FF00][1:]]}
    return replace(shown, forward_w=231)


async def read_meter(shown: Any) -> dict[str, Value]:
    """Return what a meter that shows this gives."""
    case = meter()
    case.speaker.show = lambda: shown
    async with serving(case) as line:
        reader = reader_of(case, line)
        try:
            return await values_of(reader, case)
        finally:
            await reader.close()


async def test_a_block_the_meter_does_not_have_leaves_the_others() -> None:
    """Points of a refused request are no value, and no failed read."""
    shown = {key: value for key, value in METER_SHOWS.items() if key != 0x0202FF00}
    currents = dict.fromkeys(f"current_{phase}_a" for phase in (1, 2, 3))
    assert await read_meter(shown) == METER_VALUES | currents
    with pytest.raises(ReadError, match=r"exception: .* refused voltages, currents, power"):
        await read_meter({})


async def test_a_single_phase_meter_has_no_other_phases() -> None:
    """It sends one voltage; what its frame does not reach is no value."""
    values = await read_meter(METER_SHOWS | {0x0201FF00: [("2201", False)]})
    assert [values[f"voltage_{phase}_v"] for phase in (1, 2, 3)] == [220.1, None, None]


async def test_digits_that_are_none_are_no_value() -> None:
    """A meter fills what it does not measure with FF."""
    shown = METER_SHOWS | {0x0201FF00: [("FFFF", False), ("2198", False), ("2215", False)]}
    assert (await read_meter(shown))["voltage_1_v"] is None


async def test_devices_of_one_line_are_asked_one_after_the_other() -> None:
    """A UPS, two meters and a transmitter behind one serial server, read at the same moment."""
    other = Case("dlt645-2007", EnergyMeter("000000000042", lambda: METER_SHOWS), METER_VALUES, {})
    other.keys = {"frame": {"address": LOCALHOST, "port": 1, "station": "42"}}
    cases = [ups(), meter(), other, transmitter()]
    line = FrameLine([case.speaker for case in cases], LineFaults(late_s=0.005, piece=5))
    await line.start()
    sources = [case.source(TcpLine(LOCALHOST, line.port)) for case in cases]
    readers = open_decoded_readers(
        [
            DeviceSettings(f"d{place}", "D", SECOND, SECOND, source)
            for place, source in enumerate(sources)
        ]
    )
    for _ in range(3):
        all_values = await asyncio.gather(*(one.read(AMPLE_S) for one in readers.values()))
        for case, values in zip(cases, all_values, strict=True):
            assert dict(zip(case.values, values, strict=True)) == case.values
    assert line.answers == 3 * (1 + 5 + 5 + 2)
    for one in readers.values():
        await one.close()
    await line.stop()


async def test_a_dead_neighbour_takes_no_value_from_the_living() -> None:
    """It fails alone, and the others go on being read."""
    dead, alive = meter(), ups()
    line = FrameLine([alive.speaker])
    await line.start()
    place = TcpLine(LOCALHOST, line.port)
    sources = [dead.source(place, answer_within=50_000), alive.source(place)]
    readers = list(
        open_decoded_readers(
            [
                DeviceSettings(f"d{number}", "D", SECOND, SECOND, source)
                for number, source in enumerate(sources)
            ]
        ).values()
    )
    for _ in range(4):
        first, second = await asyncio.gather(
            readers[0].read(SOON_S), readers[1].read(AMPLE_S), return_exceptions=True
        )
        assert isinstance(first, ReadError)
        assert not isinstance(second, BaseException)
        assert dict(zip(alive.values, second, strict=True)) == alive.values
    for one in readers:
        await one.close()
    await line.stop()


@pytest.mark.parametrize("make", CASES, ids=lambda case: case.__name__)
async def test_a_device_on_a_serial_port_is_read(make: Callable[[], Case]) -> None:
    """A pseudo-terminal in place of /dev/ttyS0: the same reader, the same values."""
    case = make()
    line = FrameLine([case.speaker], LineFaults(noise_before=b"\xfe", piece=7))
    path = line.open_terminal()
    reader = decoded_reader(FrameReader, case.source(SerialLine(path, 9600)))
    for _ in range(3):
        assert await values_of(reader, case) == case.values
    line.faults = LineFaults(keep=9)
    with pytest.raises(ReadError):
        await reader.read(SOON_S)
    line.faults = LineFaults()
    assert await values_of(reader, case) == case.values
    await reader.close()
    await line.stop()


@dataclass
class Heard:
    """The example transmitter, which keeps the commands that it was asked."""

    speaker: ExampleTransmitter
    commands: list[int] = field(default_factory=list)

    def answer_to(self, received: bytes) -> tuple[int, bytes] | None:
        found = self.speaker.answer_to(received)
        if found is not None:
            self.commands.append(received[found[0] - 3])
        return found

    def with_wrong_check(self, answer: bytes) -> bytes:
        return self.speaker.with_wrong_check(answer)


async def test_the_named_probe_is_asked_first_behind_a_lost_answer() -> None:
    """It distinguishes a late answer also where no point of this read has another request."""
    case = transmitter()
    readings, states = (
        next(point for point in case.source(TcpLine(LOCALHOST, 1)).points if point.id == id_)
        for id_ in ("forward_power_w", "carrier_on")
    )
    heard = case.speaker = Heard(case.speaker)
    async with serving(case) as line:
        probed = replace(readings, request=replace(readings.request, probe=states.request))
        source = replace(case.source(TcpLine(LOCALHOST, line.port)), points=(probed,))
        reader = FrameReader(source)
        line.faults = LineFaults(late_s=2 * SOON_S)
        with pytest.raises(ReadError, match="timeout"):
            await reader.read_raw(SOON_S)
        line.faults = LineFaults()
        del heard.commands[:]
        assert await reader.read_raw(AMPLE_S) == (1000,)
        assert heard.commands[0] == states.request.octets[4]
        assert heard.commands[-1] == readings.request.octets[4]
        await reader.close()


async def test_a_profile_sends_what_reads_and_nothing_else() -> None:
    """The requests of the shipped profiles, written down a second time from their protocols."""
    sent = {
        case.profile: {point.request.octets for point in case.source(TcpLine(LOCALHOST, 1)).points}
        for case in (ups(), meter(), transmitter())
    }
    assert sent["megatec-q1"] == {b"Q1\r"}
    # 68 + 78 + 56 + 34 + 12 + 68 + 11 + 04 = 1F9, and the four octets that name what is read.
    assert sent["dlt645-2007"] == {
        bytes.fromhex("FEFEFEFE 68785634120000 68 1104" + name + check + "16")
        for name, check in (
            ("33323435", "C7"),  # + CE = 2C7
            ("33323535", "C8"),  # + CF = 2C8
            ("33333635", "CA"),  # + D1 = 2CA
            ("3533B335", "49"),  # + 150 = 349
            ("33333433", "C6"),  # + CD = 2C6
        )
    }
    assert sent["example-frame-transmitter"] == {
        b"\xeb\x90\x07\x07\x10" + crc16(b"\x07\x07\x10"),
        b"\xeb\x90\x07\x07\x11" + crc16(b"\x07\x07\x11"),
    }


def test_the_manners_of_a_profile_reach_its_devices() -> None:
    """How long a vendor's device takes is on its protocol sheet; a device may say otherwise."""
    case = transmitter()
    assert case.source(TcpLine(LOCALHOST, 1)).manners == Manners(
        pause_between_requests=20_000, answer_within=500_000
    )
    case.keys["frame"]["pause_between_requests"] = "70ms"
    own = case.source(TcpLine(LOCALHOST, 1)).manners
    assert (own.pause_between_requests, own.answer_within) == (70_000, 500_000)
