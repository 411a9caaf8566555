"""Gives the long profile the time it needs. Owns no property."""

from __future__ import annotations

import pytest

from tests.properties.scripts import SCALE


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lift the limit per test when every property looks 20 times as long."""
    for item in items if SCALE > 1 else ():
        item.add_marker(pytest.mark.timeout(3_600))
