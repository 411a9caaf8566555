"""What people call the devices, programmes and stages of the simulated site, and their faults.

As an owner would have written it: some stages have no name, some conditions no words of their own.
Pure; must import nothing of monitord.
"""

from __future__ import annotations

from tests.simulation.facts import NamesFacts

DEVICES = {
    "fm1": "调频甲发射机",
    "fm2": "调频乙发射机",
    "io": "音频检测器",
    "tv": "电视发射机",
    "enc": "编码器组",
    "mux": "复用器",
    "dtx": "数字发射机",
    "tel": "遥测箱",
    "sa": "甲站检测器",
    "sb": "乙站检测器",
    "sc": "丙站检测器",
    "ta": "山下一号机",
    "tb": "山下二号机",
    "tz": "山下备用机",
    "cs": "山下天线开关",
    "ht": "海岸发射机",
    "rx": "监测接收机",
    "lt": "林区发射机",
    "xa": "高塔一部",
    "xb": "高塔二部",
    "xr": "高塔三部",
    "mx": "矩阵开关",
    "ka": "主发射机",
    "kb": "备发射机",
    "ks": "同轴开关",
    "km": "市电配电柜",
    "kf": "二路配电柜",
}
PROGRAMMES = {
    "fm": "县广播",
    "tv": "县电视",
    "m1": "数字一套",
    "m2": "数字二套",
    "m3": "数字三套",
    "m4": "数字四套",
    "m5": "数字五套",
    "ra": "甲站广播",
    "rb": "乙站广播",
    "rc": "丙站广播",
    "ha": "海岸广播",
    "la": "林区广播",
    "na": "高塔音乐",
    "nb": "高塔新闻",
    "kp": "县新闻",
}
STAGES = {
    "fm/studio": "播音室",
    "fm/transmitter": "调频发射",
    "tv/transmitter": "电视发射",
    "kp/transmitters": "新闻发射",
    **{f"m{n}/multiplexer": "复用" for n in range(1, 6)},
}
NO_OUTPUT = "无输出功率", "no output power"
BROKEN = "故障", "failed"
NO_SOUND = "无声", "no sound"
MAINS_LOST = "市电中断", "mains lost"
SENDERS = ("fm1", "fm2", "tv", "dtx", "ta", "tb", "tz", "ht", "lt", "xa", "xb", "xr", "ka", "kb")
OWN_WORDS = {
    **{f"{name}.on": NO_OUTPUT for name in SENDERS},
    **{f"{name}.well": BROKEN for name in SENDERS},
    "rx.well": ("自身异常", "unwell"),
    "rx.hears": ("收不到信号", "nothing received"),
    "tv.exciter_ok": ("激励器故障", "exciter failed"),
    "lt.full": ("功率不足", "low power"),
    "dtx.full": ("功率不足", "low power"),
    "tel.mains": MAINS_LOST,
    "mx.to_a": ("未转甲路", "not on the first path"),
    "mx.to_b": ("未转乙路", "not on the second path"),
    **{f"enc.in_m{n}": (f"第{n}套无输入", f"no input {n}") for n in range(1, 6)},
    **{f"mux.out_m{n}": (f"第{n}套无输出", f"no output {n}") for n in range(1, 6)},
}
"""By condition, what its owner wrote for *false*, in Chinese and in English."""
BUILT_IN = {
    **{f"{name}.sound": NO_SOUND for name in ("io", "sa", "sb", "sc")},
    "tel.locked": ("失锁", "unlocked"),
    "km.mains_present": MAINS_LOST,
    "kf.mains_present": MAINS_LOST,
}
"""What the program itself says of the others."""
REACHED = {
    "ks.a_on_antenna": "ka",
    "ks.b_on_antenna": "kb",
    "cs.a_on_antenna": "ta",
    "cs.b_on_antenna": "tz",
}
"""By condition of a switch, the device whose antenna it is not on: its words name that one."""
NAMES = NamesFacts("大山台", DEVICES, PROGRAMMES, STAGES, {**OWN_WORDS, **BUILT_IN}, REACHED)
