"""Plays a timeline of the executable model of incidents to the core. Owns the mapping, no rule.

The model (``incidents.py`` beside the architecture) knows settled facts; here each fact is an
answer of every device, with one just before it, so that evidence is a microsecond wide.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from monitord.core.decision_bodies import Acknowledge
from monitord.core.dues import Rank
from monitord.core.expression import Name
from monitord.core.model import Answer, Decision, Event, Input, Layer
from monitord.core.plan import (
    ChannelPlan,
    ConditionPlan,
    DevicePlan,
    FaultPlan,
    PersonPlan,
    Plan,
    PointPlan,
    ProgrammePlan,
    StagePlan,
)
from tests.support.seam import T0, WALL, Driver, Outcome

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "model"
NEVER = 1 << 50
EVERY = 50
"""Between two answers. Blindness is proven so much later, which the model does not know."""
PROVEN_AFTER = EVERY + 2
"""Blindness is proven so much later than it begins."""
APART = 6 * EVERY
"""Between two inputs at least."""
LAYERS = {"content": Layer.CONTENT, "service": Layer.SERVICE}
KINDS = {"closed": "closed_before_told", "hours": "hours_ended"}
"""Words of the model that have another name here."""


def module(name: str, folder: Path = FOLDER) -> ModuleType:
    """Return a module of the model. Raises FileNotFoundError where there is none."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
        if name == "incidents":
            # It is there for the width of evidence, which is zero here.
            sys.modules[name].SAME_MOMENT = 0  # type: ignore[attr-defined]
    return sys.modules[name]


Timeline = tuple[Any, list[Any], int]
"""A plan of the model, its facts, and how long it is played."""


