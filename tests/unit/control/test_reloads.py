"""The command that reloads answers before its connection ends, however long a reload takes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from monitord.control.reloads import ReloadCommand
from monitord.core.differences import Differences
from monitord.reloading import ReloadRefused
from monitord.texts.phrases import phrase


class SlowReloader:
    """Reloads when the test lets it."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.settings = SimpleNamespace(config_hash="new")
        self.refuse = False
        self.dry_runs: list[bool] = []

    async def reload(self, *, dry_run: bool) -> Differences:
        self.dry_runs.append(dry_run)
        await self.gate.wait()
        if self.refuse:
            raise ReloadRefused([phrase("reload.failed")])
        return Differences(added={"device": ("fm2",)})


async def test_a_reload_that_takes_long_is_asked_for_again_by_its_ticket() -> None:
    """The same one is meant: nothing is read twice, and a made-up ticket is refused."""
    reloader = SlowReloader()
    commands = ReloadCommand(reloader, answer_s=0)  # type: ignore[arg-type]
    first = await commands.reload({"command": "reload", "dry_run": True})
    assert first == {"ok": True, "ticket": 1}
    assert await commands.reload({"command": "reload", "ticket": 1}) == first
    for ticket in (2, "1", [1], {}):
        refused = await commands.reload({"command": "reload", "ticket": ticket})
        assert refused["error"]["code"] == "unknown_ticket"
    reloader.gate.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    answer = await commands.reload({"command": "reload", "ticket": 1})
    assert (answer["added"], answer["config"]) == ({"device": ("fm2",)}, "new")
    assert reloader.dry_runs == [True]


async def test_a_refusal_is_answered_with_its_reasons_in_both_languages() -> None:
    """The command prints those of its reader."""
    reloader = SlowReloader()
    reloader.refuse = True
    reloader.gate.set()
    answer = await ReloadCommand(reloader).reload({"command": "reload"})  # type: ignore[arg-type]
    assert answer["error"]["code"] == "reload_refused"
    assert answer["error"]["reasons"]["en"] != answer["error"]["reasons"]["zh"]


async def test_reloads_that_nobody_asks_about_are_forgotten() -> None:
    """Sixteen may be under way; the first of more has no ticket any more."""
    reloader = SlowReloader()
    commands = ReloadCommand(reloader, answer_s=0)  # type: ignore[arg-type]
    for _ in range(17):
        await commands.reload({"command": "reload"})
    assert "error" in await commands.reload({"command": "reload", "ticket": 1})
    assert await commands.reload({"command": "reload", "ticket": 2}) == {"ok": True, "ticket": 2}
    reloader.gate.set()
    await asyncio.sleep(0)
