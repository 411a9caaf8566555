"""Every value of every recorded walk through every kind of decoding, and through every profile."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import pytest

from monitord.core.model import SECOND
from monitord.decoding.decoder import Decoder
from monitord.decoding.model import Decoding
from monitord.decoding.rules import Raw
from monitord.devices.snmp.model import SnmpPoint
from tests.support.plain_rules import plain_values
from tests.unit.config.snmprec import INTEGERS
from tests.unit.profiles.devices import NAMES, device, protocol_of

pytestmark = pytest.mark.needs_shared

NUMBER = Decoding("number")
CHARSETS = ("", "gbk", "utf-8", "ascii", "utf-16-be")
DECODINGS = (
    NUMBER,
    Decoding("number", "degC", scale=0.1, minimum=-50, maximum=200),
    Decoding("number", "W", decimal_comma=True, charset="gbk"),
    Decoding("number", scale=1 / 256, absent=(-32768,), absent_ranges=((65528, 65535),)),
    Decoding("enum", labels=((1, "on"), (2, "off"))),
    Decoding("boolean", truth=(1,)),
    *(Decoding("text", charset=charset) for charset in CHARSETS),
)
TYPES = {"number": (int, float), "enum": (str,), "boolean": (bool,), "text": (str,)}


@cache
def recorded(shared: Path) -> tuple[Raw, ...]:
    """Return every recorded value, whatever its tag, each once."""
    found: dict[Raw, None] = {}
    for path in sorted(shared.rglob("*.snmprec")):
        for line in path.read_bytes().split(b"\n"):
            if not line.startswith(b"#") and line.count(b"|") >= 2:
                _, tag, value = line.rstrip(b"\r").split(b"|", 2)
                found[raw_of(tag.decode("ascii"), value)] = None
    return tuple(found)


def raw_of(tag: str, value: bytes) -> Raw:
    """Return a value as a reader would hand it on."""
    if tag in INTEGERS:
        return int(value)
    if tag.endswith("x"):
        return bytes.fromhex(value.decode("ascii"))
    return None if tag == "5" else value


def test_every_recorded_value_decodes_to_its_kind_or_to_nothing(shared: Path) -> None:
    """No exception, no NaN, no label that is not the profile's; and the decoder agrees."""
    points = [SnmpPoint(f"p{n}", (1, 3, n), decoding) for n, decoding in enumerate(DECODINGS)]
    decoder = Decoder(points, "normal")
    values = recorded(shared)
    assert len(values) > 8_000
    for number, raw in enumerate(values):
        expected = plain_values([raw] * len(points), points)
        reading = decoder.decode([raw] * len(points), number * SECOND)
        assert reading.values == expected, raw
        for value, decoding in zip(expected, DECODINGS, strict=True):
            assert value is None or isinstance(value, TYPES[decoding.kind]), (raw, value)
            assert not isinstance(value, float) or math.isfinite(value)


@pytest.mark.parametrize("name", [name for name in NAMES if protocol_of(name) == "snmp"])
def test_every_recorded_walk_decodes_through_every_profile(shared: Path, name: str) -> None:
    """Also those of other equipment: what is not there is absent, and nothing raises.

    An implausible value is among the suspected, with the number that came.
    """
    settings = device(name).settings.devices[0]
    oids = {".".join(map(str, point.oid)): point.id for point in settings.source.points}  # type: ignore[attr-defined]
    paths = sorted(shared.rglob("*.snmprec"))
    assert len(paths) >= 140
    for path in paths:
        found: dict[str, Raw] = {}
        for line in path.read_bytes().split(b"\n"):
            oid, _, rest = line.partition(b"|")
            id_ = oids.get(oid.decode("latin-1").lstrip("."))
            if id_ is not None:
                tag, _, value = rest.rstrip(b"\r").partition(b"|")
                found[id_] = raw_of(tag.decode("ascii"), value)
        raws = [found.get(point.id) for point in settings.source.points]
        reading = Decoder(settings.points, settings.all_zero).decode(raws, 0)
        assert reading.values == plain_values(raws, settings.points), path.stem
        assert all(value is not None for _, value in reading.suspected)
