"""The metrics of the configuration that counts; a part of the table in ``names.py``."""

from __future__ import annotations

from typing import Final

from monitord.metrics.families import Family, MetricType

CONFIGURATION: Final = (
    Family(
        "monitord_config_reload_ok",
        MetricType.GAUGE,
        (),
        "",
        "1 while the configuration files, as they were last read, are the ones that count",
        "最近一次读入的配置文件已被采用时为1",
        "0: a reload or a start found mistakes, and the configuration before them goes on.",
        "0：重新读入或启动时发现错误，继续按此前的配置运行。",
    ),
    Family(
        "monitord_config_reload_success_timestamp_seconds",
        MetricType.GAUGE,
        (),
        "seconds",
        "When the configuration that counts was adopted, in seconds since 1970 UTC",
        "现行配置开始生效的时间，自1970年起的秒数",
    ),
    Family(
        "monitord_config_info",
        MetricType.GAUGE,
        ("config",),
        "",
        "The hash of the configuration that counts, as a label; always 1",
        "现行配置的摘要，写在标签中；值恒为1",
    ),
)
