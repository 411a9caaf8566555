"""Messages at their edges: a worsening beside an attempt, a storm's digest, hours that end."""

from __future__ import annotations

from dataclasses import replace

from monitord.core.model import SECOND, Layer
from monitord.core.plan import ChannelPlan, PersonPlan, Plan
from tests.support.seam import (
    OFF_AIR,
    OFFSET,
    T0,
    Driver,
    Outcome,
    Site,
    Watch,
    fm_site,
    needs,
    programme,
    shared_site,
    sound,
    transmitter,
)
from tests.support.seam import SOUND_ANSWERS as SOUND
from tests.support.seam import TRANSMITTER_ANSWERS as TRANSMITTER

EVERYBODY = (("critical", 0), ("minor", 0))


def words(watch: Watch) -> list[tuple[str, str]]:
    """Return (kind of message, severity) of every attempt."""
    alerts = [body["alert"] for body in watch.bodies("attempt_began")]
    return [(alert["told"], alert["severity"]) for alert in alerts]  # type: ignore[index]


def two_severities(tell: tuple[str, ...]) -> Site:
    """Return a minor and a critical programme on one transmitter; the critical opens later."""
    tx = needs("tx", Layer.EMISSION, "tx.radiating")
    minor = replace(programme("radio", tx), off_air=replace(OFF_AIR, severity="minor"))
    critical = replace(programme("tv", tx), off_air=replace(OFF_AIR, open_after=10 * SECOND))
    person = PersonPlan("desk", tell, EVERYBODY)
    channels = tuple(ChannelPlan(name) for name in tell)
    plan = Plan("hill", (transmitter("tx"),), (minor, critical), (person,), channels=channels)
    return Site("two", plan, {"tx": TRANSMITTER})


def test_a_worsening_goes_beside_the_attempt_that_is_under_way() -> None:
    """The minor opening has not arrived when the critical programme joins: it does not wait."""
    site = two_severities(("desk", "phone"))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(60 * SECOND), Outcome(1_000))))
    watch.hold(20).hold(20, tx="bad")
    assert words(watch) == [("opened", "minor"), ("worsened", "critical")]
    first, second = (int(str(body["at"])) for body in watch.bodies("attempt_began"))
    assert second - first == 10 * SECOND


def test_a_worsening_of_what_arrived_is_sent_at_once() -> None:
    """No minute between two words where it is worse."""
    site = two_severities(("desk",))
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(1_000),)))
    watch.hold(20).hold(20, tx="bad")
    assert words(watch) == [("opened", "minor"), ("worsened", "critical")]


def many(count: int) -> Site:
    """Return so many minor programmes, each with a detector of its own."""
    programmes = tuple(
        replace(
            programme(f"p{n:02}", needs("studio", Layer.CONTENT, f"io{n:02}.sound")),
            off_air=replace(OFF_AIR, severity="minor"),
        )
        for n in range(count)
    )
    devices = tuple(sound(f"io{n:02}") for n in range(count))
    person = PersonPlan("desk", ("console",), EVERYBODY)
    answers = {device.id: SOUND for device in devices}
    return Site("many", Plan("hill", devices, programmes, (person,)), answers)


def test_what_waits_for_the_digest_is_not_overtaken_by_its_like() -> None:
    """Fourteen minor outages: ten messages, a digest of the rest, and the next in 30 s."""
    site = many(14)
    watch = Watch(site, Driver(site.plan, outcomes=(Outcome(1_000),))).hold(30)
    watch.hold(20, **{f"io{n:02}": "bad" for n in range(12)})
    watch.hold(50, **{f"io{n:02}": "bad" for n in range(14)})
    kinds = [kind for kind, _ in words(watch)]
    assert kinds[:10] == ["opened"] * 10
    assert kinds[10:] == ["storm"] * len(kinds[10:])
    storms = [
        int(str(body["at"])) for body in watch.bodies("attempt_began") if body["bucket"] == "storm"
    ]
    assert len(storms) >= 2
    assert storms[1] - storms[0] >= 30 * SECOND


def test_a_message_names_what_a_silent_device_does_now() -> None:
    """It tripped and then gave no answer: the message says so, and not that it is off."""
    for site in (fm_site(), shared_site()):
        watch = Watch(site).hold(30).hold(1, fm1="bad").hold(5, fm1="silent")
        (body, *_) = watch.bodies("attempt_began")
        assert body["alert"]["devices_now"] == [{"device": "fm1", "does": "silent"}]  # type: ignore[index]


def test_an_outage_that_is_off_up_to_its_last_moment_ends_with_its_hours() -> None:
    """The first good answer comes behind the end of the hours: that is no recovery."""
    closes = T0 + 60 * SECOND + OFFSET - 1
    hours = ((closes - 86_400 * SECOND, closes, "on"), (closes, closes + 10**6 * SECOND, "closed"))
    site = fm_site()
    watch = Watch(site, Driver(site.plan, calendar=hours)).hold(30)
    watch.hold(30, fm1="bad").hold(30)
    (ended,) = [b for b in watch.bodies("outage_ended") if b["fault"] == "off_air"]
    assert (ended["how"], ended["ended"]) == ("hours", [closes - OFFSET] * 2)
