"""What may be written after the program's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitord.cli.arguments import DEFAULT_CONFIG, language_of, parse

SITE = Path("site.yaml")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "ZH"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "en_GB", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_is_the_terminals(environment: dict[str, str], language: str) -> None:
    """As every program does it: the first of the three that is set decides."""
    assert language_of(environment) == language
    assert parse(["status"], environment).language == language
    assert parse(["status", "--language", "en"], environment).language == "en"


@pytest.mark.parametrize(
    "line",
    [
        "ack 1-2 --person ann site.yaml",
        "ack 1-2 site.yaml --person ann",
        "ack --person ann 1-2 site.yaml",
        "poll fm1 --json site.yaml",
        "poll fm1 site.yaml",
        "poll --deadline 5s fm1 site.yaml",
        "status --strict site.yaml",
        "incidents site.yaml --open",
        "check --explain site.yaml",
        "run site.yaml",
    ],
)
def test_the_configuration_stands_before_or_after_the_options(line: str) -> None:
    """Whoever adds an option at either end is understood."""
    assert parse(line.split(), {}).config == SITE


def test_without_a_configuration_the_installed_one_is_taken() -> None:
    """On the station's machine nobody types a path."""
    assert parse(["status"], {}).config == DEFAULT_CONFIG


@pytest.mark.parametrize(
    "line",
    [
        "",
        "dance",
        "drill",
        "ack 1-2",
        "poll",
        "poll fm1 a.yaml b.yaml",
        "status a.yaml b.yaml",
        "status --loud",
        "poll fm1 --deadline 0",
        "poll fm1 --deadline -1",
        "poll fm1 --deadline nan",
        "poll fm1 --deadline 1h",
        "incidents --limit 0",
        "incidents --limit -1",
        "incidents --limit 1.5",
        "incidents --limit ²",
        f"incidents --limit {10**12}",
        "status --language fr",
    ],
)
def test_nonsense_ends_with_the_usage(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the way it is written."""
    with pytest.raises(SystemExit) as ended:
        parse(line.split(), {})
    assert ended.value.code == 2
    assert "usage: monitord" in capsys.readouterr().err
