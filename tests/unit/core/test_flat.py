"""What a site has behind it costs nothing: the state of a long life is that of a short one."""

from __future__ import annotations

import pytest

from monitord.core.codec import canonical, to_plain
from tests.support.seam import Site, fm_site, shared_site
from tests.support.years import Years

SETTLED_DAYS, LATER_DAYS = 10, 30


@pytest.mark.parametrize(("site", "faulty"), [(fm_site(), "fm1"), (shared_site(), "io1")])
def test_the_state_does_not_grow_with_the_number_of_faults(site: Site, faulty: str) -> None:
    """Twenty more outages, messages, acknowledgements and settlements leave only longer numbers."""
    life = Years(site, faulty)
    life.live_to(SETTLED_DAYS)
    before = to_plain(life.driver.situation.durable)
    life.live_to(LATER_DAYS)
    after = to_plain(life.driver.situation.durable)
    assert {key: len(value) for key, value in before.items() if isinstance(value, dict | list)} == {
        key: len(value) for key, value in after.items() if isinstance(value, dict | list)
    }
    assert len(canonical(after)) < 1.1 * len(canonical(before))
    (unsettled,) = life.driver.situation.durable.unsettled.values()
    assert (unsettled.count, unsettled.off_count) == (0, LATER_DAYS)
