"""The record on disk: events, snapshots, tables of the present. Decides nothing.

Together with ``history.py`` the only SQL of the project.
"""

from __future__ import annotations

from monitord.journal.errors import CommitFailed, RecordError
from monitord.journal.events import Head
from monitord.journal.journal import Journal, Loaded

__all__ = ["CommitFailed", "Head", "Journal", "Loaded", "RecordError"]
