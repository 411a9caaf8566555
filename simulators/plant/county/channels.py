"""What leaves the studio on one channel: sources, the switcher between them, and its detector.

Owns pictures and sound. Must not know what becomes of them on the way to the antenna.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulators.plant.county.history import History
from simulators.plant.county.layout import Layout
from simulators.plant.signals import Signal, both, constant, either, held, inverted

Picture = Literal["moving", "freeze", "black"]
PoweredOf = Callable[[str], Signal[bool]]


@dataclass(frozen=True, slots=True)
class Content:
    """What one line carries. A line without a signal is black and silent."""

    picture: Picture = "moving"
    has_sound: bool = True
    is_there: bool = True

    @property
    def is_good(self) -> bool:
        """Return whether an audience has picture and sound."""
        return self.picture == "moving" and self.has_sound


NOTHING = Content("black", has_sound=False, is_there=False)


class Channel:
    """``sources`` by device id, main first; ``on_backup``: the switcher is on the backup.

    ``output``: what leaves the switcher; ``says_*``: what a detector says of it, late as it is, and
    ``says_main_silent`` of the first source.
    """

    def __init__(self, layout: Layout, history: History, powered: PoweredOf, id_: str) -> None:
        facts = layout.facts
        devices = layout.of_kind("playout_server", "satellite_receiver", channel=id_)
        self.id = id_
        self.sources = {device.id: _source(history, powered, device.id) for device in devices}
        main, *backups = self.sources.values()
        backup = backups[0] if backups else constant(NOTHING)
        self.on_backup = _selection(layout, history, id_, main, backup)
        chosen = main.combine(backup, lambda m, b: (m, b)).combine(
            self.on_backup, lambda pair, is_backup: pair[is_backup]
        )
        self.output = _passed(layout, powered, id_, chosen)
        silent = self.output.map(lambda content: not content.has_sound)
        frozen = self.output.map(lambda content: content.picture == "freeze")
        black = self.output.map(lambda content: content.picture == "black")
        main_silent = main.map(lambda content: not content.has_sound)
        self.says_main_silent = held(main_silent, facts.silence_after, facts.sound_after)
        self.says_silent = held(silent, facts.silence_after, facts.sound_after)
        self.says_frozen = held(frozen, facts.freeze_after, facts.motion_after)
        self.says_black = held(black, facts.black_after, facts.picture_after)


def _source(history: History, powered: PoweredOf, id_: str) -> Signal[Content]:
    gone = either(
        either(history.during("stops", id_), history.during("rain_fade", id_)),
        inverted(powered(id_)),
    )
    black, freeze = history.during("black", id_), history.during("freeze", id_)
    picture: Signal[Picture] = black.combine(freeze, _picture)
    silent = history.during("silence", id_)
    content = picture.combine(silent, lambda shown, is_silent: Content(shown, not is_silent))
    return content.combine(gone, lambda carried, is_gone: NOTHING if is_gone else carried)


def _picture(is_black: bool, is_frozen: bool) -> Picture:
    if is_black:
        return "black"
    return "freeze" if is_frozen else "moving"


def _selection(
    layout: Layout, history: History, id_: str, main: Signal[Content], backup: Signal[Content]
) -> Signal[bool]:
    """Return when the switcher is on the backup.

    A master switcher leaves a main source that gives no signal at all; a silence switcher one that
    gives no sound. Neither does so for a backup that is no better.
    """
    facts = layout.facts
    silence_switchers = layout.of_kind("silence_switcher", channel=id_)
    if silence_switchers:
        lost = main.map(lambda content: not content.has_sound)
        left = held(lost, facts.silence_after, facts.sound_after)
        return both(left, backup.map(lambda content: content.has_sound))
    switchers = layout.of_kind("switcher", channel=id_)
    if not switchers:
        return constant(value=False)
    lost = main.map(lambda content: not content.is_there)
    left = held(lost, facts.switcher_loss, facts.switcher_return)
    wanted = either(left, history.during("on_backup", switchers[0].id))
    return both(wanted, backup.map(lambda content: content.is_there))


def _passed(
    layout: Layout, powered: PoweredOf, id_: str, chosen: Signal[Content]
) -> Signal[Content]:
    """Return what passes the switcher: nothing while that has no power."""
    for device in layout.of_kind("switcher", "silence_switcher", channel=id_):
        chosen = chosen.combine(powered(device.id), lambda shown, on: shown if on else NOTHING)
    return chosen
