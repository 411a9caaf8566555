"""What an agent takes of memory before its first read, beside others of its profile."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

from monitord.core.model import SECOND
from monitord.decoding.device_decoder import DeviceDecoder
from monitord.decoding.model import Decoding
from monitord.devices.model import Remark
from monitord.devices.snmp.model import V2C, Community, SnmpPoint, SnmpSource
from monitord.devices.snmp.reader import SnmpReader
from monitord.devices.snmp.wire import REMARKS_MAX, LatestRemarks

COUNT = 500
POINTS = tuple(SnmpPoint(f"p{n}", (1, 3, 6, 1, n), Decoding("number", "W")) for n in range(20))


def bytes_of_each(make: Callable[[], object]) -> float:
    """Return how many bytes one object takes that is made like many others."""
    kept = [make()]
    tracemalloc.start()
    try:
        kept += [make() for _ in range(COUNT)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return taken / COUNT


def test_a_reader_of_an_agent_takes_less_than_two_kilobytes() -> None:
    """Ten thousand of them are the size of a site: each empty deque, set and dictionary counts."""
    source = SnmpSource("127.0.0.1", 161, Community(V2C, "public"), POINTS)
    assert bytes_of_each(lambda: SnmpReader(source)) < 2_000


def test_a_device_without_slow_points_has_one_decoder() -> None:
    """A second one, of no point, and a list of all places took almost as much again."""
    assert bytes_of_each(lambda: DeviceDecoder(POINTS, "confirm", (), SECOND)) < 1_200


def test_only_the_latest_remarks_are_kept() -> None:
    """Nobody may read them for long: an agent that is read by its reader alone."""
    remarks = LatestRemarks()
    for number in range(REMARKS_MAX):
        remarks.append(Remark("other", str(number)))
    remarks.extend([Remark("other", "a"), Remark("other", "b")])
    assert len(remarks) == REMARKS_MAX
    assert [one.detail for one in remarks][-2:] == ["a", "b"]
    remarks.append(Remark("other", "c"))
    assert [one.detail for one in remarks][-3:] == ["a", "b", "c"]
    assert len(remarks) == REMARKS_MAX
