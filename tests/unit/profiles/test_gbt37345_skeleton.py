"""The skeleton for transmitters by GB/T 37345: it loads, and cannot be taken for a true profile."""

from __future__ import annotations

import re

from monitord.config.profiles.files import read_profile_file
from tests.unit.profiles.devices import NAMES, SHIPPED, Kind, device

FOLDER = SHIPPED.parents[1] / "docs" / "skeletons"
FILE = FOLDER / "gbt-37345.yaml"
DOCUMENTATION = (1, 3, 6, 1, 4, 1, 32473)  # RFC 5612: for examples; no device answers there


def skeleton() -> Kind:
    return device(
        "gbt-37345",
        folder=FOLDER,
        protocol="snmp",
        nominal={"forward_power_w": 1000},
    )


def test_the_skeleton_passes_its_check() -> None:
    """Its author begins without a mistake."""
    read = read_profile_file(FILE)
    assert read.errors == ()
    assert read.profile is not None
    assert (read.profile.verified, read.profile.burst) == ("unverified", False)


def test_it_is_not_shipped_as_a_profile() -> None:
    """A device that names it gets the error that there is none."""
    assert "gbt-37345" not in NAMES


def test_every_object_in_it_is_a_placeholder() -> None:
    """One true OID among them would make the others look true."""
    for point in skeleton().read_points:
        assert point.oid[:7] == DOCUMENTATION, point.id  # type: ignore[attr-defined]
    text = FILE.read_text("utf-8")
    objects = re.findall(r"^    object: (.*)$", text, re.MULTILINE)
    assert len(objects) == len(skeleton().read_points)
    assert all(name.startswith("PLACEHOLDER ") for name in objects)
    assert text.startswith("# SKELETON, NOT A PROFILE OF ANY EQUIPMENT")


def test_it_has_the_parts_that_the_standard_has() -> None:
    """A general part, 8 amplifiers, 4 supplies, 2 exciters."""
    ids = {point.id for point in skeleton().read_points}
    for parts, count in (("amplifier", 8), ("supply", 4), ("exciter", 2)):
        numbers = {found[1] for id_ in ids if (found := re.match(rf"{parts}_(\d+)", id_))}
        assert numbers == {str(n) for n in range(1, count + 1)}


def test_its_conditions_turn_as_their_names_say() -> None:
    """True and false are each shown, so that only its OIDs and labels are to be filled in."""
    kind = skeleton()
    fine = {f"amplifier_{n}": 1 for n in range(1, 9)} | {"exciter_1": 1, "exciter_2": 1}
    fine |= {"forward_power_w": 100, "exciter_in_use": 1, "exciter_1_input": 1, "control": 2}
    good = kind.see(fine | {"fault": 2, "exciter_2_input": 2}).conditions
    assert good == {
        "radiating": True,
        "fed": True,
        "amplifiers_whole": True,
        "second_exciter": True,
        "fault": False,
        "remote": True,
    }
    bad = fine | {"amplifier_8": 2, "exciter_2": 2, "forward_power_w": 99, "exciter_1_input": 2}
    found = kind.see(bad | {"fault": 1, "control": 1}).conditions
    assert found == {name: not holds for name, holds in good.items()}
