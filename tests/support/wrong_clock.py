"""``python -m tests.support.wrong_clock SECONDS run FILE``: monitord on a wrong wall clock.

The wall clock is so many seconds off, and the kernel does not call it synchronised.
"""

from __future__ import annotations

import sys
import time

from monitord import __main__ as program
from monitord import clock_quality


def main() -> None:
    """Turn the clock away, then run the command line that is left."""
    wrong = int(sys.argv.pop(1)) * 1_000_000_000
    right = time.time_ns
    time.time_ns = lambda: right() + wrong
    clock_quality.read_max_error = lambda: clock_quality.UNSYNCHRONISED
    sys.exit(program.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
