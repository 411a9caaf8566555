"""Texts of record and profile in Chinese and English. One template a key."""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    # record
    "record.reading": "recording {device} ({name}) at {address}; this can take minutes",
    "record.done.objects": "{file}: {count:object|objects} of {device} recorded",
    "record.done.registers": "{file}: {count:register|registers} of {device} recorded",
    "record.unreadable": (
        "{count:object|objects} cannot be read; the lines that begin with # say which and why"
    ),
    "record.blanked": (
        "{blanked:value|values} with names, addresses or secrets blanked, {left_out:object|objects}"
        " about other equipment left out; read the file before you pass it on"
    ),
    "record.early": "the recording ended early: {detail}",
    "record.failed": "{device} ({name}) at {address} cannot be recorded: {reason}: {detail}",
    "record.protocol": "{device}: {protocol} devices cannot be recorded",
    # Files
    "file.exists": "{file}: already exists; name another file, or move this one",
    "file.unwritable": "{file}: cannot be written: {reason}",
    "file.unreadable": "{file}: cannot be read: {reason}",
    "file.no_recording": "{file}: is not a recording: {mistakes}",
    "os.special": "it is not a regular file",
    "os.large": "it is larger than {most:byte|bytes}",
    "os.ENOENT": "no such file or folder",
    "os.EACCES": "not permitted; check owner and mode",
    "os.EPERM": "not permitted; check owner and mode",
    "os.EISDIR": "it is a folder",
    "os.ENOTDIR": "a part of the path is not a folder",
    "os.ENAMETOOLONG": "the name is too long",
    "os.ELOOP": "too many symbolic links",
    "os.ENOSPC": "the disk is full",
    "os.EROFS": "the file system is read-only",
    "output.failed": "the output cannot be written: {reason}",
    # profile check
    "check.good": "{file}: no errors; {points:point|points}, {conditions:condition|conditions}",
    # profile test
    "test.unknown_profile": "no profile {profile}; {hint}",
    "test.other_protocol": (
        "{file}: is a recording of a {found} device; profile {profile} is for {protocol}"
    ),
    "test.unknown_row": "profile {profile} has no row {row}; {hint}",
    "test.head": "Profile {profile}, recording {file}",
    "test.rows": "Rows: {rows}",
    "test.points": "Points",
    "test.conditions": "Conditions",
    "test.present": "{point} = {value}  (raw {raw}, {where})",
    "test.absent": "{point}: absent  (raw {raw}, {where})",
    "test.missing": "{point}: not in the recording  ({where})",
    "test.missing_required": "{point}: not in the recording; a condition needs it  ({where})",
    "test.no_label": "{point}: raw {raw} has no label  ({where})",
    "test.true": "{condition}: true",
    "test.false": "{condition}: false",
    "test.unknown": "{condition}: unknown",
    "test.good": "All objects that conditions need are present; all enum values have labels.",
    "test.bad": "{count:point|points} to correct",
    # profile new
    "new.known": "{object_id}: profile {profile} ({title})",
    "new.known_by_objects": "recognised by its objects: profile {profile} ({title})",
    "new.use": "use it: write profile: {profile}",
    "new.unknown": "no profile for {object_id}; drafting one",
    "new.no_object_id": "the device has no sysObjectID; drafting a profile",
    "new.drafted": "{file}: {points:point|points} drafted; none is verified",
    "new.next": "test it on a recording: monitord profile test {file} WALK",
    "new.nothing": "no object was recognised; add the MIB of the vendor with --mib",
    "new.no_mib": "--mib needs the package pysmi; install monitord with its extra mib",
    "new.bad_mib": "{file}: cannot be read as a MIB: {detail}",
    "new.unreachable": "{address} cannot be read: {reason}: {detail}",
    "new.no_source": "the device is missing; add --walk FILE, or --address HOST and credentials",
    "new.bad_name": ("NAME: is {name}; use a-z, 0-9 and -, and not the name of a shipped profile"),
}

