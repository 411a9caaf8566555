"""The table of metrics: names, types, labels, units, help texts in English and Chinese.

Samples and the reference page (``docs/metrics.md``, ``docs/metrics.zh-CN.md``) are made from it.
Labels come from the configuration and from fixed lists only, never from error texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitord.metrics.configuration_names import CONFIGURATION
from monitord.metrics.engine_names import ENGINE
from monitord.metrics.families import Family, MetricType
from monitord.metrics.message_names import PEOPLE
from monitord.units import BASES, OTHER

PROGRAMMES: Final = (
    Family(
        "monitord_programme_state",
        MetricType.GAUGE,
        ("programme", "state"),
        "",
        "1 for the state the programme is in now, 0 for the others",
        "节目当前所处状态为1，其余为0",
        "`state`: `on_air`, `degraded`, `off_air`, `blind` (monitoring lost), `between` (the change"
        " lies in these seconds), `planned_off`, `closed` (outside hours).",
        "`state`：`on_air`在播、`degraded`劣播、`off_air`停播、`blind`失监、`between`待定、"
        "`planned_off`计划停播、`closed`非播出时段。",
    ),
    Family(
        "monitord_programme_layer_monitored",
        MetricType.GAUGE,
        ("programme", "layer"),
        "",
        "1 where a stage of the chain monitors the layer, 0 where nobody does",
        "链路中有环节监测这一层为1，无人监测为0",
        "`layer`: `emission`, `service`, `content`. On air means good in monitored layers only.",
        "`layer`：`emission`发射、`service`业务、`content`内容。在播只指有监测的层正常。",
    ),
    Family(
        "monitord_programme_state_seconds_total",
        MetricType.COUNTER,
        ("programme", "state"),
        "seconds",
        "Settled time in each state, from the ledger",
        "各状态已入账的时间",
        "The record carries it across restarts; it does not grow while events wait for the disk, "
        "or while the clock is contradictory or not trusted.",
        "写入记录，重启后接着累计；磁盘写不进、时钟有矛盾或不可信时暂不增加。",
    ),
    Family(
        "monitord_programme_off_air_seconds_total",
        MetricType.COUNTER,
        ("programme", "figure"),
        "seconds",
        "Settled off-air time in scheduled hours: at least, at most as seen, at most",
        "播出时段内已入账的停播时间：至少、至多、含失监至多",
        "`figure`: `least`, `most_seen`, `most` (monitoring lost included).",
        "`figure`：`least`至少、`most_seen`至多、`most`含失监至多。",
    ),
    Family(
        "monitord_programme_reason_off_air_seconds_total",
        MetricType.COUNTER,
        ("programme", "reason", "figure"),
        "seconds",
        "Part of the off-air time that has a total of its own, by reason",
        "停播时间中单独累计的部分，按原因",
        "`reason`: `filler`, `wrong_programme`, where the programme monitors it. `figure`:"
        " `least`, `most_seen`, `most`.",
        "`reason`：`filler`垫播、`wrong_programme`错播，仅有监测时给出。`figure`：`least`至少、"
        "`most_seen`至多、`most`含失监至多。",
    ),
    Family(
        "monitord_programme_unsettled_seconds",
        MetricType.GAUGE,
        ("programme",),
        "seconds",
        "Time up to now whose state is not decided yet",
        "到目前为止尚未入账的时间",
        "A few seconds is normal. It grows while the moment of a change is not known.",
        "几秒属正常；状态变化的时刻未定时增长。",
    ),
    Family(
        "monitord_incidents_open",
        MetricType.GAUGE,
        ("severity",),
        "",
        "Open incidents",
        "未关闭的故障单数",
        "`severity`: `critical`, `major`, `minor`, `warning`.",
        "`severity`：`critical`紧急、`major`重要、`minor`次要、`warning`提示。",
    ),
)

DEVICES: Final = (
    Family(
        "monitord_device_up",
        MetricType.GAUGE,
        ("device",),
        "",
        "Whether the device's last poll was answered",
        "最近一次轮询有应答为1，无应答为0",
    ),
    Family(
        "monitord_device_reading_timestamp_seconds",
        MetricType.GAUGE,
        ("device",),
        "seconds",
        "Wall time of the device's last answer",
        "设备最近一次应答的时刻",
        "Unix time.",
        "Unix时间。",
    ),
    Family(
        "monitord_polls_total",
        MetricType.COUNTER,
        ("device", "result"),
        "",
        "Polls by how they ended: answer, or why there was none",
        "轮询次数，按结果分：应答，或无应答的原因",
        "Since the start. `result`: `answer`, `timeout`, `refused`, `unreachable`, `bad_answer`,"
        " `error_status`, `exception`.",
        "自启动起累计。`result`：`answer`有应答、`timeout`超时、`refused`被拒、`unreachable`不可达、"
        "`bad_answer`应答无效、`error_status`设备返回错误状态、`exception`设备返回异常码。",
    ),
    Family(
        "monitord_poll_seconds",
        MetricType.SUMMARY,
        ("device",),
        "seconds",
        "How long polls took, those without an answer too",
        "轮询耗时，含无应答的轮询",
        "`_sum` and `_count`.",
        "含`_sum`和`_count`。",
    ),
    Family(
        "monitord_device_points_suspected",
        MetricType.GAUGE,
        ("device",),
        "",
        "Points of the last answer whose number is implausible, and so shown nowhere else",
        "最近一次应答中数值不合理的测点数，这些值不在别处显示",
    ),
    Family(
        "monitord_poll_slots_skipped_total",
        MetricType.COUNTER,
        ("device",),
        "",
        "Polls left out because the one before was still under way",
        "因上一次轮询未结束而略过的轮询次数",
    ),
    Family(
        "monitord_poll_slots_left_out_total",
        MetricType.COUNTER,
        ("device",),
        "",
        "Slots in which a silent, slow or restarted device was left alone",
        "因设备无应答、变慢或刚重启而不轮询的时隙数",
        "No poll was sent in such a slot.",
        "这些时隙不发轮询。",
    ),
    Family(
        "monitord_burst_polls_total",
        MetricType.COUNTER,
        ("device",),
        "",
        "Polls outside the slots",
        "时隙以外的轮询次数",
        "They follow a suspicion or a trap.",
        "由疑似变化或trap引起。",
    ),
    Family(
        "monitord_slow_reads_failed_total",
        MetricType.COUNTER,
        ("device",),
        "",
        "Reads of slow points that brought nothing",
        "慢速测点读取失败的次数",
    ),
    Family(
        "monitord_device_age_seconds",
        MetricType.GAUGE,
        ("device",),
        "seconds",
        "How long ago the last answer of the fast points was asked for",
        "快速测点最近一次应答的请求距今多久",
    ),
    Family(
        "monitord_device_age_worst_seconds",
        MetricType.GAUGE,
        ("device",),
        "seconds",
        "How old that may become while the device answers",
        "设备正常应答时上一项的最大值",
        "Calculated from the polling plan, with other devices silent.",
        "按轮询计划算出，已计入其他设备无应答的情形。",
    ),
    Family(
        "monitord_device_remarks_total",
        MetricType.COUNTER,
        ("device", "remark"),
        "",
        "What was noticed of a device besides its values",
        "数值以外发现的设备异常次数",
        "`remark`: `slows`, `restarts`, `second_master` (another master on its bus),"
        " `forgets_boots` and `engine_changed` (SNMPv3), `unreadable` (a value that cannot be read:"
        " its point has none), `odd_frame` (a message that is not framed as its protocol says, and"
        " is read all the same), `late_answer` (an answer to an earlier request, dropped),"
        " `answers_behind` (its answers are always as many requests late), `other`."
        " The log entry `device_remark` has the detail.",
        "`remark`：`slows`应答变慢、`restarts`重启、`second_master`总线上另有主站、"
        "`forgets_boots`不保存SNMPv3启动次数、`engine_changed`SNMPv3引擎改变、"
        "`unreadable`某个值无法读取（该测点没有值）、`odd_frame`报文格式不合协议但已照读、"
        "`late_answer`对先前请求的应答（已丢弃）、`answers_behind`应答总是慢同样多次、`other`其他。"
        "详情见日志条目`device_remark`。",
    ),
)

TRAPS: Final = (
    Family(
        "monitord_traps_listening",
        MetricType.GAUGE,
        (),
        "",
        "Whether traps can be received",
        "能接收trap为1，否则为0",
    ),
    Family(
        "monitord_traps_total",
        MetricType.COUNTER,
        ("device", "result"),
        "",
        "Datagrams from configured devices by what became of them",
        "来自已配置设备的数据报数，按处理结果分",
        "`result`: `taken` (the device is polled), `odd` (a part of it cannot be read; the device"
        " is polled all the same), `duplicate`, `storm` (over the rate limit),"
        " `malformed`, `not_a_trap`, `wrong_community`, `wrong_user`, `wrong_level`,"
        " `wrong_digest`, `undecryptable`, `not_in_window` (possibly a replay), `discovery`,"
        " `failed` (a defect of monitord).",
        "`result`：`taken`已接受并轮询该设备、`odd`部分内容无法读取但已轮询该设备、`duplicate`重复、`storm`超过速率限制、"
        "`malformed`格式错误、`not_a_trap`不是trap、`wrong_community`团体名不符、"
        "`wrong_user`用户不符、`wrong_level`安全级别不符、`wrong_digest`校验不符、"
        "`undecryptable`无法解密、`not_in_window`可能是重放、`discovery`引擎发现、"
        "`failed`monitord自身缺陷。",
    ),
    Family(
        "monitord_traps_lost_total",
        MetricType.COUNTER,
        ("device",),
        "",
        "Traps that the device's own counter says were sent and that never came",
        "按设备自身计数已发出但未收到的trap数",
    ),
    Family(
        "monitord_traps_unknown_source_total",
        MetricType.COUNTER,
        (),
        "",
        "Datagrams from addresses of no device",
        "来源地址不属于任何设备的数据报数",
    ),
    Family(
        "monitord_traps_kernel_dropped_total",
        MetricType.COUNTER,
        (),
        "",
        "Datagrams the kernel had no room for",
        "内核缓冲区满而丢弃的数据报数",
    ),
)

LINES: Final = (
    Family(
        "monitord_lane_requests_total",
        MetricType.COUNTER,
        (),
        "",
        "Polls of SNMP agents sent through shared sockets",
        "经共享套接字发出的SNMP轮询次数",
        "Shared sockets are used from 20 polls a second.",
        "每秒20次轮询起使用共享套接字。",
    ),
    Family(
        "monitord_lane_polls_total",
        MetricType.COUNTER,
        ("result",),
        "",
        "Of these, how they ended",
        "上述轮询按结果分",
        "`result`: `answer`, `failure`, `handed_back` (read again on a socket of its own).",
        "`result`：`answer`有应答、`failure`失败、`handed_back`改用单独套接字重读。",
    ),
    Family(
        "monitord_lane_datagrams_total",
        MetricType.COUNTER,
        ("kind",),
        "",
        "Datagrams there that were no plain answer, by what they were",
        "共享套接字上非普通应答的数据报数，按种类分",
        "`kind`: `slow` (decoded by the full decoder), `foreign` (unknown source), `late`,"
        " `duplicate`, `unbelieved` (does not match its request), `broken` (a defect of monitord).",
        "`kind`：`slow`由完整解码器解码、`foreign`来源未知、`late`迟到、`duplicate`重复、"
        "`unbelieved`与请求不符、`broken`monitord自身缺陷。",
    ),
    Family(
        "monitord_bus_exchanges_total",
        MetricType.COUNTER,
        ("bus", "result"),
        "",
        "Exchanges on the line by how they ended",
        "线路上的交互次数，按结果分",
        "`result`: `answer`, `timeout`, `not_asked` (no turn in time, or the device is set aside).",
        "`result`：`answer`有应答、`timeout`超时、`not_asked`未轮到或暂不询问。",
    ),
    Family(
        "monitord_bus_requests_total",
        MetricType.COUNTER,
        ("bus",),
        "",
        "Requests sent on a Modbus or serial line",
        "在Modbus或串行线路上发出的请求数",
    ),
    Family(
        "monitord_bus_unasked_octets_total",
        MetricType.COUNTER,
        ("bus",),
        "",
        "Octets on the line that nobody had asked",
        "线路上未经请求的字节数",
        "Another master on the line, or answers that come too late.",
        "线路上另有主站，或应答迟到。",
    ),
    Family(
        "monitord_bus_late_answers_total",
        MetricType.COUNTER,
        ("bus",),
        "",
        "Whole answers to an earlier request on the line, dropped",
        "线路上对先前请求的完整应答数，均已丢弃",
        "Recognised only of Modbus units with `spare_registers`.",
        "只有配置了`spare_registers`的Modbus从站才能识别。",
    ),
    Family(
        "monitord_bus_connections_total",
        MetricType.COUNTER,
        ("bus",),
        "",
        "How often the line was opened",
        "线路打开的次数",
    ),
    Family(
        "monitord_bus_held_seconds_total",
        MetricType.COUNTER,
        ("bus",),
        "seconds",
        "Time in which a request had the line",
        "请求占用线路的时间",
    ),
)

POINT: Final = "monitord_point_"
"""A number's family is this and its base unit from ``units.BASES``."""

