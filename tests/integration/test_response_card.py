"""The daemon with a shipped profile: the steps that a person gets, and what is never done."""

from __future__ import annotations

from pathlib import Path

from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    Daemon,
    hook,
    profiled,
    programme,
    site,
    until,
    webhook_sink,
    write_site,
)

# ECRESO-FM-TRANS-MIB, below 1.3.6.1.4.1.6404.3.1.2.7.1: forward and wanted power in watts
FORWARD_POWER = (1, 3, 6, 1, 4, 1, 6404, 3, 1, 2, 7, 1, 3, 1, 0)
WANTED_POWER = (1, 3, 6, 1, 4, 1, 6404, 3, 1, 2, 7, 1, 4, 6, 0)


async def test_the_duty_officer_gets_the_card_of_a_transmitter_without_output(
    tmp_path: Path,
) -> None:
    """In his language, with the first step first."""
    values = {FORWARD_POWER: 0, WANTED_POWER: 1000}
    async with webhook_sink() as sink, SnmpAgent(values, community=COMMUNITY) as agent:
        configuration = site(
            {"fm1": profiled(agent.port, "worldcast-ecreso-fm")},
            {"county_fm": programme("fm1.radiating")},
            channels={"desk": hook(sink.port)},
            people={"duty_desk": {"name": "值机台", "language": "zh", "tell": ["desk"]}},
        )
        async with Daemon(write_site(tmp_path, configuration)):
            await until(lambda: sink.messages, "a message")
    message = sink.messages[0]
    assert (message["event"], message["reason"]) == ("opened", "no_carrier")
    assert message["action"].startswith("①看市电、空开、联锁、反射 ②均正常，复位一次")
    assert "\n勿：短接联锁、反复复位。" in message["text"]
