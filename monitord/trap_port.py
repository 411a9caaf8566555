"""Opens the reception of traps, with what it shows. Wiring only."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry

from monitord.clock import Clock
from monitord.config.settings import Settings
from monitord.core.model import TrapSeen
from monitord.metrics.traps import TrapExposition
from monitord.systemd.activation import close_unused
from monitord.traps.engine import load_engine
from monitord.traps.receiver import TrapReceiver


def open_traps(
    settings: Settings,
    registry: CollectorRegistry,
    *,
    clock: Clock,
    poll_now: Callable[[str], None],
    seen: Callable[[TrapSeen], None],
    inherited: Sequence[socket.socket],
) -> tuple[TrapReceiver, TrapExposition] | None:
    """Return the receiver and its metrics; None where the configuration has no traps.

    ``inherited``: sockets that the service manager opened.
    """
    if settings.traps is None:
        close_unused(inherited, "the configuration has no traps")
        return None
    receiver = TrapReceiver(
        settings.traps,
        load_engine(settings.record_folder, clock.now()),
        clock=clock,
        poll_now=poll_now,
        seen=seen,
        handed=inherited,
    )
    exposition = TrapExposition(receiver, settings.traps)
    registry.register(exposition)
    return receiver, exposition
