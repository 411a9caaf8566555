"""The omniscient observer: holds the record and the messages against what truly happened.

Knows every fault that was put into the plant and what each person received. Nothing here imports
monitord but its codec: none of the core's judgement is used to judge it. Owns the order of checks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from tests.simulation.facts import Facts, Span
from tests.simulation.observer import (
    blame,
    blindness,
    cause,
    channels,
    clock,
    degraded,
    figures,
    hours,
    incidents,
    lateness,
    ledger,
    order,
    overtaken,
    recovery,
    reserve,
    sentences,
    shared,
    suspected,
    witnesses,
)
from tests.simulation.observer.reader import Text
from tests.simulation.observer.truth import Tried, Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Message, Word, read_word


class Observed(Protocol):
    """What one history left: the truth, the record, the messages."""

    @property
    def facts(self) -> Facts: ...
    @property
    def up(self) -> list[Span]: ...
    @property
    def lost_polls(self) -> dict[str, list[int]]: ...
    @property
    def problems(self) -> list[str]: ...
    @property
    def events(self) -> Sequence[ledger.Recorded]: ...
    @property
    def received(self) -> Sequence[Message]: ...
    @property
    def written(self) -> Iterable[tuple[Message, Sequence[Text]]]: ...
    @property
    def attempts(self) -> Sequence[Tried]: ...
    @property
    def losses(self) -> tuple[int, int, int]: ...
    @property
    def counts(self) -> dict[str, int]: ...


def observe(
    history: Observed,
    known: Collection[str],
    columns: hours.Columns | None = None,
    overtaken_by: Sequence[overtaken.Overtaking] = (),
) -> Verdict:
    """Check everything that must be true of one history; ``known`` subjects are only counted.

    ``columns``: what the ledger counted up to the end, where that was asked. ``overtaken_by``: the
    answers that came in before those to earlier requests.
    """
    verdict = Verdict(known)
    truth = Truth(history.facts, history.up, history.lost_polls, history.attempts)
    events = list(history.events)
    for problem in history.problems:
        verdict.must("record", False, problem)
    ledger.check_order(events, verdict)
    pieces = ledger.pieces_of(events, list(truth.off))
    ledger.check_pieces(truth, pieces, verdict)
    degraded.check_pieces(truth, pieces, verdict)
    blindness.check_presumed(truth, events, pieces, verdict)
    overtaken.check_held(truth, events, overtaken_by, verdict)
    hours.check_columns(truth, columns or {}, pieces, verdict)
    words = sorted((read_word(message) for message in history.received), key=lambda w: w.at)
    _check_demands(truth, words, verdict)
    incidents.check_turns(truth, events, words, verdict)
    _check_words(truth, words, verdict)
    sentences.check(truth, ((read_word(m), texts) for m, texts in history.written), verdict)
    people = truth.facts.people
    for check in (
        recovery.check_told,
        blindness.check_told,
        reserve.check_told,
        clock.check_told,
        shared.check_told,
        witnesses.check_told,
        degraded.check_told,
    ):
        check(truth, words, people, verdict)
    clock.check_labels(truth, history.received, verdict)
    channels.check_duplicates(*history.losses, verdict)
    channels.check_first_words(history.received, verdict)
    channels.check_last_words(history.received, events, people, truth.facts.end, verdict)
    order.check_alike(truth, people, verdict)
    order.check_closings(truth, events, people, verdict)
    for name, count in history.counts.items():
        verdict.counts[name] += count
    verdict.counts["messages"] += len(words)
    verdict.counts["events"] += len(events)
    verdict.counts["faults"] += len({fault.id for fault in truth.facts.injected})
    return verdict


def _check_words(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    incidents.check_false(truth, words, verdict)
    cause.check_places(truth, words, verdict)
    cause.check_one_incident(truth, words, verdict)
    blame.check_moments(truth, words, verdict)
    figures.check_figures(truth, words, verdict)
    order.check_restoration(truth, words, verdict)
    recovery.check_moments(truth, words, verdict)
    blindness.check_true(truth, words, verdict)
    reserve.check_true(truth, words, verdict)
    clock.check_true(truth, words, verdict)
    hours.check_words(truth, words, verdict)
    suspected.check_true(truth, words, verdict)
    witnesses.check_true(truth, words, verdict)
    if truth.facts.degraded:
        degraded.check_true(truth, words, verdict)


def _check_demands(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    for demand in incidents.demands(truth, verdict):
        excuse = incidents.excuse_of(truth, demand)
        for person in truth.facts.people:
            verdict.counts["demands"] += 1
            told = incidents.words_of(words, person, demand)
            if told:
                if not incidents.is_held_off(words, person, demand, told):
                    same = incidents.words_of_same(words, person, told)
                    lateness.check_first_word(truth, demand, person, (told, same), verdict)
                    order.check_overtaken(truth, demand, person, verdict)
                if demand.fault.goes_on or demand.place.seen_first_at:
                    mine = incidents.words_of_same(words, person, told)
                    lateness.check_moved(truth, demand, person, mine, verdict)
                if excuse is None and not lateness.is_known_off(demand, person, words, told):
                    same = incidents.words_of_same(words, person, told)
                    before = [w for w in same if w.composed < demand.span[0]]
                    cause.check_named(truth, demand, (told, before), person, verdict)
            elif lateness.is_withdrawn(truth, demand, person):
                verdict.counts["withdrawn_before_due"] += 1
            elif excuse is not None:
                verdict.excuse(excuse)
            else:
                verdict.counts["missed"] += 1
                text = f"nobody told {person.id} of {demand}"
                verdict.must("incidents", False, text)
