"""The small site: an FM transmitter, perhaps a reserve, the studio's sound and its audience.

Owns what each fault does and the truth that only the plant knows. Must not know any
monitor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from simulators.plant.faults import MINUTE, SECOND, Fault, What
from simulators.plant.signals import (
    Signal,
    both,
    cached,
    either,
    held,
    inverted,
    lowest,
    pulses,
    signal,
)
from simulators.plant.transmitter import Oid, Transmitter, TransmitterState, Typed

PROGRAMME = "county_fm"
# Advantech ADAM-6050 (maker's manual): twelve discrete inputs, function code 2, wire addresses
# 0 to 11. Which contact is wired where is this site's own matter.
ROOM_INPUTS = 12
AUDIO_SILENT_INPUT = 0
MAINS_FAILED_INPUT = 1


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What is fixed at the site. Powers in W, times in microseconds.

    ``agent_refresh``: an agent looks at its transmitter at ``agent_phase + k * agent_refresh``.
    ``silent_after`` / ``sound_after``: the silence detector's hold before it says so.
    ``rf_start``: from mains back to full power; ``agent_boot``: from mains back to first answer.
    ``carrier_from_percent``: less than this share of the wanted power (a tenth is -10 dB) reaches
    nobody. The room's inputs have their own battery.
    """

    wanted_power_w: int = 1000
    frequency_10khz: int = 9860
    has_reserve: bool = False
    agent_refresh: int = SECOND
    agent_phase: int = 0
    silent_after: int = 10 * SECOND
    sound_after: int = 2 * SECOND
    rf_start: int = 5 * SECOND
    agent_boot: int = 20 * SECOND
    carrier_from_percent: int = 10
    booted_at: int = -60 * MINUTE

    def reaches_audience(self, power_w: int) -> bool:
        """Return whether so much forward power is a carrier to the audience."""
        return power_w > 0 and power_w * 100 >= self.wanted_power_w * self.carrier_from_percent


