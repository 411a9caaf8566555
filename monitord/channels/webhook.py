"""Posts a message as JSON to the configured URL.

One exchange under one deadline. Must not retry, follow redirects or print a secret of the URL.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from typing import Any

import aiohttp
from yarl import URL

from monitord import __version__
from monitord.channels.model import Channel, DeliveryError, Message
from monitord.channels.resolver import KnownNames
from monitord.config.settings import ChannelSettings
from monitord.names import NAMES, Names

BODY_BYTES_MAX = 65_536
TEXT_LETTERS_MAX = 160
SECRET_LETTERS_MIN = 4
"""A shorter part of a URL ("v2", "bot") is no secret; hiding it would garble the text."""

TEMPORARY_STATUSES = frozenset({408, 429})
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": f"monitord/{__version__}",
}


class WebhookChannel:
    """Posts to ``url``. ``deadline_s`` is for the whole exchange, the answer's body included.

    No connection is kept between messages: a stale one would lose the first message after a quiet
    night.
    """

    def __init__(self, url: str, deadline_s: float, names: Names = NAMES) -> None:
        self._url = url
        self._deadline_s = deadline_s
        self._names = names

    async def send(self, message: Message) -> None:
        url = _parse(self._url)
        body = json.dumps(message.fields(), ensure_ascii=False).encode("utf-8", errors="replace")
        try:
            async with asyncio.timeout(self._deadline_s):
                status, answer, whole = await _post(url, body, self._names)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            detail = f"{_place(url)}: {_why(error, self._deadline_s)}"
            raise DeliveryError(detail, permanent=False) from None  # its text may contain the URL
        _confirm(url, status, answer, whole=whole)

    async def close(self) -> None:
        """Do nothing: no connection is kept."""


def open_webhook(settings: ChannelSettings) -> Channel:
    """Return the channel to the URL of ``settings``."""
    return WebhookChannel(settings.url, settings.deadline / 1_000_000)


def _parse(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        detail = "the channel's url is not an http or https address"
        raise DeliveryError(detail, permanent=True)
    return url


async def _post(url: URL, body: bytes, names: Names) -> tuple[int, bytes, bool]:
    """Return status, body up to ``BODY_BYTES_MAX``, and whether the body is complete."""
    no_own_timeout = aiohttp.ClientTimeout(total=None, sock_connect=None)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            force_close=True, use_dns_cache=False, resolver=KnownNames(names)
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=no_own_timeout,
        headers=HEADERS,
    )
    async with session, session.post(url, data=body, allow_redirects=False) as answer:
        text, whole = await _read(answer.content)
        return answer.status, text, whole


async def _read(content: aiohttp.StreamReader) -> tuple[bytes, bool]:
    text = bytearray()
    while len(text) <= BODY_BYTES_MAX:
        part = await content.read(BODY_BYTES_MAX)
        if not part:
            return bytes(text), True
        text += part
    return bytes(text[:BODY_BYTES_MAX]), False


def _confirm(url: URL, status: int, answer: bytes, *, whole: bool) -> None:
    """Return if the answer confirms the message. Raises ``DeliveryError`` if it does not.

    Chat robots answer 200 and put their error into the body, as ``errcode`` or ``code``.
    """
    fields = _fields(answer)
    provider_text = _provider_text(url, fields)
    if not 200 <= status < 300:
        permanent = 400 <= status < 500 and status not in TEMPORARY_STATUSES
        detail = f"{_place(url)}: answered {status}{_meaning(status)}{provider_text}"
        raise DeliveryError(detail, permanent=permanent)
    if not whole and answer.lstrip()[:1] == b"{":
        detail = f"{_place(url)}: answered more than {BODY_BYTES_MAX} bytes of JSON, not confirmed"
        raise DeliveryError(detail, permanent=False)
    for key in ("errcode", "code"):
        if str(fields.get(key) or 0) != "0":
            code = _hide(url, str(fields[key]))
            raise DeliveryError(
                f"{_place(url)}: refused, {key} {code}{provider_text}", permanent=False
            )


def _meaning(status: int) -> str:
    if 300 <= status < 400:
        return " (redirects are not followed: configure the final address)"
    return ""


def _fields(answer: bytes) -> dict[str, Any]:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _provider_text(url: URL, fields: dict[str, Any]) -> str:
    for key in ("errmsg", "msg", "message", "error"):
        if isinstance(fields.get(key), str) and fields[key]:
            return f": {_hide(url, fields[key])}"
    return ""


def _hide(url: URL, text: str) -> str:
    """Return a provider's text as one short line, with the parts of the URL hidden."""
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = text.replace(secret, "***")
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line[:TEXT_LETTERS_MAX]


def _secrets(url: URL) -> set[str]:
    kept = {str(url), url.raw_path_qs, url.raw_query_string, url.query_string}
    kept |= {*url.parts, *url.raw_parts, *url.query.values(), url.user or "", url.password or ""}
    kept |= {url.raw_user or "", url.raw_password or ""}
    kept |= {part.partition("=")[2] for part in url.raw_query_string.split("&")}
    return {secret for secret in kept if len(secret) >= SECRET_LETTERS_MIN}


def _place(url: URL) -> str:
    host = url.host or ""
    return f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}"


def _why(error: Exception, deadline_s: float) -> str:
    match error:
        case TimeoutError():
            return f"no whole answer within {deadline_s:g} s"
        case aiohttp.ClientConnectorDNSError():
            return "the name is not found"
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLError():
            return "its certificate is not trusted"
        case aiohttp.ServerDisconnectedError():
            return "closed the connection without an answer"
        case aiohttp.ClientResponseError():
            return "the answer is not HTTP"
        case aiohttp.ClientPayloadError():
            return "the answer broke off"
        case OSError():
            return _system_text(error)
        case _:
            return f"no exchange was possible ({type(error).__name__})"


def _system_text(error: OSError) -> str:
    if isinstance(error, aiohttp.ClientSSLError):
        return "no TLS connection"
    # The library's own text repeats the address; the system's text does not.
    return os.strerror(error.errno).lower() if error.errno else type(error).__name__
