"""Decodes one agent's responses by the octets that differ from the response before.

Two responses to the same GET seldom differ in more than a few octets of a few values. XOR of both
as big integers shows where, and only those values are decoded. A difference in the structure (a
tag, a length, an OID, the error status) leads to a full parse. So this decoder accepts exactly what
the full parse accepts, with the same values (tests prove it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from monitord.decoding.rules import Raw
from monitord.devices.snmp.ber import (
    REQUEST_ID_OCTETS,
    ParsedResponse,
    ResponseParser,
)
from monitord.devices.snmp.values import VALUE_DECODERS, UnreadableError, ValueDecoder

# A response of several Ethernet fragments is rare, and each of its values needs a mask.
_BODY_MAX = 2048
_PLACES_MAX = 255
_LAYOUTS_MAX = 4096
_INTEGER: Final = 0x02
# Tag to octets that say their number whatever they are; of one more the first is zero.
_PLAIN: Final = {0x02: 4, 0x41: 4, 0x42: 4, 0x43: 4, 0x46: 8, 0x47: 4}
# No message and no PDU begins so: the first response equals no earlier one.
_NO_HEAD: Final = b"\xff"


class _Span(NamedTuple):
    """Where a value is in the body. ``rest``: a mask of all octets after it.

    ``decode``: None for an unsigned number, whose octets ``structure`` keeps readable.
    """

    start: int
    stop: int
    rest: int
    decode: ValueDecoder | None


class Layout(NamedTuple):
    """Where the values are in the body, the octets after the request id.

    ``structure``: a mask of the bits that must not differ. ``owner``: the place of the value that
    has an octet, by the octet's distance from the end.
    """

    structure: int
    owner: bytes
    spans: tuple[_Span, ...]


class Layouts:
    """The layouts of many agents, each stored once. Bounded: drops all when there are too many."""

    def __init__(self) -> None:
        self._layouts: dict[object, Layout] = {}
        self._rests: dict[int, int] = {}

    def layout(self, parsed: ParsedResponse, size: int) -> Layout:
        """Return the layout of a response with ``size`` octets after the request id."""
        odd = tuple(parsed.problems)
        key = (size, parsed.body_at, *parsed.starts, *parsed.stops, parsed.tags, odd)
        found = self._layouts.get(key)
        if found is None:
            if len(self._layouts) >= _LAYOUTS_MAX:
                self._layouts.clear()
            found = self._layouts[key] = self._build(parsed, size)
        return found

    def _build(self, parsed: ParsedResponse, size: int) -> Layout:
        structure = bytearray(b"\xff" * size)
        owner = bytearray(size + 1)
        spans = []
        places = zip(parsed.starts, parsed.stops, parsed.tags, strict=True)
        for place, (start, stop, tag) in enumerate(places):
            start -= parsed.body_at  # noqa: PLW2901
            stop -= parsed.body_at  # noqa: PLW2901
            if place not in parsed.problems:
                structure[start:stop] = _mask(tag, stop - start)
            for octet in range(start, stop):
                owner[size - octet] = place
            is_unsigned = tag in _PLAIN and tag != _INTEGER
            decode = None if is_unsigned else VALUE_DECODERS.get(tag, _never)
            spans.append(_Span(start, stop, self._rest(size - stop), decode))
        return Layout(int.from_bytes(structure, "big"), bytes(owner), tuple(spans))

    def _rest(self, octets: int) -> int:
        """Return the mask of the last octets; equal masks are one object."""
        return self._rests.setdefault(octets, (1 << 8 * octets) - 1)


def _mask(tag: int, octets: int) -> bytes:
    """Return the bits of a readable value that must not differ: then it stays readable."""
    plain = _PLAIN.get(tag)
    if plain is None or octets <= plain:
        return bytes(octets)
    if tag == _INTEGER:
        return b"\xff" * octets
    return b"\xff" * (octets - plain) + bytes(plain)


def _never(content: bytes) -> Raw:
    """Refuse a type that has no decoder; its octets never differ."""
    raise UnreadableError(f"{len(content)} octets of a type that is not decoded")


class DifferenceDecoder:
    """The responses of one agent to one GET. ``values``: of the last response.

    ``values`` is always the same list; each response overwrites it. ``problems``: why values of
    the last response have none, by place; ``surplus``: octets that followed it; ``is_odd``: whether
    it has one of both.
    """

    __slots__ = (
        "_body",
        "_body_at",
        "_head",
        "_layout",
        "_layouts",
        "_number",
        "_parsed",
        "_parser",
        "is_odd",
        "problems",
        "surplus",
        "values",
    )

    def __init__(self, parser: ResponseParser, layouts: Layouts) -> None:
        self.values: list[Raw] = []
        self.problems: dict[int, str] = {}
        self.surplus = 0
        self.is_odd = False
        self._parser = parser
        self._layouts = layouts
        self._head = _NO_HEAD
        self._body = b""
        self._body_at = 0
        self._number = 0
        # Its layout is built when the next response has the same length; often none has.
        self._parsed: ParsedResponse | None = None
        self._layout: Layout | None = None

    def decode(self, datagram: bytes, request_id: bytes) -> tuple[int, ...] | None:
        """Decode the response to ``request_id`` (four octets) into ``values``.

        Return the places that differ from the response before, None after none.
        Raises FastDecodeError; ``values`` is then invalid until the next response.
        """
        if not datagram.startswith(self._head + request_id):
            return self._parse(datagram, request_id)
        body = datagram[self._body_at :]
        if body == self._body:
            return ()
        if len(body) != len(self._body) or not self._build_layout():
            return self._parse(datagram, request_id)
        layout = self._layout
        assert layout is not None
        number = int.from_bytes(body, "big")
        difference = number ^ self._number
        if difference & layout.structure:
            return self._parse(datagram, request_id)
        changed = self._decode(body, difference, layout)
        if changed is None:
            return self._parse(datagram, request_id)
        self._body = body
        self._number = number
        return changed

    def replace(self, raws: Sequence[Raw]) -> tuple[int, ...] | None:
        """Store values that were decoded elsewhere; return what ``decode`` returns."""
        changed = _changed(self.values, raws) if self.values else None
        self.reset()
        self.values[:] = raws
        return changed

    def reset(self) -> None:
        """Compare the next response with none; ``values`` is empty until then."""
        self.values.clear()
        self._head, self._body, self._parsed, self._layout = _NO_HEAD, b"", None, None
        self.problems, self.surplus, self.is_odd = {}, 0, False

    def _parse(self, datagram: bytes, request_id: bytes) -> tuple[int, ...] | None:
        parsed = self._parser.parse(datagram, request_id)
        changed = self.replace(parsed.values)
        self._head = datagram[: parsed.body_at - REQUEST_ID_OCTETS]
        self._body_at = parsed.body_at
        self._body = datagram[parsed.body_at :]
        self._parsed = parsed
        self.problems, self.surplus = parsed.problems, parsed.surplus
        self.is_odd = bool(parsed.problems or parsed.surplus)
        return changed

    def _build_layout(self) -> bool:
        """Build the layout of the response before, if needed; return whether there is one."""
        parsed, self._parsed = self._parsed, None
        if parsed is None:
            return self._layout is not None
        size = len(self._body)
        if size > _BODY_MAX or len(parsed.values) > _PLACES_MAX:
            return False
        self._layout = self._layouts.layout(parsed, size)
        self._number = int.from_bytes(self._body, "big")
        return True

    def _decode(self, body: bytes, difference: int, layout: Layout) -> tuple[int, ...] | None:
        """Decode the values that have bits in the difference, from first to last.

        Return None where one of them cannot be read.
        """
        values, (_, owner, spans) = self.values, layout
        from_bytes, signed = int.from_bytes, VALUE_DECODERS[_INTEGER]
        changed = []
        try:
            while difference:
                place = owner[difference.bit_length() + 7 >> 3]
                start, stop, rest, decode = spans[place]
                content = body[start:stop]
                if decode is None:
                    values[place] = from_bytes(content)
                elif decode is signed:
                    values[place] = from_bytes(content, signed=True)
                else:
                    values[place] = decode(content)
                changed.append(place)
                difference &= rest
        except UnreadableError:
            # Values of two responses are mixed now: compare the next response with none.
            self.reset()
            return None
        return tuple(changed)


def _changed(before: Sequence[Raw], after: Sequence[Raw]) -> tuple[int, ...]:
    pairs = enumerate(zip(before, after, strict=True))
    return tuple(place for place, (old, new) in pairs if old != new or type(old) is not type(new))
