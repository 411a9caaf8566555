"""A server that imports the daemon once and forks one child a life. Runs no loop and no thread.

One JSON order a line: config, log, step and visit (where the life kills itself, or null). It says
the child's pid at once, and how the child ended when it did.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitord.app import App
from monitord.config import load
from monitord.logs import set_up_logs


def killing(step: str | None, visit: int) -> Callable[[str], None]:
    """Return what the daemon calls at its named steps: at that visit it is killed from within."""
    visits: Counter[str] = Counter()

    def pass_by(name: str) -> None:
        visits[name] += 1
        if name == step and visits[name] == visit:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


async def _live(order: dict[str, Any]) -> None:
    app = App(load(Path(order["config"])), killing(order["step"], order["visit"]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stop)
    await app.run()


def _be_a_child(order: dict[str, Any]) -> None:
    os.close(0)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    set_up_logs("info")
    asyncio.run(_live(order))


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _be_a_child(order)
                code = 0
            finally:
                os._exit(code)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"ended": os.waitstatus_to_exitcode(status)})


def _say(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
