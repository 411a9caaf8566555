"""Decodes an agent's answers one after another by what differs. Owns what it remembers of the last.

Two answers to the same GET seldom differ in more than a few octets of a few values. Compared as two
big integers, one XOR shows where; only those values are decoded. A difference in the structure (a
tag, a length, a name, the error status) sends the answer through the whole checked parse. So
exactly what the checked parse accepts is accepted, with the same values (held by tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from monitord.decoding.rules import Raw
from monitord.devices.snmp.ber import (
    KINDS,
    REQUEST_ID_OCTETS,
    Decode,
    NotUnderstoodError,
    Parsed,
    Question,
)

# An answer over a few fragments of Ethernet is rare; each of its places would cost a mask.
_BODY_MAX = 2048
_PLACES_MAX = 255
_LAYOUTS_MAX = 4096
_INTEGER: Final = 0x02
# Tag to most octets. Under the most, the sign bit is clear; at the most, the first octet is zero.
_UNSIGNED: Final = {0x41: 5, 0x42: 5, 0x43: 5, 0x46: 9}
# Neither a message nor a PDU begins so: nothing resembles the answer before the first.
_NO_HEAD: Final = b"\xff"


class _Span(NamedTuple):
    """Where a value stands in the body. ``rest``: a mask of all that follows it.

    ``decode``: None for an unsigned number: its octets may be all that ``structure`` lets through.
    """

    start: int
    stop: int
    rest: int
    decode: Decode | None


class Layout(NamedTuple):
    """Where the values stand in the octets behind the request id.

    ``structure``: a mask of the bits that must not differ. ``owner``: by the number of octets from
    the end, which place has the octet.
    """

    structure: int
    owner: bytes
    spans: tuple[_Span, ...]


class Layouts:
    """The layouts of many agents, each kept once. Bounded: forgets all when it holds too many."""

    def __init__(self) -> None:
        self._layouts: dict[object, Layout] = {}
        self._rests: dict[int, int] = {}

    def layout(self, parsed: Parsed, size: int) -> Layout:
        """Return the layout of an answer of ``size`` octets behind the request id."""
        key = (size, parsed.body_at, *parsed.starts, *parsed.stops, parsed.tags)
        found = self._layouts.get(key)
        if found is None:
            if len(self._layouts) >= _LAYOUTS_MAX:
                self._layouts.clear()
            found = self._layouts[key] = self._build(parsed, size)
        return found

    def _build(self, parsed: Parsed, size: int) -> Layout:
        structure = bytearray(b"\xff" * size)
        owner = bytearray(size + 1)
        spans = []
        places = zip(parsed.starts, parsed.stops, parsed.tags, strict=True)
        for place, (start, stop, tag) in enumerate(places):
            start -= parsed.body_at  # noqa: PLW2901
            stop -= parsed.body_at  # noqa: PLW2901
            structure[start:stop] = bytes(stop - start)
            if tag in _UNSIGNED:
                structure[start] = 0xFF if stop - start == _UNSIGNED[tag] else 0x80
            for octet in range(start, stop):
                owner[size - octet] = place
            decode = None if tag in _UNSIGNED else KINDS[tag]
            spans.append(_Span(start, stop, self._rest(size - stop), decode))
        return Layout(int.from_bytes(structure, "big"), bytes(owner), tuple(spans))

    def _rest(self, octets: int) -> int:
        """Return the mask of the last octets, the same object every time."""
        return self._rests.setdefault(octets, (1 << 8 * octets) - 1)


class DifferenceDecoder:
    """The answers of one agent to one question. ``values``: of the last answer that was taken.

    ``values`` is one list for good, overwritten by each answer.
    """

    __slots__ = (
        "_body",
        "_body_at",
        "_head",
        "_layout",
        "_layouts",
        "_number",
        "_parsed",
        "_question",
        "values",
    )

    def __init__(self, question: Question, layouts: Layouts) -> None:
        self.values: list[Raw] = []
        self._question = question
        self._layouts = layouts
        self._head = _NO_HEAD
        self._body = b""
        self._body_at = 0
        self._number = 0
        # The parse whose layout is not drawn yet: many an answer is followed by none of its length.
        self._parsed: Parsed | None = None
        self._layout: Layout | None = None

    def take(self, datagram: bytes, request_id: bytes) -> tuple[int, ...] | None:
        """Decode the answer to ``request_id`` (four octets) into ``values``.

        Return the places that differ from the answer before, None where there is none.
        Raises NotUnderstoodError; ``values`` is then not to be used until the next that is taken.
        """
        if not datagram.startswith(self._head + request_id):
            return self._parse(datagram, request_id)
        body = datagram[self._body_at :]
        if body == self._body:
            return ()
        if len(body) != len(self._body) or not self._lay_out():
            return self._parse(datagram, request_id)
        layout = self._layout
        assert layout is not None
        number = int.from_bytes(body, "big")
        difference = number ^ self._number
        if difference & layout.structure:
            return self._parse(datagram, request_id)
        changed = self._decode(body, difference, layout)
        self._body = body
        self._number = number
        return changed

    def put(self, raws: Sequence[Raw]) -> tuple[int, ...] | None:
        """Take an answer that was decoded elsewhere; return what ``take`` does."""
        changed = _changed(self.values, raws) if self.values else None
        self.forget()
        self.values[:] = raws
        return changed

    def forget(self) -> None:
        """Compare the next answer with nothing; ``values`` are none until then."""
        self.values.clear()
        self._head, self._body, self._parsed, self._layout = _NO_HEAD, b"", None, None

    def _parse(self, datagram: bytes, request_id: bytes) -> tuple[int, ...] | None:
        parsed = self._question.parse(datagram, request_id)
        changed = self.put(parsed.values)
        self._head = datagram[: parsed.body_at - REQUEST_ID_OCTETS]
        self._body_at = parsed.body_at
        self._body = datagram[parsed.body_at :]
        self._parsed = parsed
        return changed

    def _lay_out(self) -> bool:
        """Draw the layout of the answer before, when it is due; return whether there is one."""
        parsed, self._parsed = self._parsed, None
        if parsed is None:
            return self._layout is not None
        size = len(self._body)
        if size > _BODY_MAX or len(parsed.values) > _PLACES_MAX:
            return False
        self._layout = self._layouts.layout(parsed, size)
        self._number = int.from_bytes(self._body, "big")
        return True

    def _decode(self, body: bytes, difference: int, layout: Layout) -> tuple[int, ...]:
        """Decode the values in which the difference has bits, from the first to the last."""
        values, (_, owner, spans) = self.values, layout
        from_bytes, signed = int.from_bytes, KINDS[_INTEGER]
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
        except NotUnderstoodError:
            # Some values are of this answer, some of the one before: none is to be compared with.
            self.forget()
            raise
        return tuple(changed)


def _changed(before: Sequence[Raw], after: Sequence[Raw]) -> tuple[int, ...]:
    pairs = enumerate(zip(before, after, strict=True))
    return tuple(place for place, (old, new) in pairs if old != new or type(old) is not type(new))
