"""Raw values and reads decoded as the daemon decodes them: by the decoder of the product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from monitord.core.model import Value
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import Decoding, SourcePoint
from monitord.decoding.rules import Raw
from monitord.devices import open_readers
from monitord.devices.model import DeviceSettings, Reader, Source
from monitord.devices.snmp.model import SnmpPoint


def decoded(raws: Sequence[Raw], points: Sequence[SourcePoint]) -> tuple[Value, ...]:
    """Return the values of a first answer, in the order of ``points``."""
    return Decoder(points, all_zero="normal").decode(raws, 0).values


def value_of(raw: Raw, decoding: Decoding) -> Value:
    """Return the value of one point that depends on no other."""
    return decoded([raw], [SnmpPoint("p", (1, 3), decoding)])[0]


class DecodedReader:
    """A reader with the decoder of its points."""

    def __init__(self, reader: Any, points: Sequence[SourcePoint]) -> None:
        self.reader = reader
        self.points = points
        self._decoder = Decoder(points, all_zero="normal")

    @property
    def bus(self) -> Any:
        """The bus of a reader on a line."""
        return self.reader.bus

    async def read(self, deadline_s: float) -> tuple[Value, ...]:
        """Return the values of one read; raise what the reader raises."""
        return self._decoder.decode(await self.reader.read_raw(deadline_s), 0).values

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the raw values of one read."""
        raws: tuple[Raw, ...] = await self.reader.read_raw(deadline_s)
        return raws

    async def close(self) -> None:
        """Close the reader."""
        await self.reader.close()


def decoded_reader(kind: Callable[..., Reader], source: Source, *more: Any) -> DecodedReader:
    """Return a reader of ``source`` with its decoder."""
    return DecodedReader(kind(source, *more), source.points)


def open_decoded_readers(devices: Sequence[DeviceSettings]) -> dict[str, DecodedReader]:
    """Return every device's reader with its decoder; readers of one line share its bus."""
    readers = open_readers(devices)
    return {device.id: DecodedReader(readers[device.id], device.points) for device in devices}
