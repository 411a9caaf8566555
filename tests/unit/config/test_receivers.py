"""Receivers off air in the chain of a configuration that an older program accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load
from monitord.core.expression import Name, names
from monitord.core.plan import ProgrammePlan

BAD = Path(__file__).resolve().parent.parent / "config_bad"
HEAD = (BAD / "receiver_in_chain.yaml").read_text(encoding="utf-8").partition("programmes:")[0]
TRANSMITTER = "{stage: transmitter, owner: own, needs: fm1.radiating}"
RECEIVER = "{stage: heard, owner: own, needs: roof.carrier}"


def accepted(folder: Path, *stages: str) -> ProgrammePlan:
    """Return the programme as it is read from a record; the present files are refused."""
    (folder / "secrets").mkdir()
    (folder / "secrets" / "fm1").write_text("public\n", encoding="utf-8")
    head = HEAD.replace("good/", f"{BAD}/good/")
    programmes = f"programmes:\n  fm:\n    name: 调频\n    chain: [{TRANSMITTER}]\n"
    file = folder / "site.yaml"
    file.write_text(head + programmes, encoding="utf-8")
    files = load(file).files
    chain = f"chain: [{', '.join(stages)}]"
    old, new = f"chain: [{TRANSMITTER}]".encode(), chain.encode()
    file.write_bytes(file.read_bytes().replace(old, new))
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    assert {error.found.code for error in caught.value.errors} == {"chain.receiver"}
    # A profile that an older program stored lacks the key.
    new_key = b"witness: true\n"
    assert any(new_key in raw for raw in files.values())
    stored = {n: raw.replace(old, new).replace(new_key, b"") for n, raw in files.items()}
    return load(file, given=stored).plan.programmes[0]


def test_a_receiver_as_the_last_stage_becomes_a_witness(tmp_path: Path) -> None:
    """It decided the layer before, whatever the transmitter said."""
    found = accepted(tmp_path, TRANSMITTER, RECEIVER)
    assert [stage.id for stage in found.chain] == ["transmitter"]
    assert [(one.id, one.needs) for one in found.witnesses] == [("heard", Name("roof.carrier"))]


def test_a_receiver_beside_a_transmitter_becomes_a_witness(tmp_path: Path) -> None:
    """The stage keeps what is no receiver."""
    both = TRANSMITTER.replace("fm1.radiating", "fm1.radiating and roof.carrier")
    found = accepted(tmp_path, both)
    assert found.chain[0].needs == Name("fm1.radiating")
    assert [names(one.needs) for one in found.witnesses] == [("roof.carrier",)]


@pytest.mark.parametrize("needs", ["roof.carrier", "fm1.radiating or roof.carrier"])
def test_a_receiver_stays_where_nothing_else_would_watch(tmp_path: Path, needs: str) -> None:
    """A layer without a stage would be watched by nobody."""
    found = accepted(tmp_path, TRANSMITTER.replace("fm1.radiating", needs))
    assert names(found.chain[0].needs or Name("")) == tuple(needs.split(" or "))
    assert found.witnesses == ()
