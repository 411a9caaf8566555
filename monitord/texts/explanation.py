"""Texts of ``monitord check`` in Chinese and English. One template a key."""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    "explain.ok": "{file}: OK",
    "explain.surely_seen": (
        "{programme}: shortest detectable outage {length}, limited by {condition}"
        " (continuity bound {bound} + widest evidence {width})"
    ),
    "explain.surely_seen.second": (
        "{programme}: shortest detectable outage {length}, limited by {condition}"
        " (continuity bound {bound} + widest evidence {width} + second reading {second})"
    ),
    "explain.unmonitored": "{layer} not monitored",
    "explain.watched": "Monitored",
    "explain.device": "{id} ({name}): {protocol} {address}, every {every}, deadline {deadline}",
    "explain.points": "points: {points}",
    "explain.slow": "slow points, read every {every}: {points}",
    "explain.age": "while it answers, its values are at most {age} old, even if others are silent",
    "explain.stale": (
        "WARNING {device}: while other devices on its bus are silent, its values may be {age} old;"
        " its continuity bound is {bound}; poll the bus more slowly, shorten deadlines or raise"
        " continuity_bound"
    ),
    "explain.early": (
        "WARNING {person}: {severity} is to be sent after {delay}, but {fault} is an incident only"
        " after {open_after}; lower open_after or raise tell_after"
    ),
    "explain.early.more": (
        "WARNING {person}: {severity} is to be sent after {delay}, but {fault} is an incident only"
        " after {open_after}, and {others} more also later; lower open_after or raise tell_after"
    ),
    "explain.open_secret": (
        "WARNING: every user of this computer may read or change {name}; chmod o-rwx it"
    ),
    "explain.untold": "WARNING: nobody gets {severities}; add the severity to a tell_after",
    "explain.fault_of": "{programme} {fault}",
    "explain.alarm_of": "the alarm {condition}",
    "explain.varied": (
        "its answers carry no number; their length changes by turns and shows which request they"
        " belong to; two must agree before a condition turns"
    ),
    "explain.shaped": (
        "its answers carry no number; their forms differ: two must agree before a condition turns"
    ),
    "explain.one_shape": (
        "its answers carry no number and have one form: two must agree before a condition turns;"
        " a device that is always {late} or more answers late cannot be found"
    ),
    "explain.powered_by": "powered by {conditions}: it fails with them",
    "explain.behind": "behind {conditions}: it is not seen without them",
    "explain.mutes_on_input": "mutes without {conditions}",
    "explain.alarm": (
        "an alarm while false: {severity}; after {open_after}, closed after {clear_after} of true"
    ),
    "explain.alarm.true": (
        "an alarm while true: {severity}; after {open_after}, closed after {clear_after} of false"
    ),
    "explain.condition": (
        "{id}: {layer}; true when {true_when};"
        " delay at most {true_lag} (true), {false_lag} (false); continuity bound {bound}"
    ),
    "explain.proves": "{condition}; false means {reason}",
    "explain.unused": "{condition} has no effect: no programme uses it",
    "explain.judged": "Evaluated",
    "explain.programme": "{id} ({name}): {times}",
    "explain.always": "always on",
    "explain.daily": "daily {slots}",
    "explain.closed": "closed",
    "explain.day_slots": "{days}: {slots}",
    "explain.dates": "{first} to {last}",
    "explain.coming_days": "coming days",
    "explain.weekday.0": "Mon",
    "explain.weekday.1": "Tue",
    "explain.weekday.2": "Wed",
    "explain.weekday.3": "Thu",
    "explain.weekday.4": "Fri",
    "explain.weekday.5": "Sat",
    "explain.weekday.6": "Sun",
    "explain.nth.0": "last {weekday} of the month",
    "explain.nth.1": "1st {weekday} of the month",
    "explain.nth.2": "2nd {weekday} of the month",
    "explain.nth.3": "3rd {weekday} of the month",
    "explain.nth.4": "4th {weekday} of the month",
    "explain.nth.5": "5th {weekday} of the month",
    "explain.holidays": "public holidays",
    "explain.working_weekends": "worked weekends",
    "explain.slots_or": " or ",
    "explain.holidays_unknown": (
        "WARNING: the public holidays from {date} on are not known; until a notice is entered"
        " under holidays, hours that depend on them are unsure and an outage in them rings"
    ),
    "explain.stage": "stage {number} {id}: {layer}, {owner}",
    "explain.needs": "needs {expression}",
    "explain.member": "member {id} carries when {carries}",
    "explain.member.ready": "member {id} carries when {carries}, is ready when {ready}",
    "explain.degraded": "degraded ({reason}) when {when}",
    "explain.witness": "witness {id}: receives {layer} when {needs}",
    "explain.witness.healthy": "{witness}; counts while {healthy}",
    "explain.manual": "left in manual when {when}",
    "explain.rank": "order of restoration: {rank}",
    "rank.central": "central",
    "rank.provincial": "provincial",
    "rank.city": "city",
    "rank.county": "county",
    "explain.fault": (
        "{fault}: {severity}; an incident after {open_after}, closed after {clear_after} of good"
    ),
    "explain.told": "Notified",
    "explain.person": "{id} ({name}), {language}: by {channels}; {delays}",
    "explain.delay": "{severity} after {delay}",
    "explain.never": "{severities} never",
    "explain.channel": "channel {id}: {kind}, deadline {deadline}",
    "explain.single": "{channel}, one message at a time",
    "explain.close_lag": (
        "an outage that begins within {lag} of close-down is reported after the hours"
    ),
    "layer.emission": "emission",
    "layer.service": "service",
    "layer.content": "content",
    "layer.equipment": "equipment",
    "owner.own": "own",
    "owner.province": "province",
    "owner.network_company": "network company",
    "owner.township": "township",
    "explain.seconds": "{seconds} s",
    "explain.claims": "; ",
}

