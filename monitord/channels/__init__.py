"""Channels: the kinds there are, the message they send, the error they raise.

A channel sends one message once. It must not retry, keep state or decide anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from monitord.channels.console import open_console
from monitord.channels.model import Channel, DeliveryError, Message
from monitord.channels.no_address import NoAddressChannel
from monitord.channels.webhook import open_webhook
from monitord.config.content import is_hidden
from monitord.config.settings import ChannelSettings

__all__ = ["CHANNELS", "Channel", "DeliveryError", "Message", "open_channel"]

CHANNELS: Final[dict[str, Callable[[ChannelSettings], Channel]]] = {
    "console": open_console,
    "webhook": open_webhook,
}


def open_channel(settings: ChannelSettings) -> Channel:
    """Return the channel of ``settings``; it does not connect before its first message."""
    if is_hidden(settings.url):
        return NoAddressChannel()
    return CHANNELS[settings.kind](settings)
