"""What an event says of the configuration. Owns its fields, as ``events.py`` does of others."""

from __future__ import annotations

from dataclasses import dataclass

from monitord.core.differences import Ids


@dataclass(frozen=True, slots=True)
class ConfigurationAdopted:
    """Another configuration counts from now on. Subject: none.

    ``config_hash``: of all that decides verdicts and messages. ``content``: of the stored files;
    empty where they could not be stored.
    """

    config_hash: str
    content: str
    added: Ids
    removed: Ids
    changed: Ids
