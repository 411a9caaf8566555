"""Lets pytest collect ``bench_*.py`` here, and here alone: benches are no tests of a change."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the benches."""
    is_bench = file_path.suffix == ".py" and file_path.name.startswith("bench_")
    # One that is named on the command line is collected anyway.
    if is_bench and not parent.session.isinitpath(file_path):
        module: pytest.Module = pytest.Module.from_parent(parent, path=file_path)
        return module
    return None
