"""Texts of reads that gave no answer, in Chinese and English. One template a key.

Quotes of a device, of pysnmp and of the operating system stay as they are.
"""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    # Sockets and lines
    "device.refused": "{where} answers that nobody listens there",
    "device.broken_off": "{where} broke the connection off",
    "device.unknown_name": "no way to {where}: its name is not known",
    "device.settings": "{where} does not take its settings: {error}",
    "device.no_secret": "it is not asked: the file with its secret cannot be read",
    "device.unreachable": "no way to {where} ({error})",
    "device.overrun": "the read was stopped {seconds} s after its deadline",
    "device.own_mistake": "{place}",
    "device.no_answer": "{where} gave no answer within {seconds} s",
    "device.no_answer.hint": "{where} gave no answer within {seconds} s; {hint}",
    "device.no_valid_answer": "{where} gave no valid answer within {seconds} s: {mismatch}",
    # Turns on a shared line
    "bus.not_asked": "{where} {device} was not asked: {reason}",
    "bus.dead": (
        "silent {failures:time|times} in a row, asked again in {seconds} s,"
        " so that others get theirs"
    ),
    "bus.waited": "waited {seconds} s for the bus behind {others:other|others}",
    "bus.no_time": (
        "waited for the bus behind {others:other|others} until no time was left to answer"
    ),
    "bus.in_step": "its line is in step again after a lost answer, and no time was left to ask",
    "bus.no_answer": "{where} {device} gave no whole answer within {seconds} s",
    "bus.part_of_answer": (
        "{where} {device} gave no whole answer within {seconds} s; {octets:octet|octets} of it came"
    ),
    "bus.other_answer": "{error}; an answer to another request came",
    "bus.closed": "device closed the connection after {octets:octet|octets} of an answer",
    "bus.noise": "{octets:octet|octets} and no answer in them",
    "bus.two_answers": "two whole answers came, and they differ",
    # Serial frames
    "frames.refused": "{where} refused {requests}",
    "frames.noise": "{octets:octet|octets} came and no answer: {reason}",
    "frames.noise.plain": "{octets:octet|octets} came and no answer: none begins as an answer does",
    "frames.no_answer": "{error}; request {request}: {reason}",
    # Modbus
    "modbus.no_header": "no Modbus TCP header: {octets}",
    "modbus.surplus": "{octets:octet|octets} behind the answer, and not it once more",
    "modbus.length": "its length says {said}, {came} came",
    "modbus.short": "{error}: {oddity}",
    "modbus.mismatch": "{field} of the answer is {found}, must be {expected}",
    "modbus.field.transaction": "transaction id",
    "modbus.field.unit": "unit id",
    "modbus.field.function": "function",
    "modbus.field.octets": "count of octets",
    "modbus.second_master": "another master asks on this line: {octets}",
    "modbus.no_register": "unit {unit} has none of the registers: {registers}",
    "modbus.refused": "device refused {block} with {exception}",
    "modbus.gateway": "the gateway answers with {exception}",
    # SNMP
    "snmp.refused": "agent refused with {status}",
    "snmp.refused.object": "agent refused with {status} at object {index} of the request",
    "snmp.other_count": "agent answered {found:object|objects} where {expected} were asked",
    "snmp.other_object": "agent answered {found} where {expected} was asked",
    "snmp.unknown_user": (
        "agent does not know user {user}: check user, and that the device has it ({report})"
    ),
    "snmp.unsupported_level": (
        "agent does not offer user {user} the level {level}: check auth and priv, and what the"
        " device allows this user ({report})"
    ),
    "snmp.wrong_digest": (
        "agent does not accept the digests of user {user}: check auth_file and auth ({auth})"
        " ({report})"
    ),
    "snmp.decryption_error": (
        "agent cannot decrypt requests of user {user}: check priv_file and priv ({priv}) ({report})"
    ),
    "snmp.unknown_context": "agent has no context {context}: check context ({report})",
    "snmp.unavailable_context": "agent's context {context} is not available now ({report})",
    "snmp.unknown_model": ("agent does not speak the user-based security of SNMPv3 ({report})"),
    "snmp.invalid": "agent calls the request invalid ({report})",
    "snmp.no_handler": "agent has no handler for this context engine ({report})",
    "snmp.other_report": "agent reported something that is no answer ({report})",
    "snmp.unknown_report": "agent reported something that is no answer",
    "snmp.boots_used_up": (
        "agent's engine has used up its boots (2147483647): it answers nobody until it gets a new"
        " engine id"
    ),
    # Walks and recordings
    "recording.line": "line {number}: {mistake}",
    "recording.large": "it is larger than {most:byte|bytes}",
    "recording.long": "it has more than {most:line|lines}",
    "recording.both": "it is a walk and a dump of registers at once",
    "recording.empty": "it has no object and no register",
    "recording.parts": "use three parts with | between them",
    "recording.address": "wire address is {found}; use 0–65535",
    "recording.register": "value is {found}; use 0–{most}, or - for a missing register",
    "recording.oid": "is {found}; use an OID or one of {tables}",
    "recording.tag": "tag is {found}; use one of {tags}",
    "recording.arc": "an arc of {found} is larger than 4294967295",
    "recording.module": "{found} is not a kind of value that can be read",
    "recording.missing": "{name} is missing in {found}",
    "recording.content": "value is {found}; use a value of type {tag}",
    "walk.refused": "agent refused with {status} after {oid}",
    "walk.empty": "agent answered no object after {oid}",
    "walk.silent": "nothing came after {oid}",
    "walk.nameless": "the name of what follows {oid} cannot be read: {problem}",
    "walk.looped": "agent led from {oid} back to {earlier}",
    "walk.too_long": "more than {most:object|objects}",
    "record.too_many": "{count:register is|registers are} more than the {most} of one recording",
}

