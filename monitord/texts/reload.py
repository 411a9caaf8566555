"""Texts of ``monitord reload`` and of a configuration that is not used. One template a key."""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    "reload.restart": (
        "{file}: {path}: found {found}, but while monitord runs only {was} is allowed;"
        " {was} is kept until monitord is restarted"
    ),
    "reload.not_opened": "a channel, line or socket cannot be opened: {reason}",
    "reload.not_stored": "the record cannot be written: {reason}; a reload must be recorded first",
    "reload.unrecorded": (
        "the record cannot be written now, {count:event|events} waiting;"
        " a reload must be recorded first"
    ),
    "hours.absent": (
        "programmes: found no hours of {programmes}, but each programme with recorded hours needs"
        " them; the recorded hours are kept, up to {kept}"
    ),
    "hours.shorter": (
        "programmes: found hours from {given_from} to {given_to}, but they must be known from now"
        " to {kept}, as the recorded ones are; the recorded hours are kept"
    ),
    "reload.failed": "monitord failed while it read it; its log has more",
    "last_good.no_address": "channel {channel}: its address is not known, nothing is sent by it",
    "last_good.no_secret": "device {device}: its secret cannot be read, it is not asked",
    "last_good.unusable": "the last configuration in the record cannot be used either:",
}

ZH: Final[dict[str, str]] = {
    "reload.restart": (
        "{file}：{path}：读到{found}，但monitord运行时只允许{was}；重新启动前沿用{was}"
    ),
    "reload.not_opened": "通道、线路或端口无法打开：{reason}",
    "reload.not_stored": "无法写入记录：{reason}；重新读入配置须先写入记录",
    "reload.unrecorded": "目前无法写入记录，有{count}个条目在等待；重新读入配置须先写入记录",
    "hours.absent": (
        "programmes：没有读到{programmes}的播出时段，但记录中有时段的节目都须有；沿用记录中的时段，至{kept}"
    ),
    "hours.shorter": (
        "programmes：读到的播出时段为{given_from}至{given_to}，但须与记录中的一样从现在到{kept}；"
        "沿用记录中的时段"
    ),
    "reload.failed": "monitord读入时出错，详见其日志",
    "last_good.no_address": "通道{channel}：地址未知，不经它发送通知",
    "last_good.no_secret": "设备{device}：密钥文件无法读取，不访问该设备",
    "last_good.unusable": "记录中最近一次有效的配置也无法使用：",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
