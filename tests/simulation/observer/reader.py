"""Reads the sentences of a message as a person does: who has what, and what each device does now.

A grammar of its own for the printed words, with the names of the site; nothing of what composed
them is used. A sentence that it cannot read is one that nobody expects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tests.simulation.facts import SECOND, NamesFacts

LANGUAGES = ("zh", "en")
FALSE, SILENT, NO_VALUE, IN_USE = "false", "silent", "no_value", "in_use"
REASON, SITE, OTHER, UNREADABLE = "reason", "site", "other", "unreadable"


@dataclass(frozen=True, slots=True)
class Text:
    """One message in one language. ``text``: all lines of the full form, ``title``: the first."""

    language: str
    title: str
    text: str
    sms: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One part of a cause: ``devices`` have it. ``kind``: see above; ``words``: as printed.

    ``conditions``: those that may be meant, all devices together.
    """

    kind: str
    words: str
    devices: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """What the line of the cause says. ``stage``: its name, "" where none is printed."""

    claims: tuple[Claim, ...]
    stage: str = ""

    @property
    def devices(self) -> frozenset[str]:
        """All devices that it names."""
        return frozenset(device for claim in self.claims for device in claim.devices)


@dataclass(frozen=True, slots=True)
class Now:
    """What the line of the present says: by device, what it does; by programme, where it is."""

    devices: tuple[tuple[str, str], ...] = ()
    programmes: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """The fixed words of one language. ``part``: between faults, ``listed``: between names."""

    cause: str
    affects: str
    now: str
    stop: str
    part: str
    listed: str
    group: str
    brackets: str
    one: str
    silent: str
    no_value: str
    serves: re.Pattern[str]
    length: re.Pattern[str]
    least: str
    most: str
    faults: Mapping[str, str]
    others: tuple[str, ...]
    site: tuple[str, ...]


REASONS = {
    "no_carrier": ("无载波", "no carrier"),
    "no_service": ("无业务信号", "no service"),
    "silence": ("静音", "silence"),
    "reduced_power": ("降功率", "reduced power"),
    "timeout": ("设备无应答", "the device does not answer"),
    "no_value": ("设备未给出该数值", "the device gives no such value"),
    "absent": ("监测程序当时未运行", "monitord itself was not running"),
    "not_yet": ("尚未采集到数据", "nothing was read yet"),
    "late": ("监测计算机自身停顿", "monitord itself did not keep up"),
    "withdrawn": ("已从配置中移除", "no longer configured"),
    "witness": (
        "看不到发射机，接收机也收不到",
        "the transmitter is not seen, and the receiver receives nothing",
    ),
    "restart": ("设备曾重启", "the device restarted"),
    "power": ("供电中断后设备无应答", "the device does not answer after a loss of power"),
    "all_silent": ("全台曾无应答", "no device answered"),
    "doubted": ("失监前最后一次读数异常", "the last reading before silence was bad"),
    "presumed": (
        "开播前已停，此后一直失监",
        "off air before its hours began, and not seen since",
    ),
    "disputed": ("接收机与链路不符", "the receiver contradicts the chain"),
    "between": ("读数不足以判断", "too few readings to tell"),
    "reserve_lost": ("无后备", "no backup"),
    "reserve_unknown": ("看不到后备", "the backup cannot be seen"),
    "reserve_used": ("后备已用于其他节目", "the backup serves another programme"),
}
"""What is said of a programme in the place of a device's fault, in Chinese and English."""
GRAMMARS = {
    "zh": Grammar(
        cause="原因：",
        affects="影响：",
        now="现状：",
        stop="。",
        part="，",
        listed="、",
        group="；",
        brackets=r"^(.*)（([^（）]*)）$",
        one=r"^(.+?)(?:均)?$",
        silent="无应答",
        no_value="无有效读数",
        serves=re.compile(r"^(.+?)(?:均)?已用于(.+)$"),
        length=re.compile(r"(?:([0-9]+)小时)?(?:([0-9]+)分)?([0-9.]+)秒"),
        least="至少",
        most="至多",
        faults={"疑似停播": "suspected", "停播": "off_air"},
        others=("曾被占用", "与链路不符", "同时接两套", "曾重启", "应答不一致"),
        site=("本机时钟不可信", "全台设备无应答"),
    ),
    "en": Grammar(
        cause="Cause: ",
        affects="Affects: ",
        now="Now: ",
        stop=".",
        part="; ",
        listed=", ",
        group="; ",
        brackets=r"^(.*) \(([^()]*)\)$",
        one=r"^(.+): $",
        silent="does not answer",
        no_value="gives no valid reading",
        serves=re.compile(r"^(.+): serves (.+)$"),
        length=re.compile(r"(?:([0-9]+) h )?(?:([0-9]+) min )?([0-9.]+) s\b"),
        least="at least",
        most="at most",
        faults={"probably off": "suspected", "off air": "off_air"},
        others=(
            "was in use",
            "contradicts the chain",
            "switched to two programmes",
            "restarted",
            "gives inconsistent answers",
        ),
        site=("the clock of this computer is not trusted", "no device of the site answers"),
    ),
}


