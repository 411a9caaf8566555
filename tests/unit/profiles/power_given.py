"""What a device has to say to the profiles of power, room and time. Owns no test."""

from __future__ import annotations

from typing import Any, Final

GIVEN: Final[dict[str, dict[str, Any]]] = {
    "akcp-sensorprobe": {"rows": {"temperature": 0, "humidity": 1, "contact": 1}},
    "apc-rack-pdu": {"rows": {"outlet": 1}},
    "hwg-poseidon": {"rows": {"temperature": 5, "humidity": 1, "contact": 1}},
    "netbotz": {"rows": {"temperature": 314, "humidity": 316, "smoke": 6158}},
    "siteboss": {
        "rows": {
            "temperature": [3, 1, 1],
            "humidity": [3, 3, 1],
            "contact": [200, 2, 1],
            "outlet": [1, 6, 10],
        }
    },
    "vutlan-ems": {
        "rows": {
            "temperature": 201001,
            "humidity": 202001,
            "voltage": 203001,
            "door": 102002,
            "smoke": 106001,
            "contact": 101001,
        }
    },
}
