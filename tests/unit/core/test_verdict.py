"""The verdict of a programme: which stage of a layer decides, and what a blind quality leaves."""

from __future__ import annotations

import pytest

from monitord.core.chain import layers_of
from monitord.core.expression import Kind, Name
from monitord.core.look import Looked
from monitord.core.model import Layer
from monitord.core.plan import DegradedPlan, StagePlan
from monitord.core.verdict import Verdict, Verdicts
from tests.support.seam import condition, programme

EMISSION, CONTENT = Layer.EMISSION, Layer.CONTENT
SIGNS = {"+": Kind.TRUE, "-": Kind.FALSE, "~": Kind.BETWEEN, "?": Kind.BLIND}


def verdict(spelled: str) -> Verdict:
    """Return the verdict of a chain: studio, link and monitor (content), transmitter (emission).

    ``spelled``: what is known of each, and last of its reduced power: ``+`` true, ``-`` false,
    ``~`` between, ``?`` blind.
    """
    names = ("studio", "link", "monitor", "tx", "low")
    known = {
        f"{name}.ok": (SIGNS[sign], f"{name}_lost")
        for name, sign in zip(names, spelled, strict=True)
    }
    plan = programme(
        "tv",
        *(StagePlan(name, "own", CONTENT, Name(f"{name}.ok")) for name in names[:3]),
        StagePlan("tx", "own", EMISSION, Name("tx.ok"), (), (DegradedPlan(Name("low.ok"), "low"),)),
    )
    conditions = {name: condition(name, CONTENT, f"no_{name[:-3]}", Name("x")) for name in known}
    return Verdicts(plan, layers_of(plan), conditions).of(Looked(known.__getitem__))


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("++++-", ("good",)),
        ("---++", ("bad:no_monitor",)),
        ("--++-", ("good",)),
        ("-+?+-", ("unknown:monitor_lost",)),
        ("+-?+-", ("bad:no_link",)),
        ("-??+-", ("bad:no_studio",)),
        ("-~?+-", ("unknown:monitor_lost",)),
        ("++?+-", ("unknown:monitor_lost",)),
        ("++~+-", ("good", "bad:no_monitor")),
        ("++?--", ("bad:no_tx",)),
        ("+++?-", ("unknown:tx_lost",)),
    ],
)
def test_the_known_stage_nearest_the_antenna_decides(
    spelled: str, expected: tuple[str, ...]
) -> None:
    """An earlier bad decides where later stages are blind; an earlier good never does."""
    assert verdict(spelled).possible == expected


def test_a_blind_quality_leaves_the_programme_on_air() -> None:
    """It says why the quality is not known; what is undecided stays possible."""
    assert verdict("+++++") == Verdict(("degraded:low",), None)
    assert verdict("++++~") == Verdict(("good", "degraded:low"), None)
    assert verdict("++++?") == Verdict(("good",), None, "low_lost")
    assert verdict("++-+?") == Verdict(("bad:no_monitor",), None)
