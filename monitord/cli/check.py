"""``monitord check``: every mistake of a configuration at once, or what it amounts to.

Talks to no device, no record and no daemon.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from monitord.cli.common import Asked, Json, carry_out, mistake_json, write_json
from monitord.clock import read_instant
from monitord.config import ConfigErrors, explain, load
from monitord.config.explain import DeviceExplained, Explanation, ProgrammeExplained
from monitord.config.expressions.text import expression_text
from monitord.config.settings import PersonSettings, Settings
from monitord.core.model import SECOND
from monitord.core.plan import ConditionPlan, FaultPlan, MemberPlan, PersonPlan, StagePlan
from monitord.texts import render
from monitord.texts.check import TEXTS

CORRECT, MISTAKES = 0, 2


def run(path: Path, explain: bool, out: TextIO, language: str, *, as_json: bool = False) -> int:
    """Print the mistakes in the file at ``path`` and return 2, or what it amounts to and return 0.

    ``language``: zh or en, for all but the mistakes, which are in English. ``as_json``: one JSON
    document for scripts instead.
    """
    asked = Asked(path, language, as_json, out, sys.stderr)
    return carry_out(asked, _check_json if as_json else lambda asked: _check(asked, explain))


def _check_json(asked: Asked) -> int:
    found: Json = {
        "file": str(asked.config),
        "ok": True,
        "mistakes": [],
        "programmes": [],
        "stale": [],
    }
    try:
        explained = explain(load(asked.config, wall=read_instant().wall))
    except ConfigErrors as errors:
        mistakes = [mistake_json(error) for error in errors.errors]
        write_json(found | {"ok": False, "mistakes": mistakes}, asked.out)
        return MISTAKES
    found["programmes"] = [_claim_json(programme) for programme in explained.programmes]
    found["stale"] = [_stale_json(device) for device in explained.stale]
    write_json(found, asked.out)
    return CORRECT


def _claim_json(programme: ProgrammeExplained) -> Json:
    return {
        "id": programme.plan.id,
        "surely_seen_s": programme.surely_seen / SECOND,
        "decided_by": programme.decided_by.id,
        "unmonitored": list(programme.unmonitored),
    }


def _stale_json(device: DeviceExplained) -> Json:
    return {
        "device": device.settings.id,
        "age_worst_s": device.age_worst / SECOND,
        "bound_s": device.bound / SECOND,
    }


def _check(asked: Asked, explain: bool) -> int:
    path, out, text = asked.config, asked.out, _Text(asked.language)
    try:
        settings = load(path, wall=read_instant().wall)
    except ConfigErrors as errors:
        for error in errors.errors:
            print(error, file=out)
        print(text("mistakes", file=path, count=len(errors.errors)), file=out)
        return MISTAKES
    print(text("ok", file=path), file=out)
    report = _Report(settings, text)
    for line in report.everything() if explain else report.claims():
        print(line, file=out)
    return CORRECT


class _Text:
    """The templates of one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, key: str, **parameters: object) -> str:
        return TEXTS[self._language][key].format_map(parameters)

    def code(self, kind: str, code: str) -> str:
        """Return what messages call a reason or a severity."""
        return render(self._language, f"{kind}.{code}")

    def length(self, duration_us: int) -> str:
        return self("seconds", seconds=f"{duration_us / SECOND:.6f}".rstrip("0").rstrip("."))

    def listed(self, *texts: str) -> str:
        return self("list").join(texts)


