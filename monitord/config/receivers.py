"""Receivers and monitors off air in a chain: they are witnesses. Owns that they are refused there.

A configuration of an older record may have one, which was accepted then: it is read as a witness.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase
from monitord.core.expression import All, Expression, names
from monitord.core.plan import StagePlan, WitnessPlan


@dataclass(frozen=True, slots=True)
class Receivers:
    """``conditions``: ids of those whose device receives off air.

    ``is_checked``: False for a configuration that was accepted before.
    """

    conditions: frozenset[str] = frozenset()
    is_checked: bool = True

    def check(self, expression: Expression, scope: Scope) -> None:
        """Note each receiver in an expression of a chain."""
        for name in names(expression) if self.is_checked else ():
            if name in self.conditions:
                scope.note(phrase("chain.receiver", name=name), hint=phrase("chain.witness"))

    def moved(
        self, chain: tuple[StagePlan, ...], witnesses: tuple[WitnessPlan, ...]
    ) -> tuple[tuple[StagePlan, ...], tuple[WitnessPlan, ...]]:
        """Return the chain without its receivers, and the witnesses with them.

        A receiver stays where its layer would have no stage without it: the site is watched.
        """
        kept, found = list(chain), list(witnesses)
        for stage in chain:
            heard, rest = self._split(stage.needs)
            place = kept.index(stage)
            if heard is None or stage.id in {witness.id for witness in found}:
                continue
            if rest is not None:
                kept[place] = replace(stage, needs=rest)
            elif any(s.layer is stage.layer for s in kept if s is not stage):
                del kept[place]
            else:
                continue
            found.append(WitnessPlan(stage.id, stage.layer, heard))
        return tuple(kept), tuple(found)

    def _split(self, needs: Expression | None) -> tuple[Expression | None, Expression | None]:
        """Return the parts that are all needed: those of receivers, and the others."""
        if needs is None:
            return None, None
        parts = needs.of if isinstance(needs, All) else (needs,)
        heard = tuple(part for part in parts if self._is_heard(part))
        return _joined(heard), _joined(tuple(part for part in parts if part not in heard))

    def _is_heard(self, part: Expression) -> bool:
        return all(name in self.conditions for name in names(part))


def _joined(parts: Collection[Expression]) -> Expression | None:
    found = tuple(parts)
    return None if not found else found[0] if len(found) == 1 else All(found)
