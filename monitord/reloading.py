"""Another configuration while the daemon runs: prepare, commit, swap, all or nothing.

*Prepare* reads the files and opens what is new beside what runs; a failure there changes nothing.
*Commit* stores the files, then the event that names them. *Swap* hands the new settings to every
part, in the tick that committed the event. Decides nothing about the site.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import structlog

from monitord.clock import Clock, monotonic
from monitord.config.content import Content, content_of
from monitord.config.fingerprint import parts_of
from monitord.config.loader.errors import ConfigErrors
from monitord.config.settings import Settings
from monitord.core.differences import Differences, Ids, differences
from monitord.core.model import CalendarExtended, ConfigAdopted, ConfigRefused, Input
from monitord.garbage import leave_out_what_is_in_use
from monitord.journal import CommitFailed
from monitord.texts.phrases import Phrase, phrase, rendered
from monitord.web import WebError

log = structlog.get_logger(__name__)


class ReloadRefused(Exception):  # noqa: N818 - the old configuration goes on
    """A configuration that cannot be adopted, and every reason; the old one goes on."""

    def __init__(self, reasons: Sequence[Phrase | ConfigErrors]) -> None:
        super().__init__()
        self._reasons = reasons

    def render(self, language: str) -> list[str]:
        """Return the reasons, one a line, in ``language`` (zh or en)."""
        lines: list[str] = []
        for reason in self._reasons:
            if isinstance(reason, ConfigErrors):
                lines += reason.render(language)
            else:
                lines.append(rendered(reason, language))
        return lines


@dataclass(slots=True)
class ConfigState:
    """What metrics and status show of the configuration.

    ``mistakes``: why the present files do not count, by language; empty where they do.
    ``adopted_wall``: when the running one began to count, microseconds since 1970 UTC.
    """

    hash: str
    adopted_wall: int
    mistakes: dict[str, list[str]]

    @property
    def is_ok(self) -> bool:
        """Return whether the files as they were last read are the ones that count."""
        return not self.mistakes


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """Where the configuration is, and what reads it; ``load`` raises ``ConfigErrors``."""

    path: Path
    load: Callable[[], Settings]


class Prepared(Protocol):
    """What was opened for other settings, beside what runs."""

    async def discard(self) -> None:
        """Close it again."""


class Parts(Protocol):
    """The running parts of the daemon that follow the settings."""

    async def prepare(self, settings: Settings, changed: frozenset[str]) -> Prepared:
        """Open what is new. ``changed``: ids of new and changed devices. May raise."""

    def swap(self, settings: Settings, prepared: Any, gone: frozenset[str]) -> None:
        """Follow these settings from now on. ``gone``: devices that are left out or changed."""


class Adopting(Protocol):
    """The engine, as far as it is used here."""

    @property
    def unrecorded(self) -> int: ...

    async def adopt(
        self, inputs: Callable[[int], Sequence[Input]], swap: Callable[[], None]
    ) -> None: ...


class ContentStore(Protocol):
    """Where the files of a configuration are kept: the journal."""

    async def store_content(self, items: Mapping[str, bytes]) -> None: ...


class Hours(Protocol):
    """What makes the calendar of settings."""

    def now(self, settings: Settings) -> CalendarExtended: ...

    def refusal(self, settings: Settings) -> Phrase | None: ...


class Reloader:
    """One reload after another. ``step``: called with the name of each step.

    ``put``: gives the core an input: people are informed of files that are refused.
    """

    def __init__(
        self,
        settings: Settings,
        state: ConfigState,
        files: ConfigFiles,
        *,
        parts: Parts,
        engine: Adopting,
        journal: ContentStore,
        clock: Clock,
        hours: Hours,
        put: Callable[[Input], None],
        step: Callable[[str], None],
    ) -> None:
        self.settings = settings
        self.state = state
        self._files = files
        self._parts = parts
        self._engine = engine
        self._journal = journal
        self._clock = clock
        self._hours = hours
        self._put = put
        self._step = step
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[asyncio.Task[Differences]] = set()

    async def reload(self, *, dry_run: bool = False) -> Differences:
        """Adopt the files as they are now; return what differs. ``dry_run``: adopt nothing.

        Raises ``ReloadRefused``; then everything goes on as before. Cancelling the caller ends no
        reload: half of one is none.
        """
        task = asyncio.get_running_loop().create_task(self._in_turn(dry_run=dry_run))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Differences]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # taken: the caller may be gone, the log has it

    async def close(self) -> None:
        """End what is under way; the engine ticks no more."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _in_turn(self, *, dry_run: bool) -> Differences:
        async with self._one_at_a_time:
            try:
                return await self._reload(dry_run=dry_run)
            except ReloadRefused as refused:
                if not dry_run:
                    self._note_refused(refused)
                raise
            except Exception:
                # A defect of ours: up to the swap the old settings are whole.
                if not dry_run:
                    self._note_refused(ReloadRefused([phrase("reload.failed")]))
                raise

    def _note_refused(self, refused: ReloadRefused) -> None:
        self.state.mistakes = {language: refused.render(language) for language in ("zh", "en")}
        for line in self.state.mistakes["en"]:
            log.error("config_reload_refused", detail=line, kept=self.settings.config_hash)
        self._put(ConfigRefused(self._clock.now()))

    async def _reload(self, *, dry_run: bool) -> Differences:
        new, content = await self._read()
        self._check(new)
        found = differences(parts_of(self.settings), parts_of(new))
        if dry_run:
            return found
        await self._adopt(new, content, found)
        return found

    async def _adopt(self, new: Settings, content: Content, found: Differences) -> None:
        changed = _devices(found.added) | _devices(found.changed)
        gone = _devices(found.removed) | _devices(found.changed)
        try:
            prepared = await self._parts.prepare(new, changed)
        except WebError as error:
            raise ReloadRefused([error.args[0]]) from error
        except OSError as error:
            reason = phrase("reload.not_opened", reason=error.strerror or type(error).__name__)
            raise ReloadRefused([reason]) from error
        self._step("config_prepared")
        try:
            await self._journal.store_content(content.items)
        except CommitFailed as error:
            await prepared.discard()
            raise ReloadRefused([phrase("reload.not_stored", reason=str(error))]) from error
        self._step("config_stored")

        def inputs(now: int) -> Sequence[Input]:
            adopted = ConfigAdopted(now, new.plan, new.config_hash, content.hash, found)
            return [adopted, replace(self._hours.now(new), at=now)]

        def swap() -> None:
            self._parts.swap(new, prepared, gone)
            self.settings = new
            self._note_adopted(found)

        await self._engine.adopt(inputs, swap)
        leave_out_what_is_in_use()

    def _note_adopted(self, found: Differences) -> None:
        state = self.state
        state.mistakes = {}
        state.hash = self.settings.config_hash
        state.adopted_wall = self._clock.wall()
        log.info(
            "config_reloaded",
            config=state.hash,
            added=found.added,
            removed=found.removed,
            changed=found.changed,
        )

    async def _read(self) -> tuple[Settings, Content]:
        # In a thread of its own: a large site takes seconds, and name look-ups use the other ones.
        with ThreadPoolExecutor(1, thread_name_prefix="reload") as executor:
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(executor, self._load)
            except ConfigErrors as errors:
                raise ReloadRefused([errors]) from errors

    def _load(self) -> tuple[Settings, Content]:
        settings = self._files.load()
        return settings, content_of(settings)

    def _check(self, new: Settings) -> None:
        """Refuse what only a restart can change, and what could not be recorded."""
        pairs = zip(_fixed(self.settings).items(), _fixed(new).values(), strict=True)
        reasons = [
            phrase("reload.restart", file=self._files.path, path=key, was=was, found=found)
            for (key, was), found in pairs
            if was != found
        ]
        if self._engine.unrecorded:
            reasons.append(phrase("reload.unrecorded", count=self._engine.unrecorded))
        if (refusal := self._hours.refusal(new)) is not None:
            reasons.append(refusal)
        if reasons:
            raise ReloadRefused(reasons)