ZH: Final[dict[str, str]] = {
    "record.reading": "正在录制{device}（{name}），地址{address}；可能需要几分钟",
    "record.done.objects": "{file}：已录制{device}的{count}个对象",
    "record.done.registers": "{file}：已录制{device}的{count}个寄存器",
    "record.unreadable": "{count}个对象无法读取；以#开头的行写明是哪些、为什么",
    "record.blanked": (
        "{blanked}个含名称、地址或密钥的值已遮盖，{left_out}个涉及其他设备的对象未录入；"
        "交给别人之前请先看一遍"
    ),
    "record.early": "录制提前结束：{detail}",
    "record.failed": "{device}（{name}），地址{address}，无法录制：{reason}：{detail}",
    "record.protocol": "{device}：{protocol}设备不能录制",
    "file.exists": "{file}：已存在；请换一个文件名，或移走该文件",
    "file.unwritable": "{file}：无法写入：{reason}",
    "file.unreadable": "{file}：无法读取：{reason}",
    "file.no_recording": "{file}：不是录制文件：{mistakes}",
    "os.special": "不是普通文件",
    "os.large": "大于{most}字节",
    "os.ENOENT": "没有此文件或文件夹",
    "os.EACCES": "没有权限；请检查属主和权限",
    "os.EPERM": "没有权限；请检查属主和权限",
    "os.EISDIR": "是文件夹",
    "os.ENOTDIR": "路径中有一部分不是文件夹",
    "os.ENAMETOOLONG": "名称过长",
    "os.ELOOP": "符号链接层数过多",
    "os.ENOSPC": "磁盘已满",
    "os.EROFS": "文件系统只读",
    "output.failed": "无法写出结果：{reason}",
    "check.good": "{file}：没有错误；{points}个测点，{conditions}个条件",
    "test.unknown_profile": "没有模板{profile}；{hint}",
    "test.other_protocol": "{file}：是{found}设备的录制；模板{profile}用于{protocol}",
    "test.unknown_row": "模板{profile}没有行{row}；{hint}",
    "test.head": "模板{profile}，录制文件{file}",
    "test.rows": "行：{rows}",
    "test.points": "测点",
    "test.conditions": "条件",
    "test.present": "{point} = {value}  （原始值{raw}，{where}）",
    "test.absent": "{point}：无值  （原始值{raw}，{where}）",
    "test.missing": "{point}：录制中没有  （{where}）",
    "test.missing_required": "{point}：录制中没有，而有条件需要它  （{where}）",
    "test.no_label": "{point}：原始值{raw}没有标签  （{where}）",
    "test.true": "{condition}：成立",
    "test.false": "{condition}：不成立",
    "test.unknown": "{condition}：不明",
    "test.good": "条件所需的对象都有，每个枚举值都有标签。",
    "test.bad": "{count}个测点需要改正",
    "new.known": "{object_id}：模板{profile}（{title}）",
    "new.known_by_objects": "按其对象识别：模板{profile}（{title}）",
    "new.use": "直接使用：写profile: {profile}",
    "new.unknown": "没有{object_id}的模板；正在起草",
    "new.no_object_id": "设备没有sysObjectID；正在起草模板",
    "new.drafted": "{file}：已起草{points}个测点，均未核实",
    "new.next": "用录制文件试用：monitord profile test {file} WALK",
    "new.nothing": "没有认出任何对象；请用--mib给出厂家的MIB",
    "new.no_mib": "--mib需要软件包pysmi；请安装monitord的可选组件mib",
    "new.bad_mib": "{file}：不是可读的MIB：{detail}",
    "new.unreachable": "{address}无法读取：{reason}：{detail}",
    "new.no_source": "缺少设备；请给出--walk FILE，或--address HOST及其凭据",
    "new.bad_name": "NAME：现为{name}，应由a-z、0-9和-组成，且不与自带模板重名",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
