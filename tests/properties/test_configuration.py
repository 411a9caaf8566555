"""Whatever is done to a good file, it loads or its mistakes are reported: never a traceback."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitord.config import ConfigError, ConfigErrors, load
from monitord.config.settings import Settings
from tests.properties.scripts import examples
from tests.tidy.source import ROOT
from tests.unit.config.samples import SITE, write

EXAMPLE = (ROOT / "config" / "examples" / "one-transmitter.yaml").read_text(encoding="utf-8")
PROFILED = ("fm1",)
TOKEN = re.compile(r"[\w.一-鿿/]+|[^\s]")
STRANGE = (
    *("null", "{}", "[]", "[[]]", "{a: {b: c}}", "-1", "1e99", "0x7F", "true", '""', "'\\0'", "~"),
    *("1h", "999999999h", "0s", "5m", "not", "*a", "&a x", "!!str x", "? x", "|", ">", "\t", "#"),
    *("fm1.radiating", "room_io", "[1, {}]", "{1: 2}", "{null: 1}", "\x07", "é", "𝄞", "0" * 400),
)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def is_reported_or_loads(text: str) -> None:
    """Load a file: each mistake is a line, and what loads has lost nothing."""
    reported: tuple[ConfigError, ...] = ()
    loaded = None
    with folder() as place:
        path = write(place, text)
        try:
            loaded = load(path)
        except ConfigErrors as errors:
            reported = errors.errors
    assert reported or loaded
    assert not [error for error in reported if "\n" in str(error)]
    if loaded is not None:
        assert sizes_of(loaded) == sizes_in(yaml.load(text, yaml.BaseLoader))


def sizes_of(made: Settings) -> list[int]:
    """Return how many of each there are, in the settings."""
    plan = made.plan
    own = [device for device in made.devices if device.id not in PROFILED]
    stages = [stage for programme in plan.programmes for stage in programme.chain]
    return [
        *map(len, (made.devices, plan.devices, plan.programmes, plan.people, made.channels)),
        *map(len, (stages, [member for stage in stages for member in stage.members])),
        sum(len(device.source.points) for device in own),
        sum(len(device.conditions) for device in plan.devices if device.id not in PROFILED),
    ]


def sizes_in(document: Any) -> list[int]:
    """Return how many of each there are, in the file."""
    devices, programmes = document["devices"], document["programmes"]
    own = [device for id_, device in devices.items() if id_ not in PROFILED]
    stages = [stage for programme in programmes.values() for stage in programme["chain"]]
    return [
        *map(len, (devices, devices, programmes, document["people"], document["channels"])),
        *map(len, (stages, [member for stage in stages for member in stage.get("members") or ()])),
        sum(len(device.get("points") or ()) for device in own),
        sum(len(device.get("conditions") or ()) for device in own),
    ]


@examples(300)
@given(st.sampled_from([SITE, EXAMPLE]), st.data())
def test_a_changed_value_or_key_is_reported_or_loads(base: str, data: st.DataObject) -> None:
    """Any word of the file becomes something else, up to three of them."""
    for _ in range(data.draw(st.integers(1, 3))):
        token = data.draw(st.sampled_from(list(TOKEN.finditer(base))))
        other = data.draw(st.sampled_from(STRANGE) | st.text(max_size=8))
        base = base[: token.start()] + other + base[token.end() :]
    is_reported_or_loads(base.encode("utf-8", "replace").decode())


@examples(100)
@given(st.data())
def test_a_lost_or_doubled_line_is_reported_or_loads(data: st.DataObject) -> None:
    """Cut, copied and moved lines are what editors do."""
    lines = SITE.splitlines(keepends=True)
    index = data.draw(st.integers(0, len(lines) - 1))
    count = data.draw(st.integers(0, 2))
    indent = " " * data.draw(st.integers(0, 4))
    lines[index : index + 1] = [indent + lines[index]] * count
    is_reported_or_loads("".join(lines))
