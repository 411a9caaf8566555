"""A mistake of our own ends the daemon at once, lets go of everything and can be started again."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from monitord.app import App
from monitord.config import load
from tests.integration.test_restored_record import CONFIGURATION, epochs, live_shortly
from tests.support.wire import free_port


class OursError(Exception):
    """What nobody foresaw."""


async def test_a_mistake_in_a_tick_ends_the_daemon_and_the_next_start_goes_on(
    tmp_path: Path,
) -> None:
    """Nothing hangs, the record's lock is free again, and its chain goes on whole."""
    configuration = tmp_path / "monitord.yaml"
    ports = {"dead": free_port(socket.SOCK_STREAM), "port": free_port(socket.SOCK_STREAM)}
    configuration.write_text(CONFIGURATION.format(**ports), encoding="utf-8")
    ticks = 0

    def fail(step: str) -> None:
        nonlocal ticks
        ticks += step == "advanced"
        if ticks == 4:
            raise OursError

    with pytest.raises(OursError):
        await App(load(configuration), fail).run()
    await live_shortly(configuration)
    assert set(epochs(tmp_path / "record")) == {1}
