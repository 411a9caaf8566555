"""What ``monitord check`` says, in Chinese and English: one template a key. Decides nothing."""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    "ok": "{file}: OK",
    "mistakes": "{count} to mend in {file}",
    "surely_seen": (
        "{programme}: shortest outage surely seen {length}, decided by {condition}"
        " (continuity bound {bound} + widest evidence {width})"
    ),
    "unmonitored": "{layer} not monitored",
    "watched": "Watched",
    "device": "{id} ({name}): {protocol} {address}, every {every}, deadline {deadline}",
    "points": "points: {points}",
    "slow": "of these slow, read every {every}: {points}",
    "age": "known at most {age} old while it answers, whoever else does not",
    "stale": (
        "WARNING {device}: when its neighbours on the bus do not answer, what is known of it may be"
        " {age} old, over its continuity bound of {bound}; poll the bus more slowly, shorten"
        " deadlines or raise continuity_bound"
    ),
    "condition": (
        "{id}: {layer}; true when {true_when};"
        " late by at most {true_lag} (true), {false_lag} (false); continuity bound {bound}"
    ),
    "proves": "{condition}; false means {reason}",
    "unused": "{condition} decides nothing: no programme names it",
    "judged": "Judged",
    "programme": "{id} ({name}): {times}",
    "always": "always on",
    "daily": "daily {slots}",
    "stage": "stage {number} {id}: {layer}, {owner}",
    "needs": "needs {expression}",
    "member": "member {id} carries when {carries}",
    "member.ready": "member {id} carries when {carries}, is ready when {ready}",
    "degraded": "degraded ({reason}) when {when}",
    "fault": (
        "{fault}: {severity}; an incident after {open_after}, closed after {clear_after} of good"
    ),
    "told": "Told",
    "person": "{id} ({name}), {language}: by {channels}; {delays}",
    "delay": "{severity} after {delay}",
    "channel": "channel {id}: {kind}, deadline {deadline}",
    "layer.emission": "emission",
    "layer.service": "service",
    "layer.content": "content",
    "layer.equipment": "equipment",
    "fault.off_air": "off air",
    "fault.blind": "blind",
    "fault.reserve_lost": "reserve lost",
    "owner.own": "own",
    "owner.province": "province",
    "owner.network_company": "network company",
    "owner.township": "township",
    "seconds": "{seconds} s",
    "list": ", ",
    "claims": "; ",
}

ZH: Final[dict[str, str]] = {
    "ok": "{file}：正确",
    "mistakes": "{file}：有 {count} 处需要改正",
    "surely_seen": (
        "{programme}：必能发现的最短停播为 {length}，取决于 {condition}"
        "（连续性界限 {bound} + 最宽证据 {width}）"
    ),
    "unmonitored": "{layer}未监测",
    "watched": "监测",
    "device": "{id}（{name}）：{protocol} {address}，每 {every}一次，时限 {deadline}",
    "points": "测点：{points}",
    "slow": "其中慢速测点，每 {every}读一次：{points}",
    "age": "设备应答时，所知数据最多陈旧 {age}，不论其他设备是否应答",
    "stale": (
        "警告 {device}：同一总线上的设备不应答时，其数据可能陈旧 {age}，"
        "超过连续性界限 {bound}；请放慢该总线的采集、缩短时限，或调大 continuity_bound"
    ),
    "condition": (
        "{id}：{layer}；成立条件 {true_when}；"
        "最多滞后 {true_lag}（成立）、{false_lag}（不成立）；连续性界限 {bound}"
    ),
    "proves": "{condition}；不成立即{reason}",
    "unused": "{condition} 不起作用：没有节目引用",
    "judged": "判断",
    "programme": "{id}（{name}）：{times}",
    "always": "全天播出",
    "daily": "每日 {slots}",
    "stage": "第 {number} 级 {id}：{layer}，{owner}",
    "needs": "需要 {expression}",
    "member": "成员 {id}：{carries} 时承载",
    "member.ready": "成员 {id}：{carries} 时承载，{ready} 时可接替",
    "degraded": "{when} 时劣化（{reason}）",
    "fault": "{fault}：{severity}；持续 {open_after}立案，恢复 {clear_after}后结案",
    "told": "通知",
    "person": "{id}（{name}），{language}：经 {channels}；{delays}",
    "delay": "{severity}延迟 {delay}",
    "channel": "通道 {id}：{kind}，时限 {deadline}",
    "layer.emission": "发射",
    "layer.service": "业务",
    "layer.content": "内容",
    "layer.equipment": "设备",
    "fault.off_air": "停播",
    "fault.blind": "失去监测",
    "fault.reserve_lost": "备份失效",
    "owner.own": "本台",
    "owner.province": "省级",
    "owner.network_company": "网络公司",
    "owner.township": "乡镇",
    "seconds": "{seconds} 秒",
    "list": "、",
    "claims": "；",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
