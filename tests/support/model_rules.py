"""The executable model of incidents with our rule in the place of single points of its own.

Owns what each point says of incidents and messages; ``model_points.py`` names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from monitord.core.incident_state import FALLS_KEPT
from monitord.core.members import FLAPS, WINDOW
from monitord.core.model import MINUTE, SECOND
from monitord.core.plan import SEVERITIES
from tests.support.incident_model import device_of, module, order_of_devices
from tests.support.model_causes import OurCauses

OF_A_MEMBER = ("opened", "worsened", "falls_again", "grown", "also")
"""Kinds of messages that a member is due to bring."""


@dataclass
class Suspicion:
    """A programme that was off before its hours, and is not seen from their begin on."""

    programme: Any
    begin: int
    end: int | None = None


class OurModel(OurCauses):
    """The model with these of our points in it (``model_points.py``), those of causes included."""

    def __init__(self, plan: Any, points: Iterable[int]) -> None:
        self.unseen: dict[str, int] = {}
        self.in_blindness: dict[int, int] = {}
        self.seen_at: dict[str, int] = {}
        self.turn: tuple[int, set[str]] = (-1, set())
        self.order = order_of_devices(plan)
        self.claimed: dict[tuple[int, str], list[int]] = {}
        self.returning: set[int] = set()
        self.suspected: list[Suspicion] = []
        self.was_bad: dict[str, bool] = {}
        super().__init__(plan, points)

    def hand_over(self, now: int) -> None:
        if 14 in self.points:
            sizes = Counter(claim.cause for claim, _, _ in self.leaving)
            ended = {cause for cause in sizes if self._has_ended(cause, sizes[cause])}
            self.leaving = [
                (c, fresh, stays or c.cause in ended) for c, fresh, stays in self.leaving
            ]
        left = [claim for claim, _, _ in self.leaving]
        super().hand_over(now)
        for claim in left if 24 in self.points else ():
            if claim.how == "continued":
                self._note_left(claim)

    def _note_left(self, claim: Any) -> None:
        claim.longest = max(claim.longest, claim.over - claim.proof)
        times = self.claimed.get((id(claim.outages[-1]), claim.cause), [])
        self.returning.discard(id(claim))
        if sum(at > times[-1] - WINDOW for at in times) >= FLAPS:
            self.returning.add(id(claim))

    def claim(self, programme: Any, root: str, outage: Any, now: int) -> None:
        self.claimed.setdefault((id(outage), root), []).append(now)
        known = self.outages
        self.outages = self._kept(programme.id) if 7 in self.points else known
        super().claim(programme, root, outage, now)
        self.outages = known

    def _kept(self, programme: str) -> list[Any]:
        """Return all outages but those of a programme that ended before its last eight."""
        ended = [id(o) for o in self.outages if o.programme == programme and o.end is not None]
        gone = set(ended[:-FALLS_KEPT])
        return [one for one in self.outages if id(one) not in gone]

    def owed(self, person: Any, incident: Any, told: Any, now: int) -> Any:
        found = super().owed(person, incident, told, now)
        if 24 in self.points and incident.closed is None and told.sure == "yes":
            found += self._again(person, incident, told)
        return list(self._gathered(incident, found, now)) if 26 in self.points else found

    def _gathered(
        self, incident: Any, found: list[tuple[int, str]], now: int
    ) -> Iterator[tuple[int, str]]:
        """Have news of a member wait for others of its cause that open within a second."""
        severities = (SEVERITIES.index(c.programme.severity) for c in incident.standing)
        worst = min(severities, default=0)
        waiting = [
            claim.open_at
            for claim in self.pending
            if claim.cause == incident.cause
            and claim.over is None
            and SEVERITIES.index(claim.programme.severity) <= worst
        ]
        since = min((due for due, told in found if told in OF_A_MEMBER and due <= now), default=now)
        for due, told in found:
            until = (since if due <= now else due) + SECOND
            is_held = told in OF_A_MEMBER and now < until and any(at <= until for at in waiting)
            yield until if is_held else due, told

    def _again(self, person: Any, incident: Any, told: Any) -> Iterator[tuple[int, str]]:
        for claim in incident.standing:
            name, delay = claim.programme.id, dict(person.tell_after).get(claim.programme.severity)
            is_known = claim.falls == told.falls.get(name) and claim.healed is None
            is_known = is_known and (name in told.over or id(claim) in self.returning)
            is_worse = SEVERITIES.index(claim.programme.severity) < told.severity
            if is_known and delay is not None and not is_worse and claim.proof > told.at:
                yield claim.proof + delay + min(claim.longest, MINUTE), "also"

    def next_due(self, now: int) -> int:
        return now + 1 if self.seen_at else int(super().next_due(now))

    def _has_ended(self, cause: str, leaving: int) -> bool:
        incident = self.open.get(cause)
        claims = [] if incident is None else list(incident.claims.values())
        return len(claims) != leaving or any(claim.falls > 1 for claim in claims)

    def finish(self, programme: str, now: int, how: str) -> None:
        outage = self.current[programme]
        listed = [i.claims[programme] for i in self.incidents if programme in i.claims]
        claims = {id(c): c for c in [*listed, *self.claims[programme].values()]}.values()
        before = {id(c): c.longest for c in claims}
        self.returning -= {id(c) for c in self.claims[programme].values()}
        super().finish(programme, now, how)
        if 7 in self.points:
            self.falls[programme] = self.falls[programme][-FALLS_KEPT:]
        if 12 in self.points:
            for claim in claims:
                if claim.outages[-1] is outage:
                    lasted = min(claim.over, now) - claim.proof
                    claim.longest = max(before[id(claim)], lasted)

    def sort_out(self, now: int) -> None:
        was_open = list(self.open.values())
        super().sort_out(now)
        closed = [one for one in was_open if one.closed == now] if 15 in self.points else []
        for place, incident in enumerate(closed):
            still = self.open | {later.cause: later for later in closed[place + 1 :]}
            self._continue(incident, still)

    def _continue(self, incident: Any, still: dict[str, Any]) -> None:
        if "continued" not in {claim.how for claim in incident.claims.values()}:
            return
        for name, claim in sorted(incident.claims.items()):
            outage = self.current.get(name, claim.outages[-1])
            into = still.get(outage.owners[-1][1])
            if into is not None:
                incident.into, incident.how = into.number, "continued"
                return

    def take(self, item: Any) -> None:
        before = {person.id for person in self.plan.people}
        if hasattr(item, "plan"):
            self.seen_at.clear()
        super().take(item)
        if 16 in self.points and hasattr(item, "plan"):
            added = [one for one in self.plan.people if one.id not in before]
            for person, incident in product(added, self.open.values()):
                incident.rows.setdefault(person.id, module("incidents").Told())

    def hold(self, claim: Any, now: int) -> int:
        stages = {one.place for each in self.plan.programmes for one in each.chain}
        was_stage = claim.cause in {one.place for one in claim.programme.chain}
        is_gone = claim.programme.id not in self.programmes
        is_gone = is_gone or (was_stage and claim.cause not in stages)
        held = 0 if 17 in self.points and is_gone else int(super().hold(claim, now))
        is_returning = claim.how == "continued" and id(claim) in self.returning
        return max(held, WINDOW) if held and is_returning else held

    def see(self, programme: Any, now: int, reconfigured: bool = False) -> None:
        outage = self.current.get(programme.id)
        if 20 in self.points and not reconfigured and self._is_judged_later(programme, now):
            return
        super().see(programme, now, reconfigured)
        self._see_begin(programme, outage, now)
        self._suspect(programme, now)

    def _is_judged_later(self, programme: Any, now: int) -> bool:
        """Return whether an outage waits, whose blindness has ended by what proves it again.

        It is proven by the second answer of the last of its devices: what is due by then goes
        before the programmes whose devices answer behind that, but for those that leave a cause
        together with one that is proven.
        """
        outage = self.current.get(programme.id)
        was_blind = outage is not None and outage.turns[-1][1] == "blind"
        if was_blind and self.hours(programme, now) and self.judge(programme)[0] == "bad":
            if self.turn[0] != now:
                self.turn = now, self._proven_again(now)
            self.seen_at.setdefault(programme.id, now)
            if programme.id not in self.turn[1]:
                return True
        self.seen_at.pop(programme.id, None)
        return False

    def _proven_again(self, now: int) -> set[str]:
        waiting = {one: self._last_answer(one) for one, at in self.seen_at.items() if at < now}
        first = {one for one in waiting if waiting[one] == min(waiting.values())}
        leaving = {cause for one in first for cause in self._left_by(one, now)}
        return {one for one in waiting if one in first or leaving & self._left_by(one, now)}

    def _left_by(self, programme: str, now: int) -> set[str]:
        """Return the causes that are good for long enough that a programme leaves them."""
        claims = self.claims[programme].values()
        return {c.cause for c in claims if c.healed and now >= c.healed + c.programme.clear_after}

    def _last_answer(self, programme: str) -> int:
        return max(self.order[device_of(one.place)] for one in self.programmes[programme].chain)

    def _see_begin(self, programme: Any, before: Any, now: int) -> None:
        outage, hours = self.current.get(programme.id), self.hours(programme, now)
        unseen = self.unseen.pop(programme.id, None)
        if outage is not None and outage is not before:
            begin = max(unseen or outage.begin, hours[0])
            self.in_blindness[id(outage)] = max(0, outage.begin - begin)
        elif outage is None and self.judge(programme)[0] == "blind":
            self.unseen[programme.id] = now if unseen is None else unseen

    def _suspect(self, programme: Any, now: int) -> None:
        hours, verdict = self.hours(programme, now), self.judge(programme)[0]
        for one in self.suspected:
            if one.programme.id == programme.id and one.end is None:
                one.end = now if verdict != "blind" or hours is None else None
        if verdict != "blind":
            self.was_bad[programme.id] = verdict == "bad"
        elif hours and hours[0] == now and self.was_bad.get(programme.id):
            self.suspected.append(Suspicion(programme, now))

    def member(self, claim: Any, now: int) -> Any:
        *known, most, falls = super().member(claim, now)
        if 21 in self.points:
            most += sum(self.in_blindness.get(id(one), 0) for one in claim.outages)
        return *known, most, falls

    def land(self, flight: Any, now: int) -> None:
        before = dict(self.rung)
        super().land(flight, now)
        for incident in flight["incidents"] if 13 in self.points else ():
            named = flight["news"][incident.number].falls
            for name in incident.claims.keys() - named.keys():
                key = flight["person"], name
                self.rung.pop(key, None)
                self.rung |= {key: before[key]} if key in before else {}
