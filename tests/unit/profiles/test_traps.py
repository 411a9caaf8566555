"""What the shipped profiles make of their devices' traps, each written down a second time here."""

from __future__ import annotations

import pytest

from monitord.decoding.rules import Raw
from monitord.traps.decode import Notification
from monitord.traps.model import TrapDevice
from tests.unit.profiles.devices import NAMES, device

Oid = tuple[int, ...]

ENTERPRISES = (1, 3, 6, 1, 4, 1)
IRT = (*ENTERPRISES, 19831, 1, 1, 1, 1)
DEVA = (*ENTERPRISES, 35833, 6)
UPS = (1, 3, 6, 1, 2, 1, 33)
ALARM_ROW = (*UPS, 1, 6, 2, 1, 2, 7)  # upsAlarmDescr of some row
LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)


def irt(number: int) -> tuple[Oid, Oid]:
    """Return a trap of the IRT objects and the object in it."""
    return (*IRT, 0, number), (*IRT, 1, number, 0)


def alarm(number: int) -> str:
    """Return what upsAlarmDescr says of a well-known alarm."""
    return f"1.3.6.1.2.1.33.1.6.3.{number}"


SOURCE = (*DEVA, 3, 1, 0)  # mntrSource
AUDIO_LOSS, AUDIO_RECOVER, SOURCE_CHANGE = ((*DEVA, 254, 0, n) for n in (5, 6, 2))
ALARM_CAME, ALARM_WENT = (*UPS, 2, 3), (*UPS, 2, 4)

SAID: list[tuple[str, Oid, Oid, Raw, dict[str, bool]]] = [
    ("rs-sx800", *irt(4), 2, {"carrier": False}),
    ("rs-sx800", *irt(4), 1, {"carrier": True}),
    ("rs-sx800", *irt(4), 0, {}),
    ("rs-sx800", *irt(6), 1, {"fault": True}),
    ("rs-sx800", *irt(6), 2, {"fault": False}),
    ("rs-sx800", *irt(8), 2, {}),  # which input is in use stands elsewhere
    ("rs-sx800", *irt(10), 1, {"remote": False}),
    ("rs-sx800", *irt(10), 2, {"remote": True}),
    ("rs-sx800", *irt(13), 1, {"reference_good": False}),
    ("rs-sx800", *irt(13), 2, {"reference_good": True}),
    ("rs-sx800", *irt(14), 1, {"unmuted": False}),
    ("rs-sx800", *irt(14), 2, {"unmuted": True}),
    ("rs-sx800", LINK_DOWN, (*IRT, 1, 4, 0), 2, {}),
    ("deva-db8008", AUDIO_LOSS, SOURCE, 1, {"main_has_sound": False}),
    ("deva-db8008", AUDIO_LOSS, SOURCE, 14, {"main_has_sound": False}),
    ("deva-db8008", AUDIO_LOSS, SOURCE, 2, {}),  # a backup's silence is not the main's
    ("deva-db8008", AUDIO_RECOVER, SOURCE, 13, {"main_has_sound": True}),
    ("deva-db8008", AUDIO_RECOVER, SOURCE, 16, {}),
    ("deva-db8008", SOURCE_CHANGE, SOURCE, 14, {"main_on_output": True}),
    ("deva-db8008", SOURCE_CHANGE, SOURCE, 16, {"main_on_output": False}),
    ("deva-db8008", SOURCE_CHANGE, SOURCE, 128, {}),
    ("ups-mib", (*UPS, 2, 1), (*UPS, 1, 2, 3, 0), 25, {"on_battery": True}),
    # RFC 3584 puts a zero into the same trap of v1.
    ("ups-mib", (*UPS, 2, 0, 1), (*UPS, 1, 2, 3, 0), 25, {"on_battery": True}),
    ("ups-mib", (*UPS, 2, 2), (*UPS, 1, 7, 1, 0), 1, {}),
    ("ups-mib", ALARM_CAME, ALARM_ROW, alarm(2), {"no_alarm": False, "on_battery": True}),
    ("ups-mib", ALARM_CAME, ALARM_ROW, alarm(9), {"no_alarm": False, "on_bypass": True}),
    ("ups-mib", ALARM_CAME, ALARM_ROW, alarm(3), {"no_alarm": False, "battery_fine": False}),
    ("ups-mib", ALARM_CAME, ALARM_ROW, alarm(4), {"no_alarm": False, "battery_fine": False}),
    ("ups-mib", ALARM_CAME, ALARM_ROW, alarm(5), {"no_alarm": False}),
    ("ups-mib", ALARM_WENT, ALARM_ROW, alarm(2), {"on_battery": False}),
    ("ups-mib", ALARM_WENT, ALARM_ROW, alarm(9), {"on_bypass": False}),
    ("ups-mib", ALARM_WENT, ALARM_ROW, alarm(3), {}),
]


def sender(profile: str) -> TrapDevice:
    traps = device(profile).settings.traps
    assert traps is not None
    return traps.devices[0]


def said(profile: str, trap: Oid, *varbinds: tuple[Oid, Raw]) -> dict[str, bool]:
    """Return what the trap says, by condition of the profile."""
    came = Notification(is_inform=False, request_id=1, trap_oid=trap, uptime=0, varbinds=varbinds)
    rules = [rule for rule in sender(profile).rules if came.says(rule)]
    found = {rule.condition.removeprefix("it."): rule.value for rule in rules}
    assert len({(rule.condition, rule.value) for rule in rules}) == len(found)
    return found


@pytest.mark.parametrize(("profile", "trap", "of", "raw", "expected"), SAID)
def test_a_trap_says_this(
    profile: str, trap: Oid, of: Oid, raw: Raw, expected: dict[str, bool]
) -> None:
    """Which condition, and which way round: 1 is good in one object and bad in the next."""
    assert said(profile, trap, (of, raw)) == expected


def test_every_trap_of_every_profile_is_seen() -> None:
    """One that nobody has seen say anything may be the wrong way round."""
    seen = {
        (profile, condition, value)
        for profile, *_, expected in SAID
        for condition, value in expected.items()
    }
    every = {
        (profile, rule.condition.removeprefix("it."), rule.value)
        for profile in NAMES
        if (traps := device(profile).settings.traps) is not None
        for sender in traps.devices
        for rule in sender.rules
    }
    assert every == seen


def test_a_trap_without_the_object_it_is_about_says_nothing() -> None:
    """Half a trap is no statement."""
    assert said("rs-sx800", (*IRT, 0, 4)) == {}


def test_an_object_beside_the_one_named_is_another() -> None:
    """.4 is not .40, and a table's other column is not this one."""
    assert said("rs-sx800", (*IRT, 0, 4), ((*IRT, 1, 40, 0), 2)) == {}
