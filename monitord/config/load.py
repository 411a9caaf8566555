"""Reads a configuration file into ``Settings``, or reports every mistake in it at once.

Owns the order of sections and what they hand to each other; opens nothing but the files named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel

from monitord.config.assignment import with_assignments
from monitord.config.device import read_device
from monitord.config.devices.lines import check_lines
from monitord.config.devices.nominal import station_date
from monitord.config.devices.templates import Device
from monitord.config.devices.traps import ReceiverSchema, read_sender
from monitord.config.fields.entries import entries
from monitord.config.fields.validation import read_schema
from monitord.config.fingerprint import config_hash
from monitord.config.holidays import read_holidays
from monitord.config.loader.errors import ConfigErrors, Scope, in_order
from monitord.config.loader.include import read_files
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.parents import check_parents
from monitord.config.people import read_channel, read_person
from monitord.config.profiles.profiles import Profiles
from monitord.config.programmes import Conditions, Programme, read_programme
from monitord.config.schemas import (
    CHANNEL_KINDS,
    ListenSchema,
    RecordSchema,
    SiteSchema,
    TopSchema,
)
from monitord.config.settings import (
    BackupSettings,
    ChannelSettings,
    HolidayPlan,
    PersonSettings,
    Settings,
)
from monitord.core.plan import ChannelPlan, PersonPlan, Plan
from monitord.similar import similar
from monitord.traps.model import TrapDevice, TrapSettings

Model = TypeVar("Model", bound=BaseModel)


BACKUP_AT_MIN = 4 * 60 + 10
"""After close-down, and before the morning's first programme."""
BACKUPS_KEPT = 14


@dataclass(frozen=True, slots=True)
class _Sections:
    """What was read; only whole when no mistake was noted."""

    site: SiteSchema | None
    devices: dict[str, Device]
    programmes: list[Programme]
    channels: tuple[ChannelSettings, ...]
    people: tuple[tuple[PersonSettings, PersonPlan], ...]
    record: RecordSchema | None
    listen: ListenSchema | None
    traps: ReceiverSchema | None
    senders: tuple[TrapDevice, ...]
    holidays: HolidayPlan | None


def load(
    path: Path,
    profiles: Traversable | None = None,
    *,
    wall: int | None = None,
    given: Mapping[str, bytes] | None = None,
) -> Settings:
    """Return the settings in the file at ``path``, checked and resolved.

    Relative file names in it, and in the files it includes, start from its folder. ``profiles``:
    a folder in the place of the shipped device profiles. ``wall``: microseconds since 1970 UTC; of
    figures with dates the one counts whose date is the latest not after that day at the station.
    Without it no date is ahead. ``given``: the files as ``Settings.files`` has them, read instead
    of those on disk; secrets are read from their own files all the same. Raises ``ConfigErrors``
    with every mistake, also those in profiles that it names.
    """
    found, scope = read_files(path, TopSchema.model_fields, given)
    sections = None
    if found is not None:
        known = Profiles(profiles) if given is None else Profiles.given(given)
        sections = _sections(found, path.parent, known, scope, wall)
    if scope.errors or sections is None:
        raise ConfigErrors(in_order(scope.errors))
    report = scope.report
    with_address = frozenset(report.names[file] for file in report.with_address)
    settings = _settings(sections, path.parent)
    return replace(
        settings,
        files=report.raws,
        with_address=with_address,
        open_secrets=tuple(sorted(report.open_secrets)),
    )


