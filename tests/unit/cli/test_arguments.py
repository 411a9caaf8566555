"""The command line: what it accepts, how it reports mistakes in both languages."""

from __future__ import annotations

import io
import string
import subprocess
import sys
from pathlib import Path

import pytest

from monitord.__main__ import main
from monitord.cli.arguments import language_of, parse
from monitord.cli.command_parts import DEFAULT_CONFIG
from monitord.cli.parser import UsageError

SITE = Path("site.yaml")


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ("", {}, "en"),
        ("", {"LANG": "C.UTF-8"}, "en"),
        ("", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("", {"LANG": "ZH"}, "zh"),
        ("", {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB"}, "en"),
        ("", {"LANG": "en_GB", "LC_MESSAGES": "zh_CN"}, "zh"),
        ("", {"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
        ("status --language en", {"LANG": "zh_CN"}, "en"),
        ("--language zh status", {}, "zh"),
        ("status --language=zh", {}, "zh"),
        ("status --lang zh", {}, "zh"),
        ("status --language fr", {"LANG": "zh_CN"}, "zh"),
        ("incidents --l zh", {}, "en"),
    ],
)
def test_the_language_is_that_of_the_option_or_the_terminal(
    arguments: str, environment: dict[str, str], language: str
) -> None:
    """The option wins; else the first set of LC_ALL, LC_MESSAGES and LANG decides."""
    assert language_of(arguments.split(), environment) == language


@pytest.mark.parametrize("line", ["status", "run", "profile check x.yaml", "check", "poll fm1"])
def test_every_command_has_a_language(line: str) -> None:
    """Before the command, after it, or from the locale."""
    assert parse(line.split(), {"LANG": "zh_CN"}).language == "zh"
    assert parse([*line.split(), "--language", "zh"], {}).language == "zh"
    assert parse(["--language", "zh", *line.split()], {}).language == "zh"


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
def test_the_configuration_comes_before_or_after_the_options(line: str) -> None:
    """An option may be added at either end of the line."""
    assert parse(line.split(), {}).config == SITE


def test_without_a_configuration_the_installed_one_is_taken() -> None:
    """On the station's machine nobody types a path."""
    assert parse(["status"], {}).config == DEFAULT_CONFIG


COMMANDS = (
    "run, check, poll, status, incidents, ack, settle, false-alarm, site-state, report, reload,"
    " clock, record, backup, restore, verify, profile"
)
MISTAKES = [
    ("", f"the command is missing; use one of: {COMMANDS}", "缺少命令；可用：run、"),
    ("dance", "no command 'dance'; use one of: run, check, poll, ", "没有命令'dance'；可用：run、"),
    ("stauts", "no command 'stauts'; did you mean 'status'?", "是否为'status'？"),
    ("profile chek", "no command 'chek'; did you mean 'check'?", "没有命令'chek'；"),
    ("profile", "the command is missing; use one of: check, test, new", "check、test、new"),
    ("ack 1-2", "missing: --person", "缺少：--person"),
    ("ack 1-2 --by ann", "no option '--by'; use one of: -h, --help, ", "没有选项'--by'；"),
    (
        "poll site.yaml",
        "DEVICE: is 'site.yaml', a file name; write the id",
        "DEVICE：现为'site.yaml'",
    ),
    ("ack a/b --person x", "INCIDENT: is 'a/b', a file name; write the id", "请在它前面写标识"),
    ("poll", "missing: DEVICE", "缺少：DEVICE"),
    ("poll fm1 a.yaml b.yaml", "'b.yaml' is one argument too many", "多出一个参数'b.yaml'"),
    ("status a.yaml b.yaml", "'b.yaml' is one argument too many", "请删去"),
    ("status --loud", "no option '--loud'; use one of: -h, --help, ", "没有选项'--loud'；可用："),
    ("status --strit", "no option '--strit'; did you mean '--strict'?", "是否为'--strict'？"),
    ("--json status", "--json: write it after the command", "--json：请写在命令之后"),
    ("--as ann settle all", "--as: write it after the command", "--as：请写在命令之后"),
    ("--limit=3 incidents", "--limit: write it after the command", "--limit：请写在命令之后"),
    ("profile --row x test a b", "--row: write it after the command", "--row：请写在命令之后"),
    ("--loud status", "no option '--loud'; use one of: -h, --help, ", "没有选项'--loud'；可用："),
    ("status --json=x", "--json: takes no value; remove 'x'", "--json：不带取值"),
    ("incidents --l 3", "--l is short for --language, --limit", "请写全"),
    ("poll fm1 --deadline", "--deadline: the value is missing", "--deadline：缺少取值"),
    ("poll fm1 --deadline 0", "--deadline: is '0'; use a number of seconds", "不超过600的秒数"),
    ("poll fm1 --deadline -1", "--deadline: is '-1'; use a number of", "现为'-1'，应为"),
    ("poll fm1 --deadline nan", "--deadline: is 'nan'; use a number of", "现为'nan'，应为"),
    ("poll fm1 --deadline 1h", "--deadline: is '1h'; use a number of", "现为'1h'，应为"),
    ("incidents --limit 0", "--limit: is '0'; use a whole number 1–100000", "1～100000的整数"),
    ("incidents --limit 1.5", "--limit: is '1.5'; use a whole number", "现为'1.5'，应为"),
    ("incidents --limit ²", "--limit: is '²'; use a whole number", "现为'²'，应为"),
    (f"incidents --limit {10**12}", "is '1000000000000'; use a whole", "应为1～100000"),
    ("status --language fr", "--language: is 'fr'; use one of: zh, en", "可用：zh、en"),
    ("run --log-level loud", "--log-level: is 'loud'; use one of: debug, ", "可用：debug、"),
    ("record a --registers coil:9-1", "is 'coil:9-1'; use TABLE:FIRST-LAST such", "表:首-末"),
    ("profile test a b --row x", "--row: is 'x'; use NAME=INDEX such as", "名称=索引"),
    (f"profile test a b --row x={'1' * 5000}", f"is 'x={'1' * 58}'…; use NAME", "名称=索引"),
    ("profile new x --port 65536", "--port: is '65536'; use a whole number", "应为1～65535"),
    ("profile new x --version 4", "--version: is '4'; use one of: 1, 2c, 3", "可用：1、2c、3"),
    ("ack \ud800 --person ann", r"INCIDENT: is '\ud800'; use 1–200 printable", "可显示的字符"),
    (f"ack {'1' * 201} --person ann", "INCIDENT: is '111111", "INCIDENT：现为'1111"),
    ("ack 1-2 --person a\0b", r"--person: is 'a\x00b'; use 1–200 printable", "可显示的字符"),
    ("poll fm1 a\0b", r"CONFIG: is 'a\x00b'; use the name of a file", "应为文件名"),
    ("ack 1 --person a x\0.yaml", r"CONFIG: is 'x\x00.yaml'; use the name", "应为文件名"),
    ("check \ud800", r"CONFIG: is '\ud800'; use the name of a file", "应为文件名"),
]


@pytest.mark.parametrize(("line", "english", "chinese"), MISTAKES)
def test_a_mistake_is_named_in_the_reader_s_language(line: str, english: str, chinese: str) -> None:
    """With the usage and the allowed values; no English of argparse reaches a Chinese reader."""
    arguments = line.split(" ") if line else []
    for environment, text, usage in (
        ({}, english, "usage: monitord"),
        ({"LANG": "zh_CN.UTF-8"}, chinese, "用法：monitord"),
    ):
        with pytest.raises(UsageError) as caught:
            parse(arguments, environment)
        assert text in str(caught.value)
        assert str(caught.value).startswith(usage)
    mistake = str(caught.value).rsplit("\n", 2)[1]
    assert not [word for word in ("argument", "expected", "invalid") if word in mistake]


@pytest.mark.parametrize("first", ["--language en", "--language=en", "--lang en"])
def test_the_option_of_all_commands_may_come_before_the_command_and_others_not(first: str) -> None:
    """It is no hint to the option itself that is said to be missing."""
    assert parse([*first.split(), "status", "--json"], {}).json
    with pytest.raises(UsageError, match="--json: write it after the command"):
        parse([*first.split(), "--json", "status"], {})


def test_a_mistake_returns_2_and_prints_on_standard_error() -> None:
    """A script sees the code, and its input stays clean."""
    out, err = io.StringIO(), io.StringIO()
    assert main(["stauts"], out, err) == 2
    assert (out.getvalue(), err.getvalue()[:6]) == ("", "usage:")


@pytest.mark.parametrize(
    ("language", "usage"), [("en", "usage: monitord"), ("zh", "用法：monitord")]
)
@pytest.mark.parametrize(
    "line",
    ["", "run", "check", "poll", "status", "incidents", "ack", "record", "profile", "profile new"],
)
def test_every_command_has_help_in_both_languages(
    line: str, language: str, usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard output, with exit code 0."""
    assert main([*line.split(), "--language", language, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(usage)
    has_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in shown)
    assert has_chinese == (language == "zh")
    assert ("show this help" in shown) == (language == "en")


def test_a_terminal_without_chinese_letters_shows_their_codes() -> None:
    """An ASCII terminal ends no command with a traceback."""
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "monitord", "stauts", "--language", "zh"]
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert ended.returncode == 2
    assert rb"\u7528\u6cd5" in ended.stderr
    assert set(ended.stderr.decode("ascii")) <= set(string.printable)


def test_a_closed_pipe_ends_the_help_quietly() -> None:
    """``monitord --help | head -0``: no traceback, exit code 0."""
    command = [sys.executable, "-m", "monitord", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
