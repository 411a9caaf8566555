"""The causes of the executable model of incidents, with our rule in the place of points of its own.

Owns what each point says of causes; ``model_points.py`` names them. Without the model this cannot
be used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.support.incident_model import FOLDER, module

_MODEL: Any = module("incidents").Model if (FOLDER / "incidents.py").exists() else object


class OurCauses(_MODEL):  # type: ignore[misc]
    """The model with our points of what holds a programme, and since when."""

    def __init__(self, plan: Any, points: Iterable[int]) -> None:
        self.points = frozenset(points)
        self.lost_at: dict[str, int] = {}
        self.not_before: dict[str, int] = {}
        self.claim_began: dict[tuple[str, str], tuple[int, int]] = {}
        super().__init__(plan)

    def take(self, item: Any) -> None:
        key = getattr(item, "key", "")
        was = self.kinds.get(key)
        super().take(item)
        kind = self.kinds.get(key)
        if kind == "bad" and was != "bad":
            self.not_before[key] = self.lost_at[key] if was == "blind" else item.at
        elif kind == "blind" and was != "blind":
            self.lost_at[key] = item.at

    def claim(self, programme: Any, root: str, outage: Any, now: int) -> None:
        self.claim_began[programme.id, root] = self._seen_bad(programme, root)
        super().claim(programme, root, outage, now)

    def see(self, programme: Any, now: int, reconfigured: bool = False) -> None:
        if 18 in self.points:
            self._heal_unseen(programme, now)
        leaves = self._consequences(programme) if 1 in self.points else []
        for claim in leaves:
            claim.healed = now - programme.clear_after
        healed = [
            claim
            for claim in self.claims.get(programme.id, {}).values()
            if claim.healed is not None and not self._has_bounced(programme, claim)
        ]
        super().see(programme, now, reconfigured)
        for claim in healed:
            if claim.healed is None:
                self.claim_began[programme.id, claim.cause] = self._seen_bad(programme, claim.cause)
        for claim in leaves:
            claim.healed = now

    def _has_bounced(self, programme: Any, claim: Any) -> bool:
        """Return whether a place outside the chain is bad again before it was good for long."""
        is_outside = all(stage.place != claim.cause for stage in programme.chain)
        if 25 not in self.points or not is_outside or self.kinds.get(claim.cause) != "bad":
            return False
        healed = claim.healed
        return healed is not None and bool(self.since[claim.cause] < healed + programme.clear_after)

    def _heal_unseen(self, programme: Any, now: int) -> None:
        """Note what is good again while its programme is not seen, as where that is proven off."""
        is_seen = self.judge(programme)[0] != "blind"
        for place, claim in self.claims.get(programme.id, {}).items() if not is_seen else ():
            if claim.healed is None and self.kind_of(programme, place) != "blind":
                claim.healed = now

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
        if verdict == "bad" and not self.points.isdisjoint((2, 19, 23, 25)):
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
            before, after = self._began(programme, stage.place)
            if earliest is None or after < earliest:
                root = stage.place if is_held else self._climb(programme, stage.place, after)
                if not is_held:
                    found[root] = min(found.get(root, (position, after)), (position, after))
                earliest = before if earliest is None else min(before, earliest)

    def _began(self, programme: Any, place: str) -> tuple[int, int]:
        """Return when a place became bad, for a programme: before what it is claimed by since."""
        claim = self.claims.get(programme.id, {}).get(place)
        found = self._seen_bad(programme, place)
        if claim is None:
            return found
        if (19 in self.points and claim.healed is None) or self._has_bounced(programme, claim):
            return min(found, self.claim_began.get((programme.id, place), found))
        return found

    def _seen_bad(self, programme: Any, place: str) -> tuple[int, int]:
        key = next((one.key for one in programme.chain if one.place == place), place)
        after = self.since[key]
        return self.not_before[key] if 2 in self.points else after, after

    def _climb(self, programme: Any, place: str, began: int) -> str:
        claims = self.claims.get(programme.id, {})
        lasting = {one for one, claim in claims.items() if claim.healed is None}
        for parent in self.parents.get(place, ()):
            kind = self.kinds.get(parent, "blind")
            if kind == "bad" or (kind == "blind" and parent in lasting and 23 in self.points):
                before, after = self._began(programme, parent)
                root = self._climb(programme, parent, after)
                claim = claims.get(root)
                is_held = claim is not None and (
                    claim.healed is None or self._has_bounced(programme, claim)
                )
                holds = 25 in self.points and is_held and self._first(programme, root) <= began
                if before <= began or holds:
                    return root
        return place

    def _first(self, programme: Any, root: str) -> int:
        return self.claim_began.get((programme.id, root), self._seen_bad(programme, root))[0]
