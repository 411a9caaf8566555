"""Reporting broken on purpose, at its seams: the plan as core gets it, the message on its way.

These breaks hold whatever core looks like inside. Each must be caught by the observer's verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from monitord.core.plan import FaultPlan, Plan

Alert = dict[str, Any]


def _same_plan(plan: Plan) -> Plan:
    return plan


def _same_alert(alert: Alert) -> Alert | None:
    return alert


@dataclass(frozen=True)
class Break:
    """One break. ``plan``: what core does instead; ``alert``: what a message becomes.

    ``subject``: what the observer finds it by. ``seed``: the history of eight hours that shows it;
    ``hall``: one with a witness, lower power and a shared reserve.
    """

    name: str
    subject: str = ""
    plan: Callable[[Plan], Plan] = _same_plan
    alert: Callable[[Alert], Alert | None] = _same_alert
    seed: int = 1001
    hall: bool = False


NONE = Break("none")


def _with_faults(plan: Plan, change: Callable[[FaultPlan], FaultPlan], *sorts: str) -> Plan:
    programmes = (
        replace(programme, **{sort: change(getattr(programme, sort)) for sort in sorts})
        for programme in plan.programmes
    )
    return replace(plan, programmes=tuple(programmes))


def _an_hour_late(plan: Plan) -> Plan:
    people = (
        replace(p, tell_after=tuple((s, after + 3_600_000_000) for s, after in p.tell_after))
        for p in plan.people
    )
    return replace(plan, people=tuple(people))


def _short_ones_never_open(plan: Plan) -> Plan:
    return _with_faults(plan, lambda f: replace(f, open_after=f.open_after + 20_000_000), "off_air")


def _without(**unwanted: str) -> Callable[[Alert], Alert | None]:
    """Return what keeps back messages with these values."""

    def keep(alert: Alert) -> Alert | None:
        return None if any(alert[key] == value for key, value in unwanted.items()) else alert

    return keep


def _wrong_cause(alert: Alert) -> Alert:
    cause = {**alert["cause"], "stage": "studio", "conditions": ["io.sound"]}
    if "place" in cause:
        cause["place"] = "io/studio"
    return {**alert, "cause": cause}


def _in_members(alert: Alert, change: Callable[[Alert], Alert]) -> Alert:
    members = [change(member) for member in alert.get("members", [])]
    return {**change(alert), **({"members": members} if members else {})}


def _double_least(alert: Alert) -> Alert:
    return _in_members(alert, lambda part: {**part, "least": 2 * part["least"]})


def _ended_null(alert: Alert) -> Alert:
    return _in_members(alert, lambda part: {**part, "ended": None})


def _over_an_hour_ago(alert: Alert) -> Alert:
    """Return an outage that is over an hour before it was: then its programmes were on the air."""

    def earlier(part: Alert) -> Alert:
        if part.get("fault", "off_air") != "off_air" or part["ended"] is None:
            return part
        moved = {key: [at - 3_600_000_000 for at in part[key]] for key in ("began", "ended")}
        return {**part, **moved}

    return _in_members(alert, earlier)


BREAKS = (
    Break("nobody is ever told opened", "lateness", alert=_without(told="opened")),
    Break("everything is told an hour late", "lateness", plan=_an_hour_late),
    Break("outages under 20 s never open", "incidents", plan=_short_ones_never_open),
    Break("a lost reserve is never told", "reserve", alert=_without(fault="reserve_lost")),
    Break(
        "a contradiction is never told", "witnesses", alert=_without(fault="disputed"), hall=True
    ),
    Break("lower power is never told", "degraded", alert=_without(fault="degraded"), hall=True),
    Break(
        "a used reserve is never told", "reserve", alert=_without(fault="reserve_used"), hall=True
    ),
    Break("blindness is never told", "blindness", alert=_without(fault="blind")),
    Break("every message names the studio as the cause", "cause", alert=_wrong_cause),
    Break("least is doubled in messages", "figures", alert=_double_least),
    Break("no message says when it ended", "recovery", alert=_ended_null),
    Break("what is over is told an hour too early", "incidents", alert=_over_an_hour_ago),
    # In this one an encoder that fails unseen is named late, by a revision.
    Break("revisions are never told", "cause", alert=_without(told="revised"), seed=1132),
)


def broken_as(name: str) -> Break:
    """Return the break of that name; of no name, none. Raises KeyError for an unknown one."""
    return {"": NONE, **{one.name: one for one in BREAKS}}[name]
