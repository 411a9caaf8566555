"""Transmitters, the changeover between two of them, and the receiver that listens.

Owns what reaches the antenna. Must not know what it carries.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulators.plant.county.history import History
from simulators.plant.county.layout import DeviceLayout, Layout, StationFacts
from simulators.plant.signals import Signal, both, constant, either, held, inverted, signal

MODULES = 8
NOMINAL_W = 1000
CARRIER_FROM_PERCENT = 10  # -10 dB: below it the coverage is gone


class DtmbPair:
    """``antenna``: the transmitter on it, None while the coax switch moves; ``power_w`` by id.

    ``is_able``: a transmitter could radiate; ``carrier``: enough power reaches the antenna.
    ``dummy_w``: what the dummy load takes.
    """

    def __init__(
        self, layout: Layout, history: History, powered: Mapping[str, Signal[bool]]
    ) -> None:
        devices = layout.of_kind("dtmb_transmitter")
        self.ids = tuple(device.id for device in devices)
        self.is_able = {d.id: _able(history, powered[d.id], d.id, layout.facts) for d in devices}
        units = layout.of_kind("changeover_unit")
        self.is_automatic: Signal[bool] = constant(value=False)
        self.antenna: Signal[str | None] = constant(devices[0].id if devices else None)
        if units and len(devices) > 1:
            unit = units[0]
            manual = either(history.during("no_automatic", unit.id), inverted(powered[unit.id]))
            self.is_automatic = inverted(manual)
            commands = [fault.at for fault in history.of("change_over", unit.id)]
            self.antenna = _antenna(self.is_able, self.is_automatic, commands, layout.facts)
        self.power_w: dict[str, Signal[int]] = {}
        self.on_dummy: dict[str, Signal[bool]] = {}
        for device in devices:
            self._drive(device, history, layout.facts)
        self.antenna_w = self._sum(on_antenna=True)
        self.dummy_w = self._sum(on_antenna=False)
        nominal_w = _nominal_w(devices[0]) if devices else NOMINAL_W
        self.carrier = self.antenna_w.map(lambda w: w * 100 >= nominal_w * CARRIER_FROM_PERCENT)

    def _drive(self, device: DeviceLayout, history: History, facts: StationFacts) -> None:
        selected = self.antenna.map(lambda id_: id_ == device.id)
        if facts.overlap:
            selected = held(selected, 0, facts.overlap)
        tested = both(history.during("onto_dummy", device.id), inverted(selected))
        self.on_dummy[device.id] = tested
        is_on = both(self.is_able[device.id], either(selected, tested))
        lost = history.amount("modules_lost", device.id)
        nominal_w = _nominal_w(device)
        self.power_w[device.id] = is_on.combine(
            lost, lambda on, modules: _folded_w(nominal_w, modules) if on else 0
        )

    def _sum(self, *, on_antenna: bool) -> Signal[int]:
        total: Signal[int] = constant(0)
        for id_ in self.ids:
            counted = self.on_dummy[id_].map(lambda tested: tested is not on_antenna)
            part = self.power_w[id_].combine(counted, lambda w, counts: w if counts else 0)
            total = total.combine(part, lambda one, other: one + other)
        return total


class FmTransmitter:
    """``power_w``; ``carrier``: it is enough for reception."""

    def __init__(
        self, device: DeviceLayout, history: History, powered: Signal[bool], facts: StationFacts
    ) -> None:
        lost = held(held(inverted(powered), facts.fm_hold_up, 0), 0, facts.fm_start)
        self.is_tripped = history.during("trip", device.id)
        is_on = both(inverted(lost), inverted(self.is_tripped))
        self.nominal_w = _nominal_w(device)
        modules = history.amount("modules_lost", device.id)
        self.power_w = is_on.combine(
            modules, lambda on, gone: _folded_w(self.nominal_w, gone) if on else 0
        )
        self.carrier = self.power_w.map(lambda w: w * 100 >= self.nominal_w * CARRIER_FROM_PERCENT)


class Receiver:
    """The off-air receiver: ``hears`` (its aerial works), ``is_locked``, ``reference_locked``."""

    def __init__(
        self, history: History, id_: str, carrier: Signal[bool], facts: StationFacts
    ) -> None:
        self.hears = inverted(history.during("antenna_fails", id_))
        self.is_locked = held(both(carrier, self.hears), facts.relock, facts.unlock)
        # Another station's multiplex, which nothing here can take off the air.
        self.reference_locked = held(self.hears, facts.relock, facts.unlock)


def _nominal_w(device: DeviceLayout) -> int:
    return round(device.facts.get("nominal_power_w", NOMINAL_W))


def _folded_w(nominal_w: int, modules_lost: int) -> int:
    """Return the power that is left: the combiner wastes what the lost modules cannot balance."""
    left = max(0, MODULES - modules_lost)
    return nominal_w * left * left // (MODULES * MODULES)


def _able(history: History, powered: Signal[bool], id_: str, facts: StationFacts) -> Signal[bool]:
    """Return when it could radiate: a dip longer than the hold-up makes the exciter boot again."""
    lost = held(held(inverted(powered), facts.hold_up, 0), 0, facts.exciter_boot)
    return both(inverted(lost), inverted(history.during("trip", id_)))


def _antenna(
    is_able: Mapping[str, Signal[bool]],
    is_automatic: Signal[bool],
    commands: list[int],
    facts: StationFacts,
) -> Signal[str | None]:
    """Return which transmitter is on the antenna.

    The changeover unit acts when the one on the antenna has been down throughout the confirmation
    and the other is able, and never by itself goes back.
    """
    main, reserve, *_ = is_able
    changes: list[tuple[int, str | None]] = []
    on, other, free_from = main, reserve, -(2**62)
    while True:
        down = held(inverted(is_able[on]), facts.changeover_confirm, 0)
        due = both(both(down, is_able[other]), is_automatic)
        at = _first_true(due, free_from)
        command = min((c for c in commands if c >= free_from), default=None)
        if at is None and command is None:
            return signal(main, changes)
        is_command = at is None or (command is not None and command < at)
        moment = command if is_command and command is not None else at
        assert moment is not None
        arrives = moment + facts.coax_move
        if is_command and facts.overlap:
            arrives = moment + 1  # a hot combiner: the other comes before this one goes
        else:
            changes.append((moment, None))
        changes.append((arrives, other))
        on, other, free_from = other, on, arrives


def _first_true(of: Signal[bool], since: int) -> int | None:
    """Return the first moment from ``since`` on where it is true."""
    if of.at(since):
        return since
    return next((at for at, value in of.changes(since, 2**62) if value), None)
