"""The configurations of the simulated site, one after the other, and what is true under each.

A reload adds or removes the encoders with their stages, adds or removes the fifth service, renames
the last stage of the television programme, asks more of the multiplex's transmitter, or gives a
device another address. What takes a programme off the air is named as the configuration names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from simulators.plant.signals import Signal, both, either, inverted, pulses, signal
from tests.simulation.facts import SECOND, Facts, Injected, Span

ALWAYS_THERE = ("io", "fm1", "fm2", "tv", "mux", "dtx")
"""Devices that no configuration leaves out."""
LEAST_POWER_W = (100, 300)
"""From this power on the multiplex's transmitter counts as on the air: by default, when strict."""
NORMAL_W, REDUCED_W = 1_000, 200
ASKED_ANEW = SECOND
"""After a reload nothing of a changed device is known until its next answer."""


@dataclass(frozen=True, slots=True)
class Setup:
    """One configuration. ``strict``: reduced power of the multiplex's transmitter is off the air.

    ``fifth``: the service m5 is a programme. ``tv_stage``: the name of the last stage of tv.
    """

    encoders: bool = True
    fifth: bool = True
    tv_stage: str = "transmitter"
    strict: bool = False

    def has(self, programme: str) -> bool:
        """Return whether a programme is configured."""
        return self.fifth or programme != "m5"

    def place(self, place: str) -> str:
        """Return what this configuration calls a place; the next that it has, nearer the antenna.

        ``place`` is one of the first configuration.
        """
        if place.startswith("enc/") and not self.encoders:
            return "mux/multiplexer"
        return f"tv/{self.tv_stage}" if place == "tv/transmitter" else place

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that are polled."""
        return (*ALWAYS_THERE, *(("enc",) if self.encoders else ()))


FIRST = Setup()


@dataclass(frozen=True, slots=True)
class Reload:
    """Another configuration counts from ``at`` on. ``again``: devices that are asked again."""

    at: int
    setup: Setup
    again: tuple[str, ...] = ()


def draw_reloads(random: Random, moments: Sequence[int]) -> tuple[Reload, ...]:
    """Draw what each reload changes."""
    found: list[Reload] = []
    setup = FIRST
    for at in sorted(moments):
        again: tuple[str, ...] = ()
        match random.randrange(6):
            case 0:
                setup = replace(setup, encoders=not setup.encoders)
            case 1:
                setup = replace(setup, fifth=not setup.fifth)
            case 2:
                other = {"transmitter": "sender", "sender": "transmitter"}
                setup = replace(setup, tv_stage=other[setup.tv_stage])
            case 3:
                setup = replace(setup, strict=not setup.strict)
                again = ("dtx",)
            case 4:
                again = (random.choice(ALWAYS_THERE),)
            case _:
                pass  # the files were read again and nothing had changed
        found.append(Reload(at, setup, again))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Era:
    """A configuration that counts from ``begin`` to ``end``."""

    begin: int
    end: int
    setup: Setup


def eras_of(adopted: Sequence[Reload], begin: int, end: int) -> list[Era]:
    """Return the configurations in order."""
    starts = [(begin, FIRST), *((reload.at, reload.setup) for reload in adopted)]
    ends = [at for at, _ in starts[1:]]
    return [Era(a, b, s) for (a, s), b in zip(starts, [*ends, end], strict=True) if a < b]


def as_configured(facts: Facts, power: Signal[int], adopted: Sequence[Reload]) -> Facts:
    """Return the truth of a site under the configurations that it was given.

    ``facts``: as if the first configuration counted all the time, reduced power injected.
    """
    eras = eras_of(adopted, facts.begin, facts.end)
    fifth = _where(eras, lambda setup: setup.fifth)
    radiates = _radiates(power, eras)
    on_air = {
        name: both(air, radiates) if name.startswith("m") else air
        for name, air in facts.on_air.items()
    }
    on_air["m5"] = either(on_air["m5"], inverted(fifth))
    encoders = _where(eras, lambda setup: setup.encoders)
    asked_anew = {
        name: pulses((r.at, r.at + ASKED_ANEW) for r in adopted if name in r.again)
        for name in facts.silent
    }
    return replace(
        facts,
        injected=[part for fault in facts.injected for part in _parts(fault, eras)],
        on_air=on_air,
        removed={"m5": inverted(fifth)},
        shown={**facts.shown, "dtx.on": radiates},
        unseen={**facts.unseen, "m5": both(facts.unseen["m5"], fifth)},
        not_asked={**asked_anew, "enc": inverted(encoders)},
        reloads=tuple(reload.at for reload in adopted),
    )


def _where(eras: Sequence[Era], holds: Callable[[Setup], bool]) -> Signal[bool]:
    first, *rest = eras
    return signal(holds(first.setup), ((era.begin, holds(era.setup)) for era in rest))


def _radiates(power: Signal[int], eras: Sequence[Era]) -> Signal[bool]:
    strict = _where(eras, lambda setup: setup.strict)
    return power.combine(strict, lambda watts, hard: watts >= LEAST_POWER_W[hard])


def _parts(fault: Injected, eras: Sequence[Era]) -> Iterator[Injected]:
    """Yield a fault as each of its programmes has it, cut where its place gets another name."""
    alike: dict[tuple[tuple[int, int, str], ...], list[str]] = {}
    for name in fault.programmes:
        alike.setdefault(tuple(_named(fault, name, eras)), []).append(name)
    for parts, names in alike.items():
        for number, (begin, end, place) in enumerate(parts):
            spans = _inside(fault.spans, begin, end)
            if spans:
                yield replace(
                    fault,
                    place=place,
                    begin=spans[0][0],
                    end=spans[-1][1],
                    programmes=tuple(names),
                    spans=spans,
                    goes_on=number > 0,
                    later=tuple(name for _, _, name in parts[number + 1 :]),
                )


def _named(fault: Injected, programme: str, eras: Sequence[Era]) -> Iterator[tuple[int, int, str]]:
    """Yield (from, to, place) while the programme is configured and the fault counts."""
    held: tuple[int, int, str] | None = None
    for era in eras:
        counts = era.setup.strict or fault.what != "dtx_reduced"
        if not counts or not era.setup.has(programme):
            continue
        place = era.setup.place(fault.place)
        if held is not None and held[1:] == (era.begin, place):
            held = (held[0], era.end, place)
        else:
            if held is not None:
                yield held
            held = (era.begin, era.end, place)
    if held is not None:
        yield held


def _inside(spans: Sequence[Span], begin: int, end: int) -> tuple[Span, ...]:
    return tuple((max(a, begin), min(b, end)) for a, b in spans if a < end and begin < b)
