"""Keys for what explains a fault, which alarms there are, and what is restored first."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors
from monitord.core.expression import AnyOf, Name, Not
from monitord.core.model import SECOND, Layer
from monitord.core.plan import AlarmPlan, ChannelPlan, DevicePlan, FaultPlan, ProgrammePlan
from tests.unit.config.samples import loaded

ROOM = "    poll_every: 1s\n"
SOUND = "sound_present: {layer: content, true_when: not audio_silent"
PROGRAMME = "    name: 县广播 98.6 MHz\n"
INPUT = """
profile: input
title: An input
protocol: modbus
source: the wiring of the room
verified: unverified
points: {audio_silent: {table: discrete_input, wire_address: 0}}
conditions:
  sound_present: {layer: content, true_when: not audio_silent, alarm: {severity: minor}}
"""


def device(folder: Path, keys: str) -> DevicePlan:
    """Return the second device of the sample with more keys."""
    return loaded(folder, (ROOM, f"{ROOM}    {keys}\n")).plan.devices[1]


def programme(folder: Path, keys: str) -> ProgrammePlan:
    """Return the programme of the sample with more keys."""
    return loaded(folder, (PROGRAMME, f"{PROGRAMME}    {keys}\n")).plan.programmes[0]


@pytest.mark.parametrize("key", ["powered_by", "behind", "mutes_on_input"])
def test_a_device_names_the_conditions_whose_failure_explains_its_own(
    tmp_path: Path, key: str
) -> None:
    """One condition is written as it is, several as a list, in its order."""
    assert getattr(device(tmp_path, ""), key) == ()
    assert getattr(device(tmp_path, f"{key}: fm1.fault"), key) == ("fm1.fault",)
    several = device(tmp_path, f"{key}: [fm1.radiating, fm1.fault]")
    assert getattr(several, key) == ("fm1.radiating", "fm1.fault")


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ("fm1", "is 'fm1'; use a condition"),
        ("fm1.", "is 'fm1.'; use a condition"),
        (".fault", "is '.fault'; use a condition"),
        ("fm1.fault.x", "is 'fm1.fault.x'; use a condition"),
        ("not fm1.fault", "is 'not fm1.fault'; use a condition"),
        ("Fm1.fault", "is 'Fm1.fault'; use a condition"),
        ("7", "is 7; use a condition"),
        ("1.5", "is 1.5; use a condition"),
        ("true", "is true; use a condition"),
        ("", "is empty; use a condition"),
        ("[]", "is an empty list; use a condition"),
        ("{fm1: fault}", "is a mapping; use a condition"),
        ("[fm1.fault, 3]", "is 3; use a condition"),
        ("[[fm1.fault]]", "is a list; use a condition"),
        ("[fm1.fault, fm1.fault]", "is fm1.fault again; use a condition"),
    ],
)
def test_another_value_is_no_condition(tmp_path: Path, found: str, problem: str) -> None:
    """The mistake shows what was found, and an example of a condition."""
    with pytest.raises(ConfigErrors) as refused:
        device(tmp_path, f"powered_by: {found}")
    (error,) = refused.value.errors
    assert error.key_path.startswith("devices.room_io.powered_by")
    if found:
        assert problem in str(error)
    assert "such as ups1.mains_good" in str(error)


@pytest.mark.parametrize(
    ("written", "rank"),
    [("central", 0), ("provincial", 1), ("city", 2), ("county", 3), ("0", 0), ("99", 99)],
)
def test_a_rank_is_a_name_or_a_number(tmp_path: Path, written: str, rank: int) -> None:
    """The four usual levels have names; a station may order more finely."""
    assert programme(tmp_path, f"rank: {written}").rank == rank
    assert loaded(tmp_path).plan.programmes[0].rank == 3


@pytest.mark.parametrize("written", ["-1", "100", "1.0", "true", "national", "'2'", "[central]"])
def test_another_rank_is_a_mistake_that_lists_the_ranks(tmp_path: Path, written: str) -> None:
    """A rank out of range would put a programme behind alarms."""
    with pytest.raises(ConfigErrors, match="use one of central, provincial, city, county, or a"):
        programme(tmp_path, f"rank: {written}")


def test_the_newer_faults_have_delays_and_severities_of_their_own(tmp_path: Path) -> None:
    """Each has defaults, and takes the keys of the older ones."""
    plain = loaded(tmp_path).plan.programmes[0]
    assert plain.degraded == FaultPlan(30 * SECOND, 30 * SECOND, "minor")
    assert plain.reserve_unknown == FaultPlan(60 * SECOND, 30 * SECOND, "minor")
    assert plain.manual == FaultPlan(10 * SECOND, 30 * SECOND, "minor")
    assert plain.reserve_used == FaultPlan(10 * SECOND, 30 * SECOND, "minor")
    for key in ("degraded", "reserve_unknown", "reserve_used", "manual"):
        keys = f"{key}: {{open_after: 1s, clear_after: 2s, severity: major}}"
        given = getattr(programme(tmp_path, keys), key)
        assert given == FaultPlan(SECOND, 2 * SECOND, "major")
        with pytest.raises(ConfigErrors, match=f"{key}.severity"):
            programme(tmp_path, f"{key}: {{severity: none}}")


def test_a_stage_says_when_somebody_has_left_it_in_manual(tmp_path: Path) -> None:
    """Any conditions may say so, those of equipment too."""
    stage = "{stage: studio_sound, owner: own, "
    given = (stage, f"{stage}manual: fm1.fault or not room_io.sound_present, ")
    chain = loaded(tmp_path, given).plan.programmes[0].chain
    assert chain[0].manual == AnyOf((Name("fm1.fault"), Not(Name("room_io.sound_present"))))
    assert chain[1].manual is None
    with pytest.raises(ConfigErrors, match=r"manual.*device 'fm1' has no condition 'auto'"):
        loaded(tmp_path, (stage, f"{stage}manual: not fm1.auto, "))


def test_a_condition_may_be_an_alarm_of_its_device(tmp_path: Path) -> None:
    """By default while it is false, at once, until it was good for half a minute."""
    short = (SOUND, f"{SOUND}, alarm: {{severity: major}}")
    alarm = loaded(tmp_path, short).plan.devices[1].conditions[0].alarm
    assert alarm == AlarmPlan("major", 0, 30 * SECOND, when=False)
    keys = "{severity: warning, open_after: 5s, clear_after: 1m, when: true}"
    full = (SOUND, f"{SOUND}, alarm: {keys}")
    alarm = loaded(tmp_path, full).plan.devices[1].conditions[0].alarm
    assert alarm == AlarmPlan("warning", 5 * SECOND, 60 * SECOND, when=True)
    assert loaded(tmp_path).plan.devices[1].conditions[0].alarm is None


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("{}", "alarm.severity: is missing"),
        ("{severity: loud}", "alarm.severity: is 'loud'"),
        ("{severity: major, open_after: 5}", "alarm.open_after: is 5"),
        ("{severity: major, when: never}", "alarm.when: is 'never'; use true or false"),
        ("{severity: major, after: 5s}", "no key 'after'"),
        ("true", "alarm: is true"),
        ("[major]", "alarm: is a list"),
        ("major", "alarm: is 'major'"),
    ],
)
def test_a_mistake_in_an_alarm_is_at_its_key(tmp_path: Path, keys: str, problem: str) -> None:
    """The person who wrote it finds it."""
    with pytest.raises(ConfigErrors) as refused:
        loaded(tmp_path, (SOUND, f"{SOUND}, alarm: {keys}"))
    assert problem in str(refused.value)


def test_each_channel_says_whether_it_is_one_thing(tmp_path: Path) -> None:
    """A terminal takes one message at a time, a server several."""
    assert loaded(tmp_path).plan.channels == (ChannelPlan("console", True), ChannelPlan("desk"))


def test_how_shortly_before_close_down_counts_as_close_down(tmp_path: Path) -> None:
    """A site sets it; most have no need to."""
    assert loaded(tmp_path).plan.close_lag == 5 * SECOND
    zone = "time_zone: Asia/Shanghai"
    assert loaded(tmp_path, (zone, f"{zone}, close_lag: 20s")).plan.close_lag == 20 * SECOND


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ROOM, f"{ROOM}    powered_by: fm1.fault\n"),
        (ROOM, f"{ROOM}    behind: fm1.fault\n"),
        (ROOM, f"{ROOM}    mutes_on_input: fm1.fault\n"),
        (SOUND, f"{SOUND}, alarm: {{severity: major}}"),
        (PROGRAMME, f"{PROGRAMME}    rank: city\n"),
        (PROGRAMME, f"{PROGRAMME}    manual: {{severity: major}}\n"),
        (PROGRAMME, f"{PROGRAMME}    degraded: {{severity: major}}\n"),
        (PROGRAMME, f"{PROGRAMME}    reserve_unknown: {{severity: major}}\n"),
        (PROGRAMME, f"{PROGRAMME}    reserve_used: {{severity: major}}\n"),
        ("owner: own, needs", "owner: own, manual: fm1.fault, needs"),
        ("time_zone: Asia/Shanghai", "time_zone: Asia/Shanghai, close_lag: 6s"),
    ],
)
def test_each_of_these_keys_is_in_the_hash_where_it_is_used(
    tmp_path: Path, old: str, new: str
) -> None:
    """A record must show that messages were decided by other rules."""
    assert loaded(tmp_path, (old, new)).config_hash != loaded(tmp_path).config_hash


def test_a_profile_may_say_which_conditions_are_alarms(tmp_path: Path) -> None:
    """Every device of the profile then has the alarm."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "input.yaml").write_text(INPUT, encoding="utf-8")
    text = "    points: {audio_silent: {table: discrete_input, wire_address: 0,"
    settings = loaded(
        tmp_path,
        ("devices:\n", "profiles: [own]\ndevices:\n"),
        (ROOM, f"{ROOM}    profile: input\n"),
        (text, "    points: {other: {table: discrete_input, wire_address: 7,"),
        (f"    conditions: {{{SOUND}}}}}\n", ""),
    )
    (condition,) = settings.plan.devices[1].conditions
    assert condition.alarm == AlarmPlan("minor", 0, 30 * SECOND)


