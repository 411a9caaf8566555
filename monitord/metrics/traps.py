"""Traps: datagrams by what became of them."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitord.metrics.names import FAMILIES
from monitord.traps.model import TrapSettings
from monitord.traps.receiver import TrapReceiver


class TrapExposition(Collector):
    """A collector over the trap receiver. Its device labels come from the configuration."""

    def __init__(self, receiver: TrapReceiver, settings: TrapSettings) -> None:
        self._receiver = receiver
        self._devices = [device.id for device in settings.devices]

    def collect(self) -> Iterable[Metric]:
        """Yield every family; a device has samples only for results that occurred."""
        judge = self._receiver.judge
        listening = float(self._receiver.is_listening)
        yield FAMILIES["monitord_traps_listening"].metric([((), listening)])
        yield FAMILIES["monitord_traps_total"].metric([*sorted(judge.counts.items())])
        yield FAMILIES["monitord_traps_lost_total"].metric(
            [((device,), judge.lost[device]) for device in self._devices]
        )
        yield FAMILIES["monitord_traps_unknown_source_total"].metric([((), judge.strangers)])
        dropped = self._receiver.kernel_dropped
        yield FAMILIES["monitord_traps_kernel_dropped_total"].metric([((), dropped)])
