"""Runs a command whose processes are stopped half of the time: 100 ms of every 200 ms.

``python .ci/stopped_half.py COMMAND …`` ends with the command's exit code. A test that fails here
took its verdict from the wall clock.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

PART_S = 0.1


def main(command: list[str]) -> int:
    """Run the command in a process group of its own; stop and continue the group in turn."""
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            while process.poll() is None:
                time.sleep(PART_S)
                os.killpg(process.pid, signal.SIGSTOP)
                time.sleep(PART_S)
                os.killpg(process.pid, signal.SIGCONT)
        except ProcessLookupError:
            pass  # the group has ended
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGCONT)
            os.killpg(process.pid, signal.SIGTERM)
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
