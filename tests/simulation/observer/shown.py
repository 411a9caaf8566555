"""What the devices of the plant showed: at a moment, as far as it may be known then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from simulators.plant.signals import Signal
from tests.simulation.facts import SECOND, Span
from tests.simulation.observer.truth import Truth

SEEN_WITHIN = 5 * SECOND
"""So much longer than a condition needs to be proven may pass until a message is composed."""


def had(shown: Signal[bool], value: bool, span: Span) -> bool:
    """Return whether a signal had a value at any moment of a span, both ends included."""
    return shown.at(span[0]) is value or bool(shown.changes(span[0], span[1] + 1))


@dataclass
class Shown:
    """Questions to what was shown in one history."""

    truth: Truth

    def was(self, condition: str, value: bool, since: int, until: int) -> bool:
        """Return whether a condition had a value, or was last known to have it, in a span."""
        shown = self.truth.facts.shown[condition]
        return had(shown, value, (self._back(condition, since), until))

    def _back(self, condition: str, at: int) -> int:
        """Return since when a state may be all that is known of a condition at a moment."""
        facts = self.truth.facts
        known = facts.watched[condition]
        needs = known.shortest + facts.lags[condition] - known.lag + SEEN_WITHIN
        return self.earlier(at, needs)

    def earlier(self, at: int, needs: int) -> int:
        """Return a moment so long before another, and earlier by what monitord did not run."""
        since = at - needs
        return since - self.truth.down.within(since, at)

    def was_silent(self, device: str, since: int, until: int) -> bool:
        """Return whether a device gave no answer in a span; at one moment a lost poll is enough."""
        truth, span = self.truth, self.since_bound(device, since, until)
        gone = truth.not_asked[device].parts(*span) if device in truth.not_asked else []
        slot = next(one.slot for one in truth.facts.watched.values() if one.device == device)
        lost = truth.lost_a_poll if since == until else partial(truth.lost_in_a_row, slot=slot)
        if gone or lost(device, span=span):
            return True
        facts = truth.facts
        return had(facts.no_answer.get(device, facts.silent[device]), True, span)

    def was_without_value(self, device: str, since: int, until: int) -> bool:
        """Return whether a device answered in a span without a value that can be."""
        facts, span = self.truth.facts, self.since_bound(device, since, until)
        moments = facts.wrong_readings.get(device, ())
        is_wrong = any(span[0] <= at <= span[1] for at in moments)
        if device not in facts.no_value:
            return is_wrong
        # What is read more rarely has no value right behind a start.
        is_new = any(span[0] <= begin <= span[1] for begin, _ in self.truth.up.spans)
        return is_wrong or is_new or had(facts.no_value[device], True, span)

    def changed(self, device: str, at: int) -> bool:
        """Return whether a value of a device changed about a moment."""
        shown = self.truth.facts.shown.items()
        mine = (signal for name, signal in shown if name.partition(".")[0] == device)
        span = self.since_bound(device, at, at)
        return any(signal.changes(span[0], at + at - span[0]) for signal in mine)

    def since_bound(self, device: str, since: int, until: int) -> Span:
        """Return a span, begun earlier by what a device needs to be known at its begin."""
        watched = [one for one in self.truth.facts.watched.values() if one.device == device]
        return self.earlier(since, max(one.shortest for one in watched)), until

    def is_seen(self, device: str, at: int) -> bool:
        """Return whether a device has been asked and has answered for long enough."""
        watched = [one for one in self.truth.facts.watched.values() if one.device == device]
        since = at - max(one.shortest for one in watched)
        span = since, at
        return not (self.truth.no_answer(device, span) or self.truth.down.parts(*span))

    def chain(self, programme: str) -> set[str]:
        """Return the devices that a programme may be off the air by."""
        facts = self.truth.facts
        found = set(self.truth.devices_of(programme))
        for device, gear in facts.gear.items():
            if programme in gear.carries:
                found |= {device, *(name.partition(".")[0] for name in gear.carries[programme])}
        known = facts.blames.get(programme)
        return found.union(known.devices) if known is not None else found
