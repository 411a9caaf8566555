"""System errors of a line: the error names the line, and the line is closed."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from monitord.clock import SystemClock
from monitord.core.model import SECOND
from monitord.devices.bus.bus import Bus
from monitord.devices.bus.settings import Manners, SerialLine, TcpLine
from monitord.devices.bus.transports import open_transport
from monitord.devices.model import ReadError
from monitord.devices.sockets import NoHostError
from tests.support.wire import LOCALHOST

SOON = SECOND // 5
AMPLE = 20 * SECOND


class Failing:
    """A line that is found broken whenever it is looked at, and wakes nobody for that."""

    is_reopened_on_silence = True
    line = TcpLine(LOCALHOST, 1)

    def __init__(self, error: OSError) -> None:
        self.error = error
        self.is_open = False

    async def open(self) -> None:
        self.is_open = True

    async def send(self, octets: bytes) -> None:
        del octets

    def receive(self) -> bytes | None:
        raise self.error

    async def wait(self) -> None:
        await asyncio.Event().wait()

    def close(self) -> None:
        self.is_open = False


async def fault(bus: Bus, within: int) -> ReadError:
    """Ask in vain; the line is closed then."""
    with pytest.raises(ReadError) as caught:
        await bus.join("unit 1", Manners()).exchange(b"q", lambda _: None, bus.now() + within)
    assert not bus.transport.is_open
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionResetError(), "bad_answer"),
        (OSError(errno.EIO, "gone"), "unreachable"),
        (OSError(errno.ENETUNREACH, "no network"), "unreachable"),
        (OSError(errno.EHOSTUNREACH, "no host"), "timeout"),
        (OSError(errno.EHOSTDOWN, "host is down"), "timeout"),
    ],
)
async def test_a_line_that_breaks_as_the_deadline_passes_is_named_and_closed(
    error: OSError, kind: str
) -> None:
    """The last look at the line may find it broken: a read error like any other."""
    assert (await fault(Bus(Failing(error), SystemClock(None)), SOON)).kind == kind


async def test_where_nobody_is_at_the_address_of_a_line_no_device_of_it_is_set_aside() -> None:
    """The device server is switched off: when it is back, each device is asked at once."""
    bus = Bus(Failing(OSError(errno.EHOSTUNREACH, "no host")), SystemClock(None))
    members = [bus.join(f"unit {number}", Manners()) for number in (1, 2)]
    for member in members * 3:
        with pytest.raises(NoHostError, match="EHOSTUNREACH"):
            await member.exchange(b"q", lambda _: None, bus.now() + SOON)
    assert [member.share.not_before for member in members] == [0, 0]


async def test_a_serial_port_that_does_not_take_its_settings_is_unreachable() -> None:
    """The error of the driver is reported, and the port is closed."""
    far, near = os.openpty()
    error = await fault(
        Bus(open_transport(SerialLine(os.ttyname(near), -1)), SystemClock(None)), SOON
    )
    assert error.kind == "unreachable"
    assert "does not take its settings" in error.detail
    os.close(far)
    os.close(near)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (SerialLine("/dev/ttyNone"), "no way to /dev/ttyNone (ENOENT)"),
        # A label of more than 63 characters breaks the resolver's own encoding.
        (TcpLine("a" * 64, 502), "its name is not known"),
    ],
)
async def test_a_line_that_cannot_exist_is_unreachable(
    line: SerialLine | TcpLine, detail: str
) -> None:
    """A missing port and an impossible name are named in the error, without a traceback."""
    error = await fault(Bus(open_transport(line), SystemClock(None)), AMPLE)
    assert error.kind == "unreachable"
    assert detail in error.detail
