"""Texts of a daemon that cannot be reached, in Chinese and English. One template a key.

Quotes of the operating system stay as they are.
"""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    "control.timeout": "{file}: monitord gave no answer within {seconds} s",
    "control.other_program": "{file}: something else than monitord answers",
    "control.broken_off": "{file}: monitord broke off its answer; ask again",
    "control.not_running": "{file}: no monitord listens",
    "control.not_permitted": (
        "{file}: not permitted; use the account that monitord runs under, or root"
    ),
    "control.error": "{file}: {reason}",
}

ZH: Final[dict[str, str]] = {
    "control.timeout": "{file}：monitord在{seconds}秒内没有应答",
    "control.other_program": "{file}：应答的不是monitord",
    "control.broken_off": "{file}：monitord中断了应答；请重试",
    "control.not_running": "{file}：monitord未运行",
    "control.not_permitted": "{file}：没有权限；请用运行monitord的账户或root",
    "control.error": "{file}：{reason}",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
