"""Gives the long profile more time. Owns no property."""

from __future__ import annotations

import pytest

from tests.properties.scripts import SCALE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Raise the limit per test where every property runs 20 times as many examples."""
    for item in items if SCALE > 1 else ():
        item.add_marker(pytest.mark.timeout(3_600))
