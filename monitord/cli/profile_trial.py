"""Decodes a recording with a profile: every point and condition. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.devices.rows import read_rows_of
from monitord.config.fields.field_types import Refused, read_oid
from monitord.config.loader.errors import Scope
from monitord.config.profiles.files import ProfileFile
from monitord.config.profiles.profiles import quirks_of
from monitord.config.schemas import ProfileSchema
from monitord.core.expression import names, truth
from monitord.core.model import Value
from monitord.decoding.compiled import to_number_of
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import Decoding, SourcePoint
from monitord.decoding.rules import Raw, is_sentinel
from monitord.devices.modbus.blocks import BlockLayout, plan_blocks, width
from monitord.devices.modbus.cells import BIT_TABLES
from monitord.devices.modbus.model import ModbusPoint
from monitord.devices.recordings import Recording
from monitord.devices.snmp.messages import Oid
from monitord.devices.snmp.model import SnmpPoint
from monitord.devices.snmp.rows import is_row

MISSING, MISSING_REQUIRED, NO_LABEL, NO_VALUE = (
    "missing",
    "missing_required",
    "no_label",
    "no_value",
)
_NUMBER = Decoding("number")
_ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PointResult:
    """One point. ``remark``: "", or why it has no value; ``is_bad``: its author must correct it.

    ``missing``: the object is not in the recording; ``missing_required``: and a condition is
    unknown without it; ``no_label``: an enum's raw value without a label;
    ``no_value``: a sentinel, a limit, an empty text.
    """

    point: SourcePoint
    raw: Raw
    value: Value
    remark: str

    @property
    def is_bad(self) -> bool:
        return self.remark in (MISSING_REQUIRED, NO_LABEL)


@dataclass(frozen=True, slots=True)
class Trial:
    """Points in the profile's order, and each condition's truth, None where it is not known."""

    points: tuple[PointResult, ...]
    conditions: Mapping[str, bool | None]

    @property
    def bad(self) -> int:
        """Return how many points their author must correct."""
        return sum(seen.is_bad for seen in self.points)


def try_profile(file: ProfileFile, recording: Recording) -> Trial:
    """Decode a recording with a profile that has no mistakes."""
    assert file.profile is not None
    points = _sources(file.profile, file)
    read = dict(_read(points, recording))
    raws = [read.get(point.id) for point in points]
    decoder = Decoder(points, all_zero="normal")
    values = decoder.decode([read.get(point.id) for point in points if _is_read(point)], 0).values
    by_id = {point.id: value for point, value in zip(points, values, strict=True)}
    plans = {name: condition.plan.true_when for name, condition in file.conditions.items()}
    truths = {name: truth(when, by_id) for name, when in plans.items()}
    needed = {point for name in plans if truths[name] is None for point in names(plans[name])}
    seen = tuple(
        PointResult(point, raw, value, _remark(point, read, value, needed))
        for point, raw, value in zip(points, raws, values, strict=True)
    )
    return Trial(seen, truths)


def find_rows(profile: ProfileSchema, recording: Recording) -> dict[str, Oid | None]:
    """Return where each row of a profile is in a recording: at its own index, else the first.

    None: there is none, and its points are left out.
    """
    found: dict[str, Oid | None] = {}
    for name, row in read_rows_of(profile).items():
        first = next(_indexes(name, profile, recording), None)
        found[name] = row.index or first or (None if row.optional else (1,))
    return found


def find_row(
    name: str, key: str, text: str, profile: ProfileSchema, recording: Recording
) -> Oid | None:
    """Return the index of the row whose cell in a key's column has ``text``."""
    column = read_rows_of(profile)[name].keys.get(key)
    if column is None:
        return None
    size = len(column)
    for oid, raw in recording.objects().items():
        if oid[:size] == column and len(oid) > size and is_row(raw, text):
            return oid[size:]
    return None


def _indexes(name: str, profile: ProfileSchema, recording: Recording) -> Iterator[Oid]:
    """Yield the indexes of the recorded objects that belong to a row of the profile."""
    for point in profile.points.values():
        try:
            arcs = read_oid(point.get("oid") if isinstance(point, dict) else None)
        except Refused:
            continue
        if name not in arcs or sum(isinstance(arc, str) for arc in arcs) != 1:
            continue
        at = arcs.index(name)
        before, after = arcs[:at], arcs[at + 1 :]
        for cell in recording.cells:
            if cell.oid[:at] == before and len(cell.oid) > at + len(after):
                end = len(cell.oid) - len(after)
                if cell.oid[end:] == after:
                    yield cell.oid[at:end]


def _sources(profile: ProfileSchema, file: ProfileFile) -> Sequence[SourcePoint]:
    """Return the points as a device without habits of its own reads them."""
    every = tuple(point.source for point in file.points.values())
    derived = tuple(point for point in every if not _is_read(point))
    points = tuple(point for point in every if _is_read(point))
    if profile.protocol != "modbus":
        return (*points, *derived)
    protocol = PROTOCOLS["modbus"]
    keys = {**quirks_of(profile, "modbus"), "address": _ADDRESS}
    source = protocol.read_source(keys, Path(), Scope(""))
    if source is not None:
        points = protocol.with_points(source, points).points
    return (*points, *derived)


def _is_read(point: SourcePoint) -> bool:
    """Return whether a point is read, and not calculated from others."""
    return point.decoding.derived is None


def _read(points: Sequence[SourcePoint], recording: Recording) -> Iterator[tuple[str, Raw]]:
    """Yield (point, raw value) of the points that the recording has."""
    objects = recording.objects()
    for point in points:
        if isinstance(point, SnmpPoint):
            short = point.oid[:-1] if point.oid[-1] == 0 else point.oid
            name = point.oid if point.oid in objects else short
            if name in objects:
                yield point.id, objects[name]
        elif isinstance(point, ModbusPoint):
            places = [(point.table, point.wire_address + n) for n in range(width(point))]
            if all(place in recording.registers for place in places):
                yield point.id, _of_registers(point, [recording.registers[p] for p in places])


def _of_registers(point: ModbusPoint, words: Sequence[int | None]) -> Raw:
    cells = [word for word in words if word is not None]
    if len(cells) < len(words):
        return None
    size = 1 if point.table in BIT_TABLES else 2
    raws: list[Raw] = [None]
    octets = b"".join(cell.to_bytes(size, "big") for cell in cells)
    BlockLayout(plan_blocks((point,))[0]).fill(octets, raws)
    return raws[0]


def _remark(point: SourcePoint, read: Mapping[str, Raw], value: Value, needed: set[str]) -> str:
    if not _is_read(point):
        return NO_VALUE if value is None else ""
    if point.id not in read:
        return MISSING_REQUIRED if point.id in needed else MISSING
    if _has_no_label(read[point.id], point.decoding):
        return NO_LABEL
    return NO_VALUE if value is None else ""


def _has_no_label(raw: Raw, decoding: Decoding) -> bool:
    if decoding.kind != "enum":
        return False
    number = to_number_of(_NUMBER)(raw)
    if number is None or is_sentinel(number, decoding):
        return False
    return number not in {raw for raw, _ in decoding.labels}
