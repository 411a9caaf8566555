"""The past of a condition that programmes share: kept until each of them has settled it."""

from __future__ import annotations

from monitord.core.columns import Column
from monitord.core.expression import Name
from monitord.core.ledger import totals
from monitord.core.model import SECOND, Answer, Layer
from monitord.core.plan import Plan
from tests.support.seam import DESK, T0, Driver, condition, device, needs, programme

ANSWERS = {
    "mux": {1_000: True, 2_000: False, 3_000: False, 3_900: True},
    "tx1": {1_600: True, 4_350: True},
    "tx2": {1_000: True, 3_400: True, 4_500: True},
    "tx3": dict.fromkeys(range(500, 5_000, 500), True),
}
"""By device and milliseconds, whether it is good. Each transmitter is as slow as another one."""


def test_each_programme_counts_the_bad_second_of_what_they_share() -> None:
    """The first has settled it while the two others wait for their slower transmitters."""
    kinds = {"mux": Layer.SERVICE} | dict.fromkeys(("tx1", "tx2", "tx3"), Layer.EMISSION)
    devices = tuple(
        device(name, ("ok",), condition(f"{name}.on", layer, "no_carrier", Name("ok")))
        for name, layer in kinds.items()
    )
    programmes = tuple(
        programme(
            name,
            needs("mux", Layer.SERVICE, "mux.on"),
            needs("tx", Layer.EMISSION, f"{name}.on"),
        )
        for name in ("tx1", "tx2", "tx3")
    )
    driver = Driver(Plan("hill", devices, programmes, (DESK,)))
    driver.start(T0)
    answers = sorted((at, name, ok) for name, all_ in ANSWERS.items() for at, ok in all_.items())
    for at, name, ok in answers:
        moment = T0 + at * 1_000
        driver.tick([Answer(name, moment, moment, (ok,))], moment)
    durable = driver.situation.durable
    sure = [totals(durable, one.id, T0 + 4 * SECOND).columns for one in programmes]
    assert [one[Column.OFF_AIR] for one in sure] == [SECOND] * 3
