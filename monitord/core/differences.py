"""What differs between two configurations, part by part. Owns that comparison; reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Ids: TypeAlias = Mapping[str, tuple[str, ...]]
"""Ids by what they name: device, programme, stage (``programme/stage``), person, channel.

Besides these alarm (``device.condition``) and cause (a device, by what explains its failure).
"""

Part: TypeAlias = tuple[str, str]
"""What a part is, as in ``Ids``, and its id."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What a configuration has that the one before it had not, or had otherwise."""

    added: Ids = field(default_factory=dict)
    removed: Ids = field(default_factory=dict)
    changed: Ids = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether anything differs."""
        return bool(self.added or self.removed or self.changed)


NO_DIFFERENCES: Final = Differences()


def differences(was: Mapping[Part, object], now: Mapping[Part, object]) -> Differences:
    """Compare two configurations. Parts of one key are the same where their values are equal."""
    return Differences(
        added=_by_sort(part for part in now if part not in was),
        removed=_by_sort(part for part in was if part not in now),
        changed=_by_sort(part for part in now if part in was and was[part] != now[part]),
    )


def _by_sort(parts: Iterable[Part]) -> Ids:
    found: dict[str, list[str]] = {}
    for sort, id_ in parts:
        found.setdefault(sort, []).append(id_)
    return {sort: tuple(ids) for sort, ids in found.items()}
