"""What lives as long as the daemon is looked at by no collection, and what is gone is freed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from monitord.garbage import leave_out_what_is_in_use


class Settings:
    """Refers to itself, as devices and their readers do: only a collection frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    yield
    gc.unfreeze()


def is_looked_at(settings: Settings) -> bool:
    return any(found is settings for found in gc.get_objects())


def test_no_collection_looks_at_what_was_in_use() -> None:
    """What comes later is looked at as ever."""
    settings = Settings()
    assert is_looked_at(settings)
    leave_out_what_is_in_use()
    assert not is_looked_at(settings)
    assert is_looked_at(Settings())


def test_what_a_reload_replaced_is_freed_though_it_was_left_out() -> None:
    """A hundred reloads must not keep a hundred configurations."""
    settings = Settings()
    replaced = weakref.ref(settings)
    leave_out_what_is_in_use()
    del settings
    gc.collect()
    assert replaced() is not None, "the example needs no collection to be freed"
    leave_out_what_is_in_use()
    assert replaced() is None
