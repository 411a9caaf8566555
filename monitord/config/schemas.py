"""Which keys each section of a configuration has. Owns names, types and defaults; no cross-checks.

Sections whose entries people add (devices, points, conditions, stages) are read entry by entry, so
that a mistake in one hides no mistake in the next.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from monitord.config.fields.field_types import (
    DURATION_ALLOWED,
    Duration,
    FieldType,
    Formula,
    Host,
    Id,
    Items,
    Number,
    Refused,
    Section,
    SectionOrFalse,
    Text,
    TimeOfDay,
    Truth,
    Url,
    any_of,
    one_of,
    read_duration,
    read_parts,
    whole,
)
from monitord.config.fields.plan_types import ConditionIds, Rank, ShortName, SiteShortName
from monitord.config.fields.point_types import (
    Absent,
    BothLanguages,
    Card,
    Derived,
    Floors,
    Labels,
    Names,
    Nominal,
    ObjectIds,
    OnlyIf,
    PerTime,
    RawNumbers,
    RowIndex,
    RowKeys,
    RowsByName,
    Scale,
    TimesTenTo,
)
from monitord.config.fields.schedule_types import DateList, Dates, DaySlots, Monthly, Weekly
from monitord.config.loader.phrases import phrase, shown
from monitord.core.plan import COUNTY_RANK
from monitord.decoding.charsets import CHARSETS
from monitord.decoding.plausibility import ALL_ZERO

SEVERITIES = ("critical", "major", "minor", "warning")
LAYERS = ("emission", "service", "content")
EQUIPMENT = "equipment"
REASONS = (
    "no_carrier",
    "no_service",
    "black",
    "freeze",
    "silence",
    "wrong_programme",
    "filler",
    "empty_carrier",
)
OWNERS = ("own", "province", "network_company", "township")
SLOW = "slow"
CLOCKS = ("network", "rtc", "host")
VERIFIED = ("recording", "two_sources", "single_source", "unverified")

Severity = Annotated[str, one_of(*SEVERITIES)]
Layer = Annotated[str, one_of(*LAYERS)]
Verified = Annotated[str, one_of(*VERIFIED)]
ClockSource = Annotated[str, one_of(*CLOCKS)]
Charset = Annotated[str, one_of(*CHARSETS)]
AllZero = Annotated[str, one_of(*ALL_ZERO)]


def read_tell_after(value: Any) -> tuple[tuple[str, int], ...]:
    """Return the delays in order of severity: one for all, or those of the severities named.

    This person gets no message of a severity that is not named.
    """
    if not isinstance(value, dict):
        delay = read_duration(value)
        return tuple((severity, delay) for severity in SEVERITIES)
    delays = dict(read_parts(value.items(), _delay))
    return tuple((severity, delays[severity]) for severity in SEVERITIES if severity in delays)


def _delay(severity: Any, found: Any) -> tuple[str, int]:
    if severity not in SEVERITIES:
        raise Refused(found=phrase("key", key=shown(severity)), allowed=any_of(*SEVERITIES))
    try:
        return severity, read_duration(found)
    except Refused as refused:
        raise Refused(refused.hint, shown(found), DURATION_ALLOWED, (severity,)) from refused


TellAfter = Annotated[
    tuple[tuple[str, int], ...], FieldType(read_tell_after, phrase("type.tell_after"))
]


class Schema(BaseModel):
    """Keys not listed are mistakes; values do not change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TopSchema(Schema):
    site: Section
    devices: Section
    programmes: Section
    people: Section
    channels: Section
    record: Section
    listen: Section | None = None
    traps: Section | None = None
    holidays: Section | None = None
    include: Items = Field(default_factory=list)
    profiles: Items = Field(default_factory=list)


class SiteSchema(Schema):
    id: Id
    name: Text
    short_name: SiteShortName | None = None
    time_zone: Text
    clock: ClockSource = "network"
    close_lag: Duration = 5_000_000


class DeviceSchema(Schema):
    name: Text
    short_name: ShortName | None = None
    profile: Text | None = None
    poll_every: Duration
    deadline: Duration | None = None
    slow_every: Duration | None = None
    burst: Truth | None = None
    agent_refresh_max: Duration | None = None
    nominal: Nominal = Field(default_factory=dict)
    rows: RowsByName = Field(default_factory=dict)
    delays: Section = Field(default_factory=dict)
    charset: Charset | None = None
    all_zero: AllZero | None = None
    snmp: Section | None = None
    modbus: Section | None = None
    frame: Section | None = None
    points: Section = Field(default_factory=dict)
    conditions: Section = Field(default_factory=dict)
    traps: SectionOrFalse | None = None
    continuity_bound: Duration | None = None
    powered_by: ConditionIds = ()
    behind: ConditionIds = ()
    mutes_on_input: ConditionIds = ()


