"""The whole station over all of time, from its layout and its faults.

Owns how power, programmes, emission and room depend on each other, and the truth that only the
plant knows. Must not know any monitor. A fault changes nothing before its time, so a
fault that is added while it runs leaves the past unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from simulators.plant.county.channels import Channel
from simulators.plant.county.emission import DtmbPair, FmTransmitter, Receiver
from simulators.plant.county.history import History
from simulators.plant.county.layout import UPS_KINDS, DeviceLayout, Layout, LayoutError
from simulators.plant.county.power import Power
from simulators.plant.county.room import Room
from simulators.plant.county.vocabulary import StationFault
from simulators.plant.signals import Signal, both, constant, either, held, inverted, pulses, signal


@dataclass(frozen=True, slots=True)
class Agent:
    """``answers``: a device's agent does; ``booted_at``: when it last began, as a signal."""

    answers: Signal[bool]
    booted_at: Signal[int]


class Station:
    """``powered``, ``agents`` and ``works`` by device id, ``channels`` by channel id.

    ``works``: an encoder, a multiplexer, a receiver or a server has power and was not stopped.
    """

    def __init__(self, layout: Layout, faults: Iterable[StationFault] = ()) -> None:
        """Raise LayoutError for an impossible wiring or fault."""
        self.layout = layout
        self.faults = tuple(faults)
        layout.check(self.faults)
        history = self.history = History(self.faults)
        self.power = Power(layout, history)
        self.powered = {id_: self._powered(device) for id_, device in layout.devices.items()}
        self.works = {
            id_: both(on, inverted(history.during("stops", id_)))
            for id_, on in self.powered.items()
        }
        self.agents = {id_: self._agent(device) for id_, device in layout.devices.items()}
        self.room = Room(layout, history, self.power.bus)
        self.channels = {
            id_: Channel(layout, history, self.powered.__getitem__, id_)
            for id_ in layout.channels()
        }
        self.dtmb = DtmbPair(layout, history, self.powered)
        self.fm = {
            device.id: FmTransmitter(device, history, self.powered[device.id], layout.facts)
            for device in layout.of_kind("fm_transmitter")
        }
        self.multiplexed = self._all_work("multiplexer")
        self.receivers = {
            device.id: Receiver(history, device.id, self.dtmb.carrier, layout.facts)
            for device in layout.of_kind("offair_receiver")
        }

    def programmes(self) -> list[str]:
        """Return the channels that are on the air from here."""
        return list(self.channels)

    def truth(self, programme: str) -> Signal[bool]:
        """Return where the audience receives picture and sound. KeyError for another programme."""
        good = self.channels[programme].output.map(lambda content: content.is_good)
        fm = self.layout.of_kind("fm_transmitter", channel=programme)
        if fm:
            sound = self.channels[programme].output.map(lambda content: content.has_sound)
            return both(sound, reduce(either, (self.fm[device.id].carrier for device in fm)))
        return both(both(self.dtmb.carrier, self.in_multiplex(programme)), good)

    def in_multiplex(self, channel: str) -> Signal[bool]:
        """Return whether the transmitters are fed a multiplex with this channel in it."""
        return both(self.multiplexed, self._all_work("encoder", channel))

    def said_of(self, receiver: str, channel: str) -> dict[str, Signal[bool]]:
        """Return what the off-air receiver says of a channel: ``present`` and its faults.

        It looks at what it decodes with the detectors' holds; without lock it says nothing bad.
        """
        heard = self.receivers[receiver].is_locked
        present = both(heard, self.in_multiplex(channel))
        of = self.channels[channel]
        said = {"silent": of.says_silent, "frozen": of.says_frozen, "black": of.says_black}
        return {"present": present} | {name: both(heard, says) for name, says in said.items()}

    def answers(self, id_: str, t: int) -> bool:
        """Return whether a device's agent answers at ``t``."""
        return self.agents[id_].answers.at(t)

    def shown_at(self, id_: str, t: int) -> int:
        """Return when its agent last looked, at or before ``t``; agents do not look in step."""
        device = self.layout.devices[id_]
        if not device.agent_refresh:
            return t
        phase = sum(id_.encode()) * 37_000 % device.agent_refresh
        return t - (t - phase) % device.agent_refresh

    def _powered(self, device: DeviceLayout) -> Signal[bool]:
        lost = self.history.during("loses_power", device.id)
        if device.kind in UPS_KINDS:
            return self.power.supply(device.id)
        return both(self._supply(device.id, device.supply), inverted(lost))

    def _supply(self, id_: str, name: str) -> Signal[bool]:
        try:
            return self.power.supply(name)
        except KeyError:
            message = f"{id_}: no supply {name!r}; there are bus, own and each UPS"
            raise LayoutError(message) from None

    def _agent(self, device: DeviceLayout) -> Agent:
        on = self.powered[device.id]
        if device.agent_supply:
            on = self._supply(device.id, device.agent_supply)
        restarts = [
            (fault.at, fault.at + self.layout.facts.agent_restart)
            for fault in self.history.of("restart", device.id)
        ]
        lost = held(inverted(on), self.layout.facts.hold_up, 0)
        away = either(held(lost, 0, device.boot), pulses(restarts))
        quiet = either(
            self.history.during("silent", device.id), self.history.during("offline", device.id)
        )
        begins = sorted(at for at, is_away in away.changes(-(2**62), 2**62) if not is_away)
        booted = signal(self.layout.facts.booted_at, ((at, at) for at in begins))
        return Agent(inverted(either(away, quiet)), booted)

    def _all_work(self, kind: str, channel: str | None = None) -> Signal[bool]:
        result: Signal[bool] = constant(value=True)
        for device in self.layout.of_kind(kind, channel=channel):
            result = both(result, self.works[device.id])
        return result
