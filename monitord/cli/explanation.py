"""Prints an explained configuration: what is monitored, how it is evaluated, who is notified.

Formats only; ``config.explain`` calculates every figure.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli import schedule_lines
from monitord.cli.words import Words
from monitord.config import explain
from monitord.config.days import day_of
from monitord.config.explain import (
    DeviceExplained,
    EarlyDelay,
    Explanation,
    ProgrammeExplained,
    settings_of,
)
from monitord.config.expressions.text import expression_text
from monitord.config.fields.plan_types import RANKS
from monitord.config.holidays import unknown_holidays
from monitord.config.settings import PersonSettings, Settings
from monitord.core.model import SECOND
from monitord.core.plan import (
    SEVERITIES,
    AlarmPlan,
    ConditionPlan,
    FaultPlan,
    MemberPlan,
    PersonPlan,
    StagePlan,
    WitnessPlan,
)
from monitord.core.values import Numbering
from monitord.devices.numbering import answers_behind_max_of


class ExplanationReport:
    """The lines of an explanation, in the order monitored, evaluated, notified.

    ``wall``: the wall time in microseconds from which the coming days are shown.
    """

    def __init__(self, settings: Settings, words: Words, wall: int) -> None:
        self._settings = settings
        self._words = words
        self._today = day_of(wall, settings.time_zone)
        self._explained: Explanation = explain(settings)
        self._single = {channel.id for channel in settings.plan.channels if channel.single}

    def _seconds(self, duration_us: int) -> str:
        """Return a duration in seconds, exact to the microsecond."""
        seconds = f"{duration_us / SECOND:.6f}".rstrip("0").rstrip(".")
        return self._words("explain.seconds", seconds=seconds)

    def claims(self) -> Iterator[str]:
        """Yield the shortest detectable outage and the unmonitored layers of each programme."""
        for programme in self._explained.programmes:
            yield from self._claim(programme)
        yield from self._warnings()

    def everything(self) -> Iterator[str]:
        words = self._words
        yield words("explain.watched")
        for device in self._explained.devices:
            yield from self._device(device)
        for condition in self._explained.unused:
            yield "  " + words("explain.unused", condition=condition)
        yield words("explain.judged")
        for programme in self._explained.programmes:
            yield from self._programme(programme)
        yield words("explain.told")
        for person, plan in zip(self._settings.people, self._explained.people, strict=True):
            yield "  " + self._person(person, plan)
        for channel in self._settings.channels:
            deadline = self._seconds(channel.deadline)
            line = words("explain.channel", id=channel.id, kind=channel.kind, deadline=deadline)
            is_single = channel.id in self._single
            yield "  " + (words("explain.single", channel=line) if is_single else line)
        yield "  " + words("explain.close_lag", lag=self._seconds(self._settings.plan.close_lag))
        yield from self._warnings()

    def _warnings(self) -> Iterator[str]:
        """Yield warnings about settings that are allowed and do not work well."""
        words = self._words
        for device in self._explained.stale:
            age, bound = self._seconds(device.age_worst), self._seconds(device.bound)
            yield words("explain.stale", device=device.settings.id, age=age, bound=bound)
        for early in self._explained.early:
            yield self._early(early)
        if self._explained.untold:
            severities = (words.code("severity", each) for each in self._explained.untold)
            yield words("explain.untold", severities=words.listed(severities))
        since = unknown_holidays(self._settings, self._today)
        if since is not None:
            yield words("explain.holidays_unknown", date=str(since))
        for name in self._settings.open_secrets:
            yield words("explain.open_secret", name=name)

    def _early(self, early: EarlyDelay) -> str:
        words = self._words
        fault = (
            words(
                "explain.fault_of",
                programme=early.programme,
                fault=words.code("fault", early.fault),
            )
            if early.programme
            else words("explain.alarm_of", condition=early.fault)
        )
        return words(
            "explain.early.more" if early.others else "explain.early",
            person=early.person.id,
            severity=words.code("severity", early.severity),
            delay=self._seconds(early.delay),
            fault=fault,
            open_after=self._seconds(early.open_after),
            others=early.others,
        )

    def _claim(self, programme: ProgrammeExplained) -> Iterator[str]:
        words = self._words
        second, decided = programme.second, programme.decided_by
        line = words(
            "explain.surely_seen.second" if second else "explain.surely_seen",
            programme=programme.plan.id,
            length=self._seconds(programme.surely_seen),
            condition=decided.id,
            bound=self._seconds(decided.bound),
            width=self._seconds(programme.surely_seen - decided.bound - second),
            second=self._seconds(second),
        )
        missing = [
            words("explain.unmonitored", layer=words(f"layer.{layer}"))
            for layer in programme.unmonitored
        ]
        yield words("explain.claims").join([line, *missing])

    def _device(self, device: DeviceExplained) -> Iterator[str]:
        words, settings, source = self._words, device.settings, device.settings.source
        yield "  " + words(
            "explain.device",
            id=settings.id,
            name=settings.name,
            protocol=source.protocol,
            address=source.where,
            every=self._seconds(settings.poll_every),
            deadline=self._seconds(settings.deadline),
        )
        yield "    " + words(
            "explain.points", points=words.listed(point.id for point in settings.points)
        )
        if settings.slow:
            slow = words.listed(settings.points[place].id for place in settings.slow)
            yield "    " + words(
                "explain.slow", every=self._seconds(settings.slow_every), points=slow
            )
        yield "    " + words("explain.age", age=self._seconds(device.age_worst))
        if device.plan.numbering is not Numbering.NUMBERED:
            late = answers_behind_max_of(settings) + 1
            yield "    " + words(f"explain.{device.plan.numbering}", late=late)
        for key in ("powered_by", "behind", "mutes_on_input"):
            if parents := getattr(device.plan, key):
                yield "    " + words(f"explain.{key}", conditions=words.listed(parents))
        for condition in device.plan.conditions:
            yield "    " + self._condition(condition)
            if condition.alarm is not None:
                yield "      " + self._alarm(condition.alarm)

    def _condition(self, condition: ConditionPlan) -> str:
        words = self._words
        line = words(
            "explain.condition",
            id=condition.id,
            layer=words(f"layer.{condition.layer}"),
            true_when=expression_text(condition.true_when),
            true_lag=self._seconds(condition.true_lag),
            false_lag=self._seconds(condition.false_lag),
            bound=self._seconds(condition.bound),
        )
        if condition.id not in self._explained.proving:
            return line
        return words(
            "explain.proves", condition=line, reason=words.code("reason", condition.reason)
        )

    def _alarm(self, alarm: AlarmPlan) -> str:
        words = self._words
        return words(
            "explain.alarm.true" if alarm.when else "explain.alarm",
            severity=words.code("severity", alarm.severity),
            open_after=self._seconds(alarm.open_after),
            clear_after=self._seconds(alarm.clear_after),
        )

    def _programme(self, programme: ProgrammeExplained) -> Iterator[str]:
        plan = programme.plan
        settings, words = self._settings, self._words
        name = settings.names[f"programme/{plan.id}"]
        times = schedule_lines.daily(settings, plan.id, words)
        yield "  " + words("explain.programme", id=plan.id, name=name, times=times)
        for line in schedule_lines.other_days(settings, plan.id, words, self._today):
            yield f"    {line}"
        for number, stage in enumerate(plan.chain, 1):
            yield from (f"    {line}" for line in self._stage(number, stage))
        for witness in plan.witnesses:
            yield "    " + self._witness(witness)
        yield "    " + self._words("explain.rank", rank=self._rank(plan.rank))
        for key, fault in settings_of(plan):
            yield f"    {self._fault(key, fault)}"
        for line in self._claim(programme):
            yield f"    {line}"

    def _rank(self, rank: int) -> str:
        return self._words(f"rank.{RANKS[rank]}") if rank < len(RANKS) else str(rank)

    def _stage(self, number: int, stage: StagePlan) -> Iterator[str]:
        words = self._words
        layer, owner = words(f"layer.{stage.layer}"), words(f"owner.{stage.owner}")
        yield words("explain.stage", number=number, id=stage.id, layer=layer, owner=owner)
        if stage.needs is not None:
            yield "  " + words("explain.needs", expression=expression_text(stage.needs))
        for member in stage.members:
            yield "  " + self._member(member)
        for degraded in stage.degraded:
            reason, when = words.code("reason", degraded.reason), expression_text(degraded.when)
            yield "  " + words("explain.degraded", reason=reason, when=when)
        if stage.manual is not None:
            yield "  " + words("explain.manual", when=expression_text(stage.manual))

    def _witness(self, witness: WitnessPlan) -> str:
        words, healthy = self._words, witness.healthy
        line = words(
            "explain.witness",
            id=witness.id,
            layer=words(f"layer.{witness.layer}"),
            needs=expression_text(witness.needs),
        )
        if healthy is None:
            return line
        return words("explain.witness.healthy", witness=line, healthy=expression_text(healthy))

    def _member(self, member: MemberPlan) -> str:
        carries = expression_text(member.carries)
        if member.ready is None:
            return self._words("explain.member", id=member.id, carries=carries)
        ready = expression_text(member.ready)
        return self._words("explain.member.ready", id=member.id, carries=carries, ready=ready)

    def _fault(self, key: str, fault: FaultPlan) -> str:
        words = self._words
        return words(
            "explain.fault",
            fault=words.code("fault", key),
            severity=words.code("severity", fault.severity),
            open_after=self._seconds(fault.open_after),
            clear_after=self._seconds(fault.clear_after),
        )

    def _person(self, person: PersonSettings, plan: PersonPlan) -> str:
        words = self._words
        delays = [
            words(
                "explain.delay",
                severity=words.code("severity", severity),
                delay=self._seconds(delay),
            )
            for severity, delay in plan.tell_after
        ]
        never = [words.code("severity", each) for each in SEVERITIES if plan.delay(each) is None]
        if never:
            delays.append(words("explain.never", severities=words.listed(never)))
        return words(
            "explain.person",
            id=person.id,
            name=person.name,
            language=person.language,
            channels=words.listed(plan.tell),
            delays=words.listed(delays),
        )
