"""Walks and dumps of registers as text files."""

from __future__ import annotations

import pytest

from monitord.devices.recordings import RecordingError, parse_recording


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "it has no object and no register"),
        ("hello\n", "line 1: use three parts with | between them"),
        ("1.3|2|1\n1.3.x|2|1\n", "line 2: is '1.3.x'; use an OID or one of coil, "),
        ("1.3.6|99|1\n", "line 1: tag is '99'; use one of 2, 4, 5, 6, 64, 65, 66, 67, 68, 70"),
        ("1.3.6|2|one\n", "line 1: value is 'one'; use a value of type INTEGER"),
        (f"1.3.6|2|{'1' * 5000}\n", "line 1: value is '11111"),
        ("1.3.6|4x|abc\n", "line 1: value is 'abc'; use a value of type OCTET STRING"),
        ("1.3.4294967296|2|1\n", "line 1: an arc of '1.3.4294967296' is larger than 4294967295"),
        ("coil|1|2\n", "line 1: value is '2'; use 0–1, or - for a missing register"),
        ("coil|65536|1\n", "line 1: wire address is '65536'; use 0–65535"),
        ("coil|1|1\n1.3.6|2|1\n", "it is a walk and a dump of registers at once"),
        ("1.3.6|2:delay|value=1\n", "line 1: 'delay' is not a kind of value that can be read"),
    ],
)
def test_a_mistake_in_a_recording_is_named_with_its_line(content: str, text: str) -> None:
    """Recordings are edited by hand."""
    with pytest.raises(RecordingError) as caught:
        parse_recording(content.encode())
    assert str(caught.value).startswith(text)
