"""How channels find the addresses of a host: as devices do, by names that keep their last ones."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from monitord.names import Address, Names


class KnownNames(AbstractResolver):
    """A name that the resolver has lost for now still has the addresses that it had last."""

    def __init__(self, names: Names) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises ``socket.gaierror``."""
        found = await self._names.addresses(host)
        return [_result(host, port, one) for one in found if family in (0, one.family)]

    async def close(self) -> None:
        """Release nothing: the names outlive every request."""


def _result(host: str, port: int, one: Address) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=_with_zone(one),
        port=port,
        family=one.family,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def _with_zone(one: Address) -> str:
    """Return an address as text; a link-local one with the number of its interface."""
    zone = one.rest[1] if len(one.rest) > 1 else 0
    return f"{one.ip}%{zone}" if zone and "%" not in one.ip else one.ip
