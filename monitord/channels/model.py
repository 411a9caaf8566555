"""What every channel shares: the message, its failure, the protocol. Owns shapes; sends nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is told of one incident; field for field the webhook's documented JSON.

    ``site``, ``programme`` and ``person`` are ids; names stand in the sentences ``title``,
    ``cause`` and ``action``, which are in the person's language. ``event``: opened, revised,
    recovered or closed_before_told. Times are ISO 8601 with the site's offset, durations seconds.
    ``unrecorded``: the record could not be written, so this message is not in it; it has
    neither id, for a number that is not on disk may be given again.
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

    def fields(self) -> dict[str, Any]:
        """Return the message as the documented JSON object."""
        return asdict(self)


class DeliveryError(Exception):
    """A message that was not confirmed. The channel's provider, or who configured it, can mend it.

    ``detail`` is one short line and carries no secret. ``permanent``: sending the same again
    cannot help.
    """

    def __init__(self, detail: str, *, permanent: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent


class Channel(Protocol):
    """One way to a person."""

    async def send(self, message: Message) -> None:
        """Send once and return when it is confirmed, within the channel's own deadline.

        Raises ``DeliveryError`` otherwise.
        """

    async def close(self) -> None:
        """Release what is held; safe to call twice."""
