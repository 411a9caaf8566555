"""An SNMP v2c and v3 agent on 127.0.0.1 that answers from a mapping or a function of the moment.

Owns the protocol (GET, GETNEXT, GETBULK; SET is refused). Must not know what an object means.
"""

from __future__ import annotations

import asyncio
import socket
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp
from pysnmp.entity.rfc3413.context import SnmpContext
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi import error

Oid: TypeAlias = tuple[int, ...]
Typed: TypeAlias = tuple[str, int | str | bytes | Oid]
"""(syntax, value); ``SYNTAXES`` has the syntaxes."""
Objects: TypeAlias = Mapping[Oid, Typed]

SYNTAXES = {
    "integer": rfc1902.Integer32,
    "gauge32": rfc1902.Gauge32,
    "counter32": rfc1902.Counter32,
    "counter64": rfc1902.Counter64,
    "timeticks": rfc1902.TimeTicks,
    "octets": rfc1902.OctetString,
    "oid": rfc1902.ObjectIdentifier,
    "ip_address": rfc1902.IpAddress,
}

HOST = "127.0.0.1"
_V2C_SECURITY_MODEL = 2
_USM_SECURITY_MODEL = 3
_EVERYTHING = (1,)
_SECURITY_NAME = "reader"
# The loop closes a transport's socket, and ends a cancelled task, in its next rounds.
_CLOSING_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class AgentUser:
    """A v3 user that is answered at authPriv alone, with SHA-256 and AES-128."""

    name: str
    auth_passphrase: str = field(repr=False)
    priv_passphrase: str = field(repr=False)


class SnmpAgent:
    """``objects``: a mapping by whole OID, or a function giving one; both may be set at any time.

    A function that gives None makes the agent silent, as ``is_silent`` does. Another community than
    its own is not answered either, as with real agents.

    ``boots``: what its v3 engine says of how often it was started. It stays as it is set, as on
    devices that do not count; at each start the engine's time begins at 0 again under the same id.
    """

    def __init__(
        self,
        objects: Objects | Callable[[], Objects | None],
        community: str = "public",
        user: AgentUser | None = None,
    ) -> None:
        self.objects = objects
        self.is_silent = False
        self.port = 0
        self.boots = 1
        self._community = community
        self._user = user
        self._engine_id = b""
        self._engine: Any = None

    async def start(self, port: int = 0) -> None:
        """Listen on ``port``, or on a free one; ``self.port`` says which. OSError when taken."""
        engine = SnmpEngine()
        self._identify(engine)
        self._admit_community(engine)
        if self._user is not None:
            _admit_user(engine, self._user)
        loop = asyncio.get_running_loop()
        transport = udp.UdpTransport(loop=loop)
        sock = _bound_socket(port)
        self.port = sock.getsockname()[1]
        await loop.create_datagram_endpoint(lambda: transport, sock=sock)
        config.add_transport(engine, udp.DOMAIN_NAME, transport)
        self._engine = engine
        context = SnmpContext(engine)
        # Only what requests see is ours; the engine's own tables stay as they are.
        context.context_names[b""] = _Instrumentation(self._present)
        for responder in (
            cmdrsp.GetCommandResponder,
            cmdrsp.NextCommandResponder,
            cmdrsp.BulkCommandResponder,
            cmdrsp.SetCommandResponder,
        ):
            responder(engine, context)

    async def stop(self) -> None:
        """Close the socket; safe to call twice."""
        if self._engine is None:
            return
        engine, self._engine = self._engine, None
        engine.close_dispatcher()
        for _ in range(_CLOSING_ROUNDS):
            await asyncio.sleep(0)

    def _identify(self, engine: Any) -> None:
        """Give the engine the id of its first start, and its boots."""
        builder = engine.get_mib_builder()
        id_, boots = builder.import_symbols(
            "__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots"
        )
        self._engine_id = self._engine_id or bytes(engine.snmpEngineID)
        engine.snmpEngineID = id_.syntax = id_.syntax.clone(self._engine_id)
        boots.syntax = boots.syntax.clone(self.boots)

    def _admit_community(self, engine: Any) -> None:
        config.add_v1_system(engine, _SECURITY_NAME, self._community.encode())
        config.add_vacm_user(
            engine, _V2C_SECURITY_MODEL, _SECURITY_NAME, "noAuthNoPriv", _EVERYTHING, _EVERYTHING
        )

    def _present(self) -> Objects | None:
        if self.is_silent:
            return None
        return self.objects() if callable(self.objects) else self.objects


def _admit_user(engine: Any, user: AgentUser) -> None:
    digest, cipher = config.USM_AUTH_HMAC192_SHA256, config.USM_PRIV_CFB128_AES
    config.add_v3_user(
        engine, user.name, digest, user.auth_passphrase, cipher, user.priv_passphrase
    )
    config.add_vacm_user(
        engine, _USM_SECURITY_MODEL, user.name, "authPriv", _EVERYTHING, _EVERYTHING
    )


def _bound_socket(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock


class _Instrumentation:
    """What pysnmp's responders ask for values. Its method names are pysnmp's."""

    def __init__(self, present: Callable[[], Objects | None]) -> None:
        self._present = present

    def read_variables(self, *varbinds: tuple[Any, Any], **_context: Any) -> list[Any]:
        objects = self._objects()
        return [(name, _value(objects, tuple(name))) for name, _ in varbinds]

    def read_next_variables(self, *varbinds: tuple[Any, Any], **_context: Any) -> list[Any]:
        objects = self._objects()
        oids = sorted(objects)
        return [_next(objects, oids, tuple(name)) for name, _ in varbinds]

    def write_variables(self, *_varbinds: tuple[Any, Any], **_context: Any) -> list[Any]:
        raise error.NotWritableError(idx=0)

    def _objects(self) -> Objects:
        objects = self._present()
        if objects is None:
            # pysnmp drops the request at this, without an answer.
            raise error.PySnmpError("the agent is silent")
        return objects


def _next(objects: Objects, oids: list[Oid], after: Oid) -> tuple[Any, Any]:
    """Return the first object behind ``after``, or the end of the view."""
    at = bisect_right(oids, after)
    if at == len(oids):
        return rfc1902.ObjectName(after), rfc1905.endOfMibView
    return rfc1902.ObjectName(oids[at]), _value(objects, oids[at])


def _value(objects: Objects, oid: Oid) -> Any:
    """Return the value in pysnmp's type, or the exception that RFC 3416 names."""
    if oid in objects:
        syntax, value = objects[oid]
        text = value.encode() if isinstance(value, str) and syntax == "octets" else value
        return SYNTAXES[syntax](text)
    is_known = any(known[:-1] == oid[:-1] for known in objects)
    return rfc1905.noSuchInstance if is_known else rfc1905.noSuchObject
