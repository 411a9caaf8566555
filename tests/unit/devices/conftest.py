"""Agents of the loopback, and shared sockets that poll them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.shared_socket_site import Agent, Site


@pytest.fixture
def agents() -> Iterator[Callable[..., list[Agent]]]:
    """Return a function that opens so many agents, each on its own address."""
    opened: list[Agent] = []

    def open_agents(count: int) -> list[Agent]:
        numbers = range(len(opened) + 1, len(opened) + count + 1)
        new = [Agent(f"127.0.1.{number}") for number in numbers]
        opened.extend(new)
        return new

    yield open_agents
    for one in opened:
        one.sock.close()


@pytest.fixture
def new_site() -> Iterator[Callable[..., Site]]:
    """Return a function that builds a ``Site``; its shared socket and agents are closed after."""
    built: list[Site] = []

    def build(*agents: Agent, **options: Any) -> Site:
        built.append(Site(*agents, **options))
        return built[-1]

    yield build
    for site in built:
        site.shared_socket.close()
        for agent in site.agents:
            agent.sock.close()


@pytest.fixture
def agent(agents: Callable[..., list[Agent]]) -> Agent:
    """Return an agent."""
    return agents(1)[0]


@pytest.fixture
def site(agent: Agent, new_site: Callable[..., Site]) -> Site:
    """Return a site of one agent."""
    return new_site(agent)


@pytest.fixture
def pair(agents: Callable[..., list[Agent]], new_site: Callable[..., Site]) -> Site:
    """Return a site of two agents."""
    return new_site(*agents(2))
