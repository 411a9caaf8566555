"""The hash by which a record knows its configuration. Owns its canonical form; holds no secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from monitord.config.settings import Settings

SECRET_FIELDS = frozenset({"community", "auth_passphrase", "priv_passphrase", "url"})


def config_hash(settings: Settings) -> str:
    """Return the SHA-256 (64 hex digits) of everything that decides what is judged and told.

    Labels, folders, the listening address and secrets are left out: changing them changes no
    verdict.
    """
    plain = {
        "time_zone": settings.time_zone,
        "plan": _plain(settings.plan),
        "devices": _plain(settings.devices, leave_out={"name"}),
        "channels": _plain(settings.channels),
        "schedules": _plain(settings.schedules),
    }
    if settings.traps is not None:
        plain["traps"] = _plain(settings.traps.devices)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any, leave_out: Iterable[str] = ()) -> Any:
    """Return dataclasses with their class's name: a label and a point of one name differ."""
    if is_dataclass(value):
        kept = SECRET_FIELDS.union(leave_out)
        shown = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in kept}
        return {"is": type(value).__name__} | {
            name: _plain(item, leave_out) for name, item in shown.items()
        }
    if isinstance(value, tuple):
        return [_plain(item, leave_out) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, Enum) else value