ZH: Final[dict[str, str]] = {
    "explain.ok": "{file}：正确",
    "explain.surely_seen": (
        "{programme}：可发现的最短停播为{length}，取决于{condition}"
        "（连续性界限{bound} + 最宽证据{width}）"
    ),
    "explain.surely_seen.second": (
        "{programme}：可发现的最短停播为{length}，取决于{condition}"
        "（连续性界限{bound} + 最宽证据{width} + 等第二次读数{second}）"
    ),
    "explain.unmonitored": "{layer}未监测",
    "explain.watched": "监测",
    "explain.device": "{id}（{name}）：{protocol} {address}，每{every}一次，时限{deadline}",
    "explain.points": "测点：{points}",
    "explain.slow": "慢速测点，每{every}读一次：{points}",
    "explain.age": "设备有应答时，其数据最多陈旧{age}，即使其他设备无应答",
    "explain.stale": (
        "警告 {device}：同一总线上的其他设备无应答时，其数据可能陈旧{age}，"
        "而其连续性界限为{bound}；请放慢该总线的采集、缩短时限，或调大continuity_bound"
    ),
    "explain.early": (
        "警告 {person}：{severity}应在{delay}后通知，但{fault}持续{open_after}才开单；"
        "请调小open_after，或调大tell_after"
    ),
    "explain.early.more": (
        "警告 {person}：{severity}应在{delay}后通知，但{fault}持续{open_after}才开单，"
        "另有{others}项也更晚；请调小open_after，或调大tell_after"
    ),
    "explain.open_secret": "警告：本机任何用户都能读取或修改{name}；请执行 chmod o-rwx",
    "explain.untold": "警告：{severities}不通知任何人；请在某人的tell_after中加上该级别",
    "explain.fault_of": "{programme}{fault}",
    "explain.alarm_of": "告警{condition}",
    "explain.varied": ("应答没有编号，但长度轮流改变，可看出属于哪个请求；两次相符，条件才改变"),
    "explain.shaped": "应答没有编号，形式不同：两次相符，条件才改变",
    "explain.one_shape": (
        "应答没有编号，形式都相同：两次相符，条件才改变；总是慢{late}次以上应答的设备查不出来"
    ),
    "explain.powered_by": "由{conditions}供电：随之失效",
    "explain.behind": "在{conditions}之后：没有它们就看不到",
    "explain.mutes_on_input": "没有{conditions}就静默输出",
    "explain.alarm": ("不成立即告警：{severity}；持续{open_after}开单，成立{clear_after}后关单"),
    "explain.alarm.true": (
        "成立即告警：{severity}；持续{open_after}开单，不成立{clear_after}后关单"
    ),
    "explain.condition": (
        "{id}：{layer}；成立条件{true_when}；"
        "最多滞后{true_lag}（成立）、{false_lag}（不成立）；连续性界限{bound}"
    ),
    "explain.proves": "{condition}；不成立即{reason}",
    "explain.unused": "{condition}不起作用：没有节目使用",
    "explain.judged": "判定",
    "explain.programme": "{id}（{name}）：{times}",
    "explain.always": "全天播出",
    "explain.daily": "每日{slots}",
    "explain.closed": "不播出",
    "explain.day_slots": "{days}：{slots}",
    "explain.dates": "{first}至{last}",
    "explain.coming_days": "今后各日",
    "explain.weekday.0": "周一",
    "explain.weekday.1": "周二",
    "explain.weekday.2": "周三",
    "explain.weekday.3": "周四",
    "explain.weekday.4": "周五",
    "explain.weekday.5": "周六",
    "explain.weekday.6": "周日",
    "explain.nth.0": "每月最后一个{weekday}",
    "explain.nth.1": "每月第一个{weekday}",
    "explain.nth.2": "每月第二个{weekday}",
    "explain.nth.3": "每月第三个{weekday}",
    "explain.nth.4": "每月第四个{weekday}",
    "explain.nth.5": "每月第五个{weekday}",
    "explain.holidays": "法定节假日",
    "explain.working_weekends": "调休上班的周末",
    "explain.slots_or": "或",
    "explain.holidays_unknown": (
        "警告：{date}起的法定节假日还不知道；在holidays里写入放假通知之前，与之有关的时段无法确定，其中的停播照常报警"
    ),
    "explain.stage": "第{number}级 {id}：{layer}，{owner}",
    "explain.needs": "需要{expression}",
    "explain.member": "成员{id}：{carries}时承载",
    "explain.member.ready": "成员{id}：{carries}时承载，{ready}时可接替",
    "explain.degraded": "{when}时劣播（{reason}）",
    "explain.witness": "旁证{id}：{needs}时收到{layer}",
    "explain.witness.healthy": "{witness}；{healthy}时才算数",
    "explain.manual": "{when}时在手动位",
    "explain.rank": "恢复次序：{rank}",
    "rank.central": "中央",
    "rank.provincial": "省级",
    "rank.city": "市级",
    "rank.county": "县级",
    "explain.fault": "{fault}：{severity}；持续{open_after}开单，恢复{clear_after}后关单",
    "explain.told": "通知",
    "explain.person": "{id}（{name}），{language}：经{channels}；{delays}",
    "explain.delay": "{severity}延迟{delay}",
    "explain.never": "{severities}不通知",
    "explain.channel": "通道{id}：{kind}，时限{deadline}",
    "explain.single": "{channel}，一次只发一条",
    "explain.close_lag": "停机前{lag}内开始的停播，在播出时段结束后通知",
    "layer.emission": "发射",
    "layer.service": "业务",
    "layer.content": "内容",
    "layer.equipment": "设备",
    "owner.own": "本台",
    "owner.province": "省级",
    "owner.network_company": "网络公司",
    "owner.township": "乡镇",
    "explain.seconds": "{seconds}秒",
    "explain.claims": "；",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
