"""The checked configuration as the rest of the program sees it. Owns types only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from monitord.core.plan import Plan
from monitord.devices.model import DeviceSettings
from monitord.traps.model import TrapSettings

NO_ADDRESS: Final = "http://unknown/hidden-0000000000000000"
"""In the place of an address whose file cannot be read."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A way to a person. ``kind``: console or webhook; ``deadline`` in microseconds.

    ``url`` may carry a secret: it is left out of every text.
    """

    id: str
    kind: str
    deadline: int
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """``language``: zh or en."""

    id: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Where a copy of the record is kept each night, at which minute of the station's day, and how
    many of them.
    """

    folder: Path
    at_min: int
    kept: int


Slots: TypeAlias = tuple[tuple[int, int], ...]
"""Begin and end in minutes of the station's day; the end may exceed 1440; none: closed."""


DayRange: TypeAlias = tuple[int, int]
"""First and last day, counted from 1970."""


@dataclass(frozen=True, slots=True)
class HolidayNotice:
    """The public holidays of a year and the weekends worked for them; ``source``: what says so."""

    year: int
    source: str
    holidays: tuple[DayRange, ...]
    working_weekends: tuple[DayRange, ...]


@dataclass(frozen=True, slots=True)
class HolidayPlan:
    """Where the public holidays are known from, beside the package that has past years."""

    notices: tuple[HolidayNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """Broadcast times of one programme, by days of the station's time zone.

    A slot belongs to the day on which it begins. ``daily`` counts where nothing below names the
    day. ``weekly``: by weekdays (Monday is 0). ``monthly``: by (which of its name in the month, 0
    the last; weekday). ``dates``: by first and last day, counted from 1970. ``holidays`` and
    ``working_weekends``: on such days; None where they are days as all others. A date counts first,
    then a public holiday, then a day of the month, then a weekday; of two entries of one kind the
    later one.
    """

    programme: str
    daily: Slots
    weekly: tuple[tuple[tuple[int, ...], Slots], ...] = ()
    monthly: tuple[tuple[tuple[tuple[int, int], ...], Slots], ...] = ()
    dates: tuple[tuple[DayRange, Slots], ...] = ()
    holidays: Slots | None = None
    working_weekends: Slots | None = None

    def tables(self) -> Iterator[Slots]:
        """Yield the slots of every entry."""
        yield self.daily
        yield from (slots for _, slots in self.weekly)
        yield from (slots for _, slots in self.monthly)
        yield from (slots for _, slots in self.dates)
        yield from (slots for slots in (self.holidays, self.working_weekends) if slots is not None)

    @property
    def knows_holidays(self) -> bool:
        """Whether public holidays change anything."""
        return self.holidays is not None or self.working_weekends is not None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything ``app.py`` builds from. ``names``: labels by id, for texts.

    Keys of ``names``: ``site``, ``device/<id>``, ``programme/<id>``, ``person/<id>``,
    ``stage/<programme>/<stage>`` where the stage has one. ``short_names``: those for an SMS, by the
    same keys, where given.
    ``cards``: what to do when a condition is why a programme is off the air, ``words``: what is
    wrong then; by condition id and then by language. ``traps``: None where none are received.
    ``files``: as they were read, by ``main``, ``include:<name>`` and ``profile:<name>``;
    ``with_address``: those that have the address of a channel.
    ``clock``: what keeps the wall clock right: network (the kernel shows it), rtc (a battery clock)
    or host (something that the kernel does not show). ``open_secrets``: files with a secret that
    every user of the computer may read or write.
    """

    site: str
    time_zone: str
    plan: Plan
    config_hash: str
    devices: tuple[DeviceSettings, ...]
    channels: tuple[ChannelSettings, ...]
    people: tuple[PersonSettings, ...]
    schedules: tuple[SchedulePlan, ...]
    names: dict[str, str]
    record_folder: Path
    listen_host: str = "127.0.0.1"
    listen_port: int = 9750
    cards: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    traps: TrapSettings | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    with_address: frozenset[str] = frozenset()
    clock: str = "network"
    short_names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    open_secrets: tuple[str, ...] = ()
    backups: BackupSettings | None = None
    holidays: HolidayPlan | None = None
