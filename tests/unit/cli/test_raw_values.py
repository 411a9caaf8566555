"""Raw values of devices, as people and scripts see them."""

from __future__ import annotations

import json

import pytest

from monitord.cli.raw_values import shown_raw, shown_value
from monitord.core.model import Value
from monitord.decoding.rules import Raw


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"43.0 C", "43.0 C"),
        ("正常".encode(), "正常"),
        ("\ufffd".encode(), "\ufffd"),
        (b"\x00\x01", "0x0001"),
        (b"\xff", "0xff"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1.5, 1.5),
        (True, True),
        (7, 7),
        (None, None),
    ],
)
def test_a_raw_value_is_shown_as_it_was_received(raw: Raw, shown: Value) -> None:
    """Every value can be printed, and JSON can hold it."""
    found = shown_raw(raw)
    assert found == shown
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(10.5, "W", "10.5 W"), (True, "", "true"), (False, "", "false"), ("on", "", "on")],
)
def test_a_decoded_value_is_shown_with_its_unit(value: Value, unit: str, shown: str) -> None:
    """Truth values in lower case, as conditions are written."""
    assert shown_value(value, unit) == shown
