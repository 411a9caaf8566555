"""The kinds of fault of a station. Owns their words; their effects are in the other modules.

A new word is one line here, and its physics in its module; stories and commands then accept it.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.plant.faults import HOUR

NEVER = 1_000_000 * HOUR
"""The end of a fault without an end."""
SITE = "site"
"""The device of a fault of the whole site."""


@dataclass(frozen=True, slots=True)
class Word:
    """``applies_to``: the kinds of device, ``SITE`` for none, empty for any.

    ``amount``: what its number means, empty if it has none; ``usual``: the default number.
    ``is_moment``: it happens at one moment and has no end.
    """

    zh: str
    en: str
    applies_to: tuple[str, ...] = ()
    amount: str = ""
    usual: int = 0
    is_moment: bool = False


TRANSMITTERS = ("dtmb_transmitter", "fm_transmitter")
SOURCES = ("playout_server", "satellite_receiver")

VOCABULARY = {
    # power
    "mains_off": Word("市电失电", "mains fail", (SITE,)),
    "fails_to_start": Word("油机启动失败", "fails to start", ("generator",)),
    "sticks": Word("拒动", "does not transfer", ("ats",)),
    "battery_lasts": Word(
        "电池老化", "has a worn battery", ("ups", "megatec_ups"), "seconds from full to empty", 60
    ),
    "loses_power": Word("掉电", "loses its own power"),
    # transmission
    "trip": Word("跳闸", "trips", TRANSMITTERS),
    "modules_lost": Word("功放模块故障", "loses amplifier modules", TRANSMITTERS, "of eight", 1),
    "no_automatic": Word("切换控制器转手动", "is switched to manual", ("changeover_unit",)),
    "change_over": Word("人工倒机", "is told to change over", ("changeover_unit",), is_moment=True),
    "onto_dummy": Word("上假负载试机", "is tested on the dummy load", ("dtmb_transmitter",)),
    "antenna_fails": Word("接收天线故障", "loses its aerial", ("offair_receiver",)),
    # programme
    "stops": Word("停止工作", "stops", (*SOURCES, "encoder", "multiplexer", "air_conditioner")),
    "freeze": Word("画面静帧", "freezes its picture", SOURCES),
    "black": Word("黑场", "shows black", SOURCES),
    "silence": Word("无伴音", "has no sound", SOURCES),
    "rain_fade": Word("雨衰失锁", "loses the satellite in rain", ("satellite_receiver",)),
    "on_backup": Word("人工切到备路", "is switched to the backup", ("switcher",)),
    # room
    "door_open": Word("机房门打开", "has its door open", ("room_contacts",)),
    "smoke": Word("烟感报警", "sees smoke", ("room_contacts",)),
    "water": Word("水浸报警", "sees water", ("room_contacts",)),
    # agents and networks
    "silent": Word("代理不应答", "does not answer"),
    "restart": Word("代理重启", "restarts its agent", is_moment=True),
    "offline": Word("终端离线", "is offline", ("township_terminal",)),
    "port_down": Word("上联端口断开", "has its uplink down", ("network_switch",)),
}


@dataclass(frozen=True, slots=True)
class StationFault:
    """``what`` happens to ``device`` (``SITE`` for none) from ``at`` to ``until``, plant time."""

    at: int
    until: int
    what: str
    device: str = SITE
    amount: int = 0
