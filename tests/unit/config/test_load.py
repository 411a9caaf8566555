"""A good file becomes exactly the settings it describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors, load
from monitord.config.settings import SchedulePlan
from monitord.core.expression import Compare, Label, Name, Not
from monitord.core.model import Layer
from monitord.core.plan import SEVERITIES, FaultPlan, MemberPlan, StagePlan
from monitord.decoding.model import Decoding
from monitord.devices.modbus.model import ModbusPoint, ModbusSource
from monitord.devices.snmp.model import V2C, Community, SnmpSource
from tests.support.mistakes import without_line
from tests.tidy.source import ROOT
from tests.unit.config.samples import SITE, changed, loaded, write

SECOND = 1_000_000
NAMED = "a profile is named as its file"
NO_POINT = "the device has no point 'b'; known: a"
NEEDED = "the profile's condition 'fault' needs it"
ROOM_POINT = "points: {audio_silent: {table: discrete_input, wire_address: 0,"


def test_the_site_becomes_a_plan_of_devices_programmes_and_people(tmp_path: Path) -> None:
    """Everything in the file is in the plan, in its order."""
    settings = loaded(tmp_path)
    assert settings.plan.site == settings.site == "dabie_hill"
    assert [device.id for device in settings.plan.devices] == ["fm1", "room_io"]
    assert [programme.id for programme in settings.plan.programmes] == ["county_fm"]
    assert settings.people[0].language == "zh"
    assert settings.plan.people[0].tell == ("desk", "console")
    assert settings.plan.people[0].delay("critical") == 3 * SECOND
    assert settings.channels[1].url == "http://10.1.1.5:8080/alerts"
    assert settings.record_folder == Path("/var/lib/monitord")
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.1", 9750)


def test_the_chain_is_that_of_the_file(tmp_path: Path) -> None:
    """Stages go from the source to the antenna, with the layer their conditions prove."""
    (programme,) = loaded(tmp_path).plan.programmes
    assert programme.chain == (
        StagePlan("studio_sound", "own", Layer.CONTENT, needs=Name("room_io.sound_present")),
        StagePlan(
            "transmitter",
            "own",
            Layer.EMISSION,
            members=(MemberPlan("fm1", Name("fm1.radiating"), Not(Name("fm1.fault"))),),
        ),
    )


def test_delays_that_are_not_given_have_defaults(tmp_path: Path) -> None:
    """Off air is reported at once, blindness after a minute, a lost reserve after ten seconds."""
    given = "    off_air: {open_after: 0s, clear_after: 30s, severity: critical}\n"
    (programme,) = loaded(tmp_path, (given, "")).plan.programmes
    assert programme.off_air == FaultPlan(0, 30 * SECOND, "critical")
    assert programme.blind == FaultPlan(60 * SECOND, 30 * SECOND, "major")
    assert programme.reserve_lost == FaultPlan(10 * SECOND, 30 * SECOND, "minor")


def test_a_delay_that_is_given_leaves_the_others_at_their_defaults(tmp_path: Path) -> None:
    """Each key has its own default."""
    (programme,) = loaded(
        tmp_path,
        ("    off_air:", "    blind: {severity: warning, open_after: 500ms}\n    off_air:"),
    ).plan.programmes
    assert programme.blind == FaultPlan(SECOND // 2, 30 * SECOND, "warning")


def test_points_of_reader_and_core_have_one_order(tmp_path: Path) -> None:
    """An answer's values are matched by position."""
    settings = loaded(
        tmp_path,
        (ROOM_POINT, ROOM_POINT.replace("{audio", "{z: {table: coil, wire_address: 7}, audio")),
    )
    for device, plan in zip(settings.devices, settings.plan.devices, strict=True):
        assert [point.id for point in device.source.points] == [point.id for point in plan.points]


def test_the_community_comes_from_its_file_and_shows_nowhere(tmp_path: Path) -> None:
    """A secret is read by reference and stays out of every text."""
    settings = loaded(tmp_path)
    source = settings.devices[0].source
    assert isinstance(source, SnmpSource)
    assert source.security == Community(V2C, "public")
    assert "public" not in repr(settings)


def test_a_channels_url_may_come_from_a_file_and_shows_nowhere(tmp_path: Path) -> None:
    """An address with a token in it is a secret too."""
    (tmp_path / "hook").write_text("https://127.0.0.1/?token=abc\n")
    settings = loaded(tmp_path, ('url: "http://10.1.1.5:8080/alerts"', "url_file: hook"))
    assert settings.channels[1].url == "https://127.0.0.1/?token=abc"
    assert "abc" not in repr(settings)


