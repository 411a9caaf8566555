"""What the tests of the record share."""

from __future__ import annotations

import pytest


@pytest.fixture(params=[False, True], ids=["one batch", "one by one"])
def one_by_one(request: pytest.FixtureRequest) -> bool:
    """Run a test both ways: the batches must make no difference."""
    return bool(request.param)
