"""The place of a channel whose address is not known: it sends nothing and says why."""

from __future__ import annotations

from monitord.channels.model import DeliveryError, Message


class NoAddressChannel:
    """Every message waits for a reload with the address; other channels go on."""

    async def send(self, message: Message) -> None:
        """Raise ``DeliveryError``: the record keeps no secret, and the files do not name it."""
        del message
        detail = "the address is not in the record, and the configuration has mistakes"
        raise DeliveryError(detail, permanent=False)

    async def close(self) -> None:
        """Do nothing."""
