"""What record and profile say, in Chinese and English. Decides nothing."""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    # record
    "record.reading": "recording {device} ({name}) at {address}; this can take minutes",
    "record.done": "{count} {what} of {device} recorded in {file}",
    "record.blanked": (
        "{blanked} values with names, addresses or secrets are blanked, {left_out} objects of"
        " tables about other equipment are left out; look through it before you give it away"
    ),
    "record.objects": "objects",
    "record.registers": "registers",
    "record.early": "the recording ended early: {detail}",
    "record.failed": "{device} ({name}) at {address} cannot be recorded: {detail}",
    "record.protocol": "a device read over {protocol} cannot be recorded",
    "file.exists": "{file} exists already; name another file, or move that one away",
    "file.unwritable": "{file} cannot be written: {reason}",
    "file.unreadable": "{file} cannot be read: {reason}",
    "file.no_recording": "{file} is no recording: {mistakes}",
    # profile check
    "check.good": "{file}: no mistakes: {points} points, {conditions} conditions",
    "check.bad": "{count} to mend",
    # profile test
    "test.unknown_profile": "no profile {profile}: name a file, or one of {known}",
    "test.other_protocol": "profile {profile} is read over {protocol}; {file} is of {found}",
    "test.unknown_row": "profile {profile} has no row {row}; known: {known}",
    "test.head": "Profile {profile} on {file}",
    "test.rows": "Rows: {rows}",
    "test.points": "Points",
    "test.conditions": "Conditions",
    "test.present": "{point} = {value}  (raw {raw}, {where})",
    "test.absent": "{point}: absent  (raw {raw}, {where})",
    "test.missing": "{point}: not in the recording  ({where})",
    "test.missing_required": "{point}: not in the recording, and a condition needs it  ({where})",
    "test.no_label": "{point}: raw {raw} has no label  ({where})",
    "test.true": "{condition}: true",
    "test.false": "{condition}: false",
    "test.unknown": "{condition}: not known",
    "test.good": "Every object that a condition needs is there, and every enum value has a label.",
    "test.bad": "{count} to look into",
    # profile new
    "new.known": "{object_id} is known: profile {profile} ({title})",
    "new.known_by_objects": "known by its objects: profile {profile} ({title})",
    "new.use": "use it as it is: profile: {profile}",
    "new.unknown": "no profile knows {object_id}; drafting one",
    "new.no_object_id": "it says no sysObjectID; drafting a profile",
    "new.drafted": "{file}: {points} points drafted; nothing in it is verified",
    "new.next": "see what it makes of the device: monitord profile test {file} WALK",
    "new.nothing": "nothing was recognised to draft points from; give its MIB with --mib",
    "new.no_mib": (
        "--mib needs the package pysmi, which is not installed: install monitord with its extra mib"
    ),
    "new.bad_mib": "the MIB cannot be read: {detail}",
    "new.unreachable": "{address} cannot be read: {detail}",
    "new.no_source": "say --walk FILE, or --address ADDRESS with --community-file FILE",
    "new.secret": "{file}: {detail}",
}

ZH: Final[dict[str, str]] = {
    "record.reading": "正在录制 {device}（{name}），{address}；可能需要几分钟",
    "record.done": "已将 {device} 的 {count} 个{what}录制到 {file}",
    "record.blanked": (
        "{blanked} 个含名称、地址或密钥的值已遮盖，{left_out} 个涉及其他设备的表中对象未录入；"
        "交给别人之前请先看一遍"
    ),
    "record.objects": "对象",
    "record.registers": "寄存器",
    "record.early": "录制提前结束：{detail}",
    "record.failed": "{device}（{name}），{address}，无法录制：{detail}",
    "record.protocol": "通过 {protocol} 读取的设备不能录制",
    "file.exists": "{file} 已存在；请换一个文件名，或先移走它",
    "file.unwritable": "{file} 无法写入：{reason}",
    "file.unreadable": "{file} 无法读取：{reason}",
    "file.no_recording": "{file} 不是录制文件：{mistakes}",
    "check.good": "{file}：没有错误：{points} 个测点，{conditions} 个条件",
    "check.bad": "有 {count} 处要改",
    "test.unknown_profile": "没有设备模板 {profile}：请给出文件，或下列之一：{known}",
    "test.other_protocol": "模板 {profile} 通过 {protocol} 读取；{file} 是 {found} 的录制",
    "test.unknown_row": "模板 {profile} 没有行 {row}；已有：{known}",
    "test.head": "模板 {profile}，录制 {file}",
    "test.rows": "行：{rows}",
    "test.points": "测点",
    "test.conditions": "条件",
    "test.present": "{point} = {value}  （原始值 {raw}，{where}）",
    "test.absent": "{point}：无值  （原始值 {raw}，{where}）",
    "test.missing": "{point}：录制中没有  （{where}）",
    "test.missing_required": "{point}：录制中没有，而某个条件需要它  （{where}）",
    "test.no_label": "{point}：原始值 {raw} 没有标签  （{where}）",
    "test.true": "{condition}：成立",
    "test.false": "{condition}：不成立",
    "test.unknown": "{condition}：不明",
    "test.good": "条件所需的对象都在，每个枚举值都有标签。",
    "test.bad": "有 {count} 处要查",
    "new.known": "{object_id} 是已知设备：模板 {profile}（{title}）",
    "new.known_by_objects": "由其对象识别：模板 {profile}（{title}）",
    "new.use": "直接使用即可：profile: {profile}",
    "new.unknown": "没有模板认识 {object_id}；正在起草",
    "new.no_object_id": "设备没有给出 sysObjectID；正在起草模板",
    "new.drafted": "{file}：起草了 {points} 个测点；其中都未经核实",
    "new.next": "看看它对这台设备读出什么：monitord profile test {file} WALK",
    "new.nothing": "没有认出可以起草测点的内容；请用 --mib 给出它的 MIB",
    "new.no_mib": "--mib 需要软件包 pysmi，尚未安装：请安装 monitord 的可选组件 mib",
    "new.bad_mib": "MIB 无法读取：{detail}",
    "new.unreachable": "{address} 无法读取：{detail}",
    "new.no_source": "请给出 --walk 文件，或 --address 地址和 --community-file 文件",
    "new.secret": "{file}：{detail}",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
