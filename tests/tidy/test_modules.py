"""The rooms of the daemon keep their order, and no modules import each other in a circle."""

from __future__ import annotations

from functools import cache

import pytest

from tests.long.jobs import MODULES, job_named
from tests.tidy.modules import (
    Graph,
    circles,
    grouped,
    import_closure,
    import_graph,
    part_of,
    upward_imports,
)
from tests.tidy.source import Source, read_sources


@cache
def daemon() -> Graph:
    return import_graph(read_sources(), "monitord")


def graph_of(**files: str) -> Graph:
    """Return the graph of these modules: name (``__`` for a dot) and text."""
    sources = (Source(name.replace("__", "/") + ".py", text) for name, text in files.items())
    return import_graph(sources)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Each module can be understood behind what it imports."""
    assert circles(daemon()) == []


def test_no_sub_packages_of_a_room_import_each_other_in_a_circle() -> None:
    """What holds for modules holds for the folders of one room."""
    assert circles(grouped(daemon(), part_of)) == []


def test_no_module_imports_from_a_later_room() -> None:
    """The list of rooms is the way of an answer from the socket to the person."""
    assert list(upward_imports(daemon())) == []


def test_a_circle_is_found_behind_any_number_of_modules() -> None:
    """The check sees circles of three, and of folders where the modules have none."""
    three = graph_of(a="import b", b="from c import x", c="def f():\n    import a", d="import a")
    assert circles(three) == [["a", "b", "c"]]
    folders = graph_of(
        m__r__one__a="from m.r.two.a import x",
        m__r__two__a="x = 1",
        m__r__two__b="from m.r.one.c import x",
        m__r__one__c="x = 1",
    )
    assert circles(folders) == []
    assert circles(grouped(folders, part_of)) == [["m.r.one", "m.r.two"]]


def test_an_import_from_a_later_room_is_found() -> None:
    """The check names the module, the line and what it imports; an unlisted room has no place."""
    graph = graph_of(
        m__low__a="\nfrom m.high.b import x",
        m__high__b="from m.low import a",
        m__new__c="",
    )
    assert list(upward_imports(graph, ("low", "high"))) == [
        "m.low.a:2: imports m.high.b of a later room",
        "m.new.c: new has no place in ROOMS of tests/tidy/modules.py",
    ]


@pytest.mark.parametrize("name", MODULES)
def test_a_long_job_declares_all_that_it_imports(name: str) -> None:
    """A changed file that a proof runs makes its results stale."""
    job = job_named(name)
    declared = (*job.code, *job.tests)
    needed = import_closure(read_sources(), MODULES[name])
    missing = [path for path in needed if not any(is_part(path, place) for place in declared)]
    assert set(missing) <= {"tests/long/inputs.py", "simulators/__init__.py"}


def is_part(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")