def _fixed(settings: Settings) -> dict[str, str]:
    """Return what only a restart can change, by its key path."""
    traps = settings.traps
    return {
        "site.id": settings.site,
        "record.folder": str(Path(settings.record_folder).absolute()),
        "record.backup_folder": _backups(settings),
        "site.clock": str(settings.clock),
        "traps": "-" if traps is None else f"{traps.address}:{traps.port}",
    }


def _backups(settings: Settings) -> str:
    found = settings.backups
    if found is None:
        return "-"
    hour, minute = divmod(found.at_min, 60)
    return f"{found.folder.absolute()} {hour:02}:{minute:02} {found.kept}"


def _devices(ids: Ids) -> frozenset[str]:
    return frozenset(ids.get("device", ()))


class ReloadNotifier(Protocol):
    """The service manager, as far as it is used here."""

    def reloading(self, at: int) -> None: ...

    def ready(self) -> None: ...


async def reload_when_asked(
    reloader: Reloader, asked: asyncio.Event, notifier: ReloadNotifier
) -> None:
    """Reload each time ``asked`` is set, until cancelled; the log says how it ended.

    Two requests at once are one reload; one that comes during a reload is another.
    """
    while True:
        await asked.wait()
        asked.clear()
        notifier.reloading(monotonic())
        try:
            await reloader.reload()
        except ReloadRefused:
            pass  # logged with every reason
        except Exception:
            # It must not end the daemon.
            log.exception("config_reload_failed")
        finally:
            notifier.ready()
