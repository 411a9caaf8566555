"""Print what comes of each habit on each kind of line: ``python -m tests.simulation.unnumbered``.

Arguments: a part of the names of the devices, and of the habits, to print fewer; ``--seed``.
"""

from __future__ import annotations

import argparse
import sys

from tests.simulation.unnumbered.cells import SECONDS, all_cells, failures

HEAD = (
    f"{'device':28s}{'habit':22s}   %    lies  polls  asked late blind%"
    " false wrong missed hid incons"
)


def main() -> None:
    """Print one line for each cell."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.unnumbered")
    parser.add_argument("device", nargs="?", default="")
    parser.add_argument("habit", nargs="?", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    asked = parser.parse_args()
    sys.stdout.write(f"{HEAD}\n")
    for cell in all_cells():
        if asked.device not in cell.kind or asked.habit not in cell.name:
            continue
        result = cell.run(asked.seed, asked.seconds)
        after = result.inconsistent_after
        sys.stdout.write(
            f"{cell.kind:28s}{cell.name:22s}{cell.share:4d}{result.lies:8d}{result.polls:7d}"
            f"{result.requests:7d}{result.late:5d}{result.blind_percent:7.1f}"
            f"{len(result.false):6d}{len(result.wrong):6d}{len(result.missed):7d}"
            f"{len(result.hidden):4d} {'-' if after is None else f'{after / 1e6:.0f} s':5s}"
            f" {'; '.join(failures(cell, result)) or 'met'}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
