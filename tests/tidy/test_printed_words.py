"""What people read uses one word for one thing: that of the glossary."""

from __future__ import annotations

import pytest

from tests.tidy.printed import all_texts, findings, refused, texts_of_python, texts_of_yaml


def test_texts_profiles_and_configurations_use_the_words_of_the_glossary() -> None:
    """``printed_words.txt`` has what to use instead."""
    found = findings(all_texts())
    assert not found, "\n" + "\n".join(found)


def test_the_texts_of_every_kind_are_read() -> None:
    """In both languages: programs, profiles and configurations."""
    read = {(one.path.rpartition("/")[0], one.language) for one in all_texts()}
    for folder in ("monitord/texts", "monitord/config/texts", "monitord/profiles"):
        assert {(folder, "zh"), (folder, "en")} <= read
    assert {("docs/skeletons", "zh"), ("deploy/grafana/dashboards", "zh")} <= read
    assert {("config", "zh"), ("config/devices", "zh"), ("config/examples", "zh")} <= read


PROFILE = """
points: {reserve: {object: state of the reserve}}
conditions:
  radiating: {card: {zh: [看面板, %s], en: [Look, %s]}, words: {zh: %s, en: %s}}
alarms: [{text: {zh: %s, en: %s}}]
"""


@pytest.mark.parametrize(("zh", "en"), [("确认是否倒换", "With a reserve"), ("备机", "is Blind")])
def test_a_refused_word_is_found_in_every_text_of_a_profile(zh: str, en: str) -> None:
    """Steps, words and alarms; names of points and objects are no texts."""
    found = findings(texts_of_yaml("monitord/profiles/it.yaml", PROFILE % ((zh, en) * 3)))
    assert [line.split(":")[1].strip() for line in found] == [
        *(f"conditions.radiating.{key}" for key in ("card.zh", "card.en", "words.zh", "words.en")),
        *("alarms.text.zh", "alarms.text.en"),
    ]


def test_a_placeholder_is_no_word_and_acknowledging_keeps_its_own() -> None:
    """``{told}`` is filled in; 确认 is what a person does to an incident."""
    table = 'A = {"ack.taken": "{person}已确认", "card.1": "确认在播", "b": ("播音", "{told}")}'
    found = findings(texts_of_python("monitord/texts/zh.py", table))
    assert found == ["monitord/texts/zh.py: card.1: '确认' is refused, use 核实"]


def test_longer_words_are_not_found() -> None:
    """What has a refused word within it only."""
    table = 'A = {"a": "standby", "b": "主机名", "c": "监测覆盖率99%", "d": "播出中断前"}'
    assert [line.split(":")[1].strip() for line in findings(texts_of_python("x.py", table))] == [
        "d"
    ]
    assert {language for language, _, _ in refused()} == {"zh", "en"}
