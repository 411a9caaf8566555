"""The texts of messages in Chinese: one template a key, in the words of duty staff and the rules.

``en.py`` has the same keys and parameters; no sentence is written anywhere else.
"""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    # Parts of a title.
    "title.site": "{site}：{sentence}",
    "title.joined": "{sentence}同一原因还影响：{programmes}。",
    "title.drill": "【演练】{sentence}",
    "title.unrecorded": "{sentence}（本条未能写入记录，请同时记入值班日志。）",
    "list.separator": "、",
    # Off air. "over": the programme is back, the incident is still open.
    "title.off_air.opened": "{programme}停播（{reason}），始于{began}。",
    "title.off_air.opened.over": (
        "{programme}曾停播（{reason}），从{began}到{ended}，{lasted}；现已恢复，正观察是否稳定。"
    ),
    "title.off_air.revised": "更新：{programme}停播（{reason}），始于{began}，原因见下。",
    "title.off_air.revised.over": (
        "更新：{programme}曾停播（{reason}），从{began}到{ended}，{lasted}；"
        "现已恢复，正观察是否稳定。"
    ),
    "title.off_air.recovered": (
        "{programme}停播（{reason}）故障单已关闭：始于{began}，结束时间未测得。"
    ),
    "title.off_air.recovered.over": (
        "{programme}已恢复播出：停播（{reason}）从{began}到{ended}，{lasted}。"
    ),
    "title.off_air.closed_before_told": (
        "{programme}曾短时停播（{reason}），始于{began}，通知之前已结束。"
    ),
    "title.off_air.closed_before_told.over": (
        "{programme}曾短时停播（{reason}），从{began}到{ended}，{lasted}；通知之前已恢复。"
    ),
    # Blind.
    "title.blind.opened": "{programme}失监（{reason}），始于{began}：是否在播无法判断。",
    "title.blind.opened.over": (
        "{programme}曾失监（{reason}），从{began}到{ended}，{lasted}；现可监视，正观察是否稳定。"
    ),
    "title.blind.revised": "更新：{programme}失监（{reason}），始于{began}：是否在播无法判断。",
    "title.blind.revised.over": (
        "更新：{programme}曾失监（{reason}），从{began}到{ended}，{lasted}；"
        "现可监视，正观察是否稳定。"
    ),
    "title.blind.recovered": (
        "{programme}失监（{reason}）故障单已关闭：始于{began}，结束时间未测得。"
    ),
    "title.blind.recovered.over": (
        "{programme}失监结束（{reason}）：从{began}到{ended}，{lasted}，其间是否在播未知。"
    ),
    "title.blind.closed_before_told": (
        "{programme}曾短时失监（{reason}），始于{began}，通知之前已结束。"
    ),
    "title.blind.closed_before_told.over": (
        "{programme}曾短时失监（{reason}），从{began}到{ended}，{lasted}；通知之前已结束。"
    ),
    # Reserve lost.
    "title.reserve_lost.opened": "{programme}在播，但{reason}，始于{began}：主机再出故障就会停播。",
    "title.reserve_lost.opened.over": (
        "{programme}曾{reason}，从{began}到{ended}，{lasted}；现已恢复备份，正观察是否稳定。"
    ),
    "title.reserve_lost.revised": (
        "更新：{programme}在播，但{reason}，始于{began}：主机再出故障就会停播。"
    ),
    "title.reserve_lost.revised.over": (
        "更新：{programme}曾{reason}，从{began}到{ended}，{lasted}；现已恢复备份，正观察是否稳定。"
    ),
    "title.reserve_lost.recovered": "{programme}已恢复备份：{reason}始于{began}，故障单已关闭。",
    "title.reserve_lost.recovered.over": (
        "{programme}已恢复备份：{reason}从{began}到{ended}，{lasted}。"
    ),
    "title.reserve_lost.closed_before_told": (
        "{programme}曾短时{reason}，始于{began}，通知之前已结束。"
    ),
    "title.reserve_lost.closed_before_told.over": (
        "{programme}曾短时{reason}，从{began}到{ended}，{lasted}；通知之前已恢复备份。"
    ),
    # Degraded.
    "title.degraded.opened": "{programme}劣播（{reason}），始于{began}：在播但质量低于限值。",
    "title.degraded.opened.over": (
        "{programme}曾劣播（{reason}），从{began}到{ended}，{lasted}；现已恢复，正观察是否稳定。"
    ),
    "title.degraded.revised": (
        "更新：{programme}劣播（{reason}），始于{began}：在播但质量低于限值。"
    ),
    "title.degraded.revised.over": (
        "更新：{programme}曾劣播（{reason}），从{began}到{ended}，{lasted}；"
        "现已恢复，正观察是否稳定。"
    ),
    "title.degraded.recovered": (
        "{programme}劣播（{reason}）故障单已关闭：始于{began}，结束时间未测得。"
    ),
    "title.degraded.recovered.over": (
        "{programme}已恢复正常质量：劣播（{reason}）从{began}到{ended}，{lasted}。"
    ),
    "title.degraded.closed_before_told": (
        "{programme}曾短时劣播（{reason}），始于{began}，通知之前已结束。"
    ),
    "title.degraded.closed_before_told.over": (
        "{programme}曾短时劣播（{reason}），从{began}到{ended}，{lasted}；通知之前已恢复。"
    ),
    "title.withdrawn": (
        "{programme}已从配置中移除，不再监视；始于{began}的故障单（{reason}）随之关闭。"
    ),
    # Moments and lengths of time.
    "moment.exact": "{at}",
    "moment.between": "{first}～{last}之间",
    "lasted.exact": "历时{length}",
    "lasted.between": "历时{shortest}至{longest}",
    "lasted.unseen": "{lasted}（计入未能监视的时间，最长{most}）",
    "length.seconds": "{seconds}秒",
    "length.minutes": "{minutes}分{seconds}秒",
    "length.hours": "{hours}小时{minutes}分{seconds}秒",
    # Reasons of bad and degraded.
    "reason.no_carrier": "无载波",
    "reason.no_service": "无业务信号",
    "reason.black": "黑场",
    "reason.freeze": "静帧",
    "reason.silence": "静音",
    "reason.wrong_programme": "错播",
    "reason.filler": "垫播",
    "reason.empty_carrier": "空播",
    "reason.reduced_power": "降功率",
    "reason.reserve_lost": "备机失效",
    # Causes of blindness.
    "reason.timeout": "设备不应答",
    "reason.refused": "设备拒绝连接",
    "reason.unreachable": "网络不通",
    "reason.bad_answer": "设备应答无法识别",
    "reason.error_status": "设备应答报错",
    "reason.exception": "设备返回异常码",
    "reason.no_value": "设备未给出该数值",
    "reason.absent": "监测程序当时未运行",
    "reason.not_yet": "尚未采集到数据",
    "reason.withdrawn": "已从配置中移除",
    "reason.disputed": "空收与播出链路的结论不一致",
    "reason.between": "读数不足以判断",
    "reason.unknown": "原因不明",
    # Causes.
    "cause.conditions": "原因：{faults}（{stage}）。",
    "cause.stage": "原因：{stage}。",
    "cause.reason": "原因：{reason}。",
    "cause.separator": "，",
    "cause.fault": "{devices}{what}",
    "cause.fault.several": "{devices}均{what}",
    "cause.abnormal": "状态异常",
    # Columns of the ledger.
    "column.on_air": "在播",
    "column.degraded": "劣播",
    "column.off_air": "停播",
    "column.blind": "失监",
    "column.between": "待定",
    "column.planned_off": "计划停播",
    "column.closed": "非播出时段",
    # Severities.
    "severity.critical": "紧急",
    "severity.major": "重要",
    "severity.minor": "次要",
    "severity.warning": "提示",
    # What to do, at 03:00 and alone.
    "action.no_carrier": (
        "立即到发射机前看面板：1 市电和空开在不在；2 有无保护关机、联锁断开；"
        "3 激励器有无输出、反射功率是否过高。主机起不来就按处置卡倒备机。马上报告值班长。"
    ),
    "action.no_service": (
        "查信号源：1 编码器、复用器、传输线路是否正常；2 发射机输入是否锁定；"
        "3 倒到另一路由或备路。马上报告值班长。"
    ),
    "action.black": (
        "看监视器确认黑场：1 查播出服务器和切换台；2 倒备路信号；"
        "3 无备路时按应急预案上垫片。马上报告值班长。"
    ),
    "action.freeze": (
        "看监视器确认静帧：1 查播出服务器和编码器；2 倒备路信号；"
        "3 无备路时按应急预案上垫片。马上报告值班长。"
    ),
    "action.silence": (
        "监听确认静音：1 查播出软件、音频切换和连线；2 倒备路音频；"
        "3 无备路时按应急预案播垫乐。马上报告值班长。"
    ),
    "action.wrong_programme": (
        "对照播出编单确认错播：1 立即切回正确信号；2 切不回就按应急预案上垫片；"
        "3 保存录像录音，不要自行删改。马上报告值班长。"
    ),
    "action.filler": (
        "现播的是垫片：1 查主、备路信号为何中断；2 信号稳定后按操作票切回节目；"
        "3 记下垫播起止时间。马上报告值班长。"
    ),
    "action.empty_carrier": (
        "发射机有载波但无节目：1 监听监看确认；2 查信号源和发射机输入；"
        "3 倒备路信号。马上报告值班长。"
    ),
    "action.reduced_power": (
        "到发射机前看面板：1 功放模块有无故障；2 反射功率和温度；3 风机和空调。"
        "功率继续下降就按处置卡倒备机。报告值班长。"
    ),
    "action.reserve_lost": (
        "节目在播，不要动主机：1 查备机供电、联锁和告警；2 查同轴开关和自动倒换是否在自动位；"
        "3 备机修复前加强值守。报告值班长。"
    ),
    "action.off_air": (
        "立即确认：1 开收音机或电视机听看；2 到发射机前看面板；3 按处置卡处理。马上报告值班长。"
    ),
    "action.degraded": (
        "听看播出质量：1 到设备前看告警；2 按处置卡处理；3 变差就按停播处置。报告值班长。"
    ),
    "action.blind": (
        "先用收音机或电视机确认是否在播：1 在播就查网络和设备；2 不在播按停播处置。报告值班长。"
    ),
    "action.timeout": (
        "先用收音机或电视机确认是否在播。再查：1 设备有没有电；2 网线、交换机指示灯；"
        "3 设备面板能否操作。不在播按停播处置。报告值班长。"
    ),
    "action.refused": (
        "先用收音机或电视机确认是否在播。再查：1 设备是否刚重启；2 远程监控口是否被关闭或占用。"
        "不在播按停播处置。报告值班长。"
    ),
    "action.unreachable": (
        "先用收音机或电视机确认是否在播。再查：1 网线和交换机指示灯；2 交换机供电；"
        "3 地址是否被改。不在播按停播处置。报告值班长。"
    ),
    "action.bad_answer": (
        "先用收音机或电视机确认是否在播。记下设备面板读数；该地址可能换了设备或版本，通知维护人员。"
        "不在播按停播处置。报告值班长。"
    ),
    "action.error_status": (
        "先用收音机或电视机确认是否在播。记下设备面板读数，通知维护人员核对监控设置。"
        "不在播按停播处置。报告值班长。"
    ),
    "action.exception": (
        "先用收音机或电视机确认是否在播。记下设备面板读数，通知维护人员核对寄存器设置。"
        "不在播按停播处置。报告值班长。"
    ),
    "action.no_value": (
        "先用收音机或电视机确认是否在播。到设备前看该读数，抄入值班日志，通知维护人员。"
        "不在播按停播处置。报告值班长。"
    ),
    "action.absent": (
        "先用收音机或电视机确认是否在播。监测程序曾中断：查监测主机的供电和系统日志，"
        "把中断时段记入值班日志。报告值班长。"
    ),
    "action.not_yet": (
        "先用收音机或电视机确认是否在播。监测刚启动，设备还没有应答：查网线和设备供电。"
        "不在播按停播处置。报告值班长。"
    ),
    "action.disputed": ("以耳目为准：用收音机或电视机听看，再到发射机前看面板，把结果报告值班长。"),
    "action.recovered": "确认听看正常；把起止时间和处理经过记入值班日志；告诉值班长。",
    "action.closed_before_told": "不必紧急处理；听看一遍确认正常，记入值班日志，交接班时说明。",
}
