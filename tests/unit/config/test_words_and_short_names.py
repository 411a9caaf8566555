"""What the configuration gives to messages besides names: words of conditions, names for an SMS."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.config import ConfigErrors
from monitord.messages.labels import labels_of
from tests.unit.config.samples import loaded
from tests.unit.profiles.devices import device

ROOM = "    poll_every: 1s\n"
SOUND = "sound_present: {layer: content, true_when: not audio_silent"
PROGRAMME = "    name: 县广播 98.6 MHz\n"


def test_a_condition_may_have_words_for_what_is_wrong(tmp_path: Path) -> None:
    """An owner's condition is then not merely abnormal."""
    words = f"{SOUND}, words: {{zh: 播音无声, en: studio silent}}"
    settings = loaded(tmp_path, (SOUND, words))
    assert settings.words == {"room_io.sound_present": {"zh": "播音无声", "en": "studio silent"}}
    assert labels_of(settings).words == settings.words
    assert loaded(tmp_path).words == {}


def test_a_short_name_is_the_name_in_an_sms_only(tmp_path: Path) -> None:
    """The full form has the whole name, and what has no short name keeps its own."""
    changes = ((PROGRAMME, f"{PROGRAMME}    short_name: 县广播\n"),)
    labels = labels_of(loaded(tmp_path, *changes, (ROOM, f"{ROOM}    short_name: 播音接点\n")))
    assert labels.name("programme/county_fm", short=True) == "县广播"
    assert labels.name("programme/county_fm") == "县广播 98.6 MHz"
    assert "播音接点" in labels.short_names.values()
    assert labels.name("site", short=True) == labels.name("site")


def test_a_short_name_changes_neither_the_plan_nor_its_hash(tmp_path: Path) -> None:
    """Labels decide no verdict."""
    other = loaded(tmp_path, (PROGRAMME, f"{PROGRAMME}    short_name: 县广播\n"))
    plain = loaded(tmp_path)
    assert (other.plan, other.config_hash) == (plain.plan, plain.config_hash)


@pytest.mark.parametrize("old", [ROOM, PROGRAMME])
def test_a_short_name_that_is_too_long_is_a_mistake(tmp_path: Path, old: str) -> None:
    """It would not fit, and nothing is cut."""
    assert loaded(tmp_path, (old, f"{old}    short_name: 八个字的短名称呀\n")).short_names
    with pytest.raises(ConfigErrors, match="use a text of at most 8 letters"):
        loaded(tmp_path, (old, f"{old}    short_name: 九个字的短名称太长\n"))


def test_a_shipped_transfer_switch_in_manual_says_that_nothing_changes_over() -> None:
    """WORDING B, ATS manual: the words of its profile, where *automatic* alone says too little."""
    settings = device("apc-xats").settings
    (words,) = settings.words.values()
    assert words == {"zh": "在手动位，停电不会自动切换", "en": "in manual, no auto transfer"}
    assert [name.partition(".")[2] for name in settings.words] == ["automatic"]