def _sections(
    found: Any, folder: Path, profiles: Profiles, scope: Scope, wall: int | None
) -> _Sections | None:
    top = _top(found, scope)
    if top is None:
        return None
    own = () if scope.report.given is not None else _listed_names(found, "profiles", scope)
    for name, place in own:
        profiles.add(folder / name, place)
    site = _site(top, scope)
    today = (
        "" if site is None or not _is_zone(site.time_zone) else station_date(wall, site.time_zone)
    )
    devices: dict[str, Device] = {}
    senders: list[TrapDevice] = []
    alike: dict[str, Device] = {}
    for id_, raw, place in _entries(top, "devices", "device", scope):
        devices[id_] = read_device(id_, raw, folder, profiles, place, today=today, alike=alike)
        senders += _senders(raw, devices[id_], folder, profiles, place)
    settings = {id_: device.settings for id_, device in devices.items()}
    sources = {id_: one.source for id_, one in settings.items() if one is not None}
    check_lines(sources, scope.at("devices"))
    check_parents(top.get("devices", {}), devices, scope.at("devices"))
    is_checked = scope.report.given is None
    conditions = Conditions(devices if "devices" in top else None, is_checked=is_checked)
    places: dict[str, Scope] = {}
    programmes: list[Programme] = []
    for id_, raw, place in _entries(top, "programmes", "programme", scope):
        places[id_] = place
        programme = read_programme(id_, raw, conditions, place)
        programmes += [] if programme is None else [programme]
    return _Sections(
        site=site,
        devices=devices,
        programmes=with_assignments(programmes, places, is_checked=is_checked),
        channels=_channels(top, folder, scope),
        people=_people(top, scope),
        record=_record(top, scope),
        listen=_read(ListenSchema, top, "listen", scope) or ListenSchema(),
        traps=_read(ReceiverSchema, top, "traps", scope),
        senders=tuple(senders),
        holidays=_holidays(top, programmes, places, scope),
    )


def _holidays(
    top: dict[str, dict[Any, Any]],
    programmes: list[Programme],
    places: dict[str, Scope],
    scope: Scope,
) -> HolidayPlan | None:
    """Return where holidays are known from; a schedule that names them needs that."""
    if "holidays" in top:
        return read_holidays(top["holidays"], scope.at("holidays"))
    for programme in programmes:
        if programme.schedule is not None and programme.schedule.knows_holidays:
            places[programme.plan.id].at("schedule").note(phrase("holidays.needed"))
    return None


def _top(found: Any, scope: Scope) -> dict[str, dict[Any, Any]] | None:
    """Return the sections that can be read, also where others are missing or misspelt."""
    if not isinstance(found, dict):
        scope.note(phrase("file.no_sections", names=tuple(TopSchema.model_fields)))
        return None
    read_schema(TopSchema, found, scope)
    return {key: found[key] for key in TopSchema.model_fields if isinstance(found.get(key), dict)}


def _listed_names(found: Any, key: str, scope: Scope) -> Iterator[tuple[str, Scope]]:
    """Yield the names in a list at the top; another value is noted with the top's schema."""
    names = found.get(key)
    for index, name in enumerate(names if isinstance(names, list) else []):
        if isinstance(name, str) and name:
            yield name, scope.at(key, index)
        else:
            scope.at(key, index).wrong(name, phrase("type.folder"))


def _senders(
    raw: Any, device: Device, folder: Path, profiles: Profiles, scope: Scope
) -> list[TrapDevice]:
    """Return the device as a sender of traps, if it is one."""
    traps = raw.get("traps") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or traps is True or not isinstance(traps, dict | bool | None):
        return []  # noted with the device
    named = raw.get("profile")
    profile, _ = profiles.find(named, Scope("")) if isinstance(named, str) else (None, scope)
    sender = read_sender(traps, device, profile, folder, scope.at("traps"))
    return [] if sender is None else [sender]


def _entries(
    top: dict[str, dict[Any, Any]], key: str, what: str, scope: Scope
) -> Iterator[tuple[str, Any, Scope]]:
    if key in top:
        yield from entries(top[key], scope.at(key), what)


def _read(
    schema: type[Model], top: dict[str, dict[Any, Any]], key: str, scope: Scope
) -> Model | None:
    return read_schema(schema, top[key], scope.at(key)) if key in top else None


def _channels(
    top: dict[str, dict[Any, Any]], folder: Path, scope: Scope
) -> tuple[ChannelSettings, ...]:
    read = (
        read_channel(id_, raw, folder, place)
        for id_, raw, place in _entries(top, "channels", "channel", scope)
    )
    return tuple(channel for channel in read if channel is not None)


def _people(
    top: dict[str, dict[Any, Any]], scope: Scope
) -> tuple[tuple[PersonSettings, PersonPlan], ...]:
    channels = [str(key) for key in top.get("channels", {})]
    read = (
        read_person(id_, raw, channels if "channels" in top else None, place)
        for id_, raw, place in _entries(top, "people", "person", scope)
    )
    return tuple(person for person in read if person is not None)


