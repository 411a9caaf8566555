"""The index of members gives what a plain look at all of them gives, whatever came before."""

from __future__ import annotations

import pickle
import random
from dataclasses import dataclass, field

import pytest

from monitord.core.member_index import (
    URGENCY,
    Least,
    MemberIndex,
    MemberNews,
    Pending,
    urgency,
)
from monitord.core.model import Told
from monitord.core.person_state import Knowledge

NAMES = [f"p{number}/off_air" for number in range(6)]


def test_the_least_of_numbers_by_key_is_that_of_a_plain_look_at_all() -> None:
    """Set, set again, removed: thousands of times, so that what was replaced is left out often."""
    for seed in range(20):
        dice = random.Random(seed)
        least, plain = Least(), dict[str, int]()
        for _ in range(300):
            key, value = dice.choice(NAMES), dice.randrange(-5, 5)
            if dice.random() < 0.3:
                least.put(key, None)
                plain.pop(key, None)
            else:
                least.put(key, value)
                plain[key] = value
            expected = min(((each, name) for name, each in plain.items()), default=None)
            if dice.random() < 0.5:
                assert least.first() == expected
                assert least.least(default=99) == (99 if expected is None else expected[0])
            assert bool(least) == bool(plain)


def test_numbers_that_are_replaced_again_and_again_are_forgotten() -> None:
    """One key of ten thousand numbers is as large as one of ten: a process runs for years."""
    sizes = []
    for count in (10, 10_000):
        least = Least()
        for number in range(count):
            least.put("p1/off_air", 100_000 + number)
        sizes.append(len(pickle.dumps(least)))
    assert sizes[1] < 3 * sizes[0]


@dataclass
class Plain:
    """What members mean, by name, and which message was found due so far."""

    news: dict[str, MemberNews] = field(default_factory=dict)

    def speaking(self) -> list[str]:
        plain = [n for n, each in self.news.items() if each.speaks and not each.suppressed]
        return plain or [n for n, each in self.news.items() if each.speaks]

    def group(self) -> list[MemberNews]:
        """Return those that are news, or whose like are."""
        suppressed = not any(e.speaks and not e.suppressed for e in self.news.values())
        return [each for each in self.news.values() if each.suppressed is suppressed]

    def messages(self, now: int) -> tuple[int | None, int | None]:
        """Return the urgency of the first message that is due, and the moment of the next one."""
        found = [each.message for each in self.group() if each.message is not None]
        due = [urgency(each.told) for each in found if each.due <= now]
        return min(due, default=None), min((e.due for e in found if e.due > now), default=None)


def any_news(dice: random.Random, now: int) -> MemberNews:
    """Return what some member may mean."""
    told = dice.choice([*URGENCY, Told.RECOVERED])
    message = Pending(now + dice.randrange(-3, 9), told) if dice.random() < 0.7 else None
    return MemberNews(
        speaks=dice.random() < 0.6,
        suppressed=dice.random() < 0.4,
        named=dice.random() < 0.5,
        message=message,
        fell_again=dice.random() < 0.3,
        over=dice.choice([None, now - dice.randrange(1, 9)]),
        ended=dice.choice([None, now + dice.randrange(9)]),
        severity=dice.randrange(4),
        rank=dice.randrange(5),
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_index_of_members_is_what_a_plain_look_at_all_of_them_gives(seed: int) -> None:
    """Who speaks, who is not named, what is due and will be, what is open, what ended last."""
    dice = random.Random(seed)
    index, plain = MemberIndex(Knowledge()), Plain()
    for now in range(100, 200):
        name, news = dice.choice(NAMES), any_news(dice, now)
        index.put(name, news)
        plain.news[name] = news
        every = plain.news
        assert index.speaking.names == set(plain.speaking())
        assert index.speaking.unnamed == {n for n in plain.speaking() if not every[n].named}
        due, later = plain.messages(now)
        found = list(index.speaking.messages(now))
        assert [urgency(e.told) for e in found if e.due <= now] == ([] if due is None else [due])
        assert [e.due for e in found if e.due > now] == ([] if later is None else [later])
        assert index.fell_again == {n for n, each in every.items() if each.fell_again}
        open_now = [each for each in every.values() if each.over is None]
        assert index.open_severity.least(9) == min((e.severity for e in open_now), default=9)
        assert index.open_rank.least(9) == min((e.rank for e in open_now), default=9)
        assert -index.ended.least(0) == max((e.ended or 0 for e in every.values()), default=0)
        overs = [e.over for e in every.values() if e.over is not None and not e.suppressed]
        assert index.explained_until == max(overs, default=0)


def test_a_message_is_found_due_once_and_a_closing_is_the_most_urgent() -> None:
    """Who asks again gets the members whose message fell due since."""
    index = MemberIndex(Knowledge())
    dice = random.Random(1)
    for name, due in (("a", 5), ("b", 7), ("c", 7)):
        news = any_news(dice, 0)._replace(suppressed=False, message=Pending(due, Told.ALSO))
        index.put(name, news)
    taken = [sorted(index.plain.take_due(now)) for now in (4, 5, 6, 7, 8)]
    assert taken == [[], ["a"], [], ["b", "c"], []]
    assert urgency(Told.RECOVERED) == urgency(Told.OPENED) == 0
    assert [urgency(told) for told in URGENCY] == list(range(len(URGENCY)))
