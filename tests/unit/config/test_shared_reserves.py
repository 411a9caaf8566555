"""Which reserves several programmes share, and whom else each of them may carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load
from monitord.config.settings import Settings
from monitord.core.expression import names

BAD = Path(__file__).resolve().parent.parent / "config_bad"
HEAD = (BAD / "shared_reserve.yaml").read_text(encoding="utf-8").partition("programmes:")[0]
OWN = "{{id: {own}, carries: {own}.radiating}}"


def written(folder: Path, *stages: str) -> Path:
    """Return the file of a site with one programme for each list of members."""
    programmes = "".join(
        f"  p{n}:\n    name: 节目{n}\n    chain:\n"
        f"      - {{stage: tx, owner: own, members: [{members}]}}\n"
        for n, members in enumerate(stages, 1)
    )
    file = folder / "site.yaml"
    head = HEAD.replace("good/", f"{BAD}/good/")
    file.write_text(f"{head}programmes:\n{programmes}", encoding="utf-8")
    return file


def elsewhere(settings: Settings) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return, by programme, whom else its last member may carry, and by which conditions."""
    return {
        programme.id: [
            (other.programme, names(other.carries))
            for other in programme.chain[0].members[-1].elsewhere
        ]
        for programme in settings.plan.programmes
    }


def own(device: str, spare: str) -> str:
    return f"{OWN.format(own=device)}, {{id: spare, carries: {spare}}}"


def service(main: str, spare: str, which: str) -> str:
    """Return members that each need the same of what is before them."""
    each = "{{id: {device}, carries: {device}.radiating and {which}}}"
    return ", ".join(each.format(device=device, which=which) for device in (main, spare))


def test_each_use_of_a_shared_reserve_knows_the_others(tmp_path: Path) -> None:
    """Three programmes, one reserve: two others each, in the order of the file."""
    one, two = "spare.radiating and matrix.radiating", "spare.radiating and not matrix.radiating"
    three = "spare.radiating and a.radiating"
    found = elsewhere(load(written(tmp_path, own("a", one), own("b", two), own("c", three))))
    assert [programme for programme, _ in found["p2"]] == ["p1", "p3"]
    assert found["p1"][0] == ("p2", ("spare.radiating", "matrix.radiating"))


def test_a_reserve_that_says_nothing_of_its_programme_is_refused(tmp_path: Path) -> None:
    """The one that says it is right; file and key path name the other."""
    said = "spare.radiating and matrix.radiating"
    with pytest.raises(ConfigErrors) as caught:
        load(written(tmp_path, own("a", "spare.radiating"), own("b", said)))
    (error,) = caught.value.errors
    assert error.key_path == "programmes.p1.chain[0].members[1].carries"
    assert error.line > 0


@pytest.mark.parametrize(
    "stages",
    [
        (own("a", "spare.radiating"), own("a", "spare.radiating")),
        (own("a", "spare.radiating"), own("b", "c.radiating")),
        (own("a", "spare.radiating"), own("b", "spare.radiating").replace("}", ", serves: all}")),
        (own("a", "a.radiating and matrix.radiating"), own("b", "c.radiating")),
        (own("a", "b.radiating"), own("b", "a.radiating").replace("spare", "other")),
        (own("a", "spare.radiating"), own("a", "c.radiating")),
        (service("a", "b", "matrix.radiating"), service("a", "c", "not matrix.radiating")),
    ],
    ids=[
        "multiplex",
        "reserves of their own",
        "serves all",
        "one switch for all",
        "a pair in two orders",
        "one multiplex with two reserves",
        "services of one multiplex with two reserves",
    ],
)
def test_nothing_is_shared_that_serves_all_or_belongs_to_one(
    tmp_path: Path, stages: tuple[str, ...]
) -> None:
    """Such a site needs no assignment and gets none."""
    assert elsewhere(load(written(tmp_path, *stages))) == {"p1": [], "p2": []}


def test_a_main_transmitter_that_is_the_reserve_of_another_is_shared(tmp_path: Path) -> None:
    """It is written first in one stage only, and nothing says which programme it carries."""
    with pytest.raises(ConfigErrors) as caught:
        load(written(tmp_path, own("a", "spare.radiating"), own("b", "a.radiating")))
    assert [error.key_path for error in caught.value.errors] == [
        "programmes.p1.chain[0].members[0].carries",
        "programmes.p2.chain[0].members[1].carries",
    ]


def test_a_reserve_that_both_name_first_is_shared_where_both_say_by_its_switch(
    tmp_path: Path,
) -> None:
    """Without the switch it is the main transmitter of one multiplex."""
    first = (
        "{{id: spare, carries: spare.radiating{which}}}, {{id: {own}, carries: {own}.radiating}}"
    )
    ways = " and matrix.radiating", " and not matrix.radiating"
    stages = [first.format(which=w, own=own) for w, own in zip(ways, "ab", strict=True)]
    assert _firsts(load(written(tmp_path, *stages))) == [["p2"], ["p1"]]
    plain = [first.format(which="", own=own) for own in "ab"]
    assert _firsts(load(written(tmp_path, *plain))) == [[], []]


def _firsts(settings: Settings) -> list[list[str]]:
    firsts = [programme.chain[0].members[0] for programme in settings.plan.programmes]
    return [[other.programme for other in first.elsewhere] for first in firsts]


def test_a_configuration_of_an_older_record_goes_on_without_assignment(tmp_path: Path) -> None:
    """It was accepted once: its reserve counts for each programme alone."""
    file = written(tmp_path, own("a", "spare.radiating"), own("b", "c.radiating"))
    files = load(file).files
    stored = {
        name: raw.replace(b"c.radiating}]", b"spare.radiating}]") for name, raw in files.items()
    }
    file.write_bytes(file.read_bytes().replace(b"c.radiating}]", b"spare.radiating}]"))
    with pytest.raises(ConfigErrors):
        load(file)
    assert elsewhere(load(file, given=stored)) == {"p1": [], "p2": []}
