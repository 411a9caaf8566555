"""What a person types while the station runs: what shall befall it, what shall end, how it stands.

Owns the line protocol; must not know any socket. One line in, text out:

    trip dtmb1            it befalls it from now on       end trip dtmb1      and now no more
    modules_lost dtmb1 3  with its amount                 end all             all is well again
    words                 what can befall what            status              what befalls it now
    times DURATION LINE   the same, ending by itself, for instance: times 10s mains_off
    lie fm1 half          all its answers are halves      lie fm1 truth        and now no more
"""

from __future__ import annotations

from dataclasses import replace

from simulators.agents.fault_injection import LIES
from simulators.clock import PlantClock
from simulators.durations import duration_text, read_duration
from simulators.plant.county.layout import LayoutError
from simulators.plant.county.vocabulary import SITE, VOCABULARY, Mishap
from simulators.premises import Premises
from simulators.story_file import read_mishap

HELP = (
    "WORD [DEVICE] [AMOUNT] | end WORD [DEVICE] | end all | times DURATION LINE"
    " | lie DEVICE LIE | lie DEVICE truth | status | words"
)


class Commands:
    """The station at the end of a line."""

    def __init__(self, premises: Premises, clock: PlantClock) -> None:
        self._premises = premises
        self._clock = clock

    def carry_out(self, line: str) -> str:
        """Do what a line says; return what to answer, empty for an empty line."""
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
                    return self._befall(rest, read_duration(duration))
                case ["lie", device, lie]:
                    self._premises.let_lie(device, "" if lie == "truth" else lie)
                    return f"{device}: {LIES.get(lie, 'it tells the truth')}"
                case _:
                    return self._befall(words, None)
        except ValueError as error:
            return f"{error}; {HELP}"

    def _befall(self, words: list[str], lasts: int | None) -> str:
        now = self._clock.now()
        mishap = read_mishap(words, now, self._premises.station.layout)
        if lasts is not None:
            mishap = replace(mishap, until=now + lasts)
        self._premises.befall([*self._premises.station.mishaps, mishap])
        return f"{VOCABULARY[mishap.what].zh} / {_named(mishap)}"

    def _end(self, what: list[str]) -> str:
        now = self._clock.now()
        ended = [mishap for mishap in self._present() if what == ["all"] or _is(mishap, what)]
        if not ended:
            raise LayoutError(f"nothing like {' '.join(what)!r} befalls it now")
        kept = [m for m in self._premises.station.mishaps if m not in ended]
        # One that began at this very moment leaves no trace.
        cut = [replace(mishap, until=now) for mishap in ended if mishap.at < now]
        self._premises.befall([*kept, *cut])
        return "ended: " + ", ".join(map(_named, ended))

    def _status(self) -> str:
        lines = [
            f"{_named(mishap)}, for {duration_text(self._clock.now() - mishap.at)}"
            for mishap in self._present()
        ]
        lines += [f"{id_} lies: {LIES[lie]}" for id_, lie in self._premises.lies().items()]
        return "\n".join(lines) or "all is well"

    def _present(self) -> list[Mishap]:
        now = self._clock.now()
        return [m for m in self._premises.station.mishaps if m.at <= now < m.until]


def _is(mishap: Mishap, what: list[str]) -> bool:
    return mishap.what == what[0] and what[1:] in ([], [mishap.device])


def _named(mishap: Mishap) -> str:
    device = "" if mishap.device == SITE else f" {mishap.device}"
    return f"{mishap.what}{device}" + (f" {mishap.amount}" if mishap.amount else "")


def _words() -> str:
    lines = []
    for name, word in VOCABULARY.items():
        befalls = "the site" if word.befalls == (SITE,) else ", ".join(word.befalls) or "any device"
        amount = f"; amount: {word.amount}, usually {word.usual}" if word.amount else ""
        lines.append(f"{name:15} {befalls}: {word.en}{amount}")
    lines += [f"lie DEVICE {lie:4} {what}" for lie, what in LIES.items()]
    return "\n".join(lines)
