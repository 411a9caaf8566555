"""Which module imports which, and the rooms of the daemon in their order. Reads text only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tests.tidy.source import Source

ROOMS = (
    *("units", "similar", "clock", "names", "own_interfaces", "log_writer", "logs"),
    *("core", "clock_quality", "inbox", "texts"),
    *("decoding", "devices", "traps", "polling"),
    "config",
    *(
        "journal",
        "last_good",
        "loop_lag",
        "garbage",
        "alarm_load",
        "record_opening",
        "recording",
        "engine",
        "history",
        "report",
    ),
    *("channels", "messages", "dispatcher", "outbox"),
    *("metrics", "http_server", "web", "reloading", "control", "systemd"),
    *(
        "health",
        "calendars",
        "startup",
        "backup_trial",
        "nightly_backups",
        "trap_port",
        "running_parts",
        "app",
    ),
    *("cli", "__main__"),
)
"""In order: a module imports from its own room and from earlier ones."""

Graph = dict[str, dict[str, int]]  # module: the modules it imports, each with the line


def module_name(path: str) -> str:
    """Return the dotted name of a file of a package."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def import_graph(sources: Iterable[Source], prefix: str = "") -> Graph:
    """Return the imports between these files, of the modules whose name begins with ``prefix``."""
    files = {module_name(source.path): source for source in sources}
    graph: Graph = {}
    for module, source in files.items():
        if module.startswith(prefix):
            edges = graph.setdefault(module, {})
            for line, name in source.imports:
                target = _known(name, files)
                if target != module and target.startswith(prefix):
                    edges.setdefault(target, line)
    return graph


def _known(name: str, files: Mapping[str, Source]) -> str:
    """Return the module that an imported name is, or is part of; "" where it is not of these."""
    while name and name not in files:
        name = name.rpartition(".")[0]
    return name


def import_closure(sources: Iterable[Source], module: str) -> list[str]:
    """Return the paths of all project files that a module needs, itself and packages included."""
    files = tuple(sources)
    paths = {module_name(source.path): source.path for source in files}
    graph = import_graph(files)
    found: set[str] = set()
    left = [module]
    while left:
        name = left.pop()
        if name in paths and name not in found:
            found.add(name)
            left += [*graph[name], name.rpartition(".")[0]]
    return sorted(paths[name] for name in found)


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the groups of names that reach each other (Tarjan 1972), each sorted."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in graph.get(name, ()):
            if other not in order:
                visit(other)
            if other in stack:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == order[name]:
            place = stack.index(name)
            group, stack[place:] = stack[place:], []
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in order:
            visit(name)
    return sorted(found)


def grouped(graph: Graph, group_of: Callable[[str], str]) -> dict[str, set[str]]:
    """Return the graph of the groups that the modules are in."""
    groups: dict[str, set[str]] = {}
    for module, targets in graph.items():
        own = group_of(module)
        groups.setdefault(own, set()).update({group_of(target) for target in targets} - {own})
    return groups


def room_of(module: str) -> str:
    """Return the room: the name behind ``monitord.``."""
    return module.split(".")[1] if "." in module else ""


def part_of(module: str) -> str:
    """Return the sub-package of a room that a module is in, or the module itself."""
    return ".".join(module.split(".")[:3])


def upward_imports(graph: Graph, rooms: Sequence[str] = ROOMS) -> Iterator[str]:
    """Yield a line for each import from a later room, and for each room without a place."""
    places = {room: place for place, room in enumerate(rooms)}
    for module, targets in sorted(graph.items()):
        own = room_of(module)
        if own and own not in places:
            yield f"{module}: {own} has no place in ROOMS of tests/tidy/modules.py"
        for target, line in targets.items():
            place = places.get(room_of(target), 0)
            if own in places and place > places[own]:
                yield f"{module}:{line}: imports {target} of a later room"