def _site(top: dict[str, dict[Any, Any]], scope: Scope) -> SiteSchema | None:
    """Return the site; a mistake in its id does not hide one in its time zone."""
    if "site" not in top:
        return None
    stand_ins = {"id": "unknown", "name": "-", "time_zone": "UTC"}
    site = read_schema(SiteSchema, top["site"], scope.at("site"), stand_ins)
    if site is not None and not _is_zone(site.time_zone):
        close = _near_zone(site.time_zone)
        hint = phrase("zone.hint") if close is None else phrase("did_you_mean", name=quoted(close))
        found = phrase("unknown.time_zone", name=quoted(site.time_zone))
        scope.at("site", "time_zone").note(found, hint=hint)
    return site


def _near_zone(name: str) -> str | None:
    """Return the zone that was probably meant; a name without an area, as UTC+8, is none."""
    return similar(name, sorted(available_timezones())) if "/" in name else None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _settings(sections: _Sections, folder: Path) -> Settings:
    """Put the parts of a configuration without mistakes together."""
    site, record, listen = sections.site, sections.record, sections.listen
    assert site is not None
    assert record is not None
    assert listen is not None
    devices = sections.devices.values()
    plan = Plan(
        site=site.id,
        devices=tuple(device.plan for device in devices if device.plan is not None),
        programmes=tuple(programme.plan for programme in sections.programmes),
        people=tuple(plan for _, plan in sections.people),
        close_lag=site.close_lag,
        channels=tuple(ChannelPlan(one.id, CHANNEL_KINDS[one.kind]) for one in sections.channels),
    )
    settings = Settings(
        site=site.id,
        time_zone=site.time_zone,
        plan=plan,
        config_hash="",
        devices=tuple(device.settings for device in devices if device.settings is not None),
        channels=sections.channels,
        people=tuple(person for person, _ in sections.people),
        schedules=tuple(p.schedule for p in sections.programmes if p.schedule is not None),
        names=_names(sections, site.name),
        short_names=dict(_short_names(sections, site.short_name)),
        record_folder=folder / record.folder,
        backups=_backups(record, folder),
        listen_host=listen.address,
        listen_port=listen.port,
        cards={id_: card for device in devices for id_, card in device.cards.items()},
        words={id_: words for device in devices for id_, words in device.words.items()},
        traps=_receiver(sections),
        clock=site.clock,
        holidays=sections.holidays,
    )
    return replace(settings, config_hash=config_hash(settings))


def _record(top: dict[str, dict[Any, Any]], scope: Scope) -> RecordSchema | None:
    record = _read(RecordSchema, top, "record", scope)
    if record is not None and record.backup_folder is None:
        for key in ("backup_at", "backups_kept"):
            if getattr(record, key) is not None:
                scope.at("record", key).note(phrase("record.needs_backup_folder"))
    return record


def _backups(record: RecordSchema, folder: Path) -> BackupSettings | None:
    if record.backup_folder is None:
        return None
    at_min = BACKUP_AT_MIN if record.backup_at is None else record.backup_at
    kept = record.backups_kept or BACKUPS_KEPT
    return BackupSettings(folder / record.backup_folder, at_min, kept)


def _receiver(sections: _Sections) -> TrapSettings | None:
    where = sections.traps
    return None if where is None else TrapSettings(where.address, where.port, sections.senders)


def _names(sections: _Sections, site_name: str) -> dict[str, str]:
    names = {"site": site_name}
    for device in sections.devices.values():
        if device.settings is not None:
            names[f"device/{device.settings.id}"] = device.settings.name
    for programme in sections.programmes:
        id_ = programme.plan.id
        names[f"programme/{id_}"] = programme.name
        for stage, label in programme.stage_names.items():
            names[f"stage/{id_}/{stage}"] = label
    for person, _ in sections.people:
        names[f"person/{person.id}"] = person.name
    return names


def _short_names(sections: _Sections, site_name: str | None) -> Iterator[tuple[str, str]]:
    """Yield the short names that are given, by the keys of ``Settings.names``."""
    if site_name:
        yield "site", site_name
    for id_, device in sections.devices.items():
        if device.short_name:
            yield f"device/{id_}", device.short_name
    for programme in sections.programmes:
        if programme.short_name:
            yield f"programme/{programme.plan.id}", programme.short_name
