"""State of an epoch that an earlier program wrote: the frozen fold, and what came after its freeze.

Generation 1 is frozen in ``generation1/``. Generation 2 has the same kinds. Both may hold
``config_adopted``, from the last programs before generation 3, and a start that names the stored
configuration; the frozen fold knows neither.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from monitord.core.codec import from_plain
from monitord.core.generation1 import apply as frozen
from monitord.core.generation1.durable import Durable as Durable1
from monitord.core.model import Event

VERSIONS: Final = {**frozen.VERSIONS, "config_adopted": 1}
"""The newest version of each kind that the earlier programs wrote."""

SHAPES: Final = ("c0a4eaf709434ba3", "c138f15f35479e3c")
"""Of their snapshots; those of the second also have ``stream`` and ``config_content``."""


@dataclass(slots=True)
class Earlier:
    """The durable state of an earlier program. ``config_content``: of the stored files."""

    durable: Durable1 = field(default_factory=Durable1)
    config_content: str = ""


def from_snapshot(plain: Any) -> Earlier:
    """Return the state that a snapshot of one of ``SHAPES`` holds."""
    return Earlier(from_plain(Durable1, plain), plain.get("config_content", ""))


def apply(earlier: Earlier, event: Event) -> None:
    """Fold one event. Raises ``KeyError`` for an unknown kind or a missing key."""
    durable = earlier.durable
    if event.kind == "config_adopted":
        _adopt(earlier, json.loads(event.body))
        durable.epoch, durable.number, durable.last_at = event.epoch, event.number, event.at
        return
    frozen.apply(durable, event)
    if event.kind == "started":
        earlier.config_content = json.loads(event.body).get("config_content", "")


def _adopt(earlier: Earlier, body: dict[str, Any]) -> None:
    """Forget conditions of devices taken away; those of changed devices are blind."""
    durable = earlier.durable
    durable.config_hash, earlier.config_content = body["config_hash"], body["content"]
    removed = body["removed"].get("device", ())
    changed = body["changed"].get("device", ())
    for name, condition in [*durable.conditions.items()]:
        device = name.partition(".")[0]
        if device in removed:
            del durable.conditions[name]
        elif device in changed:
            condition.value, condition.cause = None, "not_yet"
