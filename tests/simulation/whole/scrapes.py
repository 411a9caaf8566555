"""What ``/metrics`` says while monitord runs is true: states, ages, open incidents, counters.

A state is judged where it can be known: the programme was on, or off, for so long without a change
that its devices must have shown it, and they answered. Reads the text as a scraper does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from simulators.plant.signals import Signal
from tests.simulation.facts import SECOND, Span
from tests.simulation.meter import METERED
from tests.simulation.observer.hours import EDGE
from tests.simulation.observer.truth import Truth, where
from tests.simulation.observer.verdict import Verdict
from tests.simulation.whole.history import Scrape, WholeHistory
from tests.simulation.whole.lowered import FULL_W
from tests.simulation.whole.site import TIMED

STATE, OPEN = "monitord_programme_state", "monitord_incidents_open"
AGE, REMARKS = "monitord_device_age_seconds", "monitord_device_remarks_total"
SECONDS, OFF = (
    "monitord_programme_state_seconds_total",
    "monitord_programme_off_air_seconds_total",
)
_NAMES = f"{STATE}|{OPEN}|{AGE}|{REMARKS}|{SECONDS}|{OFF}"
_SAMPLE = re.compile(rf"^({_NAMES})\{{(.*)\}} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
SETTLING = 5 * SECOND
AT_ONCE = SECOND // 10
"""An answer is known to the poller before it is handed over, by two slots of its grid at most."""
ROUNDED = 2_000

Samples = dict[tuple[str, ...], float]
"""By family and the values of the labels, in their order."""


def check_scrapes(history: WholeHistory, verdict: Verdict) -> None:
    """Check every text that was scraped."""
    truth = Truth(history.facts, history.up, history.lost_polls, history.attempts)
    states = _States(truth, history)
    opened = _open_counts(history)
    before: Samples = {}
    before_at = history.plant.begin
    for scrape in history.scrapes:
        samples = _read(scrape.text)
        verdict.counts["scrapes"] += 1
        states.check(scrape.at, samples, verdict)
        _check_ages(history, scrape, samples, verdict)
        _check_open(opened, scrape, samples, verdict)
        _check_counters(before, samples, (scrape.at, truth.facts.hours), verdict)
        _check_restarts(history, (before_at, before), (scrape.at, samples), verdict)
        before, before_at = samples, scrape.at


def _read(text: str) -> Samples:
    return {
        (name, *(value for _, value in _LABEL.findall(labels))): float(number)
        for name, labels, number in _SAMPLE.findall(text)
    }


@dataclass(frozen=True, slots=True)
class _States:
    """Judges the state of each programme."""

    truth: Truth
    history: WholeHistory

    def check(self, at: int, samples: Samples, verdict: Verdict) -> None:
        """Each programme has one state, and it is the true one where that can be known."""
        for name in self.truth.facts.programmes:
            now = [key[2] for key, number in samples.items() if key[:2] == (STATE, name) and number]
            if not now and name == "m5":
                continue
            verdict.must("scrape", len(now) == 1, f"{name} is {now} at {at}")
            allowed = self._allowed(name, at) if name != "m5" else None
            if allowed is not None:
                verdict.counts["states_scraped"] += 1
                verdict.counts["off_air_scraped"] += now == ["off_air"]
                text = f"{name} is {now} at {at}, and was {allowed}"
                verdict.must("scrape", set(now) <= set(allowed), text)

    def _allowed(self, name: str, at: int) -> tuple[str, ...] | None:
        """Return what it may be, None where that cannot be known."""
        truth, facts = self.truth, self.truth.facts
        since = at - max(way.shortest for way in facts.blind_by[name]) - SETTLING
        span = since, at
        devices = truth.devices_of(name)
        if truth.watched_devices(devices, span) != [span] or self._is_lost(devices, span):
            return None
        off = truth.off[name].within(*span)
        if off not in (0, at - since):
            return None
        if any(since <= reload <= at for reload in facts.reloads):
            return None
        hours = facts.hours.get(name)
        if truth.opens_in(name, since - EDGE, at + EDGE):
            return None
        surely = hours is None or _is_whole(hours.surely, span)
        perhaps = hours is None or bool(where(hours.perhaps, *span).spans)
        if not perhaps:
            return ("closed",)
        found = ("off_air",) if off else self._on(name, span)
        return found if surely else (*found, "closed", "between")

    def _is_lost(self, devices: Collection[str], span: Span) -> bool:
        """Return whether two polls in a row of one of the devices got lost."""
        places = self.truth.facts.places.values()
        return any(
            self.truth.polls_lost_in_a_row(place, span)
            for place in places
            if not set(devices).isdisjoint(place.devices)
        )

    def _on(self, name: str, span: Span) -> tuple[str, ...]:
        """Return how it may be on the air: a changeover is proven by two devices."""
        devices = self.truth.devices_of(name)
        if METERED not in devices:
            carriers = [one for one in self.history.plant.devices if one.id in devices]
            moves = any(signal.changes(*span) for one in carriers for signal in one.reported)
            return ("on_air", "between") if moves else ("on_air",)
        power = self.history.plant.power
        reduced = where(power.map(lambda watts: watts < FULL_W), *span).within(*span)
        if reduced in (0, span[1] - span[0]):
            return ("degraded",) if reduced else ("on_air",)
        return ("on_air", "degraded", "between")


def _is_whole(signal: Signal[bool], span: Span) -> bool:
    return where(signal, *span).within(*span) == span[1] - span[0]


def _check_ages(history: WholeHistory, scrape: Scrape, samples: Samples, verdict: Verdict) -> None:
    """The age of a device is that of its last answer in this life."""
    begun = max(at for at in history.lives if at <= scrape.at)
    for device, answers in history.asked.items():
        shown = samples.get((AGE, device))
        if shown is None or shown < 0:
            continue
        sent = scrape.at - round(shown * SECOND)
        near = bisect_right(answers, (sent + ROUNDED, True))
        known = [at for at, answered in answers[max(0, near - 2) : near] if answered]
        is_one = any(abs(at - sent) <= ROUNDED and at >= begun for at in known)
        later = [at for at, answered in answers[near:] if answered and at < scrape.at]
        is_last = not later or later[0] > scrape.at - SECOND * 5
        verdict.counts["ages_scraped"] += 1
        text = f"{device} is {shown} s old at {scrape.at}, asked at {sent}, later {later[:1]}"
        verdict.must("scrape", is_one and is_last, text)


def _open_counts(history: WholeHistory) -> list[int]:
    """Return how many incidents were open behind each event."""
    open_now = 0
    found = [0]
    for event in history.events:
        open_now += {"incident_opened": 1, "incident_closed": -1}.get(event.kind, 0)
        found.append(open_now)
    return found


def _check_open(opened: Sequence[int], scrape: Scrape, samples: Samples, verdict: Verdict) -> None:
    shown = sum(number for key, number in samples.items() if key[0] == OPEN)
    events = opened[scrape.events_before : scrape.events_after + 1]
    text = f"{shown} incidents are open at {scrape.at}, by the record {events[-1]}"
    verdict.must("scrape", shown in events, text)


def _check_counters(
    before: Samples, samples: Samples, now: tuple[int, Collection[str]], verdict: Verdict
) -> None:
    """What is settled is never taken back, over restarts neither.

    Of programmes with hours a clock that is placed again takes back what it had counted in them.
    """
    at, with_hours = now
    for key, number in samples.items():
        if key[0] in (SECONDS, OFF) and key in before:
            verdict.counts["counters_scraped"] += 1
            is_back = number < before[key]
            if is_back and any(name in with_hours for name in key):
                verdict.counts["taken_back_by_clock"] += 1
                continue
            text = f"{key} went from {before[key]} to {number} at {at}"
            verdict.must("scrape", not is_back, text)


def _check_restarts(
    history: WholeHistory,
    before: tuple[int, Samples],
    after: tuple[int, Samples],
    verdict: Verdict,
) -> None:
    """A restart of an agent is remarked only where it began again."""
    key = REMARKS, TIMED, "restarts"
    more = after[1].get(key, 0) - before[1].get(key, 0)
    if more > 0:
        verdict.counts["restarts_remarked"] += 1
        starts = history.weather.agent_starts[TIMED][1:]
        # It is noticed by the first answer behind it: the device may have been silent meanwhile.
        known = [at for at in starts if at < after[0]]
        text = f"{TIMED} is said to have begun again before {after[0]}"
        verdict.must(
            "scrape", bool(known) and _no_answer_between(history, known[-1], before[0]), text
        )


def _no_answer_between(history: WholeHistory, start: int, scraped: int) -> bool:
    answers = [at for at, answered in history.asked[TIMED] if answered]
    return not any(start < at < scraped - SECOND for at in answers)
