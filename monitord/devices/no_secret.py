"""A device whose secret cannot be read: it is not asked, and each poll says why."""

from __future__ import annotations

from secrets import token_hex
from typing import Final

from monitord.decoding.rules import Raw
from monitord.devices.model import ReadError, Source
from monitord.devices.snmp.model import Community, SnmpSource
from monitord.texts.phrases import phrase

NO_SECRET: Final = f"\0{token_hex(16)}"
"""In the place of a secret whose file cannot be read. No file has it, and nobody can guess it."""


def is_without_secret(source: Source) -> bool:
    """Return whether a secret of the device is missing."""
    if not isinstance(source, SnmpSource):
        return False
    security = source.security
    if isinstance(security, Community):
        return security.community == NO_SECRET
    return NO_SECRET in (security.auth_passphrase, security.priv_passphrase)


class NoSecretReader:
    """Asks nobody: a request with a wrong secret is an alarm at some devices."""

    proven_from = took = None

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Raise ``ReadError``."""
        del deadline_s
        raise ReadError("unreachable", phrase("device.no_secret"))

    async def close(self) -> None:
        """Do nothing."""
