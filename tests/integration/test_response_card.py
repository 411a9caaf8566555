"""The daemon with a shipped profile: the steps that a person gets are the profile's card."""

from __future__ import annotations

from pathlib import Path

from simulators.agents.sink import WebhookSink
from tests.support.agents import SnmpAgent
from tests.support.daemon import COMMUNITY, Daemon, hook, programme, site, until, write_site
from tests.support.wire import LOCALHOST

# ECRESO-FM-TRANS-MIB, below 1.3.6.1.4.1.6404.3.1.2.7.1: forward and wanted power in watts
FORWARD_POWER = (1, 3, 6, 1, 4, 1, 6404, 3, 1, 2, 7, 1, 3, 1, 0)
WANTED_POWER = (1, 3, 6, 1, 4, 1, 6404, 3, 1, 2, 7, 1, 4, 6, 0)


async def test_the_duty_officer_gets_the_card_of_the_profile(
    tmp_path: Path,
) -> None:
    """In his language, with the first step first."""
    values = {FORWARD_POWER: 0, WANTED_POWER: 1000}
    sink = WebhookSink()
    await sink.start()
    try:
        async with SnmpAgent(values, community=COMMUNITY) as agent:
            fm1 = {
                "name": "调频发射机一",
                "profile": "worldcast-ecreso-fm",
                "poll_every": "200ms",
                "snmp": {
                    "address": LOCALHOST,
                    "port": agent.port,
                    "version": "2c",
                    "community_file": "secrets/fm1",
                },
            }
            people = {"duty_desk": {"name": "值机台", "language": "zh", "tell": ["desk"]}}
            path = write_site(
                tmp_path,
                site(
                    {"fm1": fm1},
                    {"county_fm": programme("fm1.radiating")},
                    channels={"desk": hook(sink.port)},
                    people=people,
                ),
            )
            async with Daemon(path):
                await until(lambda: sink.messages, "a message")
    finally:
        await sink.stop()
    message = sink.messages[0]
    assert (message["event"], message["reason"]) == ("opened", "no_carrier")
    assert message["action"].startswith("1. 在发射机面板查看入射功率")
    assert " 2. 有备机时" in message["action"]
