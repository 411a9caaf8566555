"""The equipment of a station and its wiring. Owns the data classes and their defaults; no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulators.plant.county.vocabulary import SITE, VOCABULARY, StationFault
from simulators.plant.faults import MINUTE, SECOND

UPS_KINDS = ("ups", "megatec_ups")


@dataclass(frozen=True, slots=True)
class DeviceLayout:
    """One piece of equipment and its agent.

    ``channel``: the programme it belongs to, where it belongs to one; ``supply``: the id of a UPS,
    ``bus`` (behind the transfer switch) or ``own``; ``agent_supply``: what powers its agent, where
    that is another. ``agent_refresh``: how often its agent updates its values. ``line``: its serial
    line; all devices of one line are behind one port of a serial server.
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

    ``mains_failed_after`` / ``mains_good_after``: how long the generator's controller waits for
    either. ``crank``: from the call to steady running; ``cool_down``: how long it runs on.
    ``transfer``: the transfer switch moving to the generator; ``transfer_back``: the break while it
    moves back. ``hold_up``: the longest break that exciters bridge; ``exciter_boot``: their start
    after a longer one.
    ``changeover_confirm`` and ``coax_move`` together are the changeover; ``change_over`` by command
    with both on the air for ``overlap`` where that is above 0. ``relock``, ``unlock``: how late the
    receiver reports good and bad.
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
    """An impossible station, or a fault that is impossible there; the text names it."""


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

    def check(self, faults: Iterable[StationFault]) -> None:
        """Raise LayoutError for a fault that is impossible at this station."""
        for fault in faults:
            self._check(fault)

    def _check(self, fault: StationFault) -> None:
        word = VOCABULARY.get(fault.what)
        if word is None:
            raise LayoutError(f"no word {fault.what!r}; there are {', '.join(VOCABULARY)}")
        if word.applies_to == (SITE,):
            if fault.device != SITE:
                raise LayoutError(f"{fault.what} is of the whole site, not of {fault.device}")
        elif fault.device not in self.devices:
            raise LayoutError(f"{fault.what}: no device {fault.device!r} here")
        elif word.applies_to and self.devices[fault.device].kind not in word.applies_to:
            kind = self.devices[fault.device].kind
            allowed = ", ".join(word.applies_to)
            raise LayoutError(f"{fault.what} is of {allowed}; {fault.device} is a {kind}")
        if fault.until <= fault.at:
            raise LayoutError(f"{fault.what} ends at {fault.until}, must be after {fault.at}")
        if fault.amount < 0 or (fault.amount and not word.amount):
            raise LayoutError(f"{fault.what}: amount {fault.amount} means nothing here")
