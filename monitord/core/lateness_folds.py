"""The only writer of what is kept of monitord's own lateness. Decides nothing."""

from __future__ import annotations

from monitord.core.durable import Durable
from monitord.core.lateness_events import Lateness, OwnLateness
from monitord.core.model import Event


def own_lateness(durable: Durable, event: Event, body: OwnLateness) -> None:
    late = durable.lateness
    time = late.time + body.end - body.start
    durable.lateness = Lateness(late.count + 1, time, body.start, body.end)
    del event
