"""The command ``reload`` of the control socket. Owns how long its answer may take."""

from __future__ import annotations

import asyncio
from typing import Final

from monitord.control.model import Json, refusal
from monitord.core.differences import Differences
from monitord.reloading import Reloader, ReloadRefused

ANSWER_S: Final = 5.0
"""Half of what a connection may last."""
RELOADS_MAX: Final = 16
"""Reloads that somebody may still ask about."""


class ReloadCommand:
    """``answer_s``: how long the answer to one request may take."""

    def __init__(self, reloader: Reloader, *, answer_s: float = ANSWER_S) -> None:
        self._reloader = reloader
        self._answer_s = answer_s
        self._tickets = 0
        self._reloads: dict[int, asyncio.Task[Differences]] = {}

    async def reload(self, request: Json) -> Json:
        """Read the configuration again; return what differs, or every reason against it.

        ``dry_run``: change nothing. One that takes longer than a connection may last answers with
        a ``ticket``, by which the same reload is asked for again.
        """
        ticket = request.get("ticket")
        if ticket is None:
            ticket = self._begin(dry_run=request.get("dry_run") is True)
        task = self._reloads.get(ticket) if isinstance(ticket, int) else None
        if task is None:
            return refusal("unknown_ticket")
        await asyncio.wait((task,), timeout=self._answer_s)
        if not task.done():
            return {"ok": True, "ticket": ticket}
        self._reloads.pop(ticket, None)
        try:
            found = task.result()
        except ReloadRefused as refused:
            reasons = {language: refused.render(language) for language in ("zh", "en")}
            return refusal("reload_refused", reasons=reasons)
        return {
            "ok": True,
            "added": found.added,
            "removed": found.removed,
            "changed": found.changed,
            "config": self._reloader.settings.config_hash,
        }

    def _begin(self, *, dry_run: bool) -> int:
        self._tickets += 1
        task = asyncio.create_task(self._reloader.reload(dry_run=dry_run))
        task.add_done_callback(_taken)
        self._reloads[self._tickets] = task
        # The oldest is forgotten: who asked for it is gone.
        self._reloads.pop(self._tickets - RELOADS_MAX, None)
        return self._tickets


def _taken(task: asyncio.Task[Differences]) -> None:
    """Take the error of a reload that nobody asks about any more; the log has it."""
    if not task.cancelled():
        task.exception()
