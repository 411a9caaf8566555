"""The source's own rules, each with samples that break it. Reads text; imports no project code."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.tidy.source import Source, length

CORE_MAY_IMPORT = frozenset(
    {"__future__", "abc", "bisect", "collections", "dataclasses", "enum", "functools", "hashlib"}
    | {"heapq", "itertools", "json", "math", "operator", "struct", "typing"}
)
OBSERVER_MAY_IMPORT = (
    "tests.simulation.observer.",
    "tests.simulation.facts.",
    "simulators.plant.signals.",
    "monitord.core.codec.",
)
CORE_BUILTINS_BANNED = frozenset({"open", "print", "input", "__import__", "exec", "eval", "id"})
FUNCTION_LINES_MAX, FILE_LINES_MAX, ADVANCE_LINES_MAX = 70, 500, 60
CLASS_LINES_MAX = 250
APP_MAY_BE_IMPORTED_BY = ("monitord/__main__.py", "monitord/cli/", "monitord/app/", "tests/")
SQL_PLACES = ("monitord/journal/", "monitord/history.py")
SQL = re.compile(
    r"\s*((SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|VACUUM|REPLACE|BEGIN)\b"
    r"|(?i:select\s.+\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|create\s+(table|index|view|trigger|unique)\b|pragma\s))"
)
SQL_CLOCK = re.compile(r"CURRENT_(TIMESTAMP|TIME|DATE)\b|\(\s*'now'", re.IGNORECASE)
CLOCK_CALLS = {
    "datetime.datetime.now": "a time that is handed in",
    "datetime.datetime.utcnow": "a time that is handed in",
    "datetime.datetime.today": "a time that is handed in",
    "datetime.date.today": "a time that is handed in",
    "asyncio.sleep": "Clock.sleep_until",
    "asyncio.timeout_at": "asyncio.timeout",
}
LOOP_TIMERS = {"call_later", "call_at"}

Found = Iterator[tuple[int, str, str]]  # line, what is banned, what to use


@dataclass(frozen=True, slots=True)
class Rule:
    """``check`` finds what is banned in a file: something in each ``bad``, nothing in ``good``."""

    name: str
    check: Callable[[Source], Found]
    bad: tuple[Source, ...]
    good: tuple[Source, ...] = ()

    def findings(self, source: Source) -> list[str]:
        """Return a line for each breach: ``path:line: X is banned, use Y``."""
        return [
            f"{source.path}:{line}: {banned} is banned, use {instead}"
            for line, banned, instead in self.check(source)
        ]


def core_imports(source: Source) -> Found:
    if not source.is_in("monitord/core/"):
        return
    for line, name in source.imports:
        top = name.split(".")[0]
        if top not in CORE_MAY_IMPORT and not (name + ".").startswith("monitord.core."):
            yield line, f"importing {name} in core", "an argument: core has no I/O and no clock"


def observer_imports(source: Source) -> Found:
    if not source.is_in("tests/simulation/observer/", "tests/simulation/facts.py"):
        return
    for line, name in source.imports:
        is_ours = name.split(".")[0] in {"monitord", "tests", "simulators"}
        if is_ours and not f"{name}.".startswith(OBSERVER_MAY_IMPORT):
            yield line, f"importing {name} in the observer", "the plant's facts"


def core_builtins(source: Source) -> Found:
    if not source.is_in("monitord/core/"):
        return
    for call in source.calls:
        if isinstance(call.func, ast.Name) and call.func.id in CORE_BUILTINS_BANNED:
            yield call.lineno, f"{call.func.id}() in core", "an argument"
    for node in source.nodes:
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield node.lineno, "async in core", "a plain function"


def function_lengths(source: Source) -> Found:
    for function in source.functions:
        is_advance = source.path == "monitord/core/pipeline.py" and function.name == "advance"
        most = ADVANCE_LINES_MAX if is_advance else FUNCTION_LINES_MAX
        if length(function) > most:
            name = f"{function.name} of {length(function)} lines"
            yield function.lineno, name, f"functions of at most {most}"


def class_lengths(source: Source) -> Found:
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and length(node) > CLASS_LINES_MAX:
            name = f"{node.name} of {length(node)} lines"
            yield node.lineno, name, f"classes of at most {CLASS_LINES_MAX}, divided by duty"


def file_lengths(source: Source) -> Found:
    if source.lines > FILE_LINES_MAX:
        yield 1, f"a file of {source.lines} lines", f"files of at most {FILE_LINES_MAX}"


def clocks(source: Source) -> Found:
    if not source.is_in("monitord/") or source.is_in("monitord/clock.py"):
        return
    for line, name in source.imports:
        if name.split(".")[0] == "time":
            yield line, name, "monitord.clock"
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name) and source.dotted(node) in CLOCK_CALLS:
            name = source.dotted(node)
            yield node.lineno, name, CLOCK_CALLS[name]
    yield from _loop_timers(source)
    for line, text in source.texts:
        if SQL_CLOCK.search(text):
            yield line, "a clock read by SQL", "a time that is handed in"


def _loop_timers(source: Source) -> Found:
    for call in source.calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr in LOOP_TIMERS:
            yield call.lineno, f"loop.{call.func.attr}", "a due time in core"
        if call.func.attr == "time" and "loop" in ast.unparse(call.func.value).lower():
            yield call.lineno, "loop.time", "Clock.now"


def exceptions(source: Source) -> Found:
    if not source.is_in("monitord/", "simulators/"):
        return
    for node in source.nodes:
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield node.lineno, "a bare except", "the exceptions that are expected"
        elif any(isinstance(n, ast.Name) and n.id == "BaseException" for n in ast.walk(node.type)):
            yield node.lineno, "except BaseException", "finally, or the exceptions expected"


def prints(source: Source) -> Found:
    if not source.is_in("monitord/") or source.is_in("monitord/cli/"):
        return
    for call in source.calls:
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            yield call.lineno, "print", "monitord.logs, or cli/"


def mocks(source: Source) -> Found:
    if not source.is_in("tests/"):
        return
    for line, name in source.imports:
        if name.startswith(("unittest.mock", "mock.", "pytest_mock")) or name == "mock":
            yield line, name, "a fake that passes the contract suite, or a real server"
    for call in source.calls:
        if _patches_monitord(source, call):
            yield call.lineno, "patching monitord", "an argument or a fake"


def _patches_monitord(source: Source, call: ast.Call) -> bool:
    attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if attribute not in {"setattr", "delattr", "setitem"} or not call.args:
        return False
    target = call.args[0]
    if isinstance(target, ast.Constant):
        return str(target.value).startswith("monitord")
    return source.dotted(target).split(".")[0] == "monitord"


def sleeps_in_tests(source: Source) -> Found:
    if not source.is_in("tests/"):
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name) and source.dotted(node) == "time.sleep":
            yield node.lineno, "time.sleep in tests", "an awaited condition"


def simulators_apart(source: Source) -> Found:
    if not source.is_in("simulators/"):
        return
    for line, name in source.imports:
        if name.split(".")[0] == "monitord":
            yield line, f"importing {name} in simulators", "the equipment's own tables"


def app_alone(source: Source) -> Found:
    if source.is_in(*APP_MAY_BE_IMPORTED_BY):
        return
    for line, name in source.imports:
        if (name + ".").startswith("monitord.app."):
            yield line, "importing monitord.app", "what app hands in"


def sql_places(source: Source) -> Found:
    if not source.is_in("monitord/") or source.is_in(*SQL_PLACES):
        return
    for line, name in source.imports:
        if name.split(".")[0] == "sqlite3":
            yield line, "sqlite3", "journal/ or history.py"
    for line, text in source.texts:
        if SQL.match(text):
            yield line, "SQL", "a query of journal/ or history.py"


def docstrings(source: Source) -> Found:
    if source.tree.body and not ast.get_docstring(source.tree):
        yield 1, "a module without a docstring", "one sentence of what it owns"
    if not source.is_in("tests/"):
        return
    for function in source.functions:
        if function.name.startswith("test_") and not ast.get_docstring(function):
            yield function.lineno, f"{function.name} without a docstring", "the rule in one line"


def _core(text: str) -> Source:
    return Source("monitord/core/sample.py", text)


def _daemon(text: str) -> Source:
    return Source("monitord/sample.py", text)


def _observer(text: str) -> Source:
    return Source("tests/simulation/observer/sample.py", text)


def _test(text: str) -> Source:
    return Source("tests/unit/test_sample.py", text)


def _long_function(name: str, lines: int) -> str:
    return f"def {name}():\n" + "    pass\n" * (lines - 1)


RULES = (
    Rule(
        "core imports from its allow-list only",
        core_imports,
        bad=(
            _core("import asyncio"),
            _core("from monitord import clock"),
            _core("from ..journal import record"),
            _core("import logging as l"),
            _core("def f():\n    import random"),
            _core("import monitord.corelike"),
        ),
        good=(
            _core("from __future__ import annotations\nfrom collections.abc import Iterator"),
            _core("from monitord.core.model import Answer\nfrom .plan import Plan"),
            _core("from monitord.core import columns\nimport monitord.core"),
            _daemon("import asyncio"),
        ),
    ),
    Rule(
        "the observer judges by the plant alone",
        observer_imports,
        bad=(
            _observer("from monitord.core.plan import Plan"),
            _observer("def f():\n    import monitord.core.apply"),
            _observer("from tests.simulation.plant import draw"),
            _observer("from tests.simulation import run"),
        ),
        good=(
            _observer("from monitord.core.codec import from_plain"),
            _observer("from tests.simulation.observer import cause"),
            _observer("import json\nfrom tests.simulation.facts import Facts"),
            _test("from monitord.core.plan import Plan"),
        ),
    ),
    Rule(
        "core does no I/O of its own",
        core_builtins,
        bad=(_core("open('x')"), _core("async def f(): ..."), _core("__import__('os')")),
        good=(_core("opened = open_incident()"), _daemon("open('x')")),
    ),
    Rule(
        "functions are short",
        function_lengths,
        bad=(
            _daemon(_long_function("f", 71)),
            Source("monitord/core/pipeline.py", _long_function("advance", 61)),
        ),
        good=(
            _daemon(_long_function("f", 70)),
            Source("monitord/core/pipeline.py", _long_function("advance", 60)),
        ),
    ),
    Rule(
        "classes are short",
        class_lengths,
        bad=(_daemon("class A:\n" + "    pass\n" * 250),),
        good=(_daemon("class A:\n" + "    pass\n" * 249),),
    ),
    Rule(
        "files are short",
        file_lengths,
        bad=(_daemon("pass\n" * 501),),
        good=(_daemon("pass\n" * 500),),
    ),
    Rule(
        "only clock.py reads clocks and sleeps",
        clocks,
        bad=(
            _daemon("import time"),
            _daemon("from time import monotonic as m"),
            _daemon("from datetime import datetime as dt\ndt.now()"),
            _daemon("import datetime\ndatetime.datetime.utcnow()"),
            _daemon("from datetime import date\nx = date.today"),
            _daemon("from asyncio import sleep\nasync def f(): await sleep(1)"),
            _daemon("import asyncio as a\nasync def f(): await a.sleep(1)"),
            _daemon("def f(loop): loop.call_later(1, f)"),
            _daemon("import asyncio\nasyncio.get_running_loop().time()"),
            _daemon("q = \"select datetime('now')\""),
        ),
        good=(
            Source("monitord/clock.py", "import time"),
            _daemon("import asyncio\nasync def f():\n    async with asyncio.timeout(1): ..."),
            _daemon("from datetime import datetime\ndatetime.fromtimestamp(1).time()"),
            Source("simulators/sample.py", "import time"),
        ),
    ),
    Rule(
        "no except catches everything",
        exceptions,
        bad=(
            _daemon("try: ...\nexcept: ..."),
            _daemon("try: ...\nexcept (OSError, BaseException): ..."),
        ),
        good=(_daemon("try: ...\nexcept OSError: ..."),),
    ),
    Rule(
        "only cli prints",
        prints,
        bad=(_daemon("print('x')"),),
        good=(Source("monitord/cli/sample.py", "print('x')"),),
    ),
    Rule(
        "tests use fakes, not mocks",
        mocks,
        bad=(
            _test("from unittest import mock"),
            _test("from unittest.mock import patch"),
            _test("import unittest.mock"),
            _test("def test_x(monkeypatch): monkeypatch.setattr('monitord.clock.read', 1)"),
            _test("from monitord import clock\ndef f(m): m.setattr(clock, 'read', 1)"),
        ),
        good=(_test("def test_x(monkeypatch): monkeypatch.setenv('A', '1')"),),
    ),
    Rule(
        "tests do not sleep",
        sleeps_in_tests,
        bad=(_test("import time\ntime.sleep(1)"), _test("from time import sleep\nsleep(1)")),
        good=(_test("import time\ntime.monotonic()"),),
    ),
    Rule(
        "simulators know nothing of monitord",
        simulators_apart,
        bad=(Source("simulators/plant/sample.py", "from monitord.core import model"),),
        good=(Source("simulators/plant/sample.py", "from simulators.plant import faults"),),
    ),
    Rule(
        "nobody imports app but those who start it",
        app_alone,
        bad=(
            _daemon("from monitord.app import build"),
            _daemon("from monitord import app"),
            Source("monitord/web/sample.py", "from ..app import build"),
        ),
        good=(
            Source("monitord/cli/run.py", "from monitord.app import build"),
            _daemon("from monitord import application"),
        ),
    ),
    Rule(
        "SQL stands in journal/ and history.py",
        sql_places,
        bad=(
            _daemon("q = 'SELECT 1'"),
            _daemon("q = f'''\n  insert into {table} values (1)'''"),
            _daemon("import sqlite3"),
        ),
        good=(
            Source("monitord/journal/record.py", "import sqlite3\nq = 'SELECT 1'"),
            Source("monitord/history.py", "q = 'SELECT 1'"),
            _daemon("t = 'select a channel'\nu = 'SELECTED'"),
        ),
    ),
    Rule(
        "modules and tests say what they are about",
        docstrings,
        bad=(_daemon("x = 1"), _test('"""A."""\ndef test_x(): assert 1')),
        good=(_daemon(""), _test('"""A."""\ndef test_x():\n    """The rule."""')),
    ),
)