POINT_STATE: Final = Family(
    "monitord_point_state",
    MetricType.GAUGE,
    ("device", "point", "state"),
    "",
    "1 for what the point said in the last answer, 0 for what else it can say",
    "测点在最近一次应答中的取值为1，其余可能的取值为0",
    "Truths (`true`, `false`) and enumerations (the profile's labels).",
    "用于真假值（`true`、`false`）和枚举（模板中的标签）。",
)

QUANTITIES: Final = {
    "watts": ("Active power", "有功功率", "瓦"),
    "voltamperes": ("Apparent power", "视在功率", "伏安"),
    "vars": ("Reactive power", "无功功率", "乏"),
    "joules": ("Energy", "能量", "焦"),
    "volts": ("Voltage", "电压", "伏"),
    "amperes": ("Current", "电流", "安"),
    "coulombs": ("Charge", "电荷量", "库"),
    "ohms": ("Resistance, impedance", "电阻、阻抗", "欧"),
    "celsius": ("Temperature", "温度", "摄氏度"),
    "hertz": ("Frequency, revolutions a second", "频率、每秒转数", "赫"),
    "ratio": ("Ratios and percentages", "比值、百分比", "比值"),
    "seconds": ("Durations", "时长", "秒"),
    "decibels": ("Level differences, gain", "电平差、增益", "分贝"),
    "dbm": ("Power level, 0 dBm = 1 mW", "功率电平，0 dBm为1 mW", "dBm"),
    "dbuv": ("Voltage level, 0 dBµV = 1 µV", "电压电平，0 dBµV为1 µV", "dBµV"),
    "pascals": ("Pressure", "压力", "帕"),
    "cubic_meters": ("Volume", "体积", "立方米"),
    "bytes_per_second": ("Data rate", "数据速率", "字节每秒"),
    "bytes": ("Amount of data", "数据量", "字节"),
    "degrees": ("Angle", "角度", "度"),
    "items": ("Counts", "个数", "个"),
}
"""Base unit: what it measures in English and Chinese, and the unit's Chinese name."""


