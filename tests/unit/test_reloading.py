"""A reload is whole or nothing: prepare, commit, swap. On parts that fail when the test says so."""

from __future__ import annotations

import asyncio
import errno
import gc
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.core.model import ConfigAdopted, ConfigRefused, Input
from monitord.journal import CommitFailed
from monitord.reloading import (
    ConfigFiles,
    ConfigState,
    Reloader,
    ReloadRefused,
    reload_when_asked,
)
from monitord.texts.phrases import Phrase, phrase
from monitord.web import WebError
from tests.support.calendars import given
from tests.support.daemon import programme, site, transmitter, until, write_site

CONFIG = Path(__file__).parents[2] / "config"
SITE = site({}, {})["site"]


@dataclass
class Prepared:
    """Counts how often it was closed again."""

    discarded: int = 0

    async def discard(self) -> None:
        self.discarded += 1


@dataclass
class Bench:
    """Every part of a reload, all of them doubles; ``steps``: what happened, in order."""

    path: Path
    fail: dict[str, Exception] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    inputs: list[Sequence[Input]] = field(default_factory=list)
    stored: list[Mapping[str, bytes]] = field(default_factory=list)
    prepared: list[Prepared] = field(default_factory=list)
    swapped: list[tuple[Settings, frozenset[str]]] = field(default_factory=list)
    put: list[Input] = field(default_factory=list)
    unrecorded: int = 0
    hours_refused: Phrase | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        settings = load(self.path)
        self.gate.set()
        self.state = ConfigState(settings.config_hash, 1, {})
        self.reloader = Reloader(
            settings,
            self.state,
            ConfigFiles(self.path, lambda: load(self.path)),
            parts=self,
            engine=self,
            journal=self,
            clock=self,  # type: ignore[arg-type]
            hours=self,
            put=self.put.append,
            step=self._step,
        )

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if name in self.fail:
            raise self.fail[name]

    def refusal(self, settings: Settings) -> Phrase | None:
        del settings
        return self.hours_refused

    def now(self, settings: Settings | None = None) -> Any:
        return 7 if settings is None else given(0, {}, 5)

    def wall(self) -> int:
        return 99

    async def prepare(self, settings: Settings, changed: frozenset[str]) -> Prepared:
        del settings
        self._step(f"prepare {sorted(changed)}")
        if "prepare" in self.fail:
            raise self.fail["prepare"]
        self.prepared.append(Prepared())
        return self.prepared[-1]

    def swap(self, settings: Settings, prepared: Any, gone: frozenset[str]) -> None:
        assert prepared is self.prepared[-1]
        self.steps.append("swap")
        self.swapped.append((settings, gone))

    async def store_content(self, items: Mapping[str, bytes]) -> None:
        self._step("store")
        self.stored.append(items)

    async def adopt(
        self, inputs: Callable[[int], Sequence[Input]], swap: Callable[[], None]
    ) -> None:
        await self.gate.wait()
        self._step("commit")
        self.inputs.append(inputs(7))
        swap()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a site of one transmitter."""
    return Bench(write(tmp_path))


def write(folder: Path, ids: Iterable[str] = ("fm1",), **sections: Any) -> Path:
    devices = {id_: transmitter(161, **sections.pop(id_, {})) for id_ in ids}
    programmes = {f"p_{id_}": programme(f"{id_}.radiating") for id_ in ids}
    whole = site(devices, programmes) | {"listen": {"address": "127.0.0.1", "port": 9750}}
    return write_site(folder, whole | sections)


async def test_a_reload_prepares_then_stores_then_commits_then_swaps(bench: Bench) -> None:
    """The event names content that is stored, new devices are opened, gone ones named."""
    old = bench.reloader.settings
    write(bench.path.parent, ("fm2",))
    found = await bench.reloader.reload()
    assert bench.steps == [
        "prepare ['fm2']",
        "config_prepared",
        "store",
        "config_stored",
        "commit",
        "swap",
    ]
    assert found.added["device"] == ("fm2",)
    assert found.removed["device"] == ("fm1",)
    ((new, gone),) = bench.swapped
    assert (bench.reloader.settings, gone) == (new, {"fm1"})
    ((adopted, calendar),) = bench.inputs
    assert isinstance(adopted, ConfigAdopted)
    assert (adopted.at, adopted.config_hash, calendar.at) == (7, new.config_hash, 7)
    assert adopted.config_content in bench.stored[0]
    assert bench.state == ConfigState(new.config_hash, 99, {})
    assert new.config_hash != old.config_hash


async def test_no_collection_of_garbage_looks_at_what_a_reload_brought(bench: Bench) -> None:
    """It would hold up the loop as after a start."""
    write(bench.path.parent, ("fm2",))
    await bench.reloader.reload()
    settings = bench.reloader.settings
    assert not any(found is settings for found in gc.get_objects())


async def test_a_dry_run_opens_stores_and_notes_nothing(bench: Bench) -> None:
    """It names what differs, or why the files would be refused."""
    write(bench.path.parent, ("fm1", "fm2"))
    assert (await bench.reloader.reload(dry_run=True)).added["device"] == ("fm2",)
    bench.path.write_text("devices: [", "utf-8")
    with pytest.raises(ReloadRefused):
        await bench.reloader.reload(dry_run=True)
    assert (bench.steps, bench.state.is_ok, bench.put) == ([], True, [])


async def test_mistakes_are_named_with_file_key_path_found_allowed_and_what_is_kept(
    bench: Bench,
) -> None:
    """In the state for both languages, and in the log; the next good reload clears them."""
    kept = bench.state.hash
    good = bench.path.read_text("utf-8")
    bench.path.write_text(good.replace("200ms", "soon"), "utf-8")
    with capture_logs() as logs, pytest.raises(ReloadRefused) as refused:
        await bench.reloader.reload()
    (line,) = refused.value.render("en")
    assert all(word in line for word in (str(bench.path), "devices.fm1.poll_every", "'soon'"))
    assert "use a duration such as 1s" in line
    assert bench.state.mistakes["en"] == [line]
    assert bench.state.mistakes["zh"] != [line]
    assert [log["kept"] for log in logs] == [kept]
    assert (bench.steps, bench.state.is_ok, bench.state.hash) == ([], False, kept)
    assert bench.put == [ConfigRefused(7)]
    bench.path.write_text(good, "utf-8")
    await bench.reloader.reload()
    assert bench.state.is_ok
    assert len(bench.put) == 1


async def test_hours_that_cover_less_than_the_recorded_ones_are_refused(bench: Bench) -> None:
    """The reason names up to when the recorded ones are kept; a later reload is taken."""
    bench.hours_refused = phrase("hours.absent", programmes="fm", kept="2027-01-01")
    for dry_run in (True, False):
        with pytest.raises(ReloadRefused) as refused:
            await bench.reloader.reload(dry_run=dry_run)
        assert "of fm" in refused.value.render("en")[0]
        assert "沿用记录中的时段，至2027-01-01" in refused.value.render("zh")[0]
    assert (bench.steps, bench.state.is_ok) == ([], False)
    bench.hours_refused = None
    await bench.reloader.reload()
    assert bench.state.is_ok


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"site": SITE | {"id": "other_hill"}}, "site.id"),
        ({"site": SITE | {"clock": "rtc"}}, "site.clock"),
        ({"record": {"folder": "elsewhere"}}, "record.folder"),
        ({"record": {"folder": "record", "backup_folder": "copies"}}, "record.backup_folder"),
        ({"traps": {"address": "127.0.0.1", "port": 10162}}, "traps"),
    ],
)
async def test_what_only_a_start_can_change_is_refused(
    bench: Bench, sections: dict[str, Any], path: str
) -> None:
    """The reason names file, key path, what was found, what is allowed and that it is kept."""
    write(bench.path.parent, **sections)
    with pytest.raises(ReloadRefused) as refused:
        await bench.reloader.reload()
    (line,) = refused.value.render("en")
    assert line.startswith(f"{bench.path}: {path}: found ")
    schema = json.loads((CONFIG / "monitord.schema.json").read_text(encoding="utf-8"))
    for key in path.split("."):
        schema = schema["properties"][key]
    assert "is allowed" in line
    assert "is kept" in line
    assert bench.steps == []


@pytest.mark.parametrize(
    ("step", "error", "words", "discarded"),
    [
        ("prepare", OSError(errno.EMFILE, "Too many open files"), "Too many open files", 0),
        ("prepare", WebError(phrase("reload.failed")), "failed", 0),
        ("store", CommitFailed("disk full"), "disk full", 1),
    ],
)
async def test_a_failure_before_the_commit_changes_nothing(
    bench: Bench, step: str, error: Exception, words: str, discarded: int
) -> None:
    """What was opened is closed again, the reason is named, the next reload is free."""
    old = bench.reloader.settings
    write(bench.path.parent, ("fm1", "fm2"))
    bench.fail[step] = error
    with pytest.raises(ReloadRefused) as refused:
        await bench.reloader.reload()
    assert words in refused.value.render("en")[0]
    assert bench.reloader.settings is old
    assert not bench.state.is_ok
    assert [one.discarded for one in bench.prepared] == [1] * discarded
    bench.fail.clear()
    await bench.reloader.reload()
    assert bench.state.is_ok


async def test_a_record_that_cannot_be_written_takes_no_reload(bench: Bench) -> None:
    """What waits for the disk must be there before the event of a reload."""
    bench.unrecorded = 3
    with pytest.raises(ReloadRefused) as refused:
        await bench.reloader.reload()
    assert "3 events wait" in refused.value.render("en")[0]
    assert bench.steps == []


async def test_a_client_that_is_gone_ends_no_reload(bench: Bench) -> None:
    """Half a reload is none: it is finished, and its state noted."""
    write(bench.path.parent, ("fm1", "fm2"))
    bench.gate.clear()
    asking = asyncio.create_task(bench.reloader.reload())
    await until(lambda: "config_stored" in bench.steps, "it is stored")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    bench.gate.set()
    await until(lambda: bench.swapped, "it is swapped")
    assert bench.reloader.settings is bench.swapped[0][0]
    assert bench.state.hash == bench.reloader.settings.config_hash


async def test_the_end_of_the_daemon_ends_a_reload_that_waits_for_a_tick(bench: Bench) -> None:
    """Nothing is left to wait for."""
    bench.gate.clear()
    asking = asyncio.create_task(bench.reloader.reload())
    await until(lambda: "config_stored" in bench.steps, "it is stored")
    await bench.reloader.close()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.done()
    assert bench.swapped == []


class Notifier:
    """What the service manager gets."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def reloading(self, at: int) -> None:
        assert at > 0
        self.seen.append("reloading")

    def ready(self) -> None:
        self.seen.append("ready")


async def test_signals_reload_one_after_another_and_a_defect_ends_nothing(bench: Bench) -> None:
    """The service manager gets the end of each reload; a defect of ours is noted as a refusal."""
    asked, notifier = asyncio.Event(), Notifier()
    bench.fail["config_prepared"] = KeyError("a defect")
    watching = asyncio.create_task(reload_when_asked(bench.reloader, asked, notifier))
    for turn in (1, 2):
        asked.set()
        await until(lambda turn=turn: notifier.seen.count("ready") == turn, "it has ended")
        assert bench.state.is_ok is (turn == 2)
        bench.fail.clear()
    assert notifier.seen == ["reloading", "ready"] * 2
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def test_a_first_configuration_with_mistakes_is_still_all_mistakes_at_once(tmp_path: Path) -> None:
    """The loader that a reload uses is the one of a start."""
    path = write(tmp_path, fm1={"poll_every": "soon", "deadline": "never"})
    with pytest.raises(ConfigErrors) as errors:
        load(path)
    assert len(errors.value.errors) == 2
    assert replace(errors.value.errors[0], line=0).file == str(path)