NOMINAL = "nominal: {forward_power_w: 1000},"


def alarms_of_fm1(folder: Path, conditions: str) -> dict[str, AlarmPlan]:
    """Return the alarms of the first device, which has a profile, by condition."""
    settings = loaded(folder, (NOMINAL, f"{NOMINAL} conditions: {conditions},"))
    conditions_of = settings.plan.devices[0].conditions
    return {one.id: one.alarm for one in conditions_of if one.alarm is not None}


def test_a_device_makes_a_condition_of_its_profile_an_alarm(tmp_path: Path) -> None:
    """Nobody has to copy the profile; a condition of the device's own remains beside it."""
    own = "own: {layer: equipment, true_when: forward_power_w > 9}"
    found = alarms_of_fm1(tmp_path, f"{{fault: {{alarm: {{severity: major, when: true}}}}, {own}}}")
    assert found == {"fm1.fault": AlarmPlan("major", 0, 30 * SECOND, when=True)}


def test_a_device_does_without_an_alarm_of_its_profile(tmp_path: Path) -> None:
    """False takes away, also where there is none."""
    assert alarms_of_fm1(tmp_path, "{fault: {alarm: false}}") == {}


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ("{fault: {alarm: {severity: loud}}}", "conditions.fault.alarm.severity: is 'loud'"),
        ("{fault: {alarm: true}}", "conditions.fault.alarm: is true"),
        ("{fault: {}}", "conditions.fault: profile"),
        ("{faults: {alarm: {severity: major}}}", "conditions.faults.layer: is missing"),
        ("{fault: {alarm: false, layer: emission}}", "conditions.fault: profile"),
    ],
)
def test_only_an_alarm_is_added_to_a_condition_of_a_profile(
    tmp_path: Path, conditions: str, problem: str
) -> None:
    """Its meaning stays that of the profile, and a misspelt id is a mistake."""
    with pytest.raises(ConfigErrors) as refused:
        alarms_of_fm1(tmp_path, conditions)
    assert problem in str(refused.value)


def test_a_witness_is_read_with_the_layer_it_proves(tmp_path: Path) -> None:
    """Its health is of any layer; without it the witness always counts."""
    radiating = "needs: fm1.radiating"
    keys = f"witnesses: [{{id: a, {radiating}, healthy: fm1.fault}}, {{id: b, {radiating}}}]"
    first, second = programme(tmp_path, keys).witnesses
    assert (first.id, first.layer, first.needs) == ("a", Layer.EMISSION, Name("fm1.radiating"))
    assert (first.healthy, second.healthy) == (Name("fm1.fault"), None)


@pytest.mark.parametrize(
    "needs", ["fm1.radiating and room_io.sound_present", "room_io.sound_present"]
)
def test_a_witness_proves_one_layer_that_the_chain_proves_too(tmp_path: Path, needs: str) -> None:
    """Otherwise there is nothing to compare it with."""
    chain = "      - {stage: studio_sound, owner: own, needs: room_io.sound_present}\n"
    keys = f"{PROGRAMME}    witnesses: [{{id: a, needs: {needs}}}]\n"
    with pytest.raises(ConfigErrors, match=r"witnesses\[0\]\.needs.*emission"):
        loaded(tmp_path, (chain, ""), (PROGRAMME, keys))