ZH: Final[dict[str, str]] = {
    "device.refused": "{where}应答：该端口无人监听",
    "device.broken_off": "{where}中断了连接",
    "device.unknown_name": "无法到达{where}：域名未知",
    "device.settings": "{where}不接受端口设置：{error}",
    "device.no_secret": "未访问：其密钥文件无法读取",
    "device.unreachable": "无法到达{where}（{error}）",
    "device.overrun": "超过时限{seconds}秒后读取被停止",
    "device.own_mistake": "{place}",
    "device.no_answer": "{where}在{seconds}秒内没有应答",
    "device.no_answer.hint": "{where}在{seconds}秒内没有应答；{hint}",
    "device.no_valid_answer": "{where}在{seconds}秒内没有有效应答：{mismatch}",
    "bus.not_asked": "{where} {device}未被询问：{reason}",
    "bus.dead": "连续{failures}次无应答，{seconds}秒后再问，以便其他设备得到轮询",
    "bus.waited": "在{others}台设备之后等待总线{seconds}秒",
    "bus.no_time": "在{others}台设备之后等待总线，剩余时间已不够应答",
    "bus.in_step": "丢失应答后线路刚恢复同步，剩余时间已不够询问",
    "bus.no_answer": "{where} {device}在{seconds}秒内没有完整应答",
    "bus.part_of_answer": "{where} {device}在{seconds}秒内没有完整应答；收到其中{octets}字节",
    "bus.other_answer": "{error}；来的是对别的请求的应答",
    "bus.closed": "设备在发出应答的{octets}字节后关闭了连接",
    "bus.noise": "收到{octets}字节，其中没有应答",
    "bus.two_answers": "收到两个完整应答，且不相同",
    "frames.refused": "{where}拒绝了{requests}",
    "frames.noise": "收到{octets}字节，没有应答：{reason}",
    "frames.noise.plain": "收到{octets}字节，没有应答：没有一处像应答的开头",
    "frames.no_answer": "{error}；请求{request}：{reason}",
    "modbus.no_header": "不是Modbus TCP报文头：{octets}",
    "modbus.surplus": "应答之后还有{octets}字节，且不是同一应答的重复",
    "modbus.length": "报文头写明长度{said}，实际收到{came}字节",
    "modbus.short": "{error}：{oddity}",
    "modbus.mismatch": "应答的{field}为{found}，应为{expected}",
    "modbus.field.transaction": "事务标识",
    "modbus.field.unit": "单元标识",
    "modbus.field.function": "功能码",
    "modbus.field.octets": "字节数",
    "modbus.second_master": "线路上另有主站在询问：{octets}",
    "modbus.no_register": "单元{unit}没有这些寄存器：{registers}",
    "modbus.refused": "设备以{exception}拒绝了{block}",
    "modbus.gateway": "网关应答{exception}",
    "snmp.refused": "代理以{status}拒绝",
    "snmp.refused.object": "代理以{status}拒绝，出错的是请求中第{index}个对象",
    "snmp.other_count": "代理应答了{found}个对象，而请求了{expected}个",
    "snmp.other_object": "代理应答了{found}，而请求的是{expected}",
    "snmp.unknown_user": "代理不认识用户{user}：请检查user，以及设备上是否有该用户（{report}）",
    "snmp.unsupported_level": (
        "代理不向用户{user}提供安全级别{level}：请检查auth和priv，以及设备允许该用户的级别（{report}）"
    ),
    "snmp.wrong_digest": (
        "代理不接受用户{user}的摘要：请检查auth_file和auth（{auth}）（{report}）"
    ),
    "snmp.decryption_error": (
        "代理无法解密用户{user}的请求：请检查priv_file和priv（{priv}）（{report}）"
    ),
    "snmp.unknown_context": "代理没有上下文{context}：请检查context（{report}）",
    "snmp.unavailable_context": "代理的上下文{context}目前不可用（{report}）",
    "snmp.unknown_model": "代理不支持SNMPv3的用户安全模型（{report}）",
    "snmp.invalid": "代理认为请求无效（{report}）",
    "snmp.no_handler": "代理没有处理该上下文引擎的程序（{report}）",
    "snmp.other_report": "代理发来的报告不是应答（{report}）",
    "snmp.unknown_report": "代理发来的报告不是应答",
    "snmp.boots_used_up": (
        "代理引擎的启动次数已用尽（2147483647）：换新的引擎标识之前，它不应答任何人"
    ),
    "recording.line": "第{number}行：{mistake}",
    "recording.large": "大于{most}字节",
    "recording.long": "超过{most}行",
    "recording.both": "既有对象又有寄存器",
    "recording.empty": "没有对象，也没有寄存器",
    "recording.parts": "应为三部分，以|分隔",
    "recording.address": "线上地址现为{found}，应为0～65535",
    "recording.register": "值现为{found}，应为0～{most}；没有的寄存器写-",
    "recording.oid": "现为{found}，应为OID，或下列之一：{tables}",
    "recording.tag": "标签现为{found}，可用：{tags}",
    "recording.arc": "{found}中有一段大于4294967295",
    "recording.module": "{found}不是可读的值类型",
    "recording.missing": "{found}中缺少{name}",
    "recording.content": "值现为{found}，应为{tag}类型的值",
    "walk.refused": "代理在{oid}之后以{status}拒绝",
    "walk.empty": "代理在{oid}之后没有应答任何对象",
    "walk.silent": "{oid}之后没有应答",
    "walk.nameless": "{oid}之后的对象名无法读取：{problem}",
    "walk.looped": "代理从{oid}又回到{earlier}",
    "walk.too_long": "超过{most}个对象",
    "record.too_many": "{count}个寄存器，超过一次录制的上限{most}个",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
