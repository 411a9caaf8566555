"""The packages of the configuration build on each other in one direction."""

from __future__ import annotations

from tests.tidy.modules import circles, import_graph
from tests.tidy.source import ROOT, Source

PACKAGE = "monitord.config"


def part(module: str) -> str:
    """Return the package or file of the configuration that a module belongs to."""
    return ".".join(module.split(".")[2:3])


def test_no_two_packages_need_each_other() -> None:
    """From files and types over devices and profiles to the whole: each can be read by itself."""
    folder = ROOT / "monitord" / "config"
    paths = sorted(folder.rglob("*.py"))
    sources = [Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths]
    graph: dict[str, set[str]] = {}
    for module, imported in import_graph(sources, PACKAGE).items():
        others = {part(name) for name in imported} - {part(module)}
        graph.setdefault(part(module), set()).update(others)
    assert {"loader", "fields", "expressions", "devices", "profiles", "load"} <= graph.keys()
    assert circles(graph) == []
