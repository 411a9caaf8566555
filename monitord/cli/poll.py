"""``monitord poll``: reads one device once, as the daemon does, and prints all values.

Talks to that device only; keeps no record and asks no daemon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitord.cli.configuration import device_of, settings_of
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.raw_values import shown_raw, shown_value
from monitord.cli.words import Words
from monitord.clock import SystemClock
from monitord.config.expressions.text import expression_text
from monitord.config.settings import Settings
from monitord.core.model import SECOND, Answer, Value
from monitord.core.plan import DevicePlan
from monitord.core.truths import truths_of
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import SourcePoint
from monitord.decoding.rules import Raw
from monitord.devices import open_reader
from monitord.devices.model import DeviceSettings, ReadError
from monitord.texts.phrases import phrase

WORD_AFTER_S = 1.0
"""Interval of the progress lines while a read lasts."""
OVERRUN_S = 1.0
"""A reader that misses its own deadline is stopped this much later."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Read:
    """Raw values in the order of the points; ``wall`` and ``took`` in microseconds."""

    raws: tuple[Raw, ...]
    wall: int
    took: int


def run(invocation: Invocation, *, device: str, deadline_s: float | None) -> int:
    """Read ``device`` within ``deadline_s``; None is the deadline in the configuration."""
    settings, words = settings_of(invocation), Words(invocation.language)
    found = device_of(invocation, settings, device)
    within_s = found.deadline / SECOND if deadline_s is None else deadline_s
    if invocation.err.isatty():
        limit = words.length(within_s)
        write_lines([words("poll.reading", **_label(found), deadline=limit)], invocation.err)
    try:
        read = asyncio.run(_read(found, within_s, invocation, words))
    except ReadError as error:
        raise _unreadable(error, found, words) from error
    document = _document(found, settings, read)
    if invocation.as_json:
        write_json(document, invocation.out)
    else:
        write_lines(_lines(document, words), invocation.out)
    return ExitCode.OK


def _label(device: DeviceSettings) -> dict[str, str]:
    return {"device": device.id, "name": device.name, "address": device.source.where}


def _unreadable(error: ReadError, device: DeviceSettings, words: Words) -> CommandError:
    label = _label(device)
    text = words(
        "poll.failed",
        **label,
        reason=words.reason(error.kind),
        detail=error.phrase,
    )
    return CommandError(ExitCode.UNAVAILABLE, "unreadable", text, **label, kind=error.kind)


async def _read(
    device: DeviceSettings, within_s: float, invocation: Invocation, words: Words
) -> _Read:
    """Read once; print progress during a long read."""
    clock = SystemClock(None)
    reader = open_reader(device)
    began = clock.now()
    reading = asyncio.create_task(reader.read_raw(within_s))
    try:
        while not reading.done() and clock.now() - began < (within_s + OVERRUN_S) * SECOND:
            await asyncio.wait([reading], timeout=WORD_AFTER_S)
            if not reading.done():
                waited, limit = (clock.now() - began) // SECOND, words.length(within_s)
                parameters = {"waited": words.length(waited), "deadline": limit}
                write_lines([words("poll.waiting", device=device.id, **parameters)], invocation.err)
        if not reading.done():
            raise ReadError("timeout", phrase("device.overrun", seconds=f"{OVERRUN_S:g}"))
        return _Read(reading.result(), clock.wall(), clock.now() - began)
    finally:
        reading.cancel()
        await reader.close()


def _document(device: DeviceSettings, settings: Settings, read: _Read) -> Json:
    """Return the result as JSON-like values."""
    points = device.points
    reading = Decoder(points, device.all_zero).decode(read.raws, read.wall)
    suspected = dict(reading.suspected)
    raws = (*read.raws, *(None for _ in device.derived))
    moment = (_BEGINNING + timedelta(microseconds=read.wall)).astimezone(
        ZoneInfo(settings.time_zone)
    )
    return {
        **_label(device),
        "read_at": moment.isoformat(timespec="milliseconds"),
        "took_s": read.took / SECOND,
        "points": [
            _point(point, raw, reading.values[place], suspected.get(place))
            for place, (point, raw) in enumerate(zip(points, raws, strict=True))
        ],
        "conditions": _conditions(device.id, settings, reading.values),
    }


def _point(point: SourcePoint, raw: Raw, value: Value, suspected: Value) -> Json:
    quality = "present" if value is not None else "absent" if suspected is None else "suspect"
    return {
        "id": point.id,
        "unit": point.decoding.unit,
        "quality": quality,
        "value": suspected if value is None else value,
        "raw": shown_raw(raw),
        "where": point.where,
    }


def _conditions(device: str, settings: Settings, values: tuple[Value, ...]) -> list[Json]:
    plan = next(plan for plan in settings.plan.devices if plan.id == device)
    truths = truths_of(plan, Answer(device, 0, 0, values))
    return [_condition(plan, place, truth) for place, truth in enumerate(truths)]


def _condition(plan: DevicePlan, place: int, truth: bool | None) -> Json:
    condition = plan.conditions[place]
    return {
        "id": condition.id,
        "layer": condition.layer.value,
        "truth": truth,
        "true_when": expression_text(condition.true_when),
        "reason": condition.reason,
    }


def _lines(document: Json, words: Words) -> Iterator[str]:
    label = {key: document[key] for key in ("device", "name", "address")}
    at = f"{document['read_at'][:10]} {document['read_at'][11:19]}"
    took = words("poll.took", milliseconds=round(document["took_s"] * 1000))
    yield words("poll.device", **label, at=at, took=took)
    yield words("poll.points")
    for point in document["points"]:
        yield f"  {_point_line(point, words)}"
    yield words("poll.conditions")
    for condition in document["conditions"]:
        yield f"  {_condition_line(condition, words)}"


def _point_line(point: Json, words: Words) -> str:
    raw = words("poll.nothing") if point["raw"] is None else point["raw"]
    parameters = {"point": point["id"], "raw": raw, "where": point["where"]}
    if point["quality"] == "absent":
        return words("poll.absent", **parameters)
    value = shown_value(point["value"], point["unit"])
    return words(f"poll.{point['quality']}", **parameters, value=value)


def _condition_line(condition: Json, words: Words) -> str:
    key = {True: "poll.true", False: "poll.false", None: "poll.unknown"}[condition["truth"]]
    if condition["truth"] is False and not condition["reason"]:
        key = "poll.false.plain"
    return words(
        key,
        condition=condition["id"],
        when=condition["true_when"],
        reason=words.reason(condition["reason"]),
    )