class DelaysSchema(Schema):
    """How late a source is, where that is set at the device itself (a detector's hold)."""

    agent_refresh_max: Duration | None = None
    true_delay_max: Duration | None = None
    false_delay_max: Duration | None = None


class AnyPointSchema(Schema):
    """Keys of points that are read and of points that are derived.

    ``object``: the source's own name for the point (a MIB object, a manual's entry). ``verified``:
    if it differs from its profile's. ``only_if``: labels that other points must have for this one
    to be a value at all; ``only_above``: floors that other points must exceed.
    """

    object: Text | None = None
    verified: Verified | None = None
    unit: Text | None = None
    only_if: OnlyIf = ()
    only_above: Floors = ()
    minimum: Number | None = None
    maximum: Number | None = None
    change_max: PerTime | None = None
    true_delay_max: Duration = 0
    false_delay_max: Duration = 0
    continuity_bound: Duration | None = None


class PointSchema(AnyPointSchema):
    """What SNMP objects, Modbus registers and fields of frames have in common.

    ``times_ten_to``: points of the same device whose sum is an exponent of the scale; ``times`` and
    ``divided_by``: points that are ratios. ``counter``: its width in bits; the keys up to
    ``rate_max`` belong to it. ``wraps``: the width of a running time that goes on over its wrap.
    """

    kind: Annotated[str, one_of("number", "boolean", "enum", "text")] | None = None
    scale: Scale = 1
    offset: Number = 0
    labels: Labels = ()
    truth: RawNumbers | None = None
    times_ten_to: TimesTenTo = ()
    times: Names = ()
    divided_by: Names = ()
    absent: Absent = ()
    charset: Charset | None = None
    decimal_comma: Truth = False
    counter: Annotated[int, whole(8, 64)] | None = None
    counts: Annotated[str, one_of("rate", "increase")] | None = None
    rate_over: Duration | None = None
    since: Id | None = None
    rate_max: PerTime | None = None
    wraps: Annotated[int, whole(8, 64)] | None = None
    frozen_after: Duration | None = None
    uptime_of: Annotated[str, one_of("agent", "equipment")] | None = None
    agent_refresh_max: Duration | None = None
    pace: Annotated[str, one_of("fast", SLOW)] = "fast"


class DerivedSchema(AnyPointSchema):
    """A point calculated from others of the same device; no reader polls it."""

    derived: Derived


class ConditionSchema(Schema):
    """``card``: what to do when this condition is why a programme is off the air; ``words``: what
    is wrong then.

    ``alarm``: an alarm of the device itself, whatever the programmes do.
    """

    layer: Annotated[str, one_of(*LAYERS, EQUIPMENT)]
    reason: Annotated[str, one_of(*REASONS)] | None = None
    true_when: Formula
    card: Card | None = None
    words: BothLanguages | None = None
    alarm: SectionOrFalse | None = None


class ConditionAlarmSchema(Schema):
    """``when``: the value of the condition that is the alarm."""

    severity: Severity
    open_after: Duration = 0
    clear_after: Duration = 30_000_000
    when: Truth = False


class OwnAlarmSchema(Schema):
    """What a device adds to a condition of its profile; false: without the profile's alarm."""

    alarm: SectionOrFalse


class AlarmSchema(Schema):
    """An alarm that a profile proposes while ``condition`` has this ``value``; not sent yet."""

    condition: Id
    value: Truth = True
    severity: Severity
    text: BothLanguages


class RowSchema(Schema):
    """A row that a device chooses. ``index``: its default.

    ``keys``: columns by whose cells a device may choose it instead of by an index.
    The points of an ``optional`` row that is not chosen are left out, and the conditions on them.
    """

    what: Text
    index: RowIndex | None = None
    keys: RowKeys = Field(default_factory=dict)
    optional: Truth = False


class RecogniseSchema(Schema):
    """``sys_object_id``: what a device of this kind answers, or how that begins, any of them.

    ``has``: objects, or parts of the tree with one, that it has, all of them: where many kinds of
    device answer the same sysObjectID.
    """

    sys_object_id: ObjectIds = ()
    has: ObjectIds = ()


