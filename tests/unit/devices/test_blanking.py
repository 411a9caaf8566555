"""What a recording of an SNMP device must not contain."""

from __future__ import annotations

import pytest

from monitord.devices.blanking import Blanking
from monitord.devices.recordings import Cell

BLANKS: list[tuple[Cell, bytes | str | None]] = [
    (Cell((1, 3, 6, 1, 2, 1, 1, 5, 0), 4, b"hill-router"), b"name"),
    (Cell((1, 3, 6, 1, 2, 1, 1, 1, 0), 4, b"Box 10.2.3.4, up"), b"Box 192.0.2.1, up"),
    (Cell((1, 3, 6, 1, 2, 1, 1, 1, 0), 4, b"Version 1.2.3"), b"Version 1.2.3"),
    (Cell((1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1), 4, b"\0\x11\x22\x33\x44\x55"), b"\0\0\x5e\0\x53\0"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"\xd8\x11\x22\x33\x44\x55"), b"\0\0\x5e\0\x53\0"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"of D8:11:22:33:44:55"), b"of 00:00:5e:00:53:00"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"fe80::1:2:3:4 x"), b"2001:db8::1 x"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"li.wei@tv.example.cn"), b"somebody@example.org"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"public"), b"xxxxxx"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"trap to s3cret!"), b"trap to xxxxxx!"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 4, b"at radio.hill"), b"at xxxxxxxxxx"),
    (Cell((1, 3, 6, 1, 4, 1, 9, 1), 64, "10.1.1.7"), "192.0.2.1"),
    (Cell((1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 1, 1, 7), 64, "10.1.1.7"), None),
    (Cell((1, 0, 8802, 1, 1, 2, 1), 4, b"neighbour"), None),
    (Cell((1, 3, 6, 1, 6, 3, 18, 1, 1), 4, b"other"), None),
]


@pytest.mark.parametrize(("cell", "content"), BLANKS)
def test_secrets_and_addresses_are_blanked(cell: Cell, content: bytes | str | None) -> None:
    """By their object, by what they look like, and by being ours."""
    found = Blanking(["s3cret"], "radio.hill").blank(cell)
    assert (None if found is None else found.content) == content


def test_an_object_whose_index_holds_the_agents_address_is_left_out() -> None:
    """Vendors index their tables by it."""
    blanking = Blanking([], "10.9.8.7")
    assert blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, 10, 9, 8, 7), 2, 1)) is None
    assert blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, 10, 9, 8, 6), 2, 1)) is not None
    assert (blanking.left_out, blanking.blanked) == (1, 0)


def test_a_secret_or_an_address_written_as_an_oid_is_blanked() -> None:
    """Vendors index tables by communities and users, and point with an OID at a row."""
    blanking = Blanking(["s3cret"], "10.9.8.7")
    index = (6, *b"s3cret")
    assert blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, *index), 2, 1)) is None
    for row in ("10.9.8.7", ".".join(map(str, index))):
        pointer = blanking.blank(Cell((1, 3, 6, 1, 4, 1, 9, 1), 6, f"1.3.6.1.4.1.9.{row}.1"))
        assert pointer is not None
        assert pointer.content == "0.0"
    kept = Cell((1, 3, 6, 1, 4, 1, 9, 1), 6, "1.3.6.1.4.1.9.10")
    assert blanking.blank(kept) is kept


@pytest.mark.parametrize(
    ("detail", "blanked"),
    [
        ("nothing came behind 1.3.6.1.2.1.4.20.1.1.10.1.2.3", "1.3.6.1.2.1.4.20..."),
        ("nothing came behind 1.3.6.1.4.1.9.7.10.9.8.7.2", "1.3.6.1.4.1.9.7..."),
        ("nothing came behind 1.3.6.1.4.1.9.7.1", "1.3.6.1.4.1.9.7.1"),
    ],
)
def test_the_reason_of_an_early_end_contains_no_address(detail: str, blanked: str) -> None:
    """The index of the last object may be the address of a neighbour."""
    found = Blanking([], "10.9.8.7").sentence(detail)
    assert found == f"nothing came behind {blanked}"
