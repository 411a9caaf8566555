"""The families about messages and alarms by person. Owns names, units and meanings."""

from __future__ import annotations

from typing import Final

from monitord.metrics.families import Family, MetricType

PEOPLE: Final = (
    Family(
        "monitord_deliveries_owed",
        MetricType.GAUGE,
        ("person",),
        "",
        "Messages owed and not confirmed yet",
        "待送达的通知数",
    ),
    Family(
        "monitord_deliveries_confirmed_total",
        MetricType.COUNTER,
        ("person",),
        "",
        "Messages a channel confirmed since the start",
        "自启动起通道已确认送达的通知数",
    ),
    Family(
        "monitord_alarms_recent",
        MetricType.GAUGE,
        ("person",),
        "",
        "Alarms confirmed within the last 10 minutes",
        "最近10分钟内确认送达的告警数",
        "Messages that something is over are no alarms. EEMUA 191 has at most 10 in 10 minutes.",
        "恢复、关单之类的通知不算。EEMUA 191的限值为10分钟10条。",
    ),
    Family(
        "monitord_alarm_flood_seconds_total",
        MetricType.COUNTER,
        ("person",),
        "seconds",
        "Time with more than 10 alarms within the 10 minutes before, since the start",
        "自启动起，此前10分钟内告警超过10条的累计时间",
        "Its rate is the share of time in a flood; EEMUA 191 has it below 1 %.",
        "其速率为告警泛滥所占时间；EEMUA 191的限值为1 %。",
    ),
    Family(
        "monitord_alarms_chattering",
        MetricType.GAUGE,
        ("person",),
        "",
        "Incidents with 3 alarms or more within the last 10 minutes",
        "最近10分钟内告警3次及以上的故障单数",
    ),
    Family(
        "monitord_incidents_stale",
        MetricType.GAUGE,
        (),
        "",
        "Incidents that are open for more than 24 hours",
        "未关超过24小时的故障单数",
        "ISA-18.2 calls them stale; EEMUA 191 has fewer than 10.",
        "ISA-18.2称之为陈旧告警；EEMUA 191的限值为少于10张。",
    ),
)
