"""Every condition of a shipped profile has words for what is wrong, in both languages."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
import yaml

from monitord.texts.condition_words import FALSE, TRUE, words_of

IDENTIFIER = re.compile(r"[a-z]+_[a-z_]+")


def shipped_conditions() -> set[str]:
    """Return the names of all conditions of the shipped profiles."""
    profiles = [each for each in files("monitord.profiles").iterdir() if each.suffix == ".yaml"]  # type: ignore[attr-defined]
    read = [yaml.safe_load(each.read_text(encoding="utf-8")) for each in profiles]
    return {name for profile in read for name in profile.get("conditions", {})}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_condition_of_a_profile_has_words(language: str) -> None:
    """At 03:00 nobody reads the name of a condition."""
    names = shipped_conditions()
    assert len(names) > 100
    without = {name for name in names if words_of(name, False, language) is None}
    without = {name for name in without if words_of(name, True, language) is None}
    assert without == set()


def test_words_differ_by_the_side_and_have_no_identifier() -> None:
    """What is wrong is not what is right, and no word is an id."""
    for name in FALSE.keys() & TRUE.keys():
        assert FALSE[name] != TRUE[name], name
    for zh, en in (*FALSE.values(), *TRUE.values()):
        assert not IDENTIFIER.search(zh + en)
        assert re.search("[一-鿿]", zh), zh
        assert not re.search("[一-鿿]", en), en


def test_a_number_in_a_name_is_put_into_its_words() -> None:
    """The third service is missing, not service n."""
    assert words_of("has_service_3", False, "zh") == "缺少第3套业务"
    assert words_of("backup_2_has_sound", False, "en") == "backup source 2 silent"
    assert words_of("blinks", False, "zh") is None
