"""The message, the delivery error and the protocol of all channels. Sends nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person about one incident; its fields are the webhook's JSON.

    ``site``, ``programme`` and ``person`` are ids; the sentences ``title``, ``cause`` and
    ``action`` contain the names and are in the person's language. ``text`` is the message in full,
    several lines; ``sms`` one line of at most 70 UCS-2 units for names of the stated lengths;
    ``spoken`` is for a voice. ``event``: a value of ``core.model.Told``. Times are ISO 8601 with
    the site's offset, durations seconds. ``unrecorded``: the record could not be written; the ids
    and ``number`` are then None, because a number that is not on disk may be assigned again.
    """

    alert_id: str | None
    incident_id: str | None
    event: str
    person: str
    site: str
    programme: str
    observed: str
    column: str
    reason: str
    severity: str
    cause: str
    title: str
    action: str
    began_not_before: str | None
    began_not_after: str | None
    ended_not_before: str | None
    ended_not_after: str | None
    least_s: float
    most_seen_s: float
    most_s: float
    drill: bool
    unrecorded: bool
    number: str | None = None
    text: str = ""
    sms: str = ""
    spoken: str = ""
    members: list[dict[str, Any]] = field(default_factory=list)
    devices_now: list[dict[str, str]] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        """Return the message as a JSON object."""
        return asdict(self)


class DeliveryError(Exception):
    """A message that was not confirmed. The channel's provider or its configuration is wrong.

    ``detail``: one short line without secrets. ``permanent``: a retry cannot succeed.
    """

    def __init__(self, detail: str, *, permanent: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent


class Channel(Protocol):
    """Sends messages to people by one service."""

    async def send(self, message: Message) -> None:
        """Send once; return when the message is confirmed, within the channel's own deadline.

        Raises ``DeliveryError`` if it is not confirmed.
        """

    async def close(self) -> None:
        """Release all resources; safe to call twice."""
