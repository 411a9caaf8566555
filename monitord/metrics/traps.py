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
        self.replace(settings)

    def replace(self, settings: TrapSettings) -> None:
        """Show these devices from now on."""
        self._devices = [device.id for device in settings.devices]

    def collect(self) -> Iterable[Metric]:
        """Yield every family; a device has samples only for results that occurred."""
        trap_filter = self._receiver.filter
        listening = float(self._receiver.is_listening)
        yield FAMILIES["monitord_traps_listening"].metric([((), listening)])
        yield FAMILIES["monitord_traps_total"].metric([*sorted(trap_filter.counts.items())])
        yield FAMILIES["monitord_traps_lost_total"].metric(
            [((device,), trap_filter.lost[device]) for device in self._devices]
        )
        unknown_source = FAMILIES["monitord_traps_unknown_source_total"]
        yield unknown_source.metric([((), trap_filter.unknown_source)])
        dropped = self._receiver.kernel_dropped
        yield FAMILIES["monitord_traps_kernel_dropped_total"].metric([((), dropped)])
