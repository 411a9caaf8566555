"""What an event says of a person's decision. Owns its fields, as ``events.py`` does of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """A person's decision counts. Subject: its id. ``body``: plain fields of its kind.

    ``via``: how it reached monitord. ``digest``: of person, kind, body and basis. The other fields
    are those of ``Basis``; older records have none of them.
    """

    person: str
    via: str
    kind: str
    digest: str
    body: Mapping[str, Any]
    on_behalf_of: str = ""
    paper: str = ""
    effective: tuple[int, int | None] | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class DecisionRefused:
    """A person's decision changes nothing, for the reason ``why``, a code. Subject: its id.

    ``on_behalf_of`` and the fields behind it are those of ``Basis``.
    """

    person: str
    via: str
    kind: str
    digest: str
    why: str
    on_behalf_of: str = ""
    paper: str = ""
    effective: tuple[int, int | None] | None = None
    seen: str = ""
