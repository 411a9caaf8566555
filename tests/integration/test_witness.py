"""A receiver that is tuned to another station is no witness: it proves nothing, neither way."""

from __future__ import annotations

from dataclasses import replace

from monitord.devices.snmp.model import SnmpSource
from monitord.devices.snmp.reader import SnmpReader
from tests.support.agents import SnmpAgent
from tests.support.decoding import DecodedReader, decoded_reader
from tests.unit.profiles.devices import Kind, Seen, device

DB7001 = (1, 3, 6, 1, 4, 1, 35833, 37)
FREQUENCY = (*DB7001, 3, 1, 0)
OBJECTS = {
    FREQUENCY: 89_900,
    (*DB7001, 3, 2, 0): 67 * 256,
    (*DB7001, 2, 6, 3, 0): 35 * 256,
}


async def test_what_a_receiver_gets_elsewhere_proves_nothing_of_the_programme() -> None:
    """It goes to a backup station by itself, whose carrier is no proof that ours is there."""
    kind = device("deva-db7001", rows={"station": {"frequency_khz": 89900}})
    source = kind.settings.devices[0].source
    assert isinstance(source, SnmpSource)
    async with SnmpAgent(dict(OBJECTS)) as agent:
        reader = decoded_reader(SnmpReader, replace(source, port=agent.port))
        try:
            assert (await seen(kind, reader)).conditions["carrier"] is True
            agent.values[FREQUENCY] = 98_900
            away = await seen(kind, reader)
            assert (away.conditions["carrier"], away.values["frequency_khz"]) == (None, 98_900)
        finally:
            await reader.close()


async def seen(kind: Kind, reader: DecodedReader) -> Seen:
    return kind.judge(await reader.read(20.0))
