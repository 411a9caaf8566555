"""The sentences of every message are true: the cause, what each device does, who is affected.

Truth is what the plant shows at that moment, within the time that a change may need to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.simulation.facts import Injected, Span
from tests.simulation.observer import blame, cause
from tests.simulation.observer.excuses import Excuse
from tests.simulation.observer.incidents import OFF, SUSPECTED
from tests.simulation.observer.letters import Letters
from tests.simulation.observer.present import Present
from tests.simulation.observer.reader import (
    FALSE,
    LANGUAGES,
    NO_VALUE,
    SILENT,
    SITE,
    UNREADABLE,
    Cause,
    Claim,
    Reader,
    Text,
)
from tests.simulation.observer.shown import Shown
from tests.simulation.observer.truth import Truth
from tests.simulation.observer.verdict import Verdict
from tests.simulation.observer.words import CLOCK, Word

READY = ("待机", "开机未接通")
HANDS = {
    "zh": (
        (re.compile(r"现由(.+?)播出"), ("在播",)),
        (re.compile(r"勿动(.+?)。"), ("在播",)),
        (re.compile(r"①不碰(.+?)，"), ("在播",)),
        (re.compile(r"，([^，。]+?)可接替"), READY),
    ),
    "en": (
        (re.compile(r"Keep (.+?) on\b"), ("在播",)),
        (re.compile(r"(?:^|[.] )([^.;:]+?) is on air; "), ("在播",)),
        (re.compile(r"Hands off (.+?); "), ("在播",)),
    ),
}
"""By language: what is said of devices so that people act on it, and what they do then."""


@dataclass
class Sentences:
    """Judges the messages of one history."""

    truth: Truth
    verdict: Verdict

    def __post_init__(self) -> None:
        """Make what reads, once for all messages."""
        facts = self.truth.facts
        self.readers = {one: Reader(facts.names, one) for one in LANGUAGES}
        self.letters = Letters(facts)
        self.shown = Shown(self.truth)
        self.present = Present(self.shown)
        self.excused: set[str] = set()
        self.faults: dict[str, list[Injected]] = cause.by_programme(self.truth)

    def check(self, word: Word, text: Text) -> None:
        """Check one message in one language."""
        self.verdict.counts["sentences"] += 1
        about = f"{text.language} {word.told} {word.incident} ({word.fault}) at {word.composed}"
        wrong = list(self.letters.wrong(text))
        self._must(not wrong, f"{about} prints {wrong}: {text.text!r} {text.sms!r}")
        reader = self.readers[text.language]
        named = reader.programmes(text)
        members = {member.programme for member in word.members if member.programme}
        left = members - named
        self._must(not left, f"{about} leaves out {sorted(left)}: {text.title!r}")
        alike = {(member.fault, member.ended) for member in word.members}
        if word.told == "opened" and len(alike) == 1:
            left = members - reader.programmes_in(text.title)
            self._must(not left, f"{about} begins without {sorted(left)}: {text.title!r}")
        said = reader.cause(text)
        if said is not None:
            self._check_cause(word, said, f"{about}: {reader.line(text, reader.grammar.cause)!r}")
        self._check_now(word, text, reader, about)
        self._check_hands(word, text, about)

    def _check_hands(self, word: Word, text: Text, about: str) -> None:
        """Check who is said to be on the air, so that nobody touches it, or to take over."""
        reader = self.readers[text.language]
        for pattern, does in HANDS[text.language]:
            for found in pattern.finditer(text.text):
                devices = reader.devices(found[1])
                self.verdict.counts["hands"] += bool(devices)
                for device in devices:
                    holds = any(
                        self.present.does(device, one, word.composed, reader) for one in does
                    )
                    self._must(holds, f"{about}: {device} is not {does}: {found[0]!r}")

    def _must(self, holds: bool, text: str) -> None:
        self.verdict.must("sentences", holds, text)

    # The cause

    def _check_cause(self, word: Word, said: Cause, about: str) -> None:
        stages = self.truth.facts.names.stages.values()
        self._must(not said.stage or said.stage in stages, f"{about}: stage {said.stage!r}")
        for claim in said.claims:
            self.verdict.counts["claims"] += 1
            self._must(claim.kind != UNREADABLE, f"{about}: cannot be read: {claim.words!r}")
            self._must(self._is_true(word, claim), f"{about}: {claim} is not true")
        if word.fault in OFF and word.fault != SUSPECTED and len(word.incidents) < 2:
            self._check_place(word, said, about)

    def _is_true(self, word: Word, claim: Claim) -> bool:
        since, until = _lasts(word)
        if claim.kind == FALSE and word.fault == SUSPECTED:
            return True  # what nobody has proven: ``suspected`` judges what it is suspected by
        if claim.kind == FALSE:
            return all(
                any(
                    self.shown.was(condition, False, since, until)
                    for condition in claim.conditions
                    if condition.partition(".")[0] == device
                )
                for device in claim.devices
            )
        if claim.kind == NO_VALUE:
            return all(self.shown.was_without_value(one, since, until) for one in claim.devices)
        if claim.kind == SILENT:
            wrong = [one for one in claim.devices if not self.shown.was_silent(one, since, until)]
            changed = [one for one in wrong if self.shown.changed(one, since)]
            if wrong and word.fault == "blind" and changed == wrong != list(claim.devices):
                # Once for all persons and languages: it is one thing that the core took so.
                if word.incident not in self.excused:
                    self.verdict.excuse(Excuse.CHANGED_AS_UNSEEN)
                self.excused.add(word.incident)
                return True
            return not wrong
        return True

    def _check_place(self, word: Word, said: Cause, about: str) -> None:
        """Check that it names all devices of one place that is right, and of others what failed."""
        if any(claim.kind == SITE for claim in said.claims):
            places = [p for allowed in self._allowed(word) for p in allowed]
            self._must(not places or CLOCK in places, f"{about}: not the clock, but {places}")
            return
        if word.told == "continued" and not said.devices:
            self.verdict.counts["continued_by_reason"] += 1
            return  # only the reason is left of it: it has ended under another number
        named, right = said.devices, set[str]()
        for allowed in self._allowed(word):
            sets = [_devices(place) for place in allowed]
            right |= set().union(*sets)
            holds = not allowed or any(one <= named for one in sets)
            self.verdict.counts["causes"] += 1
            self._must(holds, f"{about} names {sorted(named)}, not all of one of {sorted(allowed)}")
        for device in named - right if right else ():
            self._check_other(word, device, about)

    def _allowed(self, word: Word) -> Iterator[set[str]]:
        """Yield, for each member that is off, the places that may be named."""
        for member in word.members:
            if member.fault not in OFF or member.fault == SUSPECTED:
                continue
            known = self.truth.facts.blames.get(member.programme)
            if known is not None:
                yield blame.allowed(self.truth, word, member, known)[0]
            else:
                yield cause.allowed(self.truth, word, member, self.faults)

    def _check_other(self, word: Word, device: str, about: str) -> None:
        """Check what is named besides: it did not wait, and belongs to a programme of these."""
        facts = self.truth.facts
        gear = facts.gear.get(device)
        mine = {m.programme for m in word.members}
        self.verdict.counts["named_besides"] += 1
        is_of_it = any(device in self.shown.chain(programme) for programme in mine)
        self._must(is_of_it, f"{about} names {device} besides, which is no part of {sorted(mine)}")
        if gear is not None and gear.ready and self.shown.is_seen(device, word.composed):
            since, until = _lasts(word)
            since = word.composed if until == word.composed else since
            waits = not self.shown.was(gear.ready, False, since, until)
            self._must(not waits, f"{about} names {device} besides, which waits")

    # The present

    def _check_now(self, word: Word, text: Text, reader: Reader, about: str) -> None:
        now = reader.now(text)
        line = reader.line(text, reader.grammar.now)
        self._must(not now.unread, f"{about}: cannot be read: {now.unread} in {line!r}")
        for device, does in now.devices:
            self.verdict.counts["devices_now"] += 1
            holds = self.present.does(device, does, word.composed, reader)
            self._must(holds, f"{about}: {device} does not {does!r}: {line!r}")
        for programme, is_now in now.programmes:
            self.verdict.counts["programmes_now"] += 1
            holds = self.present.is_now(programme, is_now, word.composed)
            self._must(holds, f"{about}: {programme} is not {is_now!r}: {line!r}")


def _lasts(word: Word) -> Span:
    """Return from when to when what a message is about lasted, up to now where it is not over."""
    ends = [member.ended for member in word.members if member.how != "withdrawn"]
    last = max((ended[1] for ended in ends if ended is not None), default=word.composed)
    is_over = ends and None not in ends
    since = min((member.began[0] for member in word.members), default=word.composed)
    return since, last if is_over else word.composed


def _devices(place: str) -> frozenset[str]:
    return frozenset(place.rpartition("/")[0].split("+"))


def check(truth: Truth, written: Iterable[tuple[Word, Sequence[Text]]], verdict: Verdict) -> None:
    """Check every sentence of every message. ``written``: each with what was read of it."""
    if not truth.facts.names.devices:
        return
    sentences = Sentences(truth, verdict)
    for word, texts in written:
        for text in texts:
            sentences.check(word, text)
