"""Finds paths, modules and make targets that a document names and the project does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.source import ROOT

FOLDERS = ("monitord", "simulators", "tests", "docs", "config", "deploy", r"\.ci")
DOCUMENTS = ("README*.md", "CHANGELOG.md", "docs/*.md", "deploy/*.md", "deploy/*/*.md")
HISTORY = ("CHANGELOG.md", "docs/decisions.md")
"""Documents of the past: they may name what is gone."""
USERS_OWN = ("config/secrets", "config/first.yaml", "config/profiles/")
"""What a reader makes by following a document."""
CODE = re.compile(r"(`+)(.+?)\1|^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
PATH = re.compile(rf"(?<![\w./…-])((?:{'|'.join(FOLDERS)})/[\w./*{{}},…-]*[\w/*}}])")
MODULE = re.compile(r"python3? -m ((?:monitord|tests|simulators)(?:\.\w+)*)")
TARGET = re.compile(r"\bmake ([a-z]+)")
LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
PLACEHOLDER = re.compile(r"[A-Z]{2,}|…|\.\.\.")


def documents(root: Path = ROOT) -> Iterator[Path]:
    """Yield the project's documents."""
    for pattern in DOCUMENTS:
        yield from sorted(root.glob(pattern))


def missing_names(document: Path, root: Path = ROOT) -> Iterator[str]:
    """Yield a line for each thing that this document names and the project does not have."""
    text = document.read_text(encoding="utf-8")
    name = document.relative_to(root).as_posix()
    if name in HISTORY:
        return
    for match in LINK.finditer(text):
        if not (document.parent / match[1]).exists():
            yield _finding(name, text, match.start(), f"no file {match[1]}")
    for code in CODE.finditer(text):
        for problem in _missing_in(code[0], root):
            yield _finding(name, text, code.start(), problem)


def _finding(name: str, text: str, place: int, problem: str) -> str:
    return f"{name}:{1 + text.count(chr(10), 0, place)}: {problem}"


def _missing_in(code: str, root: Path) -> Iterator[str]:
    for path in PATH.findall(code):
        is_free = path.startswith(USERS_OWN) or PLACEHOLDER.search(path)
        if not is_free and not _exists(path, root):
            yield f"no file {path}"
    for module in MODULE.findall(code):
        file = root / module.replace(".", "/")
        if not (file.with_suffix(".py").exists() or (file / "__main__.py").exists()):
            yield f"no module {module} to run"
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in TARGET.findall(code):
        if f"\n{target}:" not in makefile:
            yield f"no make target {target}"


def _exists(path: str, root: Path) -> bool:
    """Return whether each alternative of ``a/{b,c}.py``, with ``*`` for any text, exists."""
    return all(any(root.glob(one.rstrip("/"))) for one in _alternatives(path))


def _alternatives(path: str) -> Iterator[str]:
    before, brace, rest = path.partition("{")
    if not brace:
        yield path
        return
    inner, _, after = rest.partition("}")
    for one in inner.split(","):
        yield from _alternatives(f"{before}{one}{after}")
