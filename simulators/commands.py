"""Commands that a person types while the station runs: begin a fault, end it, print the status.

Owns the line protocol; must not know any socket. One line in, text out:

    trip dtmb1            begins this fault now           end trip dtmb1      ends it
    modules_lost dtmb1 3  with an amount                  end all             ends all faults
    words                 lists all faults                status              lists present faults
    times DURATION LINE   a fault that ends by itself, such as: times 10s mains_off
    lie fm1 half          cuts off all its answers        lie fm1 truth       ends that
"""

from __future__ import annotations

from dataclasses import replace

from simulators.agents.fault_injection import ANSWER_FAULTS
from simulators.clock import PlantClock
from simulators.durations import duration_text, read_duration
from simulators.plant.county.layout import LayoutError
from simulators.plant.county.vocabulary import SITE, VOCABULARY, StationFault
from simulators.premises import Premises
from simulators.story_file import read_fault

HELP = (
    "WORD [DEVICE] [AMOUNT] | end WORD [DEVICE] | end all | times DURATION LINE"
    " | lie DEVICE LIE | lie DEVICE truth | status | words"
)


class Commands:
    """The commands of one station."""

    def __init__(self, premises: Premises, clock: PlantClock) -> None:
        self._premises = premises
        self._clock = clock

    def carry_out(self, line: str) -> str:
        """Execute a line; return the answer, empty for an empty line."""
        words = line.split()
        try:
            match words:
                case []:
                    return ""
                case ["help"]:
                    return HELP
                case ["words"]:
                    return _words()
                case ["status"]:
                    return self._status()
                case ["end", *what] if what:
                    return self._end(what)
                case ["times", duration, *rest] if rest:
                    return self._begin(rest, read_duration(duration))
                case ["lie", device, fault]:
                    self._premises.inject_fault(device, "" if fault == "truth" else fault)
                    return f"{device}: {ANSWER_FAULTS.get(fault, 'its answers are true')}"
                case _:
                    return self._begin(words, None)
        except ValueError as error:
            return f"{error}; {HELP}"

    def _begin(self, words: list[str], lasts: int | None) -> str:
        now = self._clock.now()
        fault = read_fault(words, now, self._premises.station.layout)
        if lasts is not None:
            fault = replace(fault, until=now + lasts)
        self._premises.set_faults([*self._premises.station.faults, fault])
        return f"{VOCABULARY[fault.what].zh} / {_named(fault)}"

    def _end(self, what: list[str]) -> str:
        now = self._clock.now()
        ended = [fault for fault in self._present() if what == ["all"] or _is(fault, what)]
        if not ended:
            raise LayoutError(f"no present fault is {' '.join(what)!r}")
        kept = [m for m in self._premises.station.faults if m not in ended]
        # A fault that began at this moment leaves no trace.
        cut = [replace(fault, until=now) for fault in ended if fault.at < now]
        self._premises.set_faults([*kept, *cut])
        return "ended: " + ", ".join(map(_named, ended))

    def _status(self) -> str:
        lines = [
            f"{_named(fault)}, for {duration_text(self._clock.now() - fault.at)}"
            for fault in self._present()
        ]
        injected = self._premises.injected_faults()
        lines += [f"{id_} lies: {ANSWER_FAULTS[fault]}" for id_, fault in injected.items()]
        return "\n".join(lines) or "all is well"

    def _present(self) -> list[StationFault]:
        now = self._clock.now()
        return [m for m in self._premises.station.faults if m.at <= now < m.until]


def _is(fault: StationFault, what: list[str]) -> bool:
    return fault.what == what[0] and what[1:] in ([], [fault.device])


def _named(fault: StationFault) -> str:
    device = "" if fault.device == SITE else f" {fault.device}"
    return f"{fault.what}{device}" + (f" {fault.amount}" if fault.amount else "")


def _words() -> str:
    lines = []
    for name, word in VOCABULARY.items():
        applies_to = (
            "the site" if word.applies_to == (SITE,) else ", ".join(word.applies_to) or "any device"
        )
        amount = f"; amount: {word.amount}, usually {word.usual}" if word.amount else ""
        lines.append(f"{name:15} {applies_to}: {word.en}{amount}")
    lines += [f"lie DEVICE {fault:4} {what}" for fault, what in ANSWER_FAULTS.items()]
    return "\n".join(lines)
