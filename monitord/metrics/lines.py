"""Lines: the shared SNMP sockets in sum, each Modbus and serial line by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from monitord.devices.bus.counts import LineCounts
from monitord.devices.snmp.shared_socket_counts import SharedSocketCounts
from monitord.metrics.names import FAMILIES

SHARED_SOCKET_RESULTS: Final[dict[str, Callable[[SharedSocketCounts], int]]] = {
    "answer": lambda counts: counts.answers,
    "failure": lambda counts: counts.failures,
    "handed_back": lambda counts: counts.handed_back,
}
SHARED_SOCKET_DATAGRAMS: Final[dict[str, Callable[[SharedSocketCounts], int]]] = {
    "slow": lambda counts: counts.slow,
    "foreign": lambda counts: counts.unknown_source,
    "late": lambda counts: counts.late,
    "duplicate": lambda counts: counts.duplicate,
    "unbelieved": lambda counts: counts.mismatched,
    "broken": lambda counts: counts.broken,
}
BUS_RESULTS: Final[dict[str, Callable[[LineCounts], int]]] = {
    "answer": lambda counts: counts.answers,
    "timeout": lambda counts: counts.timeouts,
    "not_asked": lambda counts: counts.not_asked,
}


class LineExposition(Collector):
    """A collector over the counts of shared sockets and of buses, by the bus's address or path."""

    def __init__(
        self,
        shared_sockets: Sequence[SharedSocketCounts],
        buses: Callable[[], Mapping[str, LineCounts]],
    ) -> None:
        """``buses``: returns the counts of the present buses."""
        self._shared_sockets = shared_sockets
        self._buses = buses

    def collect(self) -> Iterable[Metric]:
        """Yield every family; without a shared socket its counts are 0, without a bus none."""
        sent = self._of_shared_sockets(lambda counts: counts.sent)
        yield FAMILIES["monitord_lane_requests_total"].metric([((), sent)])
        yield FAMILIES["monitord_lane_polls_total"].metric(
            [
                ((name,), self._of_shared_sockets(count))
                for name, count in SHARED_SOCKET_RESULTS.items()
            ]
        )
        yield FAMILIES["monitord_lane_datagrams_total"].metric(
            [
                ((kind,), self._of_shared_sockets(count))
                for kind, count in SHARED_SOCKET_DATAGRAMS.items()
            ]
        )
        yield FAMILIES["monitord_bus_exchanges_total"].metric(
            [
                ((bus, name), count(counts))
                for bus, counts in self._buses().items()
                for name, count in BUS_RESULTS.items()
            ]
        )
        yield self._of_buses("monitord_bus_requests_total", lambda counts: counts.requests)
        octets = "monitord_bus_unasked_octets_total"
        yield self._of_buses(octets, lambda counts: counts.unasked_octets)
        late = "monitord_bus_late_answers_total"
        yield self._of_buses(late, lambda counts: counts.late_answers)
        yield self._of_buses("monitord_bus_connections_total", lambda counts: counts.connections)
        yield self._of_buses("monitord_bus_held_seconds_total", lambda counts: counts.held / 1e6)

    def _of_shared_sockets(self, count: Callable[[SharedSocketCounts], int]) -> int:
        return sum(count(counts) for counts in self._shared_sockets)

    def _of_buses(self, name: str, figure: Callable[[LineCounts], float]) -> Metric:
        samples = [((bus,), figure(counts)) for bus, counts in self._buses().items()]
        return FAMILIES[name].metric(samples)
