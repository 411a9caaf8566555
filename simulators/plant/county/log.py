"""The log of the plant: each change with its moment and its words.

Owns the words for effects; must not know what any monitor sees of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simulators.plant.county.station import Station
from simulators.plant.county.vocabulary import NEVER, SITE, VOCABULARY
from simulators.plant.signals import Signal


@dataclass(frozen=True, slots=True)
class Line:
    """One line, at plant time ``at``. ``is_cause``: a fault of the plant; else its effect."""

    at: int
    zh: str
    en: str
    is_cause: bool = False


def log(station: Station, since: int, until: int) -> list[Line]:
    """Return what happened in ``[since, until)``, in order of time, causes before effects."""
    lines = [*_causes(station, since, until), *_effects(station, since, until)]
    return sorted(lines, key=lambda line: (line.at, not line.is_cause))


def _causes(station: Station, since: int, until: int) -> Iterator[Line]:
    for fault in station.faults:
        word = VOCABULARY[fault.what]
        who = "" if fault.device == SITE else f"{fault.device} "
        amount = f" ({fault.amount} {word.amount})" if word.amount else ""
        if since <= fault.at < until:
            yield Line(fault.at, f"{who}{word.zh}", f"{who}{word.en}{amount}", is_cause=True)
        if since <= fault.until < until and fault.until < NEVER and not word.is_moment:
            zh, en = f"{who}{word.zh}：结束", f"end of: {who}{word.en}"
            yield Line(fault.until, zh, en, is_cause=True)


def _effects(station: Station, since: int, until: int) -> Iterator[Line]:
    for signal, words in _watched(station):
        for at, value in signal.changes(since, until):
            if text := words(value):
                yield Line(at, *text)


Words = Callable[[Any], tuple[str, str] | None]


def _watched(station: Station) -> Iterator[tuple[Signal[Any], Words]]:
    yield from _of_power(station)
    yield from _of_emission(station)
    for id_, channel in station.channels.items():
        yield (
            channel.on_backup,
            _either(
                f"{id_} 切到备路", f"{id_} 切回主路", f"{id_}: on its backup", f"{id_}: on its main"
            ),
        )
        yield channel.says_silent, _detector(id_, "静音", "silence")
        yield channel.says_frozen, _detector(id_, "静帧", "a frozen picture")
        yield channel.says_black, _detector(id_, "黑场", "black")


def _of_power(station: Station) -> Iterator[tuple[Signal[Any], Words]]:
    power = station.power
    yield power.mains, _mains
    yield (
        power.is_running,
        _either("油机运行", "油机停机", "the generator runs", "the generator has stopped"),
    )
    yield (
        power.on_generator,
        _either(
            "ATS 切到油机", "ATS 切回市电",
            "the transfer switch is on the generator", "the transfer switch is back on the mains",
        ),
    )  # fmt: skip
    for id_, ups in power.ups.items():
        yield (
            ups.on_battery,
            _either(
                f"{id_} 电池供电", f"{id_} 恢复市电供电", f"{id_} on battery", f"{id_} on its input"
            ),
        )
        yield (
            ups.output,
            _either(
                f"{id_} 恢复输出", f"{id_} 电池耗尽，无输出", f"{id_} has output", f"{id_} is empty"
            ),
        )


def _of_emission(station: Station) -> Iterator[tuple[Signal[Any], Words]]:
    for id_, power_w in station.dtmb.power_w.items():
        yield power_w, _power(id_)
    for id_, fm in station.fm.items():
        yield fm.power_w, _power(id_)
    yield station.dtmb.antenna, _antenna
    for id_, receiver in station.receivers.items():
        yield (
            receiver.is_locked,
            _either(f"{id_} 锁定", f"{id_} 失锁", f"{id_} is locked", f"{id_} has lost lock"),
        )


def _mains(is_on: bool) -> tuple[str, str] | None:
    return ("市电恢复", "the mains are back") if is_on else None


def _either(zh_true: str, zh_false: str, en_true: str, en_false: str) -> Words:
    return lambda value: (zh_true, en_true) if value else (zh_false, en_false)


def _detector(id_: str, zh: str, en: str) -> Words:
    return _either(
        f"{id_} 检测器报{zh}",
        f"{id_} 检测器{zh}解除",
        f"{id_}: the detector reports {en}",
        f"{id_}: the detector no longer reports {en}",
    )


def _power(id_: str) -> Words:
    return lambda watts: (f"{id_} 正向功率 {watts} W", f"{id_}: forward power {watts} W")


def _antenna(on: str | None) -> tuple[str, str]:
    if on is None:
        return "同轴开关转换中", "the coax switch moves"
    return f"天线接到 {on}", f"{on} is on the antenna"
