"""What an adopted configuration does to durable state. Decides nothing, as ``folds.py``."""

from __future__ import annotations

from monitord.core.config_events import ConfigurationAdopted
from monitord.core.durable import Durable, condition_now
from monitord.core.model import Event


def configuration_adopted(durable: Durable, event: Event, body: ConfigurationAdopted) -> None:
    durable.config_hash = body.config_hash
    durable.config_content = body.content
    removed = frozenset(body.removed.get("device", ()))
    again = frozenset(body.changed.get("device", ()))
    for name in [name for name in durable.conditions if name.partition(".")[0] in removed]:
        del durable.conditions[name]
    for name, condition in durable.conditions.items():
        if name.partition(".")[0] in again and condition.value is not None:
            since, begun = condition.since, condition.not_before
            durable.conditions[name] = condition_now(None, since, "not_yet", begun)
    del event
