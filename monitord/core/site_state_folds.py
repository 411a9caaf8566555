"""What site states do to durable state. Decides nothing, as ``folds.py``."""

from __future__ import annotations

from monitord.core.durable import Durable
from monitord.core.model import Event
from monitord.core.site_state import SiteStateCleared, SiteStateSet


def site_state_set(durable: Durable, event: Event, body: SiteStateSet) -> None:
    durable.site_states[str(body.state.number)] = body.state
    durable.last_site_state = body.state.number
    del event


def site_state_cleared(durable: Durable, event: Event, body: SiteStateCleared) -> None:
    durable.site_states.pop(str(body.number), None)
    del event