@dataclass
class Reader:
    """Reads the messages of one site in one language."""

    names: NamesFacts
    language: str
    _causes: dict[str, Cause] = field(default_factory=dict)

    @property
    def grammar(self) -> Grammar:
        return GRAMMARS[self.language]

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Device by name."""
        return {name: device for device, name in self.names.devices.items()}

    @cached_property
    def words(self) -> dict[str, dict[str, list[str]]]:
        """By words and device, the conditions that may be meant."""
        found: dict[str, dict[str, list[str]]] = {}
        for condition, pair in self.names.words.items():
            words = pair[LANGUAGES.index(self.language)]
            device = condition.partition(".")[0]
            found.setdefault(words, {}).setdefault(device, []).append(condition)
        return found

    @cached_property
    def reached(self) -> dict[str, list[str]]:
        """By the sentence of a switch, its conditions."""
        found: dict[str, list[str]] = {}
        for condition, device in self.names.reached.items():
            name = self.names.devices[device]
            sentence = f"天线未接{name}" if self.language == "zh" else f"antenna not on {name}"
            found.setdefault(sentence, []).append(condition)
        return found

    # The lines

    def line(self, text: Text, head: str) -> str:
        """Return a line without its head and its stop; "" where it is not there."""
        lines = (line for line in text.text.split("\n") if line.startswith(head))
        found = next(lines, "").removeprefix(head)
        return found.removesuffix(self.grammar.stop)

    def programmes(self, text: Text) -> set[str]:
        """Return the programmes that the title and the line of what is affected name."""
        return self.programmes_in(text.title + self.line(text, self.grammar.affects))

    def programmes_in(self, text: str) -> set[str]:
        """Return the programmes that a text names."""
        return {one for one, name in self.names.programmes.items() if name in text}

    # The cause

    def cause(self, text: Text) -> Cause | None:
        """Return what the cause says; None where the message has no such line."""
        line = self.line(text, self.grammar.cause)
        if not line:
            return None
        if line not in self._causes:
            self._causes[line] = self._cause(line)
        return self._causes[line]

    def _cause(self, line: str) -> Cause:
        bracketed = re.match(self.grammar.brackets, line)
        body, behind = bracketed.groups() if bracketed else (line, "")
        inside = behind.split(self.grammar.part) if behind else []
        whole = self._whole(body)
        if whole:
            devices: tuple[str, ...] = ()
            if inside and (found := self.devices(inside[0])):
                devices, inside = found, inside[1:]
            claims = (Claim(*whole, devices),)
        else:
            claims = tuple(self._claim(part) for part in body.split(self.grammar.part))
        return Cause(claims, self.grammar.part.join(inside))

    def _whole(self, body: str) -> tuple[str, str] | tuple[()]:
        """Return kind and words of a cause that is no device's fault; empty for any other."""
        if body in self.grammar.site:
            return SITE, body
        own = LANGUAGES.index(self.language)
        found = (code for code, words in REASONS.items() if words[own] == body)
        code = next(found, "")
        return (REASON, code) if code else ()

    def _claim(self, part: str) -> Claim:
        if part in self.reached:
            conditions = tuple(self.reached[part])
            devices = tuple(dict.fromkeys(name.partition(".")[0] for name in conditions))
            return Claim(FALSE, part, devices, conditions)
        if serves := self.grammar.serves.match(part):
            return Claim(IN_USE, serves[2], self.devices(serves[1]))
        for words, kind in self._predicates():
            if part.endswith(words):
                head = re.match(self.grammar.one, part.removesuffix(words))
                devices = self.devices(head[1]) if head else ()
                of = self.words.get(words, {})
                conditions = tuple(name for one in devices for name in of.get(one, ()))
                if devices and (kind != FALSE or all(one in of for one in devices)):
                    return Claim(kind, words, devices, conditions)
        return Claim(UNREADABLE, part)

    def _predicates(self) -> Iterator[tuple[str, str]]:
        yield from ((words, FALSE) for words in sorted(self.words, key=len, reverse=True))
        yield self.grammar.silent, SILENT
        yield self.grammar.no_value, NO_VALUE
        yield from ((words, OTHER) for words in self.grammar.others)

    def devices(self, text: str) -> tuple[str, ...]:
        """Return the devices of a list of names, also of one in which they share head or tail."""
        parts = text.split(self.grammar.listed)
        if all(part in self.by_name for part in parts):
            return tuple(self.by_name[part] for part in parts)
        return next(self._joined(parts), ())

    def _joined(self, parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
        for first in self.by_name:
            tail = first.removeprefix(parts[0])
            if tail in ("", first) or not parts[-1].endswith(tail):
                continue
            for last in self.by_name:
                head = last.removesuffix(parts[-1])
                if not last.endswith(parts[-1]) or not parts[0].startswith(head):
                    continue
                middle = [f"{head}{part}{tail}" for part in parts[1:-1]]
                if all(name in self.by_name for name in middle):
                    yield tuple(self.by_name[name] for name in (first, *middle, last))

    # Figures

    def affected(self, text: Text) -> list[tuple[str, str]]:
        """Return (programme, what is said of it) of the line of what is affected."""
        found: list[tuple[str, str]] = []
        line = self.line(text, self.grammar.affects)
        for piece in line.split(self.grammar.group) if line else ():
            about = self._begins(piece, self.names.programmes)
            if about is not None:
                found.append(about)
            elif found:
                programme, said = found[-1]
                found[-1] = programme, f"{said}{self.grammar.group}{piece}"
        return found

    def lasted(self, said: str) -> tuple[int, int | None] | None:
        """Return least and most of what is said, microseconds; None where it gives no length.

        The most is None where only the least is said. One length alone is both within a second,
        rounded up.
        """
        lengths = [_length(*found.groups()) for found in self.grammar.length.finditer(said)]
        if not lengths:
            return None
        has_least, has_most = self.grammar.least in said, self.grammar.most in said
        least = lengths[0] if has_least else 0
        if has_most:
            return least, lengths[-1]
        return (least, None) if has_least else (max(0, lengths[0] - 2 * SECOND), lengths[0])

    # The present

    def now(self, text: Text) -> Now:
        """Return what the line of the present says."""
        line = self.line(text, self.grammar.now)
        devices: list[tuple[str, str]] = []
        programmes: list[tuple[str, str]] = []
        unread: list[str] = []
        for group in line.split(self.grammar.group) if line else ():
            about = self._begins(group, self.names.programmes)
            if about is not None:
                programmes.append(about)
                continue
            for piece in group.split(self.grammar.listed):
                found = self._begins(piece, self.names.devices)
                if found is not None:
                    devices.append(found)
                elif devices:
                    device, does = devices[-1]
                    devices[-1] = device, f"{does}{self.grammar.listed}{piece}"
                else:
                    unread.append(piece)
        return Now(tuple(devices), tuple(programmes), tuple(unread))

    def _begins(self, text: str, names: object) -> tuple[str, str] | None:
        assert isinstance(names, dict)
        found = (one for one, name in names.items() if text.startswith(name))
        one = next(found, None)
        return None if one is None else (one, text.removeprefix(names[one]).strip())


def _length(hours: str | None, minutes: str | None, seconds: str) -> int:
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return whole * SECOND + round(float(seconds) * SECOND)