class ProfileSchema(Schema):
    """A device's kind. ``source``: of its facts; ``verified``: how these were checked.

    ``charset``: of its texts; ``all_zero``: the meaning of an answer of zeros alone;
    ``rows``: the rows of tables that a device must choose, by their names in OIDs;
    ``snmp``, ``modbus``, ``frame``: defaults of the device's section; ``recognise``: how a device
    of this kind is recognised; ``burst``: whether it may be polled outside its slots.
    ``witness``: it receives off air what the audience receives, and is never part of a chain.
    ``parameters`` to ``probe``: requests and answers of a device that uses frames.
    """

    profile: Text
    title: Text
    protocol: Annotated[str, one_of("snmp", "modbus", "frame")]
    source: Text
    verified: Verified
    agent_refresh_max: Duration = 0
    snmp: Section = Field(default_factory=dict)
    modbus: Section = Field(default_factory=dict)
    frame: Section = Field(default_factory=dict)
    burst: Truth = True
    witness: Truth = False
    charset: Charset | None = None
    all_zero: AllZero | None = None
    recognise: Section = Field(default_factory=dict)
    rows: Section = Field(default_factory=dict)
    parameters: Section = Field(default_factory=dict)
    check: Section | None = None
    answer: Section = Field(default_factory=dict)
    requests: Section = Field(default_factory=dict)
    probe: Id | None = None
    points: Section
    conditions: Section = Field(default_factory=dict)
    alarms: Items = Field(default_factory=list)
    traps: Section = Field(default_factory=dict)


class FaultSchema(Schema):
    open_after: Duration | None = None
    clear_after: Duration | None = None
    severity: Severity | None = None


class ProgrammeSchema(Schema):
    name: Text
    short_name: ShortName | None = None
    schedule: Section | None = None
    chain: Items
    off_air: Section = Field(default_factory=dict)
    blind: Section = Field(default_factory=dict)
    reserve_lost: Section = Field(default_factory=dict)
    degraded: Section = Field(default_factory=dict)
    reserve_unknown: Section = Field(default_factory=dict)
    reserve_used: Section = Field(default_factory=dict)
    manual: Section = Field(default_factory=dict)
    witnesses: Items = Field(default_factory=list)
    rank: Rank = COUNTY_RANK


class ScheduleSchema(Schema):
    daily: DaySlots
    weekly: Weekly = ()
    monthly: Monthly = ()
    dates: Dates = ()
    holidays: DaySlots | None = None
    working_weekends: DaySlots | None = None


class HolidaysSchema(Schema):
    country: Annotated[str, one_of("cn")]
    notices: Section = Field(default_factory=dict)


class NoticeSchema(Schema):
    source: Text
    holidays: DateList
    working_weekends: DateList = ()


class StageSchema(Schema):
    stage: Id
    name: Text | None = None
    owner: Annotated[str, one_of(*OWNERS)]
    layer: Layer | None = None
    needs: Formula | None = None
    members: Items | None = None
    degraded: Items = Field(default_factory=list)
    manual: Formula | None = None


class WitnessSchema(Schema):
    id: Id
    needs: Formula
    healthy: Formula | None = None


class MemberSchema(Schema):
    id: Id
    carries: Formula
    ready: Formula | None = None
    serves: Annotated[str, one_of("one", "all")] = "one"


class DegradedSchema(Schema):
    when: Formula
    reason: Annotated[str, one_of("reduced_power")]


class PersonSchema(Schema):
    name: Text
    language: Annotated[str, one_of("zh", "en")] = "zh"
    tell: Items
    tell_after: TellAfter = ()


CHANNEL_KINDS = {"console": True, "webhook": False}
"""The kinds of channel, and whether one is a single physical thing: one message at a time.

A console is one terminal, or one horn that sounds for its lines.
"""


class ChannelSchema(Schema):
    kind: Annotated[str, one_of(*CHANNEL_KINDS)]
    url: Url | None = None
    url_file: Text | None = None
    deadline: Duration = 5_000_000


BACKUPS_KEPT_MAX = 366


class RecordSchema(Schema):
    """``backup_folder``: where a copy of the record is kept each night."""

    folder: Text
    backup_folder: Text | None = None
    backup_at: TimeOfDay | None = None
    backups_kept: Annotated[int, whole(1, BACKUPS_KEPT_MAX)] | None = None


class ListenSchema(Schema):
    address: Host = "127.0.0.1"
    port: Annotated[int, whole(0, 65535)] = 9750
