"""The customer's own configuration, with the simulated station's addresses. Owns that rewriting.

The files of ``config/`` are taken as they are; a demonstration of another configuration would show
nothing about this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulators.site_file import FileError

CONFIG = Path(__file__).parent.parent / "config"
FIRST = "monitord.yaml"
_ENTRY = re.compile(r"  ([a-z][a-z0-9_]*):\s*(#.*)?")
_ADDRESS = re.compile(r"((?:snmp|modbus|frame): \{)address: [^,}]+(?:, port: \d+)?")
_INCLUDED = re.compile(r"^  - (\S+\.yaml)$", re.MULTILINE)
_SITE_OWN = (
    (re.compile(r'url: "[^"]*"'), 'url: "{webhook_url}"'),
    (re.compile(r"folder: \S+"), "folder: record"),
    (re.compile(r"traps: \{.*\}"), "{traps}"),
    (re.compile(r"(listen: .*port: )\d+"), r"\g<1>{listen_port}"),
    # Nobody measures how good the clock of a workstation is.
    (re.compile(r"clock: network"), "clock: host"),
)


@dataclass(frozen=True, slots=True)
class Traps:
    """The daemon's port for traps, and the community of each device that sends traps."""

    port: int
    communities: Mapping[str, str]

    @property
    def section(self) -> str:
        """The section that replaces the site's own in the first file."""
        return f"traps: {{address: 127.0.0.1, port: {self.port}}}" if self.port else ""


NO_TRAPS = Traps(0, {})


def write_county_configuration(
    folder: Path,
    ports: Mapping[str, int],
    community: str,
    webhook_url: str,
    listen_port: int,
    *,
    traps: Traps = NO_TRAPS,
) -> Path:
    """Write it all into ``folder``, each device at its port of 127.0.0.1; return the first file.

    Devices at one address differ in their trap communities.

    Raises FileError where configuration and station do not have the same devices.
    """
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "snmp_read").touch(mode=0o600)
    (secrets / "snmp_read").write_text(f"{community}\n", encoding="utf-8")
    for id_, word in traps.communities.items():
        (secrets / f"traps_{id_}").touch(mode=0o600)
        (secrets / f"traps_{id_}").write_text(f"{word}\n", encoding="utf-8")
    (folder / "record").mkdir()
    first = (CONFIG / FIRST).read_text(encoding="utf-8")
    seen: set[str] = set()
    for name in _INCLUDED.findall(first):
        text = (CONFIG / name).read_text(encoding="utf-8")
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(_readdressed(text, ports, seen, traps)) + "\n", encoding="utf-8")
    if seen != ports.keys():
        differing = ", ".join(sorted(seen ^ ports.keys()))
        raise FileError(f"{CONFIG}: these devices are not both here and in the site: {differing}")
    for pattern, own in _SITE_OWN:
        words = {"webhook_url": webhook_url, "listen_port": listen_port, "traps": traps.section}
        first = pattern.sub(own.format(**words), first)
    (folder / FIRST).write_text(first, encoding="utf-8")
    return folder / FIRST


def _readdressed(
    text: str, ports: Mapping[str, int], seen: set[str], traps: Traps
) -> Iterator[str]:
    """Yield the lines of one file; every device's address is its place here."""
    id_ = ""
    for line in text.splitlines():
        if found := _ENTRY.fullmatch(line):
            id_ = found[1]
        if _ADDRESS.search(line) and id_ in ports:
            seen.add(id_)
            yield _ADDRESS.sub(rf"\g<1>address: 127.0.0.1, port: {ports[id_]}", line)
            if id_ in traps.communities:
                yield f"    traps: {{community_file: secrets/traps_{id_}}}"
        else:
            if _ADDRESS.search(line):
                seen.add(id_)
            yield line
