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
    ],
    ids=["multiplex", "reserves of their own", "serves all", "one switch for all"],
)
def test_nothing_is_shared_that_serves_all_or_belongs_to_one(
    tmp_path: Path, stages: tuple[str, ...]
) -> None:
    """Such a site needs no assignment and gets none."""
    assert elsewhere(load(written(tmp_path, *stages))) == {"p1": [], "p2": []}


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
