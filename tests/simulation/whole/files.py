"""The configuration files of the whole gear, as an operator changes them over the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.simulation.setups import FIRST, Reload
from tests.simulation.whole.agents import COMMUNITY
from tests.simulation.whole.site import COMMUNITY_FILE, address_of, site_yaml

MISTAKE = "\nprogrammes: {fm: {chain: []}}\n"
"""Makes the file one that must be refused."""


class ConfigurationFiles:
    """The file at ``path``; ``adopted``: what began to count, and when.

    ``due``: changes that are still to be made. ``daily``: the hours of each programme.
    """

    def __init__(self, folder: Path, reloads: Sequence[Reload], daily: Mapping[str, str]) -> None:
        self.path = folder / "monitord.yaml"
        self.due = list(reloads)
        self.adopted: list[Reload] = []
        self._daily = daily
        self._record = folder / "record"
        self._setup = FIRST
        self._moved: frozenset[str] = frozenset()
        self._again: tuple[str, ...] = ()
        secret = folder / COMMUNITY_FILE
        secret.touch(mode=0o600)
        secret.write_text(COMMUNITY + "\n", encoding="utf-8")
        self.write()

    def write(self, mistake: str = "") -> None:
        """Write the present configuration. ``mistake``: what makes the file a wrong one."""
        text = site_yaml(self._record, self._setup, self._daily, self._moved)
        self.path.write_text(text + mistake, encoding="utf-8")

    def change(self, now: int) -> None:
        """Make every change that is due."""
        while self.due and self.due[0].at <= now:
            due = self.due.pop(0)
            self._setup = due.setup
            self._moved ^= set(due.again)
            self._again += due.again
        self.write()

    def is_at(self, device: str, where: str) -> bool:
        """Return whether a device has the address of a line: who moves it changes the file."""
        return where.partition(":")[0] == address_of(device, self._moved)

    def adopt(self, at: int) -> None:
        """Note that monitord has taken the file as it is now."""
        self.adopted.append(Reload(at, self._setup, self._again))
        self._again = ()
