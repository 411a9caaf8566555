"""A witness outside the chain: what it contradicts, what it alone knows, and what it clears.

Both hold something else: nobody knows, and people get that. The chain falls silent and the witness
receives nothing: that is a suspicion. It receives: then the programme is on the air, not unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulators.plant.signals import Signal, both, either
from tests.simulation.facts import SECOND, PersonFacts, Span, WitnessFacts
from tests.simulation.observer.incidents import OFF, SUSPECTED
from tests.simulation.observer.lateness import CALM, channel_slack
from tests.simulation.observer.truth import Intervals, Truth, where
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import Member, Word

DISPUTED = "disputed"
SHOWN = 20 * SECOND
"""So long before it is reported it may have begun or ended: a proof, its bound, a lost poll."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What one person must get of a programme: one of ``faults`` while ``devices`` show it."""

    programme: str
    witness: WitnessFacts
    faults: tuple[str, ...]
    devices: tuple[str, ...]
    person: PersonFacts

    def __str__(self) -> str:
        return f"{self.person.id} was not told that {self.programme} is {self.faults[-1]}"


def check_told(
    truth: Truth, words: list[Word], people: Sequence[PersonFacts], verdict: Verdict
) -> None:
    """Each contradiction, and each suspicion by a witness, is reported in time."""
    for programme, witness in truth.facts.witnesses.items():
        both_of = witness.device, witness.sender
        alone = _where(truth, both(witness.unheard, truth.facts.silent[witness.sender]))
        for person in people:
            mine = [word for word in words if word.person == person.id]
            case = _Case(programme, witness, (DISPUTED,), both_of, person)
            for span in disputed_in(truth, programme).spans:
                _check_case(truth, case, span, mine, verdict)
            case = _Case(programme, witness, OFF, both_of[:1], person)
            for span in alone.spans:
                _check_case(truth, case, span, mine, verdict)


def disputed_in(truth: Truth, programme: str) -> Intervals:
    """Return when a healthy witness does not receive what is on the air."""
    witness = truth.facts.witnesses[programme]
    return _where(truth, both(witness.unheard, truth.facts.on_air[programme]))


def _where(truth: Truth, signal: Signal[bool]) -> Intervals:
    return where(signal, truth.facts.begin, truth.facts.end)


def _check_case(truth: Truth, case: _Case, span: Span, mine: list[Word], verdict: Verdict) -> None:
    latest = _latest(truth, case, span)
    if latest is None or latest >= truth.facts.end:
        return
    verdict.counts["demands"] += 1
    verdict.counts[f"{case.faults[-1]}_demands"] += 1
    told = any(word.at <= latest and _tells(word, case, span) for word in mine)
    verdict.counts["missed"] += not told
    verdict.must("witnesses", told, f"{case} in {span}")


def _latest(truth: Truth, case: _Case, span: Span) -> int | None:
    """Return by when the person must have it; None where it was not watched for long enough."""
    detected = 2 * case.witness.condition.shortest
    watched = truth.watched_devices(case.devices, span)
    stretch = next((part for part in watched if part[1] - part[0] > detected), None)
    if stretch is None or _lost(truth, case, (stretch[0], stretch[0] + detected)):
        return None
    severity = truth.facts.programmes[case.programme].off_air.severity
    due = stretch[0] + detected + case.person.tell_after[severity]
    if stretch[1] <= due:
        # It is over, or not seen any more, before its word was due.
        due = truth.calm((case.programme,), span[1], CALM) + detected
        due, severity = due + _unsettled(truth, case, span), "closed"
    return truth.running(due, channel_slack(truth, case.person, due, severity))


def _unsettled(truth: Truth, case: _Case, span: Span) -> int:
    """Return how long behind its end the programme is not seen well, which keeps it open."""
    behind = span[1], span[1] + 2 * CALM
    spans = truth.unseen[case.programme], disputed_in(truth, case.programme)
    return sum(2 * hidden.within(*behind) for hidden in spans)


def _lost(truth: Truth, case: _Case, span: Span) -> bool:
    slot = case.witness.condition.slot
    return any(truth.lost_in_a_row(device, slot, span) for device in case.devices)


def _tells(word: Word, case: _Case, span: Span) -> bool:
    members = [m for m in word.members if m.programme == case.programme and m.fault in case.faults]
    return any(word.covers(member, *span) for member in members)


def check_true(truth: Truth, words: list[Word], verdict: Verdict) -> None:
    """What is called disputed was, a suspicion has its reason, what is received is not blind."""
    for word in words:
        names = [member.programme for member in word.members if member.fault == DISPUTED]
        text = f"{word.told} {word.incident} calls {names} disputed, which nothing contradicts"
        verdict.must("witnesses", set(names) <= set(truth.facts.witnesses), text)
    for programme, witness in truth.facts.witnesses.items():
        disputed = disputed_in(truth, programme)
        unheard = _where(truth, witness.unheard)
        hidden = either(truth.facts.silent[witness.device], witness.ill)
        hidden_in = _where(truth, either(hidden, witness.unheard))
        for word, member, span in _members_of(programme, words):
            name = f"{word.told} {word.incident} tells at {member.began} that {programme}"
            if member.fault == DISPUTED:
                verdict.counts["disputed_told"] += 1
                is_true = bool(disputed.parts(*span))
                verdict.must("witnesses", is_true, f"{name} is disputed: nothing contradicted it")
            elif member.fault == "blind" and not truth.down.parts(*span):
                verdict.counts["unheard_checked"] += 1
                is_true = bool(hidden_in.parts(*span)) or truth.no_answer(witness.device, span)
                verdict.must("witnesses", is_true, f"{name} is blind: {witness.device} received it")
            elif member.fault == SUSPECTED and word.place == f"{witness.device}/{SUSPECTED}":
                verdict.counts["suspected_by_witness"] += 1
                is_true = bool(unheard.parts(*span)) and truth.no_answer(witness.sender, span)
                verdict.must("witnesses", is_true, f"{name} is suspected: it was seen, or received")


def _members_of(programme: str, words: list[Word]) -> Iterator[tuple[Word, Member, Span]]:
    """Yield what is said of a programme, and the time in which that must have been true."""
    for word in words:
        for member in word.members:
            if member.programme == programme:
                last = word.composed if member.ended is None else member.ended[1]
                yield word, member, (member.began[0] - SHOWN, last + 1)
