"""The project's source keeps its own rules, and each rule's checker is itself able to find."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from statistics import median

import pytest

from tests.tidy.rules import RULES, Rule
from tests.tidy.source import ROOT, Source, length, read_sources

MEDIAN_LINES_MAX = 10  # exclusive

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name.replace(" ", "_"))


@cache
def sources() -> tuple[Source, ...]:
    return read_sources()


@every_rule
def test_the_source_keeps_the_rule(rule: Rule) -> None:
    """Every Python file of the project keeps every rule."""
    findings = [finding for source in sources() for finding in rule.findings(source)]
    assert not findings, "\n" + "\n".join(findings)


@every_rule
def test_the_rule_finds_what_breaks_it(rule: Rule) -> None:
    """A checker that has rotted finds nothing in its own bad samples."""
    missed = [sample for sample in rule.bad if not rule.findings(sample)]
    assert not missed


@every_rule
def test_the_rule_lets_pass_what_keeps_it(rule: Rule) -> None:
    """A checker that cries wolf gets switched off."""
    assert [finding for sample in rule.good for finding in rule.findings(sample)] == []


def test_a_breach_names_path_line_and_the_way_out() -> None:
    """The finding names the place and what to use."""
    clock_rule = next(rule for rule in RULES if "clock" in rule.name)
    found = clock_rule.findings(Source("monitord/x.py", '"""X."""\nimport time\n'))
    assert found == ["monitord/x.py:2: time is banned, use monitord.clock"]


def test_every_source_file_is_read() -> None:
    """The rules see the files they are about."""
    assert {"monitord/clock.py", "monitord/core/model.py", "tests/test_tidy.py"} <= {
        source.path for source in sources()
    }


def needs_file(path: str) -> None:
    """Skip while a part of the project is not there yet; the whole proof refuses the skip."""
    if not (ROOT / path).exists():
        pytest.skip(f"{path} does not exist yet")


def median_length(files: tuple[Source, ...]) -> float:
    return median(length(function) for file in files for function in file.functions)


def test_the_median_function_is_under_ten_lines() -> None:
    """Most functions fit in one glance."""
    daemon = tuple(source for source in sources() if source.is_in("monitord/"))
    assert median_length(daemon) < MEDIAN_LINES_MAX


def test_the_median_counts_whole_functions() -> None:
    """The measure goes from def to the last line."""
    text = "def a():\n    pass\n\ndef b():\n    x = (\n        1\n    )\n    return x\n"
    assert median_length((Source("monitord/x.py", text),)) == 3.5


def text_differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Return what keeps two languages from saying the same: missing keys, other placeholders."""
    missing = [f"{key} stands in one language only" for key in sorted(one.keys() ^ other.keys())]
    return missing + [
        f"{key}: {placeholders(one[key])} in one language, {placeholders(other[key])} in the other"
        for key in sorted(one.keys() & other.keys())
        if placeholders(one[key]) != placeholders(other[key])
    ]


def placeholders(template: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})


def texts_of(language: str) -> Mapping[str, str]:
    return import_module(f"monitord.texts.{language}").TEXTS


def catalogues() -> list[str]:
    """Return the modules of texts that hold both languages."""
    modules = sorted(path.stem for path in (ROOT / "monitord" / "texts").glob("*.py"))
    return [name for name in modules if hasattr(import_module(f"monitord.texts.{name}"), "ZH")]


def test_both_languages_say_the_same() -> None:
    """zh and en have every key, with the same placeholders."""
    assert text_differences(texts_of("zh"), texts_of("en")) == []
    assert {"arguments", "commands", "explanation", "tools"} <= set(catalogues())
    for name in catalogues():
        module = import_module(f"monitord.texts.{name}")
        assert text_differences(module.ZH, module.EN) == [], name


def test_no_two_catalogues_have_the_same_key() -> None:
    """The commands print from all of them; of two texts with one key, one would be lost."""
    keys = [key for name in catalogues() for key in import_module(f"monitord.texts.{name}").EN]
    assert sorted(keys) == sorted(set(keys))


def test_a_missing_key_or_placeholder_is_found() -> None:
    """The comparison of languages sees what a translator forgets."""
    assert text_differences({"a": "{x}", "b": ""}, {"a": "{y}"}) == [
        "b stands in one language only",
        "a: ['x'] in one language, ['y'] in the other",
    ]


def test_every_metric_is_in_the_reference() -> None:
    """A metric nobody can look up is no metric, in English and in Chinese."""
    names = {name for source in sources() for name in metric_names(source)}
    assert names, "monitord/metrics names no metric"
    for page in ("metrics.md", "metrics.zh-CN.md"):
        reference = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert sorted(name for name in names if f"`{name}`" not in reference) == []


def metric_names(source: Source) -> set[str]:
    """Return the metric names written as whole string constants in ``monitord/metrics``."""
    if not source.is_in("monitord/metrics/"):
        return set()
    return {name for _, name in source.texts if re.fullmatch(r"monitord_[a-z_]*[a-z]", name)}
