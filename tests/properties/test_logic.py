"""Expressions, the index of dues and the codec against brute force."""

from __future__ import annotations

import json
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.codec import canonical, from_plain, shape_hash, to_plain
from monitord.core.dues import Dues, Key, Rank
from monitord.core.durable import ConditionNow, Durable
from monitord.core.expression import (
    All,
    AnyOf,
    Arithmetic,
    AtLeast,
    Compare,
    Expression,
    Kind,
    Name,
    Not,
    Number,
    kind_of,
    names,
    truth,
)
from tests.properties.scripts import Script, examples, lives, play
from tests.support.seam import Site

IDS = ("a", "b", "c", "d")
LEAVES = st.sampled_from(IDS).map(Name)


def branches(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        inner.map(Not),
        parts.map(All),
        parts.map(AnyOf),
        st.builds(AtLeast, st.integers(1, 3), parts),
    )


EXPRESSIONS = st.recursive(LEAVES, branches, max_leaves=8)


def plainly(expression: Expression, values: dict[str, bool]) -> bool:
    """Return the two-valued truth, in plain Python."""
    match expression:
        case Name(id=name):
            return values[name]
        case Not(of=inner):
            return not plainly(inner, values)
        case All(of=parts):
            return all(plainly(part, values) for part in parts)
        case AnyOf(of=parts):
            return any(plainly(part, values) for part in parts)
        case AtLeast(count=count, of=parts):
            return sum(plainly(part, values) for part in parts) >= count
    raise AssertionError(expression)


def completions(known: dict[str, bool | None]) -> list[dict[str, bool]]:
    """Return every way in which the undecided values may turn out."""
    choices = [(True, False) if value is None else (value,) for value in known.values()]
    return [dict(zip(known, chosen, strict=True)) for chosen in product(*choices)]


@examples(200)
@given(EXPRESSIONS, st.fixed_dictionaries({i: st.sampled_from([True, False, None]) for i in IDS}))
def test_a_decided_truth_holds_in_every_completion(
    expression: Expression, values: dict[str, bool | None]
) -> None:
    """Absent values make it undecided, never wrong; without any it is the plain truth."""
    found = truth(expression, values)
    outcomes = {plainly(expression, whole) for whole in completions(values)}
    if found is not None:
        assert outcomes == {found}
    elif None not in values.values():
        raise AssertionError("undecided without an absent value")


@examples(200)
@given(EXPRESSIONS, st.fixed_dictionaries({i: st.sampled_from(list(Kind)) for i in IDS}))
def test_a_decided_kind_holds_in_every_completion(
    expression: Expression, kinds: dict[str, Kind]
) -> None:
    """Kleene logic is sound, and a between needs no blind input."""
    found = kind_of(expression, kinds.__getitem__)
    decided = {name: bool(k) if k in (0, 1) else None for name, k in kinds.items()}
    wholes = completions(decided)
    if found in (Kind.TRUE, Kind.FALSE):
        assert {plainly(expression, whole) for whole in wholes} == {bool(found)}
    elif found is Kind.BETWEEN:
        outcomes: dict[tuple[bool, ...], set[bool]] = {}
        for whole in wholes:
            seen = tuple(whole[name] for name in IDS if kinds[name] is not Kind.BLIND)
            outcomes.setdefault(seen, set()).add(plainly(expression, whole))
        assert all(len(found) == 1 for found in outcomes.values())
    else:
        assert Kind.BLIND in {kinds[name] for name in names(expression)}


@examples(200)
@given(
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.one_of(st.none(), st.integers(-5, 5), st.floats(-5, 5)),
    st.integers(-5, 5),
    st.sampled_from(["+", "-", "*", "/"]),
    st.integers(-2, 2),
)
def test_a_comparison_agrees_with_python(
    operator: str, value: float | None, limit: int, arithmetic: str, by: int
) -> None:
    """It is undefined only with an absent value or a division by zero."""
    left = Arithmetic(arithmetic, Name("p"), Number(by))
    found = truth(Compare(operator, left, Number(limit)), {"p": value})
    if value is None or (arithmetic == "/" and by == 0):
        assert found is None
    else:
        assert found == eval(f"(v {arithmetic} {by}) {operator} {limit}", {"v": value})


KEYS = st.builds(Key, st.sampled_from(list(Rank)), st.sampled_from(["a", "b", "c"]))


@examples(200)
@given(st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 20))), max_size=40))
def test_the_index_finds_the_first_as_a_sorted_list_does(
    puts: list[tuple[Key, int | None]],
) -> None:
    """By time, then rank, then subject, after any puts, moves and removals."""
    dues, plain = Dues(), dict[Key, int]()
    for key, at in puts:
        dues.put(key, at)
        if at is None:
            plain.pop(key, None)
        else:
            plain[key] = at
        assert dues.first() == min(((a, k) for k, a in plain.items()), default=None)
    assert dues.times == plain


@examples(40)
@given(lives())
def test_durable_state_survives_its_plain_form(life: tuple[Site, Script]) -> None:
    """It is equal after JSON and back, with tuples, enums and empty values."""
    durable = play(*life).situation.durable
    assert from_plain(Durable, json.loads(canonical(to_plain(durable)))) == durable


PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=4), inner)),
    max_leaves=12,
)


@examples(200)
@given(PLAIN)
def test_canonical_json_is_one_byte_string_for_one_value(value: object) -> None:
    """Neither reading and writing it again nor the order of keys changes a byte."""
    body = canonical(value)
    assert json.loads(body) == value
    assert canonical(json.loads(body, object_pairs_hook=lambda p: dict(reversed(p)))) == body


def test_another_shape_has_another_hash() -> None:
    """A snapshot with another shape is not used."""
    assert shape_hash(Durable) != shape_hash(ConditionNow)
    assert len(shape_hash(Durable)) == 16
