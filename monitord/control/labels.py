"""Names of things by id, for what people read in the status. Looks up; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Labels:
    """Names by id from the configuration. ``iso``: site time in microseconds to ISO 8601 text."""

    site: str
    names: Mapping[str, str]
    iso: Callable[[int], str]

    def replace(self, site: str, names: Mapping[str, str]) -> None:
        """Use the names of another configuration from now on."""
        self.site, self.names = site, names

    def name(self, key: str) -> str:
        """Return the name of ``kind/id``, or the id if it has none."""
        return self.names.get(key) or key.rpartition("/")[2]

    def member(self, programme: str, fault: str) -> str:
        """Return the name of what a fault is of: a programme, a device, or the site."""
        return name_of_fault(self.names, programme, fault) or self.site

    def stage(self, programme: str, stage: str) -> str:
        """Return the name of a stage; empty for none."""
        return self.name(f"stage/{programme}/{stage}") if stage else ""

    def device(self, device: str) -> dict[str, str]:
        """Return id and name of a device of a place; that may be the site."""
        key = "site" if device == "site" else f"device/{device}"
        return {"id": device, "name": self.name(key)}

    def moment(self, at: int | None) -> str | None:
        """Return a site time as ISO 8601 text; None for None."""
        return None if at is None else self.iso(at)


def name_of_fault(names: Mapping[str, str], programme: str, fault: str) -> str:
    """Return the name of what a fault is of: a programme, a device, or the site.

    ``fault``: behind the programme in the id, such as ``off_air`` or ``alarm/ups.mains_good``.
    """
    if programme:
        return names.get(f"programme/{programme}") or programme
    device = fault.partition("/")[2].partition(".")[0]
    if device:
        return names.get(f"device/{device}") or device
    return names.get("site", "")
