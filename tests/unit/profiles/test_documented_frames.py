"""What the page about frames shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from monitord.config.devices.protocols import PROTOCOLS
from monitord.config.frames.schemas import (
    AnswerSchema,
    CheckSchema,
    LengthFieldSchema,
    ParameterSchema,
    RequestSchema,
    SubtractSchema,
)
from monitord.devices.frames.codec import RECEIVED_MAX, AnswerSearch
from monitord.devices.frames.model import (
    CHECK_SIZES,
    FRAME_MAX,
    SIZED_TYPES,
    TYPE_SIZES,
    FramePoint,
)
from tests.support.frames import framed
from tests.unit.profiles.devices import SHIPPED, device

PAGE = (SHIPPED.parents[1] / "docs" / "frames.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
KEYS_OF_POINTS = {"request", "byte", "field", "type", "size", "byte_order", "bits"}


def test_the_devices_shown_load() -> None:
    """Each names a shipped profile and gives it what it asks for."""
    for shown in yaml.safe_load(EXAMPLES[0])["devices"].values():
        keys = {key: shown[key] for key in ("nominal", "frame") if key in shown}
        assert device(shown["profile"], **keys).points


def test_the_profile_worked_out_loads_and_reads_the_answer_shown(tmp_path: Path) -> None:
    """EB 90, thirteen bytes more, station 7, command 10, 1000 W and 5.2 W."""
    (tmp_path / "my-transmitter.yaml").write_text(EXAMPLES[1], encoding="utf-8")
    kind = device(
        "my-transmitter",
        folder=tmp_path,
        protocol="frame",
        nominal={"forward_power_w": 1000},
        frame={"address": "127.0.0.1", "port": 4001, "station": 7},
    )
    point = kind.points[0]
    assert isinstance(point, FramePoint)
    answer = framed(bytes.fromhex("07 10 03E8 0034") + bytes(8))
    assert answer[:9] == bytes.fromhex("EB 90 13 07 10 03 E8 00 34")
    taken = AnswerSearch(point.request).find(answer)
    assert taken is not None
    assert kind.see({"forward_power_w": 1000, "reflected_power_w": 52}).values == {
        "forward_power_w": 1000,
        "reflected_power_w": 5.2,
    }


def test_every_key_and_type_is_explained() -> None:
    """A key that is not on the page is found by nobody."""
    shapes = (
        *(
            AnswerSchema,
            CheckSchema,
            LengthFieldSchema,
            ParameterSchema,
            RequestSchema,
            SubtractSchema,
        ),
        PROTOCOLS["frame"].section,
    )
    words = {key for shape in shapes for key in shape.model_fields} | KEYS_OF_POINTS
    words |= {*CHECK_SIZES, *TYPE_SIZES, *SIZED_TYPES}
    assert {word for word in words if f"`{word}" not in PAGE} == set()


def test_the_limits_on_the_page_are_the_limits() -> None:
    """A number on a page outlives its code."""
    assert f"at most {FRAME_MAX}" in PAGE
    assert f"brings {RECEIVED_MAX} without one" in PAGE
