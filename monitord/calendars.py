"""Makes the hours of the present settings for the engine, and says where they are not taken.

Core decides which calendar counts; here the log, status and a reload get to know of it.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitord.clock import Clock, iso_time
from monitord.config.calendar import calendar
from monitord.config.settings import Settings
from monitord.core.calendar_extending import Shortfall, shortfall
from monitord.core.durable import Durable
from monitord.core.model import CalendarExtended
from monitord.texts.phrases import Phrase, phrase

Make = Callable[[Settings, int, int, int], CalendarExtended]

log = structlog.get_logger(__name__)


class Calendars:
    """One for a life. ``refused``: why the newest hours do not count, by language; or empty."""

    def __init__(self, durable: Durable, clock: Clock, make: Make = calendar) -> None:
        self.refused: dict[str, str] = {}
        self._durable = durable
        self._clock = clock
        self._make = make

    def at_start(self, settings: Settings) -> CalendarExtended:
        """Return the hours around the time that the wall clock shows."""
        return self._noted(settings, self._clock.wall())

    def now(self, settings: Settings) -> CalendarExtended:
        """Return the hours around the wall time as it is held."""
        return self._noted(settings, self._held())

    def refusal(self, settings: Settings) -> Phrase | None:
        """Return why hours of these settings would be refused now, None where they would not."""
        given = self._made(settings, self._held())
        lacks = shortfall(self._durable, settings.plan, given)
        return None if lacks is None else _why(lacks, settings)

    def schedule(
        self, settings: Callable[[], Settings], put: Callable[[CalendarExtended], None]
    ) -> AsyncIOScheduler:
        """Start to ``put`` the hours once a day; return the scheduler, to be shut down at the end.

        ``settings``: returns the present ones. A day missed does no harm: the hours reach 400 days
        ahead.
        """

        async def extend() -> None:
            put(self.now(settings()))

        scheduler = AsyncIOScheduler(timezone=settings().time_zone)
        scheduler.add_job(extend, "cron", hour=12, max_instances=1, coalesce=True)
        scheduler.start()
        return scheduler

    def _held(self) -> int:
        return self._clock.now() + self._durable.clock_offset

    def _made(self, settings: Settings, wall: int) -> CalendarExtended:
        return self._make(settings, self._clock.now(), wall, self._durable.calendar_known_to)

    def _noted(self, settings: Settings, wall: int) -> CalendarExtended:
        given, durable = self._made(settings, wall), self._durable
        self.refused = {}
        # A wall clock that is wrong at the start says nothing of the settings.
        why = self.refusal(settings)
        if why is not None:
            self.refused = {language: why.render(language) for language in ("zh", "en")}
            log.error("hours_refused", detail=self.refused["en"])
        elif durable.calendar_tzdata not in ("", given.tzdata):
            # They count from now on; the time before keeps what was recorded.
            log.warning(
                "time_zone_rules_changed",
                zone=settings.time_zone,
                was=durable.calendar_tzdata,
                now=given.tzdata,
            )
        return given


def _why(lacks: Shortfall, settings: Settings) -> Phrase:
    zone = ZoneInfo(settings.time_zone)
    kept = iso_time(lacks.kept_to, zone)
    if lacks.programmes:
        return phrase("hours.absent", programmes=", ".join(lacks.programmes), kept=kept)
    given_from, given_to = (iso_time(at, zone) for at in (lacks.given_from, lacks.given_to))
    return phrase("hours.shorter", given_from=given_from, given_to=given_to, kept=kept)