def point_family(base: str) -> Family:
    """Return the family of numbers in the base unit ``base``, or of other units (``OTHER``)."""
    if base == OTHER:
        return Family(
            f"{POINT}{OTHER}",
            MetricType.GAUGE,
            ("device", "point", "unit"),
            "",
            "What the points said in the last answer, by unit",
            "测点在最近一次应答中的数值，按单位分",
            "Any other unit. The label `unit` is the profile's unit.",
            "其他单位；标签`unit`为模板中的单位。",
        )
    quantity_en, quantity_zh, name_zh = QUANTITIES[base]
    units = [unit for unit, known in BASES.items() if known.name == base]
    listed = ", ".join(f"`{unit}`" for unit in units)
    return Family(
        f"{POINT}{base}",
        MetricType.GAUGE,
        ("device", "point"),
        base.replace("_", " "),
        f"What the points said in the last answer, in {base.replace('_', ' ')}",
        f"测点在最近一次应答中的数值，单位为{name_zh}",
        f"{quantity_en}. Units in profiles: {listed}.",
        f"{quantity_zh}；模板中的单位：{listed.replace(', ', '、')}。",
    )


def point_families() -> Iterator[Family]:
    """Yield every family of points, in the order of the units' table."""
    for base in dict.fromkeys(known.name for known in BASES.values()):
        yield point_family(base)
    yield point_family(OTHER)
    yield POINT_STATE


SECTIONS: Final = (PROGRAMMES, DEVICES, PEOPLE, (*ENGINE, *CONFIGURATION), TRAPS, LINES)
FAMILIES: Final = {family.name: family for section in SECTIONS for family in section}
"""Every family by name, but those of points."""
