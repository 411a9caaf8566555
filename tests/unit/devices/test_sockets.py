"""A device at an IP address is reached while look-ups of names hang."""

from __future__ import annotations

import asyncio
import socket
import threading

from monitord.devices.sockets import connect_socket
from tests.support.wire import LOCALHOST


async def test_an_ip_address_needs_no_resolver() -> None:
    """Twelve names that did not resolve filled the loop's threads: a literal address was silent."""
    loop = asyncio.get_running_loop()
    release = threading.Event()
    hanging = [loop.run_in_executor(None, release.wait) for _ in range(64)]
    try:
        with socket.create_server((LOCALHOST, 0)) as listener:
            port = listener.getsockname()[1]
            async with asyncio.timeout(20):
                sock = await connect_socket(LOCALHOST, port, socket.SOCK_STREAM)
            assert sock.getpeername() == (LOCALHOST, port)
            sock.close()
    finally:
        release.set()
        await asyncio.gather(*hanging)
