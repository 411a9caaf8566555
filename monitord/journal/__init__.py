"""The record on disk: events, snapshots, projections. Decides nothing.

This package and ``history.py`` have all SQL of the project.
"""

from __future__ import annotations

from monitord.journal.errors import CommitFailed, RecordError
from monitord.journal.events import Head
from monitord.journal.journal import Journal
from monitord.journal.loaded import Loaded

__all__ = ["CommitFailed", "Head", "Journal", "Loaded", "RecordError"]