def test_the_deadline_is_most_of_the_slot_and_at_most_two_seconds(tmp_path: Path) -> None:
    """A poll ends well before the next begins, and nobody waits long for a dead device."""
    settings = loaded(tmp_path, ("fm, poll_every: 1s", "fm, poll_every: 30s"))
    assert [device.deadline for device in settings.devices] == [2 * SECOND, 800_000]
    assert [device.slot for device in settings.plan.devices] == [30 * SECOND, SECOND]


def test_a_deadline_that_is_given_is_taken(tmp_path: Path) -> None:
    """The device's own figure wins over the default, for reader and core alike."""
    settings = loaded(
        tmp_path, ("    poll_every: 1s\n", "    poll_every: 1s\n    deadline: 500ms\n")
    )
    assert settings.devices[1].deadline == settings.plan.devices[1].deadline == SECOND // 2


def test_a_bit_is_true_or_false_and_a_register_a_number(tmp_path: Path) -> None:
    """What need not be written follows from the table."""
    points = "r: {table: input_register, wire_address: 3, unit: A, scale: 0.1}, audio"
    settings = loaded(tmp_path, (ROOM_POINT, ROOM_POINT.replace("audio", points, 1)))
    source = settings.devices[1].source
    assert isinstance(source, ModbusSource)
    assert [(p.type, p.decoding.kind) for p in source.points] == [
        ("uint16", "number"),
        ("bit", "boolean"),
    ]
    assert source.points[0].decoding.scale == 0.1


def test_every_key_of_a_point_reaches_its_reader(tmp_path: Path) -> None:
    """A key that is taken and forgotten would be worse than one that is refused."""
    points = (
        "n: {table: holding_register, wire_address: 3, type: float32, word_order: little, unit: A,"
        " scale: 2, offset: -1, absent: [65535, -1], minimum: 0, maximum: 9},"
        " b: {table: input_register, wire_address: 9, truth: [3, 5]}, audio"
    )
    settings = loaded(tmp_path, (ROOM_POINT, ROOM_POINT.replace("audio", points, 1)))
    assert settings.devices[1].source.points[:2] == (
        ModbusPoint(
            "n",
            "holding_register",
            3,
            "float32",
            "little",
            Decoding("number", "A", 2, -1, absent=(65535, -1), minimum=0, maximum=9),
        ),
        ModbusPoint("b", "input_register", 9, "uint16", "big", Decoding("boolean", truth=(3, 5))),
    )


def test_all_and_any_of_the_same_conditions_differ_in_the_hash(tmp_path: Path) -> None:
    """Two plans with the same names in them may judge in opposite ways."""
    needs = "needs: room_io.sound_present"
    both = (needs, "layer: content, needs: room_io.sound_present and fm1.full_power")
    one = (needs, "layer: content, needs: room_io.sound_present or fm1.full_power")
    assert loaded(tmp_path, both).config_hash != loaded(tmp_path, one).config_hash


def test_labels_are_words_even_where_yaml_would_make_truths_of_them(tmp_path: Path) -> None:
    """YAML 1.1 reads off and on as false and true; here they are labels."""
    points = "mode: {table: coil, wire_address: 3, labels: {0: off, 1: on}}, audio"
    settings = loaded(
        tmp_path,
        (ROOM_POINT, ROOM_POINT.replace("audio", points, 1)),
        ("true_when: not audio_silent", "true_when: mode == on"),
    )
    assert settings.devices[1].source.points[0].decoding.labels == ((0, "off"), (1, "on"))
    (condition,) = settings.plan.devices[1].conditions
    assert condition.true_when == Compare("==", Name("mode"), Label("on"))


def test_relative_folders_start_from_the_files_own(tmp_path: Path) -> None:
    """Where the daemon was started from changes nothing."""
    settings = loaded(tmp_path, ("/var/lib/monitord", "../record"))
    assert settings.record_folder == tmp_path / "../record"


def test_an_absent_schedule_is_always_on(tmp_path: Path) -> None:
    """Only what has hours has a schedule."""
    settings = loaded(tmp_path, ('    schedule: {daily: "05:55-24:00"}\n', ""))
    assert settings.schedules == ()


