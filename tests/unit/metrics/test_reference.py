"""The pages docs/metrics.md and docs/metrics.zh-CN.md agree with the table of metrics."""

from __future__ import annotations

import re

import pytest

from monitord.core.model import Column
from monitord.devices.remarks import KINDS
from monitord.metrics.devices import RESULTS
from monitord.metrics.lines import BUS_RESULTS, SHARED_SOCKET_DATAGRAMS, SHARED_SOCKET_RESULTS
from monitord.metrics.names import FAMILIES, point_families
from monitord.metrics.programmes import FIGURES
from monitord.metrics.reference import CHINESE, ENGLISH, Language, page
from monitord.traps.filter import RESULTS as TRAP_RESULTS
from monitord.units import BASES
from tests.tidy.source import ROOT

EVERY = [*FAMILIES.values(), *point_families()]
LISTED = {
    "monitord_programme_state": [column.value for column in Column],
    "monitord_programme_off_air_seconds_total": FIGURES,
    "monitord_programme_reason_off_air_seconds_total": FIGURES,
    "monitord_polls_total": RESULTS,
    "monitord_device_remarks_total": KINDS,
    "monitord_traps_total": TRAP_RESULTS,
    "monitord_lane_polls_total": SHARED_SOCKET_RESULTS,
    "monitord_lane_datagrams_total": SHARED_SOCKET_DATAGRAMS,
    "monitord_bus_exchanges_total": BUS_RESULTS,
}
"""The values that the code gives the last label of a family."""

each_language = pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh"])


@each_language
def test_the_committed_page_is_what_the_table_gives(language: Language) -> None:
    """``make reference`` writes it; a change by hand would be lost."""
    committed = (ROOT / "docs" / language.file).read_text(encoding="utf-8")
    assert committed == page(language), "run make reference"


@each_language
def test_the_page_names_every_value_of_a_label(language: Language) -> None:
    """A reader of a dashboard finds what each value of a label means."""
    rows = {row.split("`")[1]: row for row in page(language).splitlines() if row.startswith("| `")}
    for name, values in LISTED.items():
        assert [value for value in values if f"`{value}`" not in rows[name]] == [], name


def test_every_family_is_explained_in_both_languages() -> None:
    """The Chinese page has a Chinese text for each help text and each note."""
    for family in EVERY:
        assert re.search(r"[\u4e00-\u9fff]", family.help_zh), family.name
        assert bool(family.note_en) == bool(family.note_zh), family.name


def test_every_base_unit_has_a_family_that_lists_the_units_of_profiles() -> None:
    """A unit that a profile may use is found on the page under its base unit."""
    by_name = {family.name: family for family in point_families()}
    for unit, base in BASES.items():
        assert f"`{unit}`" in by_name[f"monitord_point_{base.name}"].note_en


def test_names_and_units_agree() -> None:
    """Prometheus wants the base unit in the name, and ``_total`` exactly on counters."""
    for family in EVERY:
        assert family.name.endswith("_total") == (family.kind == "counter"), family.name
        assert family.unit.replace(" ", "_") in family.name, family.name
