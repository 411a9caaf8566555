"""The desks that get messages, on one real HTTP port: sometimes slow, sometimes failing.

Owns what was received and whether its attempt was on disk at that moment. Never answers wrongly:
what it accepts counts as received.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.crash.equipment import boottime
from tests.crash.lives import HUNG_AFTER_S
from tests.support import posts
from tests.support.wire import StreamServer

BEHAVIOURS = {"accept": 50, "slow": 30, "error": 8, "gone": 2, "reset": 6, "hang": 4}
"""How the next message is met, by weight. Only the first two accept it."""
SLOW_S = (0.1, 0.9)
HANG_S = 30.0
_ANSWERS = {"error": posts.answer(500, b"{}"), "gone": posts.answer(404, b"{}")}
_BEGUN = """
SELECT count(*) FROM event
WHERE kind = 'attempt_began' AND subject = ? AND body ->> '$.alert.alert_id' = ?
"""


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted message. ``on_disk``: whether the record held its attempt at that moment.

    ``unrecorded``: it says that it is not on disk. ``programme``: which it is about.
    """

    at: int
    alert_id: str
    incident: str
    event: str
    person: str
    on_disk: bool
    unrecorded: bool
    programme: str


class Desks:
    """``received``: what was accepted, in order; ``met``: how often each way of meeting it."""

    def __init__(self, random: Random, record: Path) -> None:
        self._random = random
        self._record = record
        self.received: list[Received] = []
        self.met = dict.fromkeys(BEHAVIOURS, 0)
        self.all_is_well = False
        self.server = StreamServer(self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, body = await posts.read_post(reader)
        behaviour = self._draw()
        self.met[behaviour] += 1
        match behaviour:
            case "accept" | "slow":
                self._accept(json.loads(body))
                if behaviour == "slow":
                    await asyncio.sleep(self._random.uniform(*SLOW_S))
                writer.write(posts.answer(200, b'{"code": 0}'))
            case "reset":
                writer.transport.abort()
                return
            case "hang":
                await asyncio.sleep(HANG_S)
            case _:
                writer.write(_ANSWERS[behaviour])
        await writer.drain()

    def _draw(self) -> str:
        if self.all_is_well:
            return "accept"
        return self._random.choices(list(BEHAVIOURS), list(BEHAVIOURS.values()))[0]

    def _accept(self, message: dict[str, Any]) -> None:
        alert_id, person = str(message["alert_id"]), message["person"]
        self.received.append(
            Received(
                boottime(),
                alert_id,
                str(message["incident_id"]),
                message["event"],
                person,
                self._is_begun(person, alert_id),
                message["unrecorded"],
                message["programme"],
            )
        )

    def _is_begun(self, person: str, alert_id: str) -> bool:
        uri = f"file:{self._record}?mode=ro"
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(uri, uri=True, timeout=HUNG_AFTER_S)) as connection,
        ):
            return bool(connection.execute(_BEGUN, (person, alert_id)).fetchone()[0])
        return False
