"""The whole gear over a drawn hour, and the proof that its verdict can fail."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from monitord.decoding.rules import Raw
from monitord.devices.modbus import ModbusReader
from monitord.dispatcher import Attempt, Dispatcher
from tests.simulation.observer.verdict import Verdict
from tests.simulation.plant import draw
from tests.simulation.whole.__main__ import PACE, judge, simulate_whole
from tests.simulation.whole.history import WholeHistory
from tests.simulation.whole.life import Parts
from tests.simulation.whole.mutants import HOURS as MUTANT_HOURS
from tests.simulation.whole.mutants import MUTANTS, Mutant, found
from tests.simulation.whole.run import run_whole
from tests.simulation.whole.scrapes import check_scrapes

DRAWN = (
    "stalls",
    "own_lateness",
    "traps",
    "too_late",
    "again",
    "implausible",
    "wrong_once",
    "slow_reads",
    "shared_sockets",
    "agent_starts",
    "snmp_too_late",
    "snmp_again",
    "snmp_elsewhere",
    "degraded_told",
    "degraded_demands",
    "with_hours",
    "closed_s",
    "states_scraped",
    "off_air_scraped",
    "ages_scraped",
    "counters_scraped",
    "restarts_remarked",
)
SEED, HOURS = 2, 1.0
"""A history with outages of every device, a changeover, restarts and a clock from nowhere."""

# Ends only what hangs.
pytestmark = pytest.mark.timeout(600)


class _AnswersLate(ModbusReader):
    """Hands over the answer before the last one."""

    before: tuple[Raw, ...] | None = None

    async def read_raw(self, deadline_s: float) -> tuple[Raw, ...]:
        now = await super().read_raw(deadline_s)
        before, self.before = self.before, now
        return now if before is None else before


class _LosesMessages(Dispatcher):
    """Sends nothing to one channel and says nothing of it."""

    def start(self, attempt: Attempt) -> None:
        if attempt.channel != "phone":
            super().start(attempt)


BROKEN = {
    "a reader that hands over the answer before": Parts(reader=_AnswersLate),
    "a dispatcher that loses messages": Parts(dispatcher=_LosesMessages),
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> WholeHistory:
    """What the drawn hour left."""
    plant = draw(SEED, HOURS, pace=PACE)
    return run_whole(plant, SEED, tmp_path_factory.mktemp("whole"))


def test_from_request_to_message_nothing_is_lost_and_nothing_is_false(
    history: WholeHistory,
) -> None:
    """Poller, decoding, engine, record, composer and dispatcher hold over one drawn hour."""
    verdict = judge(history)
    assert not verdict.failures
    assert verdict.counts["polls"] > 15_000
    assert verdict.counts["answers_compared"] > 15_000
    assert verdict.counts["snmp_answers"] > 10_000
    assert verdict.counts["restarts"] >= 2
    assert verdict.counts["reloads"] >= 2
    assert verdict.counts["slots_through_reloads"] > 5
    assert min(verdict.counts[name] for name in DRAWN) > 0
    assert verdict.counts["demands"] >= 10


FALSE = {
    "a programme is off the air": (
        r'(state="on_air"\} )1.0(\n\S*state="degraded"\} 0.0\n\S*state="off_air"\} )0.0',
        r"\g<1>0.0\g<2>1.0",
    ),
    "a programme is on the air": (
        r'(state="on_air"\} )0.0(\n\S*state="degraded"\} 0.0\n\S*state="off_air"\} )1.0',
        r"\g<1>1.0\g<2>0.0",
    ),
    "no incident is open": (r'(incidents_open\{severity="\w+"\}) \S+', r"\1 0.0"),
    "a device is as fresh as can be": (r'(device_age_seconds\{device="\w+"\}) \S+', r"\1 0.0"),
    "nothing was off": (r"(state_seconds_total\{[^}]*\}) \S+$", r"\1 0.0"),
}


@pytest.mark.parametrize(("was", "now"), FALSE.values(), ids=FALSE)
def test_metrics_that_are_false_are_found(history: WholeHistory, was: str, now: str) -> None:
    """Each sentence put into the second half of the texts makes the verdict fail."""
    first = len(history.scrapes) // 2
    texts = [
        replace(one, text=re.sub(was, now, one.text, flags=re.MULTILINE) if n > first else one.text)
        for n, one in enumerate(history.scrapes)
    ]
    verdict = Verdict(())
    check_scrapes(replace(history, scrapes=texts), verdict)
    assert verdict.failures


@pytest.mark.parametrize("parts", BROKEN.values(), ids=BROKEN)
def test_a_broken_part_of_the_gear_is_found(parts: Parts, tmp_path: Path) -> None:
    """Each break makes the observer's verdict fail."""
    assert simulate_whole(SEED, HOURS / 4, tmp_path, parts).failures


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_code_around_core_broken_on_purpose_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    """Each break makes the whole gear fail, by what it breaks and not by a crash."""
    assert f"{mutant.subject}: " in found(mutant, tmp_path)


@pytest.mark.parametrize("seed", sorted({mutant.seed for mutant in MUTANTS}))
def test_the_same_code_unbroken_is_passed(seed: int, tmp_path: Path) -> None:
    """The control: the histories that judge the mutants find nothing else."""
    assert not simulate_whole(seed, MUTANT_HOURS, tmp_path).failures
