"""Which name is suggested for one that does not exist."""

from __future__ import annotations

import pytest

from monitord.cli.suggestions import near_match, suggestion
from monitord.cli.words import Words

KNOWN = ["fm1", "fm13", "duty_desk", "worldcast-ecreso-fm", "status"]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("stauts", "status"),
        ("duty", "duty_desk"),
        ("dutty_desk", "duty_desk"),
        ("worldcast", "worldcast-ecreso-fm"),
        ("fm2", None),
        ("fm12", None),
        ("x", None),
        ("status" * 50, None),
    ],
)
def test_only_a_near_name_is_suggested(typed: str, near: str | None) -> None:
    """Swapped letters and a name cut short are near; another number is another device."""
    assert near_match(typed, KNOWN) == near


def test_many_names_are_listed_in_part() -> None:
    """A station of a thousand devices does not fill the terminal."""
    names = [f"fm{number}" for number in range(1000)]
    hint = suggestion("tv", names, Words("en"))
    assert hint == f"use one of: {', '.join(names[:12])}, …"
    assert suggestion("tv", [], Words("zh")) == "尚未配置任何一个"
