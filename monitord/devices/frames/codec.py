"""Finds the answer to one request in the octets of a line. Sans-IO: knows no line, no clock.

A serial line brings noise, half frames, echoes of the request, and late answers. An octet may look
like the begin of a frame and be none: then the search continues at the next octet, not behind the
length that the false frame has. A frame must be correct in all parts: header, length, end, check,
and the match with the request. An uncertain frame is rejected: no value is better than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from monitord.devices.frames.checksums import is_right
from monitord.devices.frames.model import AnswerRule, LengthField, Pattern, Request
from monitord.devices.model import ReadError
from monitord.texts.phrases import phrase

RECEIVED_MAX: Final = 4096
"""More octets than this after one request are a fault of the line."""

BEGINNINGS_MAX: Final = 256
"""Maximum of places that look like a header and are tried."""

SHOWN_MAX: Final = 24
"""Maximum of octets shown to people."""

# Octets of an RS-485 driver that switches off (a spike reads as ones above zeros); CR and LF.
_LET_GO: Final = frozenset(b"\x00\x80\xc0\xe0\xf0\xf8\xfc\xfe\xff\r\n")


@dataclass(frozen=True, slots=True)
class FrameAnswer:
    """A whole frame, with its data unshifted. ``is_refusal``: the device refused the request."""

    frame: bytes
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """No answer begins here. ``octets``: how many to skip; ``why``: for people.

    ``frame``: the frame that would be an answer if nothing followed it.
    """

    why: str = ""
    octets: int = 1
    frame: bytes = b""


# None: more octets may make it an answer.
_Verdict = FrameAnswer | _NoAnswer | None


@dataclass(slots=True)
class AnswerSearch:
    """The search for the answer to ``request``.

    ``why_not``: why the last whole frame was no answer. The search keeps its position: octets that
    come one by one are each looked at once.
    """

    request: Request
    why_not: str = ""
    _seen: bytes = b""
    _scanned: int = 0
    _begun: int = 0
    _open: list[int] = field(default_factory=list)
    _disputed: bytes = b""

    def find(self, received: bytes) -> tuple[FrameAnswer, int] | None:
        """Return the answer and where it ends, or None while it is not there.

        ``received``: all that came since the request went out. Raises ReadError("bad_answer") where
        the line brings octets without end, or two whole answers that differ.
        """
        if not received.startswith(self._seen):
            self._begin()  # the request was sent again
        self._seen = received
        self._note_beginnings(received)
        found = self._check_open(received)
        if found is None and (len(received) > RECEIVED_MAX or self._begun > BEGINNINGS_MAX):
            key = "frames.noise" if self.why_not else "frames.noise.plain"
            raise ReadError("bad_answer", phrase(key, octets=len(received), reason=self.why_not))
        return found

    def begin(self) -> None:
        """Forget what came: the request is sent again."""
        self._begin()
        self.why_not = ""

    def _begin(self) -> None:
        self._seen = b""
        self._scanned = self._begun = 0
        self._open = []
        self._disputed = b""

    def _check_open(self, received: bytes) -> tuple[FrameAnswer, int] | None:
        """Check the begun frames that are not decided yet, in the order they came."""
        request = self.request.octets
        behind = echo = len(request) if received.startswith(request) else 0
        still_open: list[int] = []
        for at in self._open:
            if at < behind:
                continue
            verdict = _check_frame(self.request, received, echo, at)
            if isinstance(verdict, FrameAnswer):
                end = at + len(verdict.frame)
                if self._disputed not in (b"", received[at:end]):
                    raise ReadError("bad_answer", phrase("bus.two_answers"))
                self._begin()
                return verdict, end
            if verdict is None:
                still_open.append(at)
            else:
                behind = at + verdict.octets
                self._disputed = self._disputed or verdict.frame
                self.why_not = verdict.why or self.why_not
        self._open = still_open
        return None

    def _note_beginnings(self, received: bytes) -> None:
        """Note the new places at which a header begins."""
        lead = self.request.answer.header.lead
        at = received.find(lead, self._scanned, RECEIVED_MAX)
        while at >= 0 and self._begun <= BEGINNINGS_MAX:
            self._open.append(at)
            self._begun += 1
            self._scanned = at + 1
            at = received.find(lead, self._scanned, RECEIVED_MAX)
        self._scanned = max(self._scanned, len(received) - len(lead) + 1)


def _check_frame(request: Request, received: bytes, echo: int, at: int) -> _Verdict:
    """Return what begins at ``at``. ``echo``: count of first octets that echo the request."""
    rule = request.answer
    begun = received[at:]
    if not rule.header.matches(begun):
        return _NoAnswer()
    length = _length(rule, begun)
    if not isinstance(length, int):
        return length
    if len(begun) < length:
        return None
    frame, after = begun[:length], begun[length:]
    if why := _malformed(rule, frame):
        return _NoAnswer(why)
    if why := _begun_before(rule, received[echo:at]):
        return _NoAnswer(why)
    verdict = _meant(request, frame)
    if why := _followed(rule, after):
        return _NoAnswer(why, frame=frame if isinstance(verdict, FrameAnswer) else b"")
    return verdict


def _meant(request: Request, frame: bytes) -> FrameAnswer | _NoAnswer:
    """Return whether a correct frame answers the request."""
    rule = request.answer
    if request.octets.endswith(frame):
        return _NoAnswer("the request came back", len(frame))
    if rule.refused and _all_match(rule.refused, frame):
        return FrameAnswer(frame, is_refusal=True)
    if not _all_match(rule.match, frame):
        return _NoAnswer("it answers another request", len(frame))
    return FrameAnswer(_unshifted(rule, frame))


def _length(rule: AnswerRule, begun: bytes) -> int | _NoAnswer | None:
    """Return the length of the frame that begins so; None while it is not known."""
    match rule.length:
        case int():
            return rule.length
        case LengthField() as field_:
            length = _said_length(field_, begun)
        case None:
            length = _length_to_end(rule, begun)
    if length is not None and not rule.least <= length <= rule.longest:
        return _NoAnswer(f"its length would be {length}, not {rule.least} to {rule.longest}")
    return length


def _said_length(field_: LengthField, begun: bytes) -> int | None:
    octets = begun[field_.at : field_.at + field_.size]
    if len(octets) < field_.size:
        return None
    if not field_.as_text:
        return int.from_bytes(octets, field_.byte_order) + field_.plus
    return int(octets, 16) + field_.plus if is_hexadecimal(octets) else -1


def _length_to_end(rule: AnswerRule, begun: bytes) -> int | None:
    """Return the length up to the first end; where there is none in time, one too many."""
    at = begun.find(rule.end, len(rule.header.octets), rule.longest)
    if at >= 0:
        return at + len(rule.end)
    return None if len(begun) < rule.longest else rule.longest + 1


def _malformed(rule: AnswerRule, frame: bytes) -> str:
    """Return what is wrong with a whole frame, or an empty text."""
    if not frame.endswith(rule.end):
        return f"it ends in {shown(frame[-len(rule.end) :])}, not in {shown(rule.end)}"
    if rule.separator and rule.end and rule.end in frame[: -len(rule.end)]:
        return "the end mark occurs inside it"
    if not is_right(rule.check, frame):
        return f"its check ({rule.check.kind}) is wrong"
    if rule.field_count is not None:
        count = len(text_fields(rule, frame))
        if count != rule.field_count:
            return f"it has {count} fields, not {rule.field_count}"
    return ""


def _begun_before(rule: AnswerRule, before: bytes) -> str:
    """Return what before a frame makes it uncertain, or an empty text.

    Without a check only the first frame to begin is accepted: a later one may be a part of it.
    """
    if rule.check.kind == "none" and rule.header.lead[:1] in before:
        return "it has no check, and something began before it"
    return ""


def _followed(rule: AnswerRule, after: bytes) -> str:
    """Return what after a frame makes it uncertain, or an empty text.

    Inserted octets push the last ones out of a frame, and one check in 256 or 65,536 is right by
    chance. So no second end may follow; where frames have no end, only octets of a driver that
    switches off. A second answer must be equal to the first.
    """
    if rule.end:
        return "another end follows it" if rule.end in after else ""
    return "" if _LET_GO.issuperset(after) else "more follows it"


def _all_match(patterns: tuple[tuple[int, Pattern], ...], frame: bytes) -> bool:
    """Return whether a frame has every pattern whole at its place."""
    return all(
        at + len(pattern.octets) <= len(frame) and pattern.matches(frame, at)
        for at, pattern in patterns
    )


def _unshifted(rule: AnswerRule, frame: bytes) -> bytes:
    """Return the frame with the shift of its data removed."""
    if rule.shift is None:
        return frame
    first, last, _ = slice(rule.shift.first, rule.shift.last).indices(len(frame))
    data = bytes((octet - rule.shift.value) & 0xFF for octet in frame[first:last])
    return frame[:first] + data + frame[first + len(data) :]


def text_fields(rule: AnswerRule, frame: bytes) -> list[bytes]:
    """Return the fields of a text frame, without its header, check and end."""
    body = frame[len(rule.header.octets) : len(frame) - rule.tail]
    return body.split(rule.separator)


def is_hexadecimal(octets: bytes) -> bool:
    """Return whether these are hexadecimal digits and nothing else."""
    return bool(octets) and all(octet in b"0123456789ABCDEFabcdef" for octet in octets)


def shown(octets: bytes) -> str:
    """Return a few octets for people."""
    more = " ..." if len(octets) > SHOWN_MAX else ""
    return (octets[:SHOWN_MAX].hex(" ").upper() or "nothing") + more
