"""Finds and reads device profiles, which are data only. Owns the checks of a whole profile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.devices.rows import check_rows
from monitord.config.devices.traps import check_traps
from monitord.config.fields.entries import listed
from monitord.config.fields.point_types import LANGUAGES
from monitord.config.fields.validation import read_schema
from monitord.config.loader.document import BYTES_MAX, parse_document
from monitord.config.loader.errors import Scope
from monitord.config.loader.files import UnreadableError, read_file, reasons
from monitord.config.loader.phrases import phrase, shown
from monitord.config.schemas import AlarmSchema, ProfileSchema, RecogniseSchema

SUFFIX = ".yaml"
OF_FRAMES = ("parameters", "check", "answer", "requests", "probe")
NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


STORED = "profile:"
"""What the name of a stored profile begins with."""


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """The file of a profile that the record kept."""

    name: str
    raw: bytes

    def read_bytes(self) -> bytes:
        """Return its bytes."""
        return self.raw


class Profiles:
    """The shipped profiles and those of a station's own folders, each read once."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """``folder``: replaces the shipped ones."""
        shipped = folder or files("monitord") / "profiles"
        self._files: dict[str, tuple[Traversable | StoredProfile, str]] = {
            name: (file, f"profiles/{file.name}") for name, file in _profiles_in(shipped)
        }
        self._read: dict[str, tuple[ProfileSchema | None, Scope]] = {}
        self._shipped: Profiles | None = None

    def add(self, folder: Path, scope: Scope) -> None:
        """Add a station's own profiles; each needs a name that no other has.

        ``scope``: the key that names the folder.
        """
        try:
            found = list(_profiles_in(folder))
        except UnreadableError as error:
            name = shown(folder.name)
            scope.note(phrase("folder.unreadable", name=name, reason=error.reason))
            return
        for name, file in found:
            if name in self._files:
                where = self._files[name][1]
                taken = phrase("profile.taken", file=file.name, other=where)
                scope.note(taken, hint=phrase("other_name"))
            else:
                self._files[name] = file, str(file)

    @classmethod
    def given(cls, stored: Mapping[str, bytes]) -> Profiles:
        """Return only the profiles among stored files."""
        profiles = cls()
        profiles._shipped = cls()
        profiles._files = {
            name.removeprefix(STORED): (StoredProfile(name, raw), f"profiles/{name}{SUFFIX}")
            for name, raw in stored.items()
            if name.startswith(STORED)
        }
        return profiles

    def names(self) -> list[str]:
        """Return the names of all profiles."""
        return sorted(self._files)

    def is_witness(self, name: str) -> bool:
        """Return whether a profile is of equipment that receives off air.

        A stored profile may be older than the key: the shipped one of its name says it too.
        """
        for profiles in (self, self._shipped):
            if profiles is not None and name in profiles.names():
                found, _ = profiles.find(name, Scope(""))
                if found is not None and found.witness:
                    return True
        return False

    def hides(self, name: str, path: Path) -> bool:
        """Return whether a file would hide another profile of its name."""
        known = self._files.get(name)
        if known is None:
            return False
        return not (isinstance(known[0], Path) and path.exists() and known[0].samefile(path))

    def path(self, name: str) -> Path | None:
        """Return the file of a profile, None where there is none that could be opened."""
        file = self._files[name][0] if name in self._files else None
        return file if isinstance(file, Path) else None

    def find(self, name: str, scope: Scope) -> tuple[ProfileSchema | None, Scope]:
        """Return the profile and the scope of its own file; mistakes are noted where they are.

        ``scope``: the key that names it.
        """
        if not NAME.fullmatch(name) or name not in self._files:
            scope.unknown("profile", name, self.names())
            return None, scope
        if name not in self._read:
            file, where = self._files[name]
            own = scope.in_file(where)
            self._read[name] = _load(file, name, own), own
        return self._read[name]

    def verified(self, name: str) -> str | None:
        """Return the profile's ``verified``, None where it has mistakes; notes none of them."""
        if name not in self._files:
            return None
        try:
            raw = _bytes(self._files[name][0])
        except UnreadableError:
            return None  # noted where the profile is read
        found = parse_document(raw, Scope(name))
        verified = found.get("verified") if isinstance(found, dict) else None
        return verified if isinstance(verified, str) else None


