"""``python -m tests.support.stepped_daemon CONFIG STEP``: the daemon, killed as it reloads.

It kills itself (SIGKILL) at the first visit of a step after the first reload was asked for.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from monitord.app import App
from monitord.config import load
from monitord.logs import set_up_logs
from monitord.reloading import ConfigFiles


async def serve(path: Path, last: str) -> None:
    """Run until the step, or SIGTERM."""
    reloads: list[bool] = []

    def step(name: str) -> None:
        if name == "config_prepared":
            reloads.append(True)
        if reloads and name == last:
            os.kill(os.getpid(), signal.SIGKILL)

    app = App(load(path), step, files=ConfigFiles(path, lambda: load(path)))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, app.stop)
    loop.add_signal_handler(signal.SIGHUP, app.reload)
    await app.run()


if __name__ == "__main__":
    set_up_logs("info", as_json=False)
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
