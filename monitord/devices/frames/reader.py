"""Reads all points of one device with serial frames, within a deadline.

The bus decides whose turn it is and when the line is in step after a fault; the codec decides which
octets are an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from monitord.decoding.rules import Raw
from monitord.devices.bus.bus import Bus, Buses
from monitord.devices.bus.exchange import Probe
from monitord.devices.frames.codec import AnswerSearch, FrameAnswer
from monitord.devices.frames.fields import raw_of
from monitord.devices.frames.model import AnswerRule, FramePoint, FrameSource, Request
from monitord.devices.model import ReadError
from monitord.texts.phrases import phrase

_PROBES_MAX: Final = 3


class FrameReader:
    """One device on a line, one request at a time; requests of no point are never sent.

    Points of a refused request are None; the others are read.
    """

    proven_from = None

    def __init__(self, source: FrameSource, bus: Bus | None = None) -> None:
        self._source = source
        self.bus = Buses().at(source.line) if bus is None else bus
        self._member = self.bus.join(_name(source), source.manners)
        self._requests = {point.request.id: point.request for point in source.points}
        self._searches = {id_: AnswerSearch(one) for id_, one in self._requests.items()}
        self._lost: set[AnswerRule] = set()
        self._probes = self._losses = 0
        self.took = 0
        """Microseconds that the device took for the answers of a read, without lost ones."""

    def __repr__(self) -> str:
        return f"FrameReader({self._source!r})"

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        """Return the raw values in the order of the points, within ``deadline_s`` seconds.

        Points of a refused request are None. Raises ReadError: timeout, refused, unreachable,
        bad_answer, and exception where the device refused all requests.
        """
        return await self._member.read_within(deadline_s, self._read_until)

    async def _read_until(self, deadline: int) -> tuple[Raw, ...]:
        self.took = 0
        was_lost = self._losses
        answers = {
            id_: await self._ask(request, deadline) for id_, request in self._requests.items()
        }
        if self._losses == was_lost:
            self._probes = 0
        if answers and all(answer.is_refusal for answer in answers.values()):
            requests = ", ".join(answers)
            text = phrase("frames.refused", where=self._source.where, requests=requests)
            raise ReadError("exception", text)
        return tuple(_raw(point, answers[point.request.id]) for point in self._source.points)

    async def close(self) -> None:
        """Leave the line; the next read comes back to it."""
        self._member.close()

    async def _ask(self, request: Request, deadline: int) -> FrameAnswer:
        """Return the answer to one request; a lost one is asked for again while there is time.

        The error of a rejected answer names the reason.
        """
        search, member = self._searches[request.id], self._member
        while True:
            search.begin()
            try:
                answer = await self._ask_once(request, search, deadline)
            except ReadError as error:
                self._lost.add(request.answer)
                self._losses += 1
                if member.may_ask_again(error, deadline):
                    continue
                if error.kind != "timeout" or not search.why_not:
                    raise
                text = phrase(
                    "frames.no_answer",
                    error=error.phrase,
                    request=request.id,
                    reason=search.why_not,
                )
                raise ReadError("bad_answer", text) from error
            # Devices answer in order: nothing that was lost before can come any more.
            self._lost.clear()
            self._probes = 0 if self._probes <= _PROBES_MAX else self._probes
            self.took += member.share.took
            return answer

    def _ask_once(
        self, request: Request, search: AnswerSearch, deadline: int
    ) -> Awaitable[FrameAnswer]:
        """Send a request; while a late answer may come, one of another form goes first.

        A device that is always late answers no such request in time: after three it is sent alone,
        and its answer may be of the request before.
        """
        is_known = bool(self._lost) and request.answer not in self._lost
        is_known = is_known or self._probes > _PROBES_MAX
        probe = None if is_known else self._probe(request)
        return self._member.exchange(
            request.octets, search.find, deadline, probe, is_known=is_known, is_brief=True
        )

    def _probe(self, request: Request) -> Probe | None:
        """Return a request whose answer can be no lost one, if the device has such a request.

        The one that the profile names comes first.
        """
        if not self._member.share.owes or not self._lost:
            return None
        named = () if request.probe is None else (request.probe,)
        for one in (*named, *self._requests.values()):
            if one.answer not in self._lost:
                self._probes += 1
                search = AnswerSearch(one)
                return one.octets, search.find
        return None


def _name(source: FrameSource) -> str:
    """Return a name unique on the line: two makes may have the same station, or none."""
    headers = {str(point.request.answer.header) for point in source.points}
    return f"station {source.station or '-'} ({min(headers, default='')})"


def _raw(point: FramePoint, answer: FrameAnswer) -> Raw:
    return None if answer.is_refusal else raw_of(point, answer.frame)
