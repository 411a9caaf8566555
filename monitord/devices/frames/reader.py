"""Reads all points of one device with serial frames, within a deadline.

The bus decides whose turn it is and when the line is in step after a fault; the codec decides which
octets are an answer.
"""

from __future__ import annotations

from monitord.decoding.rules import Raw
from monitord.devices.bus.bus import Bus, Buses
from monitord.devices.frames.codec import AnswerSearch, FrameAnswer
from monitord.devices.frames.fields import raw_of
from monitord.devices.frames.model import FramePoint, FrameSource, Request
from monitord.devices.model import ReadError
from monitord.texts.phrases import phrase


class FrameReader:
    """One device on a line, one request at a time; requests of no point are never sent.

    Points of a refused request are None; the others are read.
    """

    def __init__(self, source: FrameSource, bus: Bus | None = None) -> None:
        self._source = source
        self.bus = Buses().at(source.line) if bus is None else bus
        self._member = self.bus.join(_name(source), source.manners)
        self._requests = {point.request.id: point.request for point in source.points}

    def __repr__(self) -> str:
        return f"FrameReader({self._source!r})"

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the raw values in the order of the points, within ``deadline_s`` seconds.

        Points of a refused request are None. Raises ReadError: timeout, refused, unreachable,
        bad_answer, and exception where the device refused all requests.
        """
        return await self._member.read_within(deadline_s, self._read_until)

    async def _read_until(self, deadline: int) -> tuple[Raw, ...]:
        answers = {
            id_: await self._ask(request, deadline) for id_, request in self._requests.items()
        }
        if answers and all(answer.is_refusal for answer in answers.values()):
            requests = ", ".join(answers)
            text = phrase("frames.refused", where=self._source.where, requests=requests)
            raise ReadError("exception", text)
        return tuple(_raw(point, answers[point.request.id]) for point in self._source.points)

    async def close(self) -> None:
        """Leave the line; the next read comes back to it."""
        self._member.close()

    async def _ask(self, request: Request, deadline: int) -> FrameAnswer:
        """Return the answer to one request; the error of a rejected answer names the reason."""
        search = AnswerSearch(request)
        try:
            return await self._member.exchange(request.octets, search.find, deadline)
        except ReadError as error:
            if error.kind != "timeout" or not search.why_not:
                raise
            text = phrase(
                "frames.no_answer", error=error.phrase, request=request.id, reason=search.why_not
            )
            raise ReadError("bad_answer", text) from error


def _name(source: FrameSource) -> str:
    """Return a name unique on the line: two makes may have the same station, or none."""
    headers = {str(point.request.answer.header) for point in source.points}
    return f"station {source.station or '-'} ({min(headers, default='')})"


def _raw(point: FramePoint, answer: FrameAnswer) -> Raw:
    return None if answer.is_refusal else raw_of(point, answer.frame)
