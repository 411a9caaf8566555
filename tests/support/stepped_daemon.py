"""``python -m tests.support.stepped_daemon CONFIG STEP``: the daemon, killed as it reloads.

It kills itself (SIGKILL) at the first visit of a step of the reload. Ticks that come meanwhile have
the same steps: the reload's is the first that begins after its content is stored.
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
    seen: set[str] = set()

    def step(name: str) -> None:
        if name.startswith("config_") or (name == "inbox_drained" and "config_stored" in seen):
            seen.add(name)
        is_of_reload = name in seen or "inbox_drained" in seen
        if is_of_reload and name == last:
            os.kill(os.getpid(), signal.SIGKILL)

    app = App(load(path), step, files=ConfigFiles(path, lambda: load(path)))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, app.stop)
    loop.add_signal_handler(signal.SIGHUP, app.reload)
    await app.run()


if __name__ == "__main__":
    set_up_logs("info", as_json=False)
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