class _Report:
    """The lines of an explanation, in the order watched, judged, told."""

    def __init__(self, settings: Settings, text: _Text) -> None:
        self._settings = settings
        self._text = text
        self._explained: Explanation = explain(settings)

    def claims(self) -> Iterator[str]:
        """Yield what each programme is surely seen to lose, and which layers nobody watches."""
        for programme in self._explained.programmes:
            yield from self._claim(programme)
        yield from self._warnings()

    def everything(self) -> Iterator[str]:
        text = self._text
        yield text("watched")
        for device in self._explained.devices:
            yield from self._device(device)
        for condition in self._explained.unused:
            yield "  " + text("unused", condition=condition)
        yield text("judged")
        for programme in self._explained.programmes:
            yield from self._programme(programme)
        yield text("told")
        for person, plan in zip(self._settings.people, self._explained.people, strict=True):
            yield "  " + self._person(person, plan)
        for channel in self._settings.channels:
            deadline = text.length(channel.deadline)
            yield "  " + text("channel", id=channel.id, kind=channel.kind, deadline=deadline)
        yield from self._warnings()

    def _warnings(self) -> Iterator[str]:
        """Yield what is allowed and yet will not do."""
        text = self._text
        for device in self._explained.stale:
            age, bound = text.length(device.age_worst), text.length(device.bound)
            yield text("stale", device=device.settings.id, age=age, bound=bound)

    def _claim(self, programme: ProgrammeExplained) -> Iterator[str]:
        text = self._text
        line = text(
            "surely_seen",
            programme=programme.plan.id,
            length=text.length(programme.surely_seen),
            condition=programme.decided_by.id,
            bound=text.length(programme.decided_by.bound),
            width=text.length(programme.surely_seen - programme.decided_by.bound),
        )
        missing = [
            text("unmonitored", layer=text(f"layer.{layer}")) for layer in programme.unmonitored
        ]
        yield text("claims").join([line, *missing])

    def _device(self, device: DeviceExplained) -> Iterator[str]:
        text, settings, source = self._text, device.settings, device.settings.source
        yield "  " + text(
            "device",
            id=settings.id,
            name=settings.name,
            protocol=source.protocol,
            address=source.where,
            every=text.length(settings.poll_every),
            deadline=text.length(settings.deadline),
        )
        yield "    " + text("points", points=text.listed(*(point.id for point in settings.points)))
        if settings.slow:
            slow = text.listed(*(settings.points[place].id for place in settings.slow))
            yield "    " + text("slow", every=text.length(settings.slow_every), points=slow)
        yield "    " + text("age", age=text.length(device.age_worst))
        for condition in device.plan.conditions:
            yield "    " + self._condition(condition)

    def _condition(self, condition: ConditionPlan) -> str:
        text = self._text
        line = text(
            "condition",
            id=condition.id,
            layer=text(f"layer.{condition.layer}"),
            true_when=expression_text(condition.true_when),
            true_lag=text.length(condition.true_lag),
            false_lag=text.length(condition.false_lag),
            bound=text.length(condition.bound),
        )
        if condition.id not in self._explained.proving:
            return line
        return text("proves", condition=line, reason=text.code("reason", condition.reason))

    def _programme(self, programme: ProgrammeExplained) -> Iterator[str]:
        plan = programme.plan
        name = self._settings.names[f"programme/{plan.id}"]
        yield "  " + self._text("programme", id=plan.id, name=name, times=self._times(plan.id))
        for number, stage in enumerate(plan.chain, 1):
            yield from (f"    {line}" for line in self._stage(number, stage))
        for key in ("off_air", "blind", "reserve_lost"):
            yield f"    {self._fault(key, getattr(plan, key))}"
        for line in self._claim(programme):
            yield f"    {line}"

    def _times(self, programme: str) -> str:
        for schedule in self._settings.schedules:
            if schedule.programme == programme:
                slots = (f"{_clock(start)}-{_clock(end)}" for start, end in schedule.daily)
                return self._text("daily", slots=self._text.listed(*slots))
        return self._text("always")

    def _stage(self, number: int, stage: StagePlan) -> Iterator[str]:
        text = self._text
        layer, owner = text(f"layer.{stage.layer}"), text(f"owner.{stage.owner}")
        yield text("stage", number=number, id=stage.id, layer=layer, owner=owner)
        if stage.needs is not None:
            yield "  " + text("needs", expression=expression_text(stage.needs))
        for member in stage.members:
            yield "  " + self._member(member)
        for degraded in stage.degraded:
            reason, when = text.code("reason", degraded.reason), expression_text(degraded.when)
            yield "  " + text("degraded", reason=reason, when=when)

    def _member(self, member: MemberPlan) -> str:
        carries = expression_text(member.carries)
        if member.ready is None:
            return self._text("member", id=member.id, carries=carries)
        ready = expression_text(member.ready)
        return self._text("member.ready", id=member.id, carries=carries, ready=ready)

    def _fault(self, key: str, fault: FaultPlan) -> str:
        text = self._text
        return text(
            "fault",
            fault=text(f"fault.{key}"),
            severity=text.code("severity", fault.severity),
            open_after=text.length(fault.open_after),
            clear_after=text.length(fault.clear_after),
        )

    def _person(self, person: PersonSettings, plan: PersonPlan) -> str:
        text = self._text
        delays = (
            text("delay", severity=text.code("severity", severity), delay=text.length(delay))
            for severity, delay in plan.tell_after
        )
        return text(
            "person",
            id=person.id,
            name=person.name,
            language=person.language,
            channels=text.listed(*plan.tell),
            delays=text.listed(*delays),
        )


def _clock(minutes: int) -> str:
    """Return minutes of the station's day as they were written: 24:00 ends, 01:00 is the next."""
    shown = minutes if minutes <= 1440 else minutes - 1440
    return f"{shown // 60:02}:{shown % 60:02}"
