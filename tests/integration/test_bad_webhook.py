"""Webhooks that hang, reset, drip or refuse: another way is used, nothing is lost."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitord.history import History
from tests.support.agents import SnmpAgent
from tests.support.daemon import (
    COMMUNITY,
    POWER,
    TOKEN,
    Daemon,
    hook,
    programme,
    site,
    transmitter,
    until,
    write_site,
)
from tests.support.posts import Desk, answer, drip, hang, never_read, reset
from tests.support.wire import Serve, StreamServer, free_port

ON, OFF = 100, 0
DEADLINE = "500ms"

MISCHIEF: dict[str, Serve] = {
    "hangs": hang,
    "deaf": never_read,
    "resets": reset,
    "drips": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
    "fails": Desk(answer(500, b'{"message": "no room"}')).serve,
    "refuses_inside": Desk(answer(200, b'{"errcode": 310000, "errmsg": "sign"}')).serve,
    "not_http": drip(b"SSH-2.0-OpenSSH\r\n"),
}


@dataclass(frozen=True, slots=True)
class Site:
    """The transmitter, and one misbehaving webhook for each kind of mischief."""

    fm1: SnmpAgent
    servers: dict[str, StreamServer]
    desks: dict[str, Desk]

    def mend(self) -> None:
        """Let every webhook take messages from now on."""
        for name, server in self.servers.items():
            server.serve = self.desks[name].serve

    def told(self, name: str, person: str) -> list[str]:
        """Return what one person got by one webhook, in order."""
        return [m["event"] for m in self.desks[name].posts if m["person"] == person]


async def open_site(stack: AsyncExitStack, folder: Path) -> Site:
    """For each kind of mischief: ``only_x`` has that webhook alone, ``desk_x`` also here."""
    fm1 = await stack.enter_async_context(SnmpAgent({POWER: ON}, community=COMMUNITY))
    servers = {
        name: await stack.enter_async_context(StreamServer(serve))
        for name, serve in MISCHIEF.items()
    }
    channels = {name: hook(server.port, DEADLINE) for name, server in servers.items()}
    people: dict[str, Any] = {}
    for name in MISCHIEF:
        people[f"only_{name}"] = {"name": name, "language": "en", "tell": [name]}
        people[f"desk_{name}"] = {"name": name, "language": "en", "tell": [name, "console"]}
    write_site(
        folder,
        site(
            {"fm1": transmitter(fm1.port)},
            {"county_fm": programme("fm1.radiating")},
            channels=channels,
            people=people,
        ),
    )
    return Site(fm1, servers, {name: Desk() for name in MISCHIEF})


async def test_a_webhook_that_fails_delays_one_person_and_loses_nothing(tmp_path: Path) -> None:
    """A person with another channel gets it there; one without, when the webhook is back."""
    async with AsyncExitStack() as stack:
        plant = await open_site(stack, tmp_path)
        daemon = await stack.enter_async_context(Daemon(tmp_path / "monitord.yaml"))
        await daemon.state("county_fm", "on_air")
        plant.fm1.values[POWER] = OFF
        await told_on_the_console(daemon)
        await until(
            lambda: all(server.connections >= 3 for server in plant.servers.values()),
            "every webhook is tried again",
        )
        assert [name for name in MISCHIEF if plant.desks[name].posts] == []
        plant.mend()
        for name in MISCHIEF:
            await until(lambda: plant.told(name, f"only_{name}"), f"{name} takes the message")  # noqa: B023 - awaited within the round
        assert (await daemon.get("/-/healthy"))[0] == 200
        plant.fm1.values[POWER] = ON
        for name in MISCHIEF:
            for person in (f"only_{name}", f"desk_{name}"):
                await until(lambda: "recovered" in plant.told(name, person), f"{person} recovered")  # noqa: B023 - awaited within the round
        await until(lambda: nobody_is_owed(daemon), "nothing is owed")
        assert await daemon.stop() == 0
    for name in MISCHIEF:
        assert plant.told(name, f"only_{name}") == ["opened", "recovered"]
        assert plant.told(name, f"desk_{name}") == ["recovered"]
    check_record(tmp_path / "record")


async def told_on_the_console(daemon: Daemon) -> None:
    """Wait until every desk got on the console how to acknowledge: WORDING B has no alert_id."""
    await until(
        lambda: all(
            any(f"--person desk_{name}`" in line for line in daemon.out) for name in MISCHIEF
        ),
        "every desk has the message on the console",
    )


async def nobody_is_owed(daemon: Daemon) -> bool:
    seen = await daemon.metrics()
    people = [f"{kind}_{name}" for kind in ("only", "desk") for name in MISCHIEF]
    return not any(seen.value("deliveries_owed", person=person) for person in people)


def check_record(folder: Path) -> None:
    """The record has every attempt with how it ended, and no detail shows the URL."""
    with History(folder) as history:
        assert history.verify() == []
        (incident,) = history.incidents()
        deliveries = history.deliveries(incident.id)
        assert [d for d in deliveries if d.ended_at is None] == []
        for name in MISCHIEF:
            mine = [d for d in deliveries if d.person == f"only_{name}"]
            assert [d.delivered for d in mine[:1]] == [False]
            assert [d.told for d in mine if d.delivered] == ["opened", "recovered"]
            assert mine[0].detail
            desk = [d for d in deliveries if d.person == f"desk_{name}"]
            assert [(d.channel, d.delivered) for d in desk] == [
                (name, False),
                ("console", True),
                (name, True),
            ]
        assert [event for event in history.all_events() if TOKEN.encode() in event.body] == []


async def test_a_webhook_nobody_listens_at_gets_the_same_id_later(tmp_path: Path) -> None:
    """The message waits for the desk's program to start, across a restart of monitord."""
    port = free_port(socket.SOCK_STREAM)
    people = {"duty_desk": {"name": "值机台", "language": "zh", "tell": ["desk"]}}
    async with SnmpAgent({POWER: OFF}, community=COMMUNITY) as fm1:
        path = write_site(
            tmp_path,
            site(
                {"fm1": transmitter(fm1.port)},
                {"county_fm": programme("fm1.radiating")},
                channels={"desk": hook(port)},
                people=people,
            ),
        )
        async with Daemon(path) as daemon:
            await daemon.logged("delivery_failed", "channel=desk", f":{port}", "refused")
            await daemon.shows("deliveries_owed", 1, person="duty_desk")
            assert await daemon.stop() == 0
        desk = Desk()
        async with StreamServer(desk.serve, port), Daemon(path) as daemon:
            await until(lambda: desk.posts, "the message arrives")
            await until(lambda: daemon_confirmed(daemon), "it is confirmed")
            assert await daemon.stop() == 0
    assert [m["event"] for m in desk.posts] == ["opened"]
    assert desk.posts[0]["alert_id"].endswith("-duty_desk-1-opened")


async def daemon_confirmed(daemon: Daemon) -> bool:
    seen = await daemon.metrics()
    return seen.value("deliveries_owed", person="duty_desk") == 0
