"""BER headers (X.690 §8.1): encodes and reads tags and lengths for every SNMP codec. No values."""

from __future__ import annotations

SEQUENCE = 0x30
INTEGER = 0x02
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06

_LONG = 0x80
# Agents write up to three zero octets before a length of one. No datagram needs a fifth.
_LENGTH_OCTETS_MAX = 4

Span = tuple[int, int]
"""Where the content of a value starts and ends."""


class BerError(ValueError):
    """The octets are not the BER that is expected. The text has no content of the datagram."""


def encoded_length(size: int) -> bytes:
    """Return the length octets in their shortest form."""
    if size < _LONG:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((_LONG | len(octets),)) + octets


def encoded(tag: int, content: bytes) -> bytes:
    """Return a value with its tag and length."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    return bytes((tag,)) + encoded_length(size) + content


def long_length(data: bytes, at: int, first: int) -> tuple[int, int]:
    """Return (start of the content, its size) where the first length octet is over 0x7f.

    ``at``: the octet after ``first``. Raises BerError.
    """
    count = first & 0x7F
    start = at + count
    if not 1 <= count <= _LENGTH_OCTETS_MAX:
        raise BerError("a length is indefinite or too long")
    if start > len(data):
        raise BerError("it is cut short")
    return start, int.from_bytes(data[at:start], "big")


def header_at(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Return (start of the content, its size) of the value at ``at``. Raises BerError.

    The header ends at ``limit`` or before; the content may claim to end behind it.
    """
    start = at + 2
    if start > limit:
        raise BerError("a value without a length")
    size = data[at + 1]
    if size >= _LONG:
        start, size = long_length(data, start, size)
        if start > limit:
            raise BerError("a value without a length")
    return start, size


def content_span(data: bytes, at: int, limit: int) -> Span:
    """Return where the content of the value at ``at`` is; it ends at ``limit`` or before.

    Raises BerError.
    """
    start, size = header_at(data, at, limit)
    if start + size > limit:
        raise BerError("a value is longer than its container")
    return start, start + size


def message_end(datagram: bytes) -> int:
    """Return where the message that a datagram begins with ends; at most the datagram's end.

    Raises BerError where it begins with none.
    """
    if datagram[:1] != bytes((SEQUENCE,)):
        raise BerError("it is no message")
    start, size = header_at(datagram, 0, len(datagram))
    return min(start + size, len(datagram))


def tagged_span(data: bytes, at: int, tag: int, limit: int) -> Span:
    """Return ``content_span`` of a value that must have this tag. Raises BerError."""
    if at < limit and data[at] != tag:
        raise BerError(f"tag 0x{data[at]:02x} where 0x{tag:02x} is expected")
    return content_span(data, at, limit)
