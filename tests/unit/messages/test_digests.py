"""A digest of several incidents counts what is proven and what is suspected, and prints no zero."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from tests.support.alerts import LABELS, OVER, alert, composed, member
from tests.unit.messages.test_compose import of_fault
from tests.unit.messages.test_sms_length import LONGEST, UNITS_MAX, units

COUNTED = {
    "off_air": ("停播1套", "1 off"),
    "suspected": ("疑似停播1套", "1 probably off"),
    "disputed": ("结论矛盾1套", "1 contradictory"),
    "blind": ("失监1套", "1 lost"),
}
OTHERS = ("degraded", "reserve_lost/tx", "silent/tx1", "alarm/ups1.mains_good", "clock_untrusted")
ZERO = re.compile(r"(?<!\d)0(?![\d:])")


def storm(*members: dict[str, Any]) -> Any:
    """Return a digest of two incidents with these members."""
    return alert(*members, told="storm", several=[512, 513])


def forms(found: Any, language: str) -> tuple[str, str, str]:
    """Return the three forms of a message without the times, in which a zero is no figure."""
    one = composed(found, language)
    return one.title, one.sms, one.spoken


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_digest_counts_each_fault_that_there_is_and_no_other(size: int, language: str) -> None:
    """In a power cut outages are suspected, and "0 off air" would be said of unproven time."""
    for faults in combinations(COUNTED, size):
        members = [of_fault(fault) | {"programme": f"p{fault}"} for fault in faults]
        title, sms, spoken = forms(storm(*members), language)
        counted = [COUNTED[fault][language == "en"] for fault in faults]
        whole = {"zh": f"：{'、'.join(counted)}，首要", "en": f"incidents, {', '.join(counted)}: "}
        assert whole[language] in title
        for text in (title, sms, spoken):
            assert not ZERO.search(text), text


@pytest.mark.parametrize("fault", [*COUNTED, *OTHERS])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_digest_of_one_incident_counts_it_and_has_its_number(fault: str, language: str) -> None:
    """Many came before it, and no other with it: its alert lists no several."""
    found = alert(of_fault(fault), told="storm", several=[], number=512)
    for text in forms(found, language):
        assert not ZERO.search(text), text
    sms = composed(found, language).sms
    assert re.findall(r"(\d+)(?:张故障单| incident\b)", sms) == ["1"]
    assert "512" in composed(found, language).text


@pytest.mark.parametrize("fault", OTHERS)
def test_a_digest_without_an_outage_prints_no_figure_of_one(fault: str) -> None:
    """Its incidents are counted, and the first one is named."""
    found = storm(of_fault(fault), of_fault("reserve_lost/tx") | {"programme": "tv"})
    assert re.search(r"2张故障单，首要[^，]+。逐张确认", composed(found).sms)
    assert "2 incidents: " in composed(found, "en").sms
    for language in ("zh", "en"):
        assert not any(ZERO.search(text) for text in forms(found, language))


def test_a_suspicion_that_is_over_is_counted_until_it_is_withdrawn() -> None:
    """The transmitter restarted in the dip: nobody knows what was on air."""
    back = of_fault("suspected", **OVER)
    assert "疑似停播1套" in composed(storm(back, of_fault("degraded"))).title
    gone = back | {"how": "withdrawn"}
    assert "疑似" not in composed(storm(gone, of_fault("degraded"))).title
    assert "停播" not in composed(storm(member(**OVER), of_fault("degraded"))).sms


def test_a_programme_is_counted_once_by_its_worst_fault() -> None:
    """Two incidents of one programme are one programme off air."""
    text = composed(storm(member(), member(), of_fault("blind"))).title
    assert "停播1套，" in text
    assert "失监" not in text.partition("首要")[0]


def test_a_silent_site_counts_all_programmes_and_the_incidents_are_still_counted() -> None:
    """What is off air besides is not counted twice; "n incidents" is not the programmes."""
    names = LABELS.names | {f"programme/p{n}": f"第{n}套" for n in range(5)}
    labels = replace(LABELS, names=names)
    one = composed(storm(of_fault("site_silent"), member()), labels=labels)
    assert "2张故障单：停播1套、失监6套，首要全台设备" in one.sms
    assert (
        "2 incidents, 1 off, 6 lost: "
        in composed(storm(of_fault("site_silent"), member()), "en", labels=labels).title
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_digest_of_many_programmes_fits_into_one_sms(language: str) -> None:
    """Where the figures have no room they are in the full form; names and count stay."""
    for each in (1, 9, 10, 99):
        members = [
            of_fault(fault) | {"programme": f"p{fault}{n}" if n else "fm"}
            for fault in COUNTED
            for n in range(each)
        ]
        found = alert(*members, told="storm", several=list(range(512, 552)))
        sms = composed(found, language, labels=LONGEST).sms
        assert units(sms) <= UNITS_MAX, sms
        assert "40" in sms
        assert "八个字的节目名称" in sms