def test_slots_may_be_several_and_pass_midnight(tmp_path: Path) -> None:
    """Minutes of the station's day; the next day's are beyond 1440."""
    settings = loaded(tmp_path, ('"05:55-24:00"', '["06:00-12:30", "20:00-01:00"]'))
    assert settings.schedules == (SchedulePlan("county_fm", ((360, 750), (1200, 1500))),)


def test_a_severity_that_is_not_named_has_no_delay(tmp_path: Path) -> None:
    """This person gets no message of it (as in the model of the incidents)."""
    settings = loaded(tmp_path, ("tell_after: 3s", "tell_after: {major: 60s}"))
    assert settings.plan.people[0].tell_after == (("major", 60 * SECOND),)


def test_without_delays_every_severity_is_reported_at_once(tmp_path: Path) -> None:
    """Who names no severity leaves out none."""
    settings = loaded(tmp_path, ("tell_after: 3s, ", ""))
    assert dict(settings.plan.people[0].tell_after) == dict.fromkeys(SEVERITIES, 0)


def test_names_are_labels_by_id(tmp_path: Path) -> None:
    """Texts find a label for everything a message can name; a stage without one has none."""
    named = ("stage: transmitter,", "stage: transmitter, name: 发射机,")
    assert loaded(tmp_path, named).names == {
        "site": "大别山发射台",
        "device/fm1": "调频发射机一",
        "device/room_io": "机房开关量",
        "programme/county_fm": "县广播 98.6 MHz",
        "stage/county_fm/transmitter": "发射机",
        "person/duty_desk": "值机台",
    }


def test_a_stage_of_several_layers_takes_the_one_it_is_given(tmp_path: Path) -> None:
    """Where conditions prove several layers, only the station knows which one is judged."""
    settings = loaded(
        tmp_path,
        (
            "needs: room_io.sound_present",
            "layer: service, needs: room_io.sound_present and fm1.full_power",
        ),
    )
    assert settings.plan.programmes[0].chain[0].layer is Layer.SERVICE


def test_the_hash_is_the_same_in_every_run(tmp_path: Path) -> None:
    """A restart with the same file is no change of configuration."""
    first, second = loaded(tmp_path), loaded(tmp_path)
    assert first.config_hash == second.config_hash
    assert len(first.config_hash) == 64


def test_the_hash_of_a_configuration_stays_what_records_have(tmp_path: Path) -> None:
    """A class or a field that is renamed must not make every record's configuration a new one."""
    known = "7c9679f7dbc6a2527540b6925564be61f88dad7bd03517a7d13f75104003d4cf"
    assert loaded(tmp_path).config_hash == known


