"""What stands at a station and how it is wired together. Owns shapes and what is usual; no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulators.plant.county.vocabulary import SITE, VOCABULARY, Mishap
from simulators.plant.faults import MINUTE, SECOND

UPS_KINDS = ("ups", "megatec_ups")


@dataclass(frozen=True, slots=True)
class DeviceLayout:
    """One piece of equipment and its agent.

    ``channel``: the programme it belongs to, where it belongs to one; ``supply``: the id of a UPS,
    ``bus`` (behind the transfer switch) or ``own``; ``agent_supply``: what powers its agent, where
    that is another. ``agent_refresh``: how often its agent looks. ``line``: the serial line it is
    on; all devices of one line are behind one port of a serial server.
    ``boot``: from power back to first answer. ``facts``: figures of its kind, units last.
    """

    id: str
    kind: str
    name: str = ""
    port: int = 0
    channel: str = ""
    supply: str = "own"
    agent_supply: str = ""
    line: str = ""
    agent_refresh: int = 0
    boot: int = 20 * SECOND
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StationFacts:
    """How long things take at the station; all in microseconds.

    ``mains_failed_after`` / ``mains_good_after``: what the generator's controller waits before it
    believes either. ``crank``: from the call to steady running; ``cool_down``: how long it runs on.
    ``transfer``: the transfer switch moving to the generator; ``transfer_back``: the break while it
    moves back. ``hold_up``: what exciters bridge; ``exciter_boot``: what they need after more.
    ``changeover_confirm`` and ``coax_move`` together are the changeover; ``change_over`` by command
    with both on the air for ``overlap`` where that is above 0. ``relock``: how late the receiver
    says good again, ``unlock`` how late it says bad.
    """

    mains_failed_after: int = 3 * SECOND
    mains_good_after: int = 15 * SECOND
    crank: int = 7 * SECOND
    cool_down: int = 60 * SECOND
    transfer: int = SECOND
    transfer_back: int = SECOND // 10
    hold_up: int = 3 * SECOND // 10
    exciter_boot: int = 25 * SECOND
    fm_start: int = 5 * SECOND
    fm_hold_up: int = SECOND // 10
    changeover_confirm: int = 3 * SECOND
    coax_move: int = 5 * SECOND
    overlap: int = 0
    relock: int = 5 * SECOND
    unlock: int = SECOND
    switcher_loss: int = 2 * SECOND
    switcher_return: int = 10 * SECOND
    silence_after: int = 10 * SECOND
    sound_after: int = 2 * SECOND
    freeze_after: int = 10 * SECOND
    motion_after: int = 2 * SECOND
    black_after: int = 5 * SECOND
    picture_after: int = SECOND
    agent_restart: int = 10 * SECOND
    booted_at: int = -60 * MINUTE


class LayoutError(ValueError):
    """A station that cannot be, or a mishap that cannot befall it; the text says which."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole station: devices in the order of the file, by id."""

    devices: dict[str, DeviceLayout]
    facts: StationFacts = field(default_factory=StationFacts)

    def of_kind(self, *kinds: str, channel: str | None = None) -> list[DeviceLayout]:
        """Return the devices of these kinds, of one channel where one is named."""
        return [
            device
            for device in self.devices.values()
            if device.kind in kinds and channel in {None, device.channel}
        ]

    def channels(self) -> list[str]:
        """Return the channels that something here feeds, in order."""
        sources = self.of_kind("playout_server", "satellite_receiver")
        return list(dict.fromkeys(device.channel for device in sources))

    def check(self, mishaps: Iterable[Mishap]) -> None:
        """Raise LayoutError for a mishap that cannot befall this station."""
        for mishap in mishaps:
            self._check(mishap)

    def _check(self, mishap: Mishap) -> None:
        word = VOCABULARY.get(mishap.what)
        if word is None:
            raise LayoutError(f"no word {mishap.what!r}; there are {', '.join(VOCABULARY)}")
        if word.befalls == (SITE,):
            if mishap.device != SITE:
                raise LayoutError(f"{mishap.what} befalls the whole site, not {mishap.device}")
        elif mishap.device not in self.devices:
            raise LayoutError(f"{mishap.what}: no device {mishap.device!r} here")
        elif word.befalls and self.devices[mishap.device].kind not in word.befalls:
            kind = self.devices[mishap.device].kind
            allowed = ", ".join(word.befalls)
            raise LayoutError(f"{mishap.what} befalls {allowed}; {mishap.device} is a {kind}")
        if mishap.until <= mishap.at:
            raise LayoutError(f"{mishap.what} ends at {mishap.until}, must be after {mishap.at}")
        if mishap.amount < 0 or (mishap.amount and not word.amount):
            raise LayoutError(f"{mishap.what}: amount {mishap.amount} means nothing here")
