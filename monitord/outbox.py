"""Composes the message of each attempt and passes it to the dispatcher.

The core decides on the attempt and gives codes and parameters; the texts are composed here, in the
person's language. Must not retry, order or choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol, TypeAlias

import structlog

from monitord.channels.model import Message
from monitord.config.settings import Settings
from monitord.core.message_events import AttemptBegan
from monitord.dispatcher import Attempt
from monitord.logs import error_frames
from monitord.messages.compose import compose, plain
from monitord.messages.labels import labels_of

log = structlog.get_logger(__name__)
Composing: TypeAlias = Callable[..., Message]


class Sending(Protocol):
    """What the outbox asks of the dispatcher."""

    def start(self, attempt: Attempt) -> None: ...


class Outbox:
    """``iso``: site time in microseconds to ISO 8601 text of the site's local time."""

    def __init__(self, settings: Settings, dispatcher: Sending, iso: Callable[[int], str]) -> None:
        self._dispatcher = dispatcher
        self._iso = iso
        self._languages: dict[str, str] = {}
        self._names: Mapping[str, str] = {}
        self.replace(settings)

    def replace(self, settings: Settings) -> None:
        """Compose with these names and languages from now on.

        A person that is left out keeps a language: an attempt may have begun before the reload. So
        do names, until the next one: what a reload takes away is reported after it.
        """
        self._labels = replace(labels_of(settings), former=self._names)
        self._names = settings.names
        self._languages |= {person.id: person.language for person in settings.people}

    def begin(self, person: str, began: AttemptBegan, *, recorded: bool) -> None:
        """Compose the message of ``began`` and start to send it.

        ``recorded``: the event is on disk. If not, the incident's number may be given again after
        a restart, so the message carries no id.
        """
        language = self._languages[person]
        try:
            message = self._composed(compose, began, language, recorded=recorded)
        except Exception as error:  # noqa: BLE001 - a defect of ours must not end the watch
            _log_defect(error)
            message = self._composed(plain, began, language, recorded=recorded)
        self._dispatcher.start(
            Attempt(person, began.incident, began.attempt, began.channel, message)
        )

    def _composed(
        self, by: Composing, began: AttemptBegan, language: str, *, recorded: bool
    ) -> Message:
        return by(
            began.alert,
            labels=self._labels,
            language=language,
            iso=self._iso,
            unrecorded=not recorded,
        )


def _log_defect(error: Exception) -> None:
    frame = error_frames(error)[-1]
    where = f"{frame.filename}:{frame.lineno}"
    log.error("message_not_composed", error=type(error).__name__, where=where)
