"""Who changes the configuration while monitord runs: by a signal or a command, also wrongly.

Reports what was answered otherwise than it must be. Draws from a generator of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

from monitord.control.model import Json
from tests.simulation.facts import MS, SECOND
from tests.simulation.whole.files import MISTAKE, ConfigurationFiles
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.virtual_clock import WholeClock

WRONG, TRIED, SIGNALS = 0.25, 0.5, 0.5
"""How often the file is wrong at first, a dry run comes before, and a signal asks."""
DIFFERENCES = ("added", "removed", "changed")
DONE_WITHIN = 10 * SECOND

Command = Callable[[Json], Awaitable[Json]]


class Operator:
    """Makes each change of ``files`` that is due in the life of the moment."""

    def __init__(
        self, files: ConfigurationFiles, history: WholeHistory, clock: WholeClock, random: Random
    ) -> None:
        self._files = files
        self._history = history
        self._clock = clock
        self._random = random

    async def work(self, signal: Callable[[], None], command: Command) -> None:
        """Change the files as time goes on. ``signal``, ``command``: the two ways to reload."""
        while self._files.due:
            await self._clock.sleep_until(self._files.due[0].at)
            if self._random.random() < WRONG:
                await self._be_refused(command)
            self._files.change(self._clock.now())
            await self._reload(signal, command)

    async def _reload(self, signal: Callable[[], None], command: Command) -> None:
        done, begun = len(self._files.adopted), self._clock.now()
        tried = await command({"dry_run": True}) if self._random.random() < TRIED else None
        if len(self._files.adopted) > done:
            self._history.problems.append(f"a dry run at {begun} was adopted")
        if self._random.random() < SIGNALS:
            signal()
        else:
            answer = await command({})
            differs = tried is not None and any(tried[key] != answer[key] for key in DIFFERENCES)
            if not answer["ok"] or differs:
                self._history.problems.append(f"a reload at {begun}: {tried}, then {answer}")
        while len(self._files.adopted) == done:
            if self._clock.now() > begun + DONE_WITHIN:
                self._history.problems.append(f"nothing was reloaded at {begun}")
                return
            await self._clock.sleep_until(self._clock.now() + 50 * MS)

    async def _be_refused(self, command: Command) -> None:
        """Reload a file with a mistake: it is refused with its reason, and the old one goes on."""
        self._files.write(MISTAKE)
        try:
            answer = await command({})
        finally:
            self._files.write()
        self._history.drawn["refused"] += 1
        if answer["ok"] or not answer["error"]["reasons"]["zh"]:
            self._history.problems.append(f"a file with a mistake was taken: {answer}")
