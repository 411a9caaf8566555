"""The texts of the statement of a period, zh and en."""

from __future__ import annotations

from typing import Final

_EN: Final = {
    "report.head": "Broadcast statement of {site} ({name})",
    "report.period": "from {begin} to {end}, local time",
    "report.shorter": "asked to {asked}; what is later is not known yet",
    "report.disputed": "from {begin} to {end} the clock contradicts itself: times of then may be"
    " wrong",
    "report.corrected": "the clock was corrected: {before} became {after}",
    "report.corrected.by": "the clock was corrected: {before} became {after}, stated by {person}",
    "report.no_period": "--to must be later than --from",
    "report.not_known": "nothing is known of this period yet",
    "report.programme": "{id} ({name})",
    "report.withdrawn": "{id} ({name}), not configured any more: up to {until}",
    "report.scheduled": "scheduled {length}, without what was planned off",
    "report.columns": "of the whole time: {columns}",
    "report.column": "{column} {length}",
    "report.figures": (
        "off air: at least {least}, at most {most_seen}, incl. monitoring lost {most}"
    ),
    "report.figures.open": (
        "off air: nothing proven, at most {most} including monitoring lost; settled and unsettled"
        " time is listed apart"
    ),
    "report.figures.unseen": (
        "off air: nothing was monitored, so at most {most}, which is all monitoring lost"
    ),
    "report.rate.open": (
        "off-air rate by the figures at most {high} s/100 h; availability at least {least} %"
    ),
    "report.settled": ("settled as {verdict}: {count}, {length}, by {person} at {at}{why}"),
    "report.settled.note": ": {text}",
    "report.settled.on_behalf_of": ", for {text}",
    "report.settled.paper": ", paper {text}",
    "report.outage.settled": "settled as {verdict} by {people}",
    "report.outage.settled.partly": "a part of it settled as {verdict} by {people}",
    "report.rate": "off-air rate {low} to {high} s/100 h; availability {least} % to {most} %",
    "report.reasons": "proven, by reason: {listed}",
    "report.owners": "by whose part failed: {listed}",
    "report.suspected": "suspected ({sort})",
    "report.unplaced_moment": "at a time that the clock did not know",
    "report.outage.unplaced": (
        "at a time that the clock did not know, perhaps not in this period: {what}; at least"
        " {least}, at most {most_seen}"
    ),
    "report.outage.suspected": "{began} to {ended}: {what}; at most {most}, if off air then",
    "report.outage.suspected.unplaced": (
        "at a time that the clock did not know, perhaps not in this period: {what}; at most {most},"
        " if off air then"
    ),
    "report.unsure": "of the scheduled time it is not known of {length} whether it was",
    "report.lasting": "{began}, not over yet: {what}",
    "report.outage": "{began} to {ended}: {what}; at least {least}, at most {most_seen}",
    "report.coverage": "monitoring coverage {coverage} %, longest monitoring lost {longest}",
    "report.unplaced": (
        "{length}, perhaps of this period, have no place in the calendar: the clock was not"
        " trusted then"
    ),
    "report.twice": "{length} of wall time came twice and count once",
    "report.conclusion": "conclusion: {text}",
    "report.no_hours": "nothing was scheduled",
    "report.off": "off air, outages listed: {count}",
    "report.off.denied": ", of these settled as on air: {count}",
    "report.off.settled": (
        "off air as settled by a person: {count}, {length}; coverage {coverage} %"
    ),
    "report.and_settled": "; {count} settled as {verdict}",
    "report.and_unsettled": "; {count} unsettled",
    "report.none_monitored": (
        "nothing is known to have been monitored, so nothing is said of outages"
    ),
    "report.none_found": (
        "no outage was found while monitored, coverage {coverage} %, {count} unsettled"
    ),
    "report.zero": "no outage; every scheduled second was monitored, nothing is unsettled",
}

_ZH: Final = {
    "report.head": "{site}（{name}）播出情况表",
    "report.period": "{begin}至{end}，当地时间",
    "report.shorter": "要求统计至{asked}；其后的情况还不知道",
    "report.disputed": "{begin}至{end}时钟有矛盾，其间的时刻可能不准",
    "report.corrected": "时钟已校正：{before}改为{after}",
    "report.corrected.by": "时钟已校正：{before}改为{after}，由{person}认定",
    "report.no_period": "--to必须晚于--from",
    "report.not_known": "这段时间的情况还不知道",
    "report.programme": "{id}（{name}）",
    "report.withdrawn": "{id}（{name}），现已不在配置里：统计至{until}",
    "report.scheduled": "应播{length}（不含计划停播）",
    "report.columns": "全部时间：{columns}",
    "report.column": "{column}{length}",
    "report.figures": "停播：至少{least}，至多{most_seen}，含失监至多{most}",
    "report.figures.open": "停播：没有已证实的，含失监至多{most}；认定的和未认定的另列",
    "report.figures.unseen": "停播：没有监测，至多{most}，全部为失监",
    "report.rate.open": "按以上时长，停播率至多{high}秒/百小时；可用度至少{least}%",
    "report.settled": "认定{verdict}{count}项，共{length}，由{person}于{at}认定{why}",
    "report.settled.note": "：{text}",
    "report.settled.on_behalf_of": "，代{text}",
    "report.settled.paper": "，依据{text}",
    "report.outage.settled": "由{people}认定为{verdict}",
    "report.outage.settled.partly": "其中一段由{people}认定为{verdict}",
    "report.rate": "停播率{low}～{high}秒/百小时；可用度{least}%～{most}%",
    "report.reasons": "已证实的停播，按原因：{listed}",
    "report.owners": "按责任环节：{listed}",
    "report.suspected": "疑似停播（{sort}）",
    "report.unplaced_moment": "时钟不可信时",
    "report.outage.unplaced": (
        "时钟不可信时，不一定在这段时间内：{what}；至少{least}，至多{most_seen}"
    ),
    "report.outage.suspected": "{began}至{ended}：{what}；若停播，至多{most}",
    "report.outage.suspected.unplaced": (
        "时钟不可信时，不一定在这段时间内：{what}；若停播，至多{most}"
    ),
    "report.unsure": "其中{length}是否应播并不知道",
    "report.lasting": "{began}起，尚未结束：{what}",
    "report.outage": "{began}至{ended}：{what}；至少{least}，至多{most_seen}",
    "report.coverage": "监测覆盖率{coverage}%，最长一次失监{longest}",
    "report.unplaced": "有{length}（可能属于这段时间）无法对应到日历：当时时钟不可信",
    "report.twice": "有{length}的钟面时间出现过两次，只计一次",
    "report.conclusion": "结论：{text}",
    "report.no_hours": "这段时间没有应播时间",
    "report.off": "有停播，列出{count}次",
    "report.off.denied": "，其中认定在播{count}次",
    "report.off.settled": "有停播，经认定{count}项，共{length}；监测覆盖率{coverage}%",
    "report.and_settled": "；认定{verdict}{count}项",
    "report.and_unsettled": "；未认定{count}项",
    "report.none_monitored": "没有一秒确知受到监测，有无停播不作结论",
    "report.none_found": "监测时间内未发现停播，监测覆盖率{coverage}%，未认定{count}项",
    "report.zero": "没有停播；应播时间全部有监测，没有未认定项",
}

TEXTS: Final = {"en": _EN, "zh": _ZH}
