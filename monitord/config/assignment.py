"""Reserves that programmes share (N+1): which they are, and that each use of one is assigned.

Owns these checks. A path is shared where stages of two programmes name a condition of its own
equipment and each has another member of its own, in whatever order they are written. Stages that
share their first member carry one multiplex, all of it at once, but where each says by a switch of
that member which programme it carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import TypeAlias

from monitord.config.loader.errors import Scope
from monitord.config.loader.phrases import phrase, quoted
from monitord.config.programmes import Programme
from monitord.core.chain import signs
from monitord.core.expression import names
from monitord.core.plan import Elsewhere, MemberPlan, ProgrammePlan, StagePlan

_Key: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Path:
    """One member. ``own``: conditions of the devices that no other member of its stage names."""

    programme: str
    stage: int
    place: int
    member: MemberPlan
    own: frozenset[str]
    serves_all: bool

    @property
    def key(self) -> _Key:
        """The programme, and the places of the stage and of the member in it."""
        return self.programme, self.stage, self.place


def with_assignments(
    programmes: Sequence[Programme], places: Mapping[str, Scope], *, is_checked: bool
) -> list[Programme]:
    """Return the programmes, each shared reserve with whom else it may carry.

    Notes a reserve whose ``carries`` does not distinguish two programmes; ``places``: by programme.
    ``is_checked``: False for a configuration that was accepted before, where such a reserve counts
    for each programme alone.
    """
    elsewhere: dict[_Key, list[Elsewhere]] = {}
    noted: set[_Key] = set()
    for pair in _shared(programmes):
        both_say = all(_says_which(*way) for way in (pair, pair[::-1]))
        for path, rival in (pair, pair[::-1]):
            if both_say:
                found = Elsewhere(rival.programme, rival.member.carries)
                elsewhere.setdefault(path.key, []).append(found)
            elif is_checked and path.key not in noted and not _says_which(path, rival):
                noted.add(path.key)
                _note(path, rival, places[path.programme])
    return [replace(each, plan=_assigned(each.plan, elsewhere)) for each in programmes]


def _note(path: _Path, rival: _Path, scope: Scope) -> None:
    place = scope.at("chain", path.stage, "members", path.place, "carries")
    found = phrase("member.shared", name=quoted(path.member.id), other=quoted(rival.programme))
    place.note(found, hint=phrase("member.assign"))


def _shared(programmes: Sequence[Programme]) -> Iterator[tuple[_Path, _Path]]:
    """Yield each pair of members, of two programmes, that are one path and serve one of them."""
    alike: dict[tuple[frozenset[str], ...], list[list[_Path]]] = {}
    for each in programmes:
        for n, stage in enumerate(each.plan.chain):
            if len(stage.members) > 1:
                paths = _paths(each, n, stage)
                alike.setdefault(tuple(path.own for path in paths), []).append(paths)
    using: dict[str, list[int]] = {}
    for index, owns in enumerate(alike):
        for name in sorted(frozenset[str]().union(*owns)):
            using.setdefault(name, []).append(index)
    groups = list(alike.values())
    # Stages with the same paths all carry one multiplex: only those of two groups are compared.
    for first, second in sorted({p for found in using.values() for p in combinations(found, 2)}):
        for paths, rivals in product(groups[first], groups[second]):
            yield from _of_stages(paths, rivals)


def _of_stages(paths: Sequence[_Path], rivals: Sequence[_Path]) -> Iterator[tuple[_Path, _Path]]:
    common = [(p, r) for p in paths for r in rivals if p.own & r.own]
    have_own = all(
        len({pair[side].place for pair in common}) < len(members)
        for side, members in enumerate((paths, rivals))
    )
    are_reserves = all(_is_reserve(pair, have_own=have_own) for pair in common)
    if are_reserves and paths[0].programme != rivals[0].programme:
        yield from (pair for pair in common if not any(each.serves_all for each in pair))


def _is_reserve(pair: tuple[_Path, _Path], *, have_own: bool) -> bool:
    """Return whether a common path serves one programme at a time.

    ``have_own``: each stage has a member that the other one has not.
    """
    firsts = [path for path in pair if not path.place]
    if len(firsts) < len(pair):
        return have_own or not firsts
    return have_own and all(_switches(*way) for way in (pair, pair[::-1]))


def _paths(programme: Programme, place: int, stage: StagePlan) -> list[_Path]:
    devices: dict[str, int] = {}
    used = [names(member.carries) for member in stage.members]
    for found in used:
        for device in dict.fromkeys(name.partition(".")[0] for name in found):
            devices[device] = devices.get(device, 0) + 1
    return [
        _Path(
            programme.plan.id,
            place,
            n,
            member,
            frozenset(name for name in found if devices[name.partition(".")[0]] == 1),
            (place, n) in programme.serve_all,
        )
        for n, (member, found) in enumerate(zip(stage.members, used, strict=True))
    ]


def _says_which(path: _Path, rival: _Path) -> bool:
    """Return whether a member needs something that the other programme's does not."""
    return bool(set(signs(path.member.carries)) - set(signs(rival.member.carries)))


def _switches(path: _Path, rival: _Path) -> bool:
    """Return whether a member says which programme it carries by equipment of its own path.

    What every member of its stage needs distinguishes services of one multiplex.
    """
    mine = set(signs(path.member.carries)) - set(signs(rival.member.carries))
    return any(name in path.own for name, _ in mine)


def _assigned(plan: ProgrammePlan, elsewhere: Mapping[_Key, Sequence[Elsewhere]]) -> ProgrammePlan:
    chain = []
    for n, stage in enumerate(plan.chain):
        members = tuple(
            replace(member, elsewhere=tuple(elsewhere.get((plan.id, n, place), ())))
            for place, member in enumerate(stage.members)
        )
        chain.append(replace(stage, members=members))
    return replace(plan, chain=tuple(chain))
