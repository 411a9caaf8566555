"""What an event says of a person's decision. Owns its fields, as ``events.py`` does of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """A person's decision counts. Subject: its id. ``body``: plain fields of its kind.

    ``via``: how it reached monitord. ``digest``: of person, kind and body.
    """

    person: str
    via: str
    kind: str
    digest: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionRefused:
    """A person's decision changes nothing, for the reason ``why``, a code. Subject: its id."""

    person: str
    via: str
    kind: str
    digest: str
    why: str
