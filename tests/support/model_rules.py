"""The executable model of incidents with our rule in the place of single points of its own.

Owns what each point says; ``model_points.py`` names them. Without the model this cannot be used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from monitord.core.members import FLAPS, WINDOW
from monitord.core.model import MINUTE
from monitord.core.plan import SEVERITIES
from tests.support.incident_model import FOLDER, module

_MODEL: Any = module("incidents").Model if (FOLDER / "incidents.py").exists() else object


class OurModel(_MODEL):  # type: ignore[misc]
    """The model with these of our points in it (``model_points.py``)."""

    def __init__(self, plan: Any, points: Iterable[int]) -> None:
        self.points = frozenset(points)
        self.known: dict[str, str] = {}
        self.good_since: dict[str, int] = {}
        self.lost_at: dict[str, int] = {}
        self.not_before: dict[str, int] = {}
        self.unseen: dict[str, int] = {}
        self.in_blindness: dict[int, int] = {}
        self.was_blind: set[str] = set()
        self.late: list[Any] = []
        self.claimed: dict[tuple[int, str], list[int]] = {}
        self.returning: set[int] = set()
        super().__init__(plan)

    def hand_over(self, now: int) -> None:
        if 14 in self.points:
            sizes = Counter(claim.cause for claim, _, _ in self.leaving)
            ended = {cause for cause in sizes if self._has_ended(cause, sizes[cause])}
            self.leaving = [
                (c, fresh, stays or c.cause in ended) for c, fresh, stays in self.leaving
            ]
        was_blind = self.was_blind if 20 in self.points else set()
        late = [one for one in self.leaving if one[0].programme.id in was_blind]
        self.leaving = [*self.late, *(one for one in self.leaving if one not in late)]
        self.late, self.was_blind = late, set()
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
        super().claim(programme, root, outage, now)

    def owed(self, person: Any, incident: Any, told: Any, now: int) -> Any:
        found = super().owed(person, incident, told, now)
        if 24 in self.points and incident.closed is None and told.sure == "yes":
            found += self._again(person, incident, told)
        return found

    def _again(self, person: Any, incident: Any, told: Any) -> Iterator[tuple[int, str]]:
        for claim in incident.standing:
            name, delay = claim.programme.id, dict(person.tell_after).get(claim.programme.severity)
            is_known = claim.falls == told.falls.get(name) and claim.healed is None
            is_known = is_known and (name in told.over or id(claim) in self.returning)
            is_known = is_known and not (18 in self.points and _good_at(self, claim))
            is_worse = SEVERITIES.index(claim.programme.severity) < told.severity
            if is_known and delay is not None and not is_worse and claim.proof > told.at:
                yield claim.proof + delay + min(claim.longest, MINUTE), "also"

    def next_due(self, now: int) -> int:
        return now + 1 if self.late else int(super().next_due(now))

    def kind_of(self, programme: Any, place: str) -> str:
        kind = super().kind_of(programme, place)
        unseen = [one.place for one in programme.chain if self.kinds.get(one.key) == "blind"]
        is_held = 11 in self.points and any(place in self._parents_of(one) for one in unseen)
        return "blind" if kind == "bad" and is_held else str(kind)

    def _parents_of(self, place: str) -> set[str]:
        direct = self.parents.get(place, ())
        return {*direct, *(each for one in direct for each in self._parents_of(one))}

    def judge(self, programme: Any) -> Any:
        verdict, roots, begins = super().judge(programme)
        if verdict == "bad" and not self.points.isdisjoint((2, 23)):
            roots = self._roots(programme)
        return verdict, roots, begins

    def _roots(self, programme: Any) -> dict[str, int]:
        layers: dict[str, list[tuple[int, Any, str]]] = {}
        for position, stage in enumerate(programme.chain):
            kind = self.kinds.get(stage.key, "blind")
            layers.setdefault(stage.layer, []).append((position, stage, kind))
        found: dict[str, tuple[int, int]] = {}
        for stages in layers.values():
            known = [kind for _, _, kind in stages if kind != "blind"]
            if known and known[-1] == "bad":
                self._add_roots(programme, stages, found)
        ordered = sorted(found.items(), key=lambda each: (each[1], each[0]))
        return {root: began for root, (_, began) in ordered}

    def _add_roots(self, programme: Any, stages: list[Any], found: dict[str, Any]) -> None:
        kinds = [kind for _, _, kind in stages]
        after_good = len(kinds) - kinds[::-1].index("good") if "good" in kinds else 0
        claims = self.claims.get(programme.id, {}) if 23 in self.points else {}
        lasting = {place for place, claim in claims.items() if claim.healed is None}
        earliest = None
        for position, stage, kind in stages[after_good:]:
            is_held = kind == "blind" and stage.place in lasting
            if kind != "bad" and not is_held:
                continue
            before, after = self._began(stage.key)
            if earliest is None or after < earliest:
                root = stage.place if is_held else self.climb(stage.place, after)
                if not is_held:
                    found[root] = min(found.get(root, (position, after)), (position, after))
                earliest = before if earliest is None else min(before, earliest)

    def _began(self, key: str) -> tuple[int, int]:
        after = self.since[key]
        return self.not_before.get(key, after) if 2 in self.points else after, after

    def climb(self, place: str, began: int) -> str:
        for parent in self.parents.get(place, ()):
            if self.kinds.get(parent) == "bad" and self._began(parent)[0] <= began:
                return self.climb(parent, self.since[parent])
        return place

    def _has_ended(self, cause: str, leaving: int) -> bool:
        incident = self.open.get(cause)
        claims = [] if incident is None else list(incident.claims.values())
        return len(claims) != leaving or any(claim.falls > 1 for claim in claims)

    def finish(self, programme: str, now: int, how: str) -> None:
        outage = self.current[programme]
        listed = [i.claims[programme] for i in self.incidents if programme in i.claims]
        claims = {id(c): c for c in [*listed, *self.claims[programme].values()]}.values()
        before = {id(c): c.longest for c in claims}
        if 18 in self.points and outage.turns[-1][1] == "blind":
            for claim in self.claims[programme].values():
                claim.healed = claim.healed or _good_at(self, claim)
        self.returning -= {id(c) for c in self.claims[programme].values()}
        super().finish(programme, now, how)
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
        key = getattr(item, "key", "")
        known = self.known.get(key), getattr(item, "kind", "")
        since, was = self.since.get(key), self.kinds.get(key)
        super().take(item)
        if known[1] == "blind" and was != "blind":
            self.lost_at[key] = item.at
        if known == ("good", "bad"):
            self.not_before[key] = self.lost_at[key] if was == "blind" else item.at
        if 19 in self.points and known == ("bad", "bad"):
            self.since[item.key] = since
        if known[1] in ("good", "bad"):
            self.known[item.key] = known[1]
        if known[1] == "bad":
            self.good_since.pop(item.key, None)
        elif known[1] == "good":
            self.good_since.setdefault(item.key, item.at)
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
        if any(claim.programme.id == programme.id for claim, _, _ in self.late):
            return
        outage = self.current.get(programme.id)
        if outage is not None and outage.turns[-1][1] == "blind":
            self.was_blind.add(programme.id)
        is_seen_again = programme.id in self.was_blind and self.judge(programme)[0] == "bad"
        for claim in self.claims[programme.id].values() if is_seen_again else ():
            if 18 in self.points and claim.healed is None and claim.cause in self.good_since:
                claim.healed = self.good_since[claim.cause]
        leaves = self._consequences(programme) if 1 in self.points else []
        for claim in leaves:
            claim.healed = now - programme.clear_after
        super().see(programme, now, reconfigured)
        for claim in leaves:
            claim.healed = now
        self._see_begin(programme, outage, now)

    def _consequences(self, programme: Any) -> list[Any]:
        """Return the claims whose stage is bad, has no good one behind it, and is no root."""
        verdict, roots, _ = self.judge(programme)
        found = []
        for place, claim in self.claims[programme.id].items() if verdict == "bad" else ():
            stages = [stage for stage in programme.chain if stage.place == place]
            is_bad = any(self.kinds.get(stage.key) == "bad" for stage in stages)
            if is_bad and place not in roots and claim.healed is None:
                layer = [one for one in programme.chain if one.layer == stages[0].layer]
                behind = layer[layer.index(stages[0]) + 1 :]
                if not any(self.kinds.get(one.key) == "good" for one in behind):
                    found.append(claim)
        return found

    def _see_begin(self, programme: Any, before: Any, now: int) -> None:
        outage, hours = self.current.get(programme.id), self.hours(programme, now)
        unseen = self.unseen.pop(programme.id, None)
        if outage is not None and outage is not before:
            begin = max(unseen or outage.begin, hours[0])
            self.in_blindness[id(outage)] = max(0, outage.begin - begin)
        elif outage is None and self.judge(programme)[0] == "blind":
            self.unseen[programme.id] = now if unseen is None else unseen

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


def _good_at(model: OurModel, claim: Any) -> int | None:
    """Return since when the cause of a claim is good; None while it is not."""
    keys = [one.key for one in claim.programme.chain if one.place == claim.cause]
    return model.good_since.get((keys or [claim.cause])[0])