def _profiles_in(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    """Yield the files of profiles by the names they have."""
    with reasons():
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.endswith(SUFFIX):
            yield entry.name.removesuffix(SUFFIX), entry


def _bytes(file: Traversable | StoredProfile) -> bytes:
    """Return a profile's bytes. Raises ``UnreadableError``."""
    if isinstance(file, Path):
        return read_file(file, BYTES_MAX)
    with reasons():
        return file.read_bytes()


def _load(file: Traversable | StoredProfile, name: str, scope: Scope) -> ProfileSchema | None:
    try:
        raw = _bytes(file)
    except UnreadableError as error:
        scope.note(error.reason)
        return None
    scope.report.raws[f"{STORED}{name}"] = raw
    return read_profile(raw, name, scope)


def read_profile(raw: bytes, name: str, scope: Scope) -> ProfileSchema | None:
    """Return the profile in a file of this name, or None; mistakes are noted.

    Mistakes in points and conditions are noted when they are read for a device.
    """
    found: Any = parse_document(raw, scope)
    if found is not None and not isinstance(found, dict):
        scope.note(phrase("profile.no_keys"))
        return None
    profile = None if found is None else read_schema(ProfileSchema, found, scope)
    if profile is None:
        return None
    if profile.profile != name:
        scope.at("profile").wrong(profile.profile, name, phrase("profile.name"))
    if not profile.points:
        scope.at("points").note(phrase("empty", what=phrase("what.point")))
    if profile.recognise:
        read_schema(RecogniseSchema, profile.recognise, scope.at("recognise"))
    check_rows(profile, scope.at("rows"))
    _check_quirks(profile, scope)
    _check_frames(profile, scope)
    _check_alarms(profile, scope.at("alarms"))
    _check_cards(profile, scope.at("conditions"))
    check_traps(profile, scope.at("traps"))
    return profile


def quirks_of(profile: ProfileSchema, protocol: str) -> dict[Any, Any]:
    """Return the keys of a device's section that the profile sets for its kind."""
    return dict(getattr(profile, protocol, {}))


def _check_quirks(profile: ProfileSchema, scope: Scope) -> None:
    """Note mistakes in the section of the profile's protocol, and sections of others."""
    for name, protocol in PROTOCOLS.items():
        found = quirks_of(profile, name)
        if found and name != profile.protocol:
            scope.at(name).note(phrase("profile.other_protocol", protocol=profile.protocol))
        elif found and protocol.quirks is not None:
            read_schema(protocol.quirks, found, scope.at(name))


def _check_frames(profile: ProfileSchema, scope: Scope) -> None:
    """Note keys that only profiles of protocol frame may have."""
    for key in OF_FRAMES if profile.protocol != "frame" else ():
        if key in profile.model_fields_set:
            scope.at(key).note(phrase("profile.frame_only", protocol=profile.protocol))


def _check_alarms(profile: ProfileSchema, scope: Scope) -> None:
    """Note alarms that are not about one of the profile's conditions."""
    for alarm, place in listed(AlarmSchema, profile.alarms, scope, key="condition"):
        if alarm.condition not in profile.conditions:
            known = [str(name) for name in profile.conditions]
            place.at("condition").unknown("condition", alarm.condition, known)


def _check_cards(profile: ProfileSchema, scope: Scope) -> None:
    """Note cards in one language only: readers of both use the profile."""
    for name, found in profile.conditions.items():
        card = found.get("card") if isinstance(found, dict) else None
        if not isinstance(card, dict) or not set(card) <= set(LANGUAGES):
            continue
        for language in LANGUAGES:
            if language not in card:
                place = scope.at(name, "card", language)
                place.wrong(None, phrase("profile.steps"), phrase("profile.languages"))
