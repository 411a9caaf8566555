"""Walks and dumps of registers as text files."""

from __future__ import annotations

import pytest

from monitord.devices.recordings import RecordingError, parse_recording


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "no object and no register stands in it"),
        ("hello\n", "line 1: got no line of three parts with | between them"),
        ("1.3|2|1\n1.3.x|2|1\n", "line 2: got '1.3.x', must be an OID or one of coil, "),
        ("1.3.6|99|1\n", "line 1: tag '99' is none of 2, 4, 5, 6, 64, 65, 66, 67, 68, 70"),
        ("1.3.6|2|one\n", "line 1: invalid literal for int() with base 10: 'one'"),
        ("1.3.6|4x|abc\n", "line 1: non-hexadecimal number found in fromhex() arg at position 3"),
        ("1.3.4294967296|2|1\n", "line 1: an arc of '1.3.4294967296' is larger than 4294967295"),
        ("coil|1|2\n", "line 1: value '2' is not 0..1, nor -"),
        ("coil|65536|1\n", "line 1: wire address '65536' is not 0..65535"),
        ("coil|1|1\n1.3.6|2|1\n", "it is a walk and a dump of registers at once"),
        ("1.3.6|2:delay|value=1\n", "line 1: 'delay' is no kind of value that can be read"),
    ],
)
def test_a_mistake_in_a_recording_is_named_with_its_line(content: str, text: str) -> None:
    """Recordings are edited by hand."""
    with pytest.raises(RecordingError) as caught:
        parse_recording(content.encode())
    assert caught.value.mistakes[0].startswith(text)
