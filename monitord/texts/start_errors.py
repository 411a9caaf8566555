"""Texts of why the daemon cannot start or go on, in Chinese and English. One template a key.

Quotes of the operating system stay as they are.
"""

from __future__ import annotations

from typing import Final

EN: Final[dict[str, str]] = {
    "listen.unknown_name": (
        "cannot listen on {place}: this machine does not know the name;"
        " set listen.address to one of its addresses"
    ),
    "listen.port_in_use": (
        "cannot listen on {place}: the port is in use; stop the program that has it"
        " (another monitord?) or set listen.port to a free one"
    ),
    "listen.no_such_address": (
        "cannot listen on {place}: this machine has no such address;"
        " set listen.address to one it has"
    ),
    "listen.not_permitted": (
        "cannot listen on {place}: not permitted; set listen.port to 1024 or higher"
    ),
    "listen.error": "cannot listen on {place}: {reason}; check listen.address and port",
}

ZH: Final[dict[str, str]] = {
    "listen.unknown_name": (
        "无法在{place}监听：本机不认识这个名称；请把listen.address改成本机的地址"
    ),
    "listen.port_in_use": (
        "无法在{place}监听：端口已被占用；请结束占用它的程序（另一个monitord？），"
        "或把listen.port改成空闲的端口"
    ),
    "listen.no_such_address": (
        "无法在{place}监听：本机没有这个地址；请把listen.address改成本机的地址"
    ),
    "listen.not_permitted": "无法在{place}监听：没有权限；请把listen.port改成1024或更大",
    "listen.error": "无法在{place}监听：{reason}；请检查listen的address和port",
}

TEXTS: Final[dict[str, dict[str, str]]] = {"zh": ZH, "en": EN}
