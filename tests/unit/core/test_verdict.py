"""The verdict of a programme: which stage of a layer decides, and what a blind quality leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitord.core.chain import layers_of, unmonitored_layers
from monitord.core.expression import Kind, Name
from monitord.core.look import Looked
from monitord.core.model import Layer
from monitord.core.plan import DegradedPlan, StagePlan, WitnessPlan
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


def witnessed(tx: str, hears: str, reference: str) -> tuple[tuple[str, ...], bool]:
    """Return the verdict of a transmitter with a witness, and whether it is proven bad ahead."""
    known = {
        "tx.ok": (SIGNS[tx], "timeout"),
        "roof.hears": (SIGNS[hears], "timeout"),
        "roof.reference": (SIGNS[reference], "timeout"),
    }
    roof = WitnessPlan("roof", EMISSION, Name("roof.hears"), Name("roof.reference"))
    chain = StagePlan("tx", "own", EMISSION, Name("tx.ok"))
    plan = replace(programme("fm", chain), witnesses=(roof,))
    conditions = {"tx.ok": condition("tx.ok", EMISSION, "no_carrier", Name("x"))}
    rules = Verdicts(plan, layers_of(plan), conditions)
    looked = Looked(known.__getitem__)
    return rules.of(looked).possible, rules.bad(looked) is not None


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("+++", "good"),
        ("+-+", "unknown:disputed"),
        ("-++", "unknown:disputed"),
        ("--+", "bad:no_carrier"),
        ("+--", "good"),
        ("-+-", "bad:no_carrier"),
        ("-+?", "bad:no_carrier"),
        ("-~+", "bad:no_carrier"),
        ("?++", "good"),
        ("?-+", "unknown:witness"),
        ("?+-", "unknown:timeout"),
    ],
)
def test_a_witness_counts_only_while_it_is_healthy(spelled: str, expected: str) -> None:
    """What it holds disputes a layer that is known otherwise; received makes a blind layer good."""
    assert witnessed(*spelled)[0] == (expected,)


@pytest.mark.parametrize(
    ("spelled", "proven"),
    [("--+", True), ("-?+", True), ("-+-", True), ("-~+", False), ("-+~", False), ("-++", False)],
)
def test_bad_is_not_proven_ahead_while_a_witness_may_contradict_it(
    spelled: str, proven: bool
) -> None:
    """It waits for the witness's next answer; the ledger then says which it was."""
    assert witnessed(*spelled)[1] is proven


@pytest.mark.parametrize(
    ("layers", "left"),
    [
        ((EMISSION,), (Layer.SERVICE, CONTENT)),
        ((CONTENT, EMISSION), (Layer.SERVICE,)),
        ((EMISSION, Layer.SERVICE, CONTENT), ()),
    ],
)
def test_a_layer_that_no_stage_proves_is_not_monitored(
    layers: tuple[Layer, ...], left: tuple[Layer, ...]
) -> None:
    """Equipment is none of them: nothing is claimed of it."""
    chain = [StagePlan(layer, "own", layer, Name("x")) for layer in layers]
    assert unmonitored_layers(programme("tv", *chain)) == left