class Site:
    """The site over all of time, from its faults.

    ``sound``: sound leaves the studio; ``silent_contact``: what the detector says, lags included;
    ``mains``: the transmitters have power; ``transmitters`` by id (fm1, and fm2 where there is a
    reserve); ``room_answers``: the input module answers.
    """

    def __init__(self, faults: Iterable[Fault], facts: SiteFacts | None = None) -> None:
        """Raise ValueError for a fault of a device that is not there."""
        self.facts = facts or SiteFacts()
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.at, fault.until)))
        self._check()
        self.mains = inverted(self._during(What.MAINS_DIP))
        self.sound = inverted(self._during(What.SILENCE))
        self.silent_contact = held(
            inverted(self.sound), self.facts.silent_after, self.facts.sound_after
        )
        self.room_answers = inverted(self._during(What.AGENT_SILENT, "room_io"))
        self.transmitters = {id_: self._transmitter(id_) for id_ in self._ids()}
        self.carrier = self._carrier()
        self._truth = both(self.carrier, self.sound)

    def truth(self, programme: str) -> Signal[bool]:
        """Return where the audience really receives carrier and sound.

        Raises KeyError for a programme other than ``PROGRAMME``.
        """
        return {PROGRAMME: self._truth}[programme]

    def objects(self, device: str, t: int) -> dict[Oid, Typed] | None:
        """Return what a transmitter's agent answers at ``t``; None while it does not answer."""
        transmitter = self.transmitters[device]
        return transmitter.objects(t) if transmitter.answers.at(t) else None

    def fm1_objects(self, t: int) -> dict[Oid, Typed]:
        """Return what fm1's agent shows at ``t``, whether or not it answers."""
        return self.transmitters["fm1"].objects(t)

    def room_inputs(self, t: int) -> list[bool]:
        """Return the discrete inputs at ``t``, by wire address."""
        inputs = [False] * ROOM_INPUTS
        inputs[AUDIO_SILENT_INPUT] = self.silent_contact.at(t)
        inputs[MAINS_FAILED_INPUT] = not self.mains.at(t)
        return inputs

    def _ids(self) -> tuple[str, ...]:
        return ("fm1", "fm2") if self.facts.has_reserve else ("fm1",)

    def _check(self) -> None:
        for fault in self.faults:
            places = (*self._ids(), "room_io") if fault.what is What.AGENT_SILENT else self._ids()
            if fault.device not in places:
                raise ValueError(f"{fault.what}: no {fault.device} here, only {', '.join(places)}")
            is_changeover = fault.what in {What.CHANGEOVER_CLEAN, What.CHANGEOVER_GAP}
            if is_changeover and not self.facts.has_reserve:
                raise ValueError(f"{fault.what}: the site has no reserve to change over to")

    def _of(self, what: What, device: str | None = None) -> list[Fault]:
        return [f for f in self.faults if f.what is what and device in {None, f.device}]

    def _during(self, what: What, device: str | None = None) -> Signal[bool]:
        return pulses((fault.at, fault.until) for fault in self._of(what, device))

    def _transmitter(self, id_: str) -> Transmitter:
        facts = self.facts
        actual = self._actual(id_)
        dips = [(f.at, f.until + facts.agent_boot) for f in self._of(What.MAINS_DIP)]
        quiet = [(f.at, f.until) for f in self._of(What.AGENT_SILENT, id_)]
        restarts = [(f.at, f.until) for f in self._of(What.AGENT_RESTART, id_)]
        return Transmitter(
            id=id_,
            frequency_10khz=facts.frequency_10khz,
            actual=actual,
            shown=cached(actual, facts.agent_refresh, facts.agent_phase),
            answers=inverted(pulses(dips + quiet + restarts)),
            booted_at=self._booted_at(dips + restarts),
        )

    def _booted_at(self, absences: Sequence[tuple[int, int]]) -> Signal[int]:
        """Return when the agent last began: its clock runs from the end of each absence."""
        ends = sorted(end for _, end in absences)
        return signal(self.facts.booted_at, ((end, end) for end in ends))

    def _actual(self, id_: str) -> Signal[TransmitterState]:
        tripped = self._during(What.CARRIER_TRIP, id_)
        commanded = self._commanded_on(id_)
        powered = inverted(
            pulses((f.at, f.until + self.facts.rf_start) for f in self._of(What.MAINS_DIP))
        )
        works = both(powered, inverted(tripped))
        power_w = self._able_w(id_).combine(both(works, commanded), lambda w, on: w if on else 0)
        wanted_w = self.facts.wanted_power_w
        return power_w.combine(
            commanded.combine(tripped, lambda on, fault: (on, fault)),
            lambda w, flags: TransmitterState(w, wanted_w, *flags),
        )

    def _able_w(self, id_: str) -> Signal[int]:
        """Return the power it can make: the least that any drop leaves it."""
        drops = ((f.at, f.until, f.amount) for f in self._of(What.POWER_DROP_TO, id_))
        return lowest(drops, self.facts.wanted_power_w)

    def _commanded_on(self, id_: str) -> Signal[bool]:
        """Return where the changeover unit wants this transmitter on the air.

        Clean: the one that takes over is on for ``amount`` before the other goes. Gap: it comes
        ``amount`` after the other went.
        """
        clean, gap = self._of(What.CHANGEOVER_CLEAN), self._of(What.CHANGEOVER_GAP)
        if id_ == "fm1":
            off = [(f.at + f.amount, f.until - f.amount) for f in clean]
            return inverted(pulses(off + [(f.at, f.until) for f in gap]))
        on = [(f.at, f.until) for f in clean]
        return pulses(on + [(f.at + f.amount, f.until - f.amount) for f in gap])

    def _carrier(self) -> Signal[bool]:
        """Return where enough power of either transmitter reaches the antenna."""
        enough = [
            transmitter.actual.map(lambda s: self.facts.reaches_audience(s.forward_power_w))
            for transmitter in self.transmitters.values()
        ]
        return reduce(either, enough)