@pytest.mark.parametrize(
    "change",
    [
        ("clear_after: 30s", "clear_after: 31s"),
        ("10.1.1.40", "10.1.1.41"),
        ("05:55", "05:56"),
        ("Asia/Shanghai", "Asia/Urumqi"),
        ("tell: [desk, console]", "tell: [console, desk]"),
        ("true_when: not audio_silent", "true_when: audio_silent"),
        ("needs: room_io.sound_present", "needs: all(room_io.sound_present)"),
    ],
    ids=lambda change: change[1],
)
def test_the_hash_changes_with_verdicts_and_messages(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    """All that can change a verdict or a message is in the hash."""
    assert loaded(tmp_path).config_hash != loaded(tmp_path, change).config_hash


@pytest.mark.parametrize(
    "change",
    [("调频发射机一", "FM 1"), ("/var/lib/monitord", "record"), ("8080/alerts", "8080/x")],
    ids=lambda change: change[1],
)
def test_the_hash_leaves_labels_folders_and_secrets_out(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    """A new label changes no verdict, and a hash must not be a test for a secret."""
    assert loaded(tmp_path).config_hash == loaded(tmp_path, change).config_hash


def test_the_hash_does_not_depend_on_the_community(tmp_path: Path) -> None:
    """A reader of the record must not be able to try communities against the hash."""
    path = write(tmp_path)
    before = load(path).config_hash
    (tmp_path / "secrets" / "fm1").write_text("private\n")
    assert load(path).config_hash == before


def test_the_example_in_the_project_loads(tmp_path: Path) -> None:
    """A copy of the example starts from a file without a mistake."""
    text = (ROOT / "config" / "examples" / "one-transmitter.yaml").read_text(encoding="utf-8")
    settings = load(write(tmp_path, text))
    assert [device.id for device in settings.devices] == ["fm1", "room_io"]


def test_the_errors_of_a_profile_name_its_file(tmp_path: Path) -> None:
    """A profile is checked by the same code, and its mistakes are not the station's."""
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "worldcast-ecreso-fm.yaml").write_text(
        "profile: other\ntitle: T\nprotocol: snmp\nsource: X-MIB\nverified: unverified\n"
        "points:\n  a: {oid: 1.3.6.1, unit: W}\n"
        "conditions:\n  radiating: {layer: emission, true_when: b > 1}\n"
        "  fault: {layer: emission, true_when: a > nominal.forward_w}\n"
    )
    with pytest.raises(ConfigErrors) as caught:
        loaded(tmp_path, profiles=profiles)
    profile = "profiles/worldcast-ecreso-fm.yaml: "
    lines = [without_line(error) for error in caught.value.errors]
    assert [line.replace(f"{tmp_path}/", "") for line in lines] == [
        f"{profile}profile: is 'other'; use worldcast-ecreso-fm; {NAMED}",
        f"{profile}conditions.radiating.true_when: at character 1 of 'b > 1': {NO_POINT}",
        f"monitord.yaml: devices.fm1.nominal.forward_w: is missing; add a number; {NEEDED}",
    ]


def test_mistakes_in_several_sections_are_reported_together(tmp_path: Path) -> None:
    """One run of the check is enough to fix a file."""
    text = changed(("Asia/Shanghai", "Mars"), ("unit_id: 1", "unit_id: 300"), ("[desk,", "[dsk,"))
    with pytest.raises(ConfigErrors) as caught:
        load(write(tmp_path, text))
    assert [error.key_path for error in caught.value.errors] == [
        "site.time_zone",
        "devices.room_io.modbus.unit_id",
        "people.duty_desk.tell[0]",
    ]


@pytest.mark.needs_shared
def test_the_example_of_the_architecture_loads_as_it_is(shared: Path, tmp_path: Path) -> None:
    """The contract's own site is a configuration."""
    page = (shared.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    settings = load(write(tmp_path, page.split("```yaml\n")[1].split("```")[0]))
    assert [programme.id for programme in settings.plan.programmes] == ["county_fm"]


def test_devices_with_equal_sections_share_their_points(tmp_path: Path) -> None:
    """Thousands of one kind are one set of points and expressions; ids and places are their own."""
    begin, end = SITE.index("  fm1:"), SITE.index("  room_io:")
    twin = SITE[begin:end].replace("fm1:", "fm2:", 1).replace("调频发射机一", "调频发射机二")
    twin = twin.replace("10.1.1.21", "10.1.1.22")
    settings = loaded(tmp_path, ("  room_io:\n", f"{twin}  room_io:\n"))
    one, other, _ = settings.plan.devices
    assert one.points is other.points
    assert all(
        a.true_when is b.true_when for a, b in zip(one.conditions, other.conditions, strict=True)
    )
    assert {c.id.partition(".")[0] for c in other.conditions} == {
        c.device for c in other.conditions
    }
    assert {c.device for c in other.conditions} == {"fm2"}
    assert [device.name for device in settings.devices[:2]] == ["调频发射机一", "调频发射机二"]
    assert [device.source.where for device in settings.devices[:2]] == [
        "10.1.1.21:161",
        "10.1.1.22:161",
    ]


def test_units_that_are_alike_keep_each_its_own_order_of_words(tmp_path: Path) -> None:
    """The section of a unit's address may also set the word order of its points."""
    energy = "{table: input_register, wire_address: 0, type: uint32, unit: Wh}"
    little = ", word_order: little, byte_order: little"
    meters = "".join(
        f"  {id_}: {{name: M, poll_every: 1s, modbus: {{address: 10.1.1.{host}{order}}},"
        f" points: {{energy: {energy}}}}}\n"
        for id_, host, order in (("g1", 61, ""), ("g2", 62, little), ("g3", 63, ""))
    )
    settings = loaded(tmp_path, ("  room_io:\n", f"{meters}  room_io:\n"))
    orders = {
        device.id: (point.word_order, point.byte_order)
        for device in settings.devices
        for point in device.source.points
        if isinstance(point, ModbusPoint) and point.id == "energy"
    }
    assert orders == {"g1": ("big", "big"), "g2": ("little", "little"), "g3": ("big", "big")}
