"""Mutants that change nothing that anybody can see, each with the reason. A reader accepts each.

A mutant is listed by its file, its line of source and both texts: it stays listed when lines move,
and is tried again when its line changes.
"""

from __future__ import annotations

from pathlib import Path

from tests.mutation.draw import CORE, Mutant

NO_ID = "it stands for no id, and no id is equal to it"
LONG_PAST = "any moment long past"
NOT_BLIND = "it stands for why a condition is blind, and this one is not"
ONLY_ENDS = "the fault is of an earlier configuration: it only ends, and nothing reads this of it"
FORGOTTEN = "it decides when what was replaced leaves the memory, a few numbers earlier or later"
OF_TYPES = "it names a type variable for messages of its own; nothing reads it"
Key = tuple[str, str, str, str]
EQUIVALENT: dict[Key, str] = {
    ("apply.py", 'B = TypeVar("B")', "'B'", "'B_'"): OF_TYPES,
    ("codec.py", 'T = TypeVar("T")', "'T'", "'T_'"): OF_TYPES,
    (
        "attempts.py",
        "return min(plan.retry_max, plan.retry_first << min(failures - 1, 30))",
        "30",
        "31",
    ): "it keeps the number small; both are years",
    ("calendar.py", "return 0, None, Expected.UNSURE", "0", "1"): LONG_PAST,
    (
        "calendar.py",
        "break",
        "break",
        "continue",
    ): "the eras that follow begin later still, and are passed over in the same way",
    (
        "calendar_extending.py",
        "starts += [piece.start for piece in programme.held[:1]]",
        "1",
        "2",
    ): "they are in order, so that the first one is the oldest",
    ("clock_state.py", "alarm_since: int = 0", "0", "1"): LONG_PAST,
    (
        "conditions.py",
        "if report.at >= evidence.not_after:",
        "report.at >= evidence.not_after",
        "report.at > evidence.not_after",
    ): "a report of the moment of the answer says what the answer says",
    (
        "conditions.py",
        "timeline.prove(sent_at - timeline.lags[value], at)",
        "timeline.prove(sent_at - timeline.lags[value], at)",
        "pass",
    ): "it follows its device from this answer on, whose shared proof says the same",
    (
        "decisions.py",
        "begin, end = basis.effective or (0, None)",
        "0",
        "1",
    ): "without an end nothing asks for the begin",
    (
        "durable.py",
        "condition_now = lru_cache(maxsize=16, typed=True)(ConditionNow)",
        "16",
        "17",
    ): "it only decides how many equal objects are one",
    (
        "fast_path.py",
        "if answer.values is not memory.values and not _store(memory, answer):",
        "answer.values is not memory.values and (not _store(memory, answer))",
        "answer.values is not memory.values or not _store(memory, answer)",
    ): "it only leaves the fast path, and every condition then decides the same by itself",
    (
        "generation1/ledger.py",
        "before = intervals[index][1] - offset if index >= 0 else 0",
        "0",
        "1",
    ): LONG_PAST,
    (
        "hours.py",
        "if place + 1 == len(offsets) or offsets[place + 1][0] > local + _REACH:",
        "0",
        "1",
    ): "it only spares the search, which finds the same where one offset counts",
    (
        "ledger.py",
        '_ABSENT = ("unknown:absent",)',
        "'unknown:absent'",
        "'unknown:absent_'",
    ): "only what is before the colon is read of what is not known",
    ("outages.py", "start = 0", "0", "1"): LONG_PAST,
    ("person_state.py", "tried_at: int = 0", "0", "1"): LONG_PAST,
    ("person_state.py", "until: int = 0", "0", "1"): LONG_PAST,
    (
        "member_index.py",
        "if len(self._heap) > 2 * len(self._values) + 8:",
        "len(self._heap) > 2 * len(self._values) + 8",
        "len(self._heap) >= 2 * len(self._values) + 8",
    ): FORGOTTEN,
    (
        "member_index.py",
        "if len(self._heap) > 2 * len(self._values) + 8:",
        "2 * len(self._values) + 8",
        "2 * len(self._values) - 8",
    ): FORGOTTEN,
    (
        "member_index.py",
        "if len(self._heap) > 2 * len(self._values) + 8:",
        "2 * len(self._values)",
        "2 // len(self._values)",
    ): FORGOTTEN,
    (
        "member_index.py",
        "if len(self._heap) > 2 * len(self._values) + 8:",
        "2",
        "3",
    ): FORGOTTEN,
    (
        "member_index.py",
        "if len(self._heap) > 2 * len(self._values) + 8:",
        "8",
        "9",
    ): FORGOTTEN,
    (
        "member_index.py",
        "self._messages.pop(name, None)",
        "self._messages.pop(name, None)",
        "pass",
    ): "what is neither due nor will be is never looked up",
    (
        "opening_hold.py",
        "bound = max((condition.bound for condition in conditions), default=0)",
        "0",
        "1",
    ): "the last stage has none behind it, so that there is no device to wait for",
    (
        "pipeline.py",
        "_refresh_dues(situation, item, touched, emitted=len(events) > before)",
        "len(events) > before",
        "len(events) >= before",
    ): "a due time that is looked at without need is the one that it was",
    (
        "pipeline.py",
        "before = min(waiting, default=max(m.settled_to for m in watching))",
        "max((m.settled_to for m in watching))",
        "min((m.settled_to for m in watching))",
    ): "nothing waits for that past: the programme settled least drops it once judged again",
    (
        "programme.py",
        'transition = Transition("", value=False, begin=at, end=at)',
        "''",
        "'_'",
    ): NO_ID,
    (
        "programme.py",
        'transition = Transition("", value=False, begin=at, end=at)',
        "False",
        "True",
    ): "no condition has this transition, so that nothing reads its value",
    (
        "programme.py",
        'return (Kind.TRUE if transition.value else Kind.FALSE), ""',
        "''",
        "'_'",
    ): NOT_BLIND,
    (
        "refuted.py",
        "began_not_before=last.began[0],",
        "0",
        "1",
    ): "a suspicion begins at one moment: it has no earliest and no latest",
    (
        "settling.py",
        "for edge in timeline.edges(max(settled_to, self._queued_to.get(name, settled_to))):",
        "max(settled_to, self._queued_to.get(name, settled_to))",
        "min(settled_to, self._queued_to.get(name, settled_to))",
    ): "an edge that waits twice is shown twice at its one moment",
    (
        "settling.py",
        "self._known_to.pop(name, None)",
        "self._known_to.pop(name, None)",
        "pass",
    ): "the timeline itself is asked, and a blind one is known up to now",
    ("situation.py", "self.built = 0", "0", "1"): LONG_PAST,
    (
        "situation.py",
        "overdue_after: int = 0",
        "0",
        "1",
    ): "only a device on the fast path is asked for it, and what puts it there sets it",
    (
        "threshold_cache.py",
        "if newest is not None and newest[0] == parts:",
        "0",
        "1",
    ): "what is not found by the newest is found in the table of all, only later",
    (
        "threshold_cache.py",
        "self._newest[ids] = parts, self._all[parts]",
        "self._newest[ids] = (parts, self._all[parts])",
        "pass",
    ): "it only spares the hash by which the same thresholds are found",
    (
        "time_map.py",
        "gap = max(0, reading.wall - clock.mark)",
        "0",
        "1",
    ): "a microsecond drifts by none",
    ("timeline.py", "self._before = self._after = 0", "0", "1"): LONG_PAST,
    ("timeline.py", 'return _BETWEEN, ""', "''", "'_'"): NOT_BLIND,
    (
        "timeline.py",
        'return (self.kind, self.cause) if covered else (_BETWEEN, "")',
        "''",
        "'_'",
    ): NOT_BLIND,
    (
        "withdrawal.py",
        'return Fault(name, programme, fault, Sort(sort), subject, "warning", 0, 0, 0)',
        "'warning'",
        "'warning_'",
    ): ONLY_ENDS,
    (
        "withdrawal.py",
        'return Fault(name, programme, fault, Sort(sort), subject, "warning", 0, 0, 0)',
        "0",
        "1",
    ): ONLY_ENDS,
}


def key_of(mutant: Mutant, core: Path = CORE) -> Key:
    """Return what a mutant is listed by."""
    lines = (core / mutant.file).read_text(encoding="utf-8").splitlines()
    return mutant.file, lines[mutant.line - 1].strip(), mutant.was, mutant.now


def reason_of(mutant: Mutant) -> str | None:
    """Return why a mutant is equivalent; None where it is not listed."""
    return EQUIVALENT.get(key_of(mutant))
