"""``python -m tests.support.wrong_clock FILE run CONFIG``: monitord on a clock that a test turns.

FILE has by how many seconds the wall clock is off, and the kernel's bound of its error in seconds;
both are asked again with each reading. The clocks that never step stay the computer's own.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from monitord import __main__ as program
from monitord.clock_quality import QualityReader
from monitord.core.model import SECOND

SYNCHRONISED_S = 0.02
UNSYNCHRONISED_S = 16.0
"""As the kernel has it: ``clock_quality.UNSYNCHRONISED``."""


def turn(file: Path, off_s: float, error_s: float = SYNCHRONISED_S) -> None:
    """Turn the clock of all that run by this file, at once."""
    written = file.with_suffix(".new")
    written.write_text(f"{off_s!r} {error_s!r}", encoding="ascii")
    written.replace(file)


def main() -> None:
    """Turn the clock away, then run the command line that is left."""
    file, right = Path(sys.argv.pop(1)), time.time_ns

    def read() -> tuple[float, float]:
        off_s, error_s = file.read_text(encoding="ascii").split()
        return float(off_s), float(error_s)

    time.time_ns = lambda: right() + round(read()[0] * 1e9)
    defaults = QualityReader.__init__.__kwdefaults__
    assert "max_error" in defaults
    defaults["max_error"] = lambda: round(read()[1] * SECOND)
    sys.exit(program.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
