"""How durable state follows what happened to the file of the record. Decides nothing."""

from __future__ import annotations

from monitord.core.durable import Durable
from monitord.core.model import Event
from monitord.core.record_events import RecordHarmed


def record_replaced(durable: Durable, event: Event, body: RecordHarmed) -> None:
    durable.record_harmed[str(body.harm)] = event.at
