"""Records the values of a device: a whole walk, or the registers around its points.

Reads only, within limits, and blanks what must not leave the station.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from monitord.decoding.model import Decoding
from monitord.devices.blanking import Blanking
from monitord.devices.bus.bus import Buses
from monitord.devices.modbus import ModbusReader
from monitord.devices.modbus.blocks import width
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.model import ReadError
from monitord.devices.recordings import (
    TABLES,
    cell_of,
    nameable,
    register_line,
    unreadable_line,
)
from monitord.devices.snmp.link import Link
from monitord.devices.snmp.messages import Oid
from monitord.devices.snmp.model import Community, SnmpSource
from monitord.devices.snmp.walk import walk
from monitord.texts.phrases import Phrase, phrase

EVERYTHING: Oid = (1, 3, 6, 1)
REGISTERS_MAX = 20_000
_SLICE = 100
_RAW = Decoding("number")

Span = tuple[str, int, int]
"""Of registers: table, first and last wire address."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The lines of a recording. ``count``: objects or registers; ``detail``: why there may be more.

    ``blanked``: count of objects whose value was replaced; ``left_out``: of objects not in it;
    ``unreadable``: of objects that cannot be read, each a remark where it has a name.
    """

    lines: tuple[str, ...]
    count: int
    detail: Phrase | None = None
    blanked: int = 0
    left_out: int = 0
    unreadable: int = 0


async def record_walk(source: SnmpSource, link: Link, patience_s: float) -> Recorded:
    """Walk a whole agent. Raises ReadError if it gives no answer, and OSError."""
    made = await walk(link, EVERYTHING, timeout_s=patience_s)
    security = source.security
    if isinstance(security, Community):
        secrets = [security.community]
    else:
        secrets = [security.name, security.auth_passphrase, security.priv_passphrase]
    blanking = Blanking(secrets, source.address)
    lines: list[str] = []
    unreadable = 0
    for one in made.cells:
        if one.problem:
            # A remark shows the name: it is left out where the object would be.
            if blanking.blank(nameable(one)) is not None:
                unreadable += 1
                lines.append(unreadable_line(one))
        elif (cell := blanking.blank(cell_of(one))) is not None:
            lines.append(cell.line())
    detail = made.detail and made.detail.changed(blanking.sentence)
    return Recorded(
        tuple(lines),
        len(lines) - unreadable,
        detail,
        blanking.blanked,
        blanking.left_out,
        unreadable + made.nameless,
    )


async def record_registers(
    source: ModbusSource, spans: Iterable[Span], deadline_s: float
) -> Recorded:
    """Read the registers of the unit's points and those in ``spans``, without decoding.

    Raises ReadError if the unit gives no answer.
    """
    places = sorted({*_of_points(source.points), *_of_spans(spans)}, key=_in_order)
    if len(places) > REGISTERS_MAX:
        text = phrase("record.too_many", count=len(places), most=REGISTERS_MAX)
        raise ReadError("bad_answer", text)
    bus = Buses().at(source.line)
    found: dict[tuple[str, int], int | None] = {}
    refusal: ReadError | None = None
    for at in range(0, len(places), _SLICE):
        some = places[at : at + _SLICE]
        reader = ModbusReader(replace(source, points=tuple(map(_point, some))), bus)
        try:
            raws = await reader.read_raw(deadline_s)
        except ReadError as error:
            # A unit without these registers may have the next ones.
            if error.kind != "exception":
                raise
            refusal, raws = refusal or error, (None,) * len(some)
        finally:
            await reader.close()
        words = (None if raw is None else int(raw) for raw in raws)
        found |= dict(zip(some, words, strict=True))
    if refusal is not None and all(word is None for word in found.values()):
        raise refusal
    lines = tuple(register_line(*place, word) for place, word in found.items())
    return Recorded(lines, len(lines))


def _of_points(points: Iterable[ModbusPoint]) -> Iterator[tuple[str, int]]:
    for point in points:
        yield from ((point.table, point.wire_address + n) for n in range(width(point)))


def _of_spans(spans: Iterable[Span]) -> Iterator[tuple[str, int]]:
    for table, first, last in spans:
        yield from ((table, address) for address in range(first, last + 1))


def _in_order(place: tuple[str, int]) -> tuple[int, int]:
    return TABLES.index(place[0]), place[1]


def _point(place: tuple[str, int]) -> ModbusPoint:
    table, address = place
    type_ = "bit" if table in TABLES[:2] else "uint16"
    return ModbusPoint(f"{table}_{address}", table, address, type_, "big", _RAW)