Members = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``members``: programme, falls, and how long it was off at least and at most."""

    at: int
    person: str
    number: int
    told: str
    severity: str
    place: str
    members: Members
    several: int
    held_for: int = 0
    """At most so long it waited for a message that the model does not know."""


@dataclass(frozen=True, slots=True)
class Story:
    """What came of a timeline. ``outages``: (programme, begin, end); ``incidents``: (number, place,
    opened, closed, how)."""

    outages: list[tuple[str, int, int | None]]
    incidents: list[tuple[int, str, int, int | None, str]]
    messages: list[Said]

    def messages_of(self, person: str) -> list[Said]:
        """Return the messages of one person, in order; what two get at one moment has no order."""
        return [one for one in self.messages if one.person == person]


def device_of(place: str) -> str:
    """Return the device that has a place of the model."""
    # Here ``site`` is the place of what no device explains.
    name = place.partition("/")[0]
    return "whole_site" if name == "site" else name


def _place(place: str) -> str:
    return f"{device_of(place)}/{place.partition('/')[2]}"


def _condition(stage: Any) -> str:
    return f"{device_of(stage.place)}.{stage.condition or stage.name}"


def plan_of(given: Any, first: Any = None) -> Plan:
    """Return the model's plan as one of the core; evidence has neither lag nor bound.

    It has the devices of ``first`` or its own: a reload changes none of them.
    """
    conditions: dict[str, ConditionPlan] = {}
    keys = [
        (_condition(s), LAYERS.get(s.layer, Layer.EMISSION))
        for p in (given if first is None else first).programmes
        for s in p.chain
    ]
    keys += [(_place(parent).replace("/", "."), Layer.EQUIPMENT) for _, parent in given.because]
    for name, layer in keys:
        device, _, point = name.partition(".")
        lags = (0, 0, EVERY + 1)
        found = ConditionPlan(name, device, layer, "no_carrier", Name(point), *lags)
        conditions.setdefault(name, found)
    devices = [_device_plan(given, name, conditions) for name in _devices(conditions)]
    return Plan(
        "hill",
        tuple(devices),
        tuple(_programme(one) for one in given.programmes),
        tuple(PersonPlan(p.id, tuple(p.channels), tuple(p.tell_after)) for p in given.people),
        retry_first=5_000_000,
        mark_every=NEVER,
        close_lag=given.close_lag,
        channels=tuple(ChannelPlan(c.id, c.single) for c in given.channels),
    )


def _devices(conditions: dict[str, ConditionPlan]) -> list[str]:
    return list(dict.fromkeys(one.device for one in conditions.values()))


def _device_plan(given: Any, name: str, conditions: dict[str, ConditionPlan]) -> DevicePlan:
    own = tuple(one for one in conditions.values() if one.device == name)
    points = tuple(PointPlan(one.id.partition(".")[2]) for one in own)
    plan = DevicePlan(name, points, own, EVERY, 0)
    for place, parent in given.because:
        if device_of(place) == name:
            parents = (*plan.mutes_on_input, _place(parent).replace("/", "."))
            plan = replace(plan, mutes_on_input=parents)
    return plan


def _programme(one: Any) -> ProgrammePlan:
    chain = tuple(
        StagePlan(s.name, "own", LAYERS.get(s.layer, Layer.EMISSION), needs=Name(_condition(s)))
        for s in one.chain
    )
    never = FaultPlan(NEVER, 0, "warning")  # nobody is to get a message of it
    off_air = FaultPlan(one.open_after, one.clear_after, one.severity)
    return ProgrammePlan(one.id, chain, off_air, never, never, rank=one.rank)


def order_of_devices(given: Any) -> dict[str, int]:
    """Return the place of each device in the order in which they are asked."""
    return {device.id: n for n, device in enumerate(plan_of(given).devices)}


def drawn(seed: int, *, blind: bool = False) -> Timeline:
    """Return plan, inputs and length of a timeline of the model's generator.

    ``blind``: with the spans in which something is not seen.
    Where a channel fails there is one person: two attempts that end at the same moment have no
    order.
    """
    plan, inputs, until = module("check_incidents").draw(seed)
    inputs = [one for one in inputs if blind or getattr(one, "kind", "") != "blind"]
    if any(channel.dead for channel in plan.channels):
        plan = replace(plan, people=plan.people[:1])
        inputs = [_of_people(one, plan.people) for one in inputs]
    return plan, timeline(inputs), until


def _of_people(one: Any, people: tuple[Any, ...]) -> Any:
    is_reload = hasattr(one, "plan")
    return replace(one, plan=replace(one.plan, people=people)) if is_reload else one


def timeline(inputs: list[Any]) -> list[Any]:
    """Return the inputs some microseconds apart from each other and from every delay."""
    found, last = [], 0
    for n, one in enumerate(inputs):
        at = one.at if one.at == 0 else max(last + APART, one.at + 7 + n * n * 7_919 % 10_007)
        last = at
        found.append(_in_order(replace(one, at=at)))
    return found


def _in_order(one: Any) -> Any:
    """Return an input whose people have the order of their ids, as the core takes them."""
    if not hasattr(one, "plan"):
        return one
    people = [replace(p, id="person9") if p.id == "newcomer" else p for p in one.plan.people]
    return replace(one, plan=replace(one.plan, people=tuple(people)))


def as_proven(inputs: list[Any]) -> list[Any]:
    """Return the inputs with blindness when it is proven."""
    return [
        replace(one, at=one.at + PROVEN_AFTER) if getattr(one, "kind", "") == "blind" else one
        for one in inputs
    ]


class _Play:
    def __init__(self, given: Any, inputs: list[Any], until: int) -> None:
        self.inputs = inputs
        self.until = until
        self.dead = {c.id: c for c in given.channels}
        self.given = given
        self.plan = plan_of(given)
        calendar = {
            p.id: tuple((WALL + a, WALL + min(b, NEVER), "on") for a, b in p.hours)
            for p in given.programmes
        }
        self.keys = {s.key: _condition(s) for p in given.programmes for s in p.chain}
        self.keys |= {parent: _place(parent).replace("/", ".") for _, parent in given.because}
        self.kinds = dict.fromkeys(self.keys.values(), "blind")
        self.driver = Driver(self.plan, outcomes=self.outcome, calendar=calendar)

    def outcome(self, channel: str, now: int) -> Outcome:
        one = self.dead[channel]
        good = not any(a <= now - T0 < b for a, b in one.dead)
        return Outcome(one.answers if good else one.deadline, "delivered" if good else "temporary")

    def answers(self, at: int, until: int) -> list[Input]:
        """Return a run of answers of each device from ``at`` up to ``until``, ended there."""
        values = {"good": True, "bad": False, "blind": None}
        found: list[Input] = []
        for device in self.plan.devices:
            given = tuple(values[self.kinds[one.id]] for one in device.conditions)
            count = -(-(until - at) // EVERY)
            if count > 0:
                found.append(Answer(device.id, at, at, given, count, EVERY))
            found.append(Answer(device.id, until, until, given))
        return found

    def run(self) -> Driver:
        self.driver.start(T0)
        at, place, answered, blind_until = T0, 0, T0, T0
        while at <= T0 + self.until:
            first = min(answered + EVERY, at - 1)
            before = self.answers(first, at - 1) if at > answered + 1 else []
            others = []
            while place < len(self.inputs) and T0 + self.inputs[place].at <= at:
                one = self.inputs[place]
                place += 1
                if not hasattr(one, "key"):
                    others.append(one)
                elif one.key in self.keys:
                    self.kinds[self.keys[one.key]] = one.kind
                    blind_until = at + PROVEN_AFTER if one.kind == "blind" else blind_until
            self.driver.tick([*before, *self.answers(at, at)], at)
            for one in others:
                self.decide(one, at)
            self.driver.tick(self.answers(at + 1, at + 1), at + 1)
            answered = at + 1
            dues = self.driver.situation.dues.times
            times = [*self.driver.under_way_until]
            times += [due for key, due in dues.items() if key.rank is not Rank.OVERDUE]
            times += [T0 + one.at for one in self.inputs[place : place + 1]]
            times += [blind_until] if blind_until > at else []
            at = max(at + 4, min(times, default=NEVER))
        return self.driver

    def decide(self, one: Any, at: int) -> None:
        """Take a reload, or an acknowledgement of the incident that is open by a place."""
        if hasattr(one, "plan"):
            self.driver.reload(plan_of(one.plan, self.given), at)
            return
        incident = self.driver.situation.durable.places.get(_place(one.place))
        if incident is not None:
            body = Acknowledge(incident)
            self.driver.tick([Decision(at, f"ack{at}", one.person, "command", body)], at)


def core_story(given: Any, inputs: list[Any], until: int) -> Story:
    """Return what the core decides on a timeline."""
    events = _Play(given, inputs, until).run().events
    rows = _incidents(events)
    numbers = {name: row[0] for name, row in rows.items()}
    return Story(_outages(events), list(rows.values()), _messages(events, numbers))


def _outages(events: list[Event]) -> list[tuple[str, int, int | None]]:
    found: list[tuple[str, int, int | None]] = []
    for event in events:
        body = json.loads(event.body)
        if event.kind in ("outage_began", "outage_ended") and body["fault"] == "off_air":
            key = body["programme"], body["began"][1] - T0
            if event.kind == "outage_ended":
                found.remove((*key, None))
                found.append((*key, body["ended"][1] - T0))
            else:
                found.append((*key, None))
    return sorted(found, key=str)


def _incidents(events: list[Event]) -> dict[str, tuple[int, str, int, int | None, str]]:
    """Return the incidents of outages; those of blindness have no part in the model."""
    rows: dict[str, tuple[int, str, int, int | None, str]] = {}
    for event in events:
        body = json.loads(event.body)
        if event.kind == "incident_opened":
            if body["fault"] != "blind":
                number, opened = len(rows) + 1, body["opened_at"] - T0
                rows[event.subject] = number, body["place"]["id"], opened, None, ""
        elif event.subject not in rows:
            continue
        elif event.kind == "incident_moved":
            number, _, *rest = rows[event.subject]
            rows[event.subject] = number, body["place"]["id"], *rest  # type: ignore[assignment]
        elif event.kind == "incident_closed":
            rows[event.subject] = *rows[event.subject][:3], event.at - T0, body["how"]
    return rows


def _messages(events: list[Event], numbers: dict[str, int]) -> list[Said]:
    found = []
    for event in events:
        if event.kind != "attempt_began":
            continue
        alert = json.loads(event.body)["alert"]
        members = [] if alert["told"] == "storm" else alert["members"]
        found.append(
            Said(
                event.at - T0,
                event.subject,
                numbers.get(alert["incident"], 0),
                alert["told"],
                alert["severity"],
                alert["cause"]["place"],
                tuple(sorted(map(_member, members))),
                len(alert["several"]),
            )
        )
    return found


def _member(member: dict[str, Any]) -> tuple[str, int, int, int]:
    return member["programme"], member["falls"], member["least"], member["most"]


def model_story(played: Any) -> Story:
    """Return what a model that has run decided."""
    outages = [(o.programme, o.begin, o.end) for o in played.outages]
    incidents = [(i.number, _place(i.cause), i.opened, i.closed, i.how) for i in played.incidents]
    messages = [
        Said(
            m.at,
            m.person,
            m.incident,
            KINDS.get(m.kind, m.kind),
            m.severity,
            _place(m.cause),
            () if m.kind == "storm" else tuple(sorted((y[0], y[6], y[4], y[5]) for y in m.members)),
            len(m.several) if len(m.several) > 1 else 0,
        )
        for m in played.messages
    ]
    return Story(sorted(outages, key=str), incidents, messages)


TOLERANCE = PROVEN_AFTER + 9
"""Microseconds: blindness, and what is judged a poll later, once for each cause in a row."""

FIGURES = 5_000
"""Microseconds: the same over all falls and all blindness of a member."""


def _same_members(one: Members, other: Members, tolerance: int) -> bool:
    pairs = list(zip(one, other, strict=False))
    near = all(
        abs(a - b) <= tolerance
        for mine, yours in pairs
        for a, b in zip(mine[2:], yours[2:], strict=True)
    )
    return len(one) == len(other) and near and all(a[:2] == b[:2] for a, b in pairs)


def same(one: Any, other: Any, tolerance: int = TOLERANCE) -> bool:
    """Return whether two parts of stories are equal, moments to within ``tolerance``.

    ``other`` is of the core, and may have waited.
    """
    if isinstance(one, Said) and isinstance(other, Said):
        near = -tolerance <= other.at - one.at <= tolerance + other.held_for
        plain = [replace(each, at=0, members=(), held_for=0) for each in (one, other)]
        same_members = _same_members(one.members, other.members, FIGURES + other.held_for)
        return near and plain[0] == plain[1] and same_members
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        parts = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b, tolerance) for a, b in parts)
    if isinstance(one, int) and isinstance(other, int):
        # Numbers and counts are small, moments are not.
        return abs(one - other) <= (tolerance if one > APART else 0)
    return bool(one == other)
