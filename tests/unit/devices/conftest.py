"""Agents of the loopback, and shared sockets that poll them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.shared_socket_site import Agent, Site


@pytest.fixture
def agent() -> Iterator[Agent]:
    """Return an agent."""
    one = Agent()
    yield one
    one.sock.close()


@pytest.fixture
def other() -> Iterator[Agent]:
    """Return a second agent."""
    one = Agent("127.0.0.2")
    yield one
    one.sock.close()


@pytest.fixture
def site(agent: Agent) -> Iterator[Site]:
    """Return a site of one agent."""
    one = Site(agent)
    yield one
    one.shared_socket.close()


@pytest.fixture
def pair(agent: Agent, other: Agent) -> Iterator[Site]:
    """Return a site of two agents."""
    one = Site(agent, other)
    yield one
    one.shared_socket.close()
