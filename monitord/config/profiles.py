"""Finds and reads device profiles, which are data only. Owns their shape; resolves no device."""

from __future__ import annotations

import re
from importlib.abc import Traversable
from importlib.resources import files
from typing import Any

from monitord.config.document import parse_document
from monitord.config.entries import listed
from monitord.config.errors import Scope
from monitord.config.printer import read_shape
from monitord.config.protocols import PROTOCOLS
from monitord.config.raw_kinds import LANGUAGES
from monitord.config.rows import check_rows
from monitord.config.shapes import AlarmShape, ProfileShape

SUFFIX = ".yaml"
OF_FRAMES = ("parameters", "check", "answer", "requests")
NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


class Profiles:
    """The profiles of one folder, each read once."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = folder or files("monitord") / "profiles"
        self._read: dict[str, tuple[ProfileShape | None, Scope]] = {}

    def names(self) -> list[str]:
        """Return every profile there is."""
        found = (entry.name for entry in self._folder.iterdir())
        return sorted(name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX))

    def find(self, name: str, scope: Scope) -> tuple[ProfileShape | None, Scope]:
        """Return the profile and the scope of its own file; mistakes are noted where they are.

        ``scope``: the key that names it.
        """
        if not NAME.fullmatch(name) or name not in self.names():
            scope.unknown("profile", name, self.names())
            return None, scope
        if name not in self._read:
            own = scope.in_file(f"profiles/{name}{SUFFIX}")
            self._read[name] = self._load(name, own), own
        return self._read[name]

    def verified(self, name: str) -> str | None:
        """Return what a profile says of its proof; notes no mistake, and None where one is."""
        if not NAME.fullmatch(name) or name not in self.names():
            return None
        raw: Any = (self._folder / f"{name}{SUFFIX}").read_bytes()
        found = parse_document(raw, Scope(name))
        said = found.get("verified") if isinstance(found, dict) else None
        return said if isinstance(said, str) else None

    def _load(self, name: str, scope: Scope) -> ProfileShape | None:
        raw: Any = (self._folder / f"{name}{SUFFIX}").read_bytes()
        found = parse_document(raw, scope)
        profile = None if found is None else read_shape(ProfileShape, found, scope)
        if profile is not None and profile.profile != name:
            scope.at("profile").wrong(profile.profile, name, "a profile is named as its file")
        if profile is not None:
            if not profile.points:
                scope.at("points").wrong(None, "at least one point")
            check_rows(profile, scope.at("rows"))
            _check_quirks(profile, scope)
            _check_frames(profile, scope)
            _check_alarms(profile, scope.at("alarms"))
            _check_cards(profile, scope.at("conditions"))
        return profile


def quirks_of(profile: ProfileShape, protocol: str) -> dict[Any, Any]:
    """Return the keys of a device's section that the profile sets for its kind."""
    return dict(getattr(profile, protocol, {}))


def _check_quirks(profile: ProfileShape, scope: Scope) -> None:
    """Note mistakes in what a profile sets of its protocol's section, and sections of others."""
    for name, protocol in PROTOCOLS.items():
        found = quirks_of(profile, name)
        if found and name != profile.protocol:
            scope.at(name).note(f"the profile is read over {profile.protocol}")
        elif found and protocol.quirks is not None:
            read_shape(protocol.quirks, found, scope.at(name))


def _check_frames(profile: ProfileShape, scope: Scope) -> None:
    """Note what only devices that speak frames have."""
    for key in OF_FRAMES if profile.protocol != "frame" else ():
        if key in profile.model_fields_set:
            scope.at(key).note(f"only protocol frame has it; this is {profile.protocol}")


def _check_alarms(profile: ProfileShape, scope: Scope) -> None:
    """Note alarms that are not about one of the profile's conditions."""
    for alarm, place in listed(AlarmShape, profile.alarms, scope, key="condition"):
        if alarm.condition not in profile.conditions:
            known = [str(name) for name in profile.conditions]
            place.at("condition").unknown("condition", alarm.condition, known)


def _check_cards(profile: ProfileShape, scope: Scope) -> None:
    """Note cards in one language only: a profile does not know who will read it."""
    for name, found in profile.conditions.items():
        card = found.get("card") if isinstance(found, dict) else None
        if not isinstance(card, dict) or not set(card) <= set(LANGUAGES):
            continue
        for language in LANGUAGES:
            if language not in card:
                place = scope.at(name, "card", language)
                place.wrong(None, "a list of steps", "a profile's card is in every language")
