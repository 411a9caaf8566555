"""A trap storm does not fill the inbox."""

from __future__ import annotations

from monitord.core.model import TrapSeen
from monitord.traps.reports import REPORTS_MAX, ReportQuota


class LimitedInbox:
    """Keeps what it is given; has room for devices that are not in ``full``."""

    def __init__(self) -> None:
        self.items: list[TrapSeen] = []
        self.full: set[str] = set()

    def has_room(self, device: str) -> bool:
        return device not in self.full

    def put(self, item: TrapSeen) -> None:
        self.items.append(item)


def test_a_tick_takes_a_limited_number_of_reports() -> None:
    """The rest of a storm is dropped until the engine has finished a tick."""
    inbox, tick = LimitedInbox(), 7
    quota = ReportQuota(inbox, lambda: tick)
    report = TrapSeen("fm1", 1, None, "fm1.radiating", value=False)
    for _ in range(REPORTS_MAX + 50):
        quota.put(report)
    assert len(inbox.items) == REPORTS_MAX
    tick += 1
    quota.put(report)
    assert len(inbox.items) == REPORTS_MAX + 1


def test_reports_of_a_device_whose_answers_wait_are_dropped() -> None:
    """Its next poll shows the same."""
    inbox = LimitedInbox()
    inbox.full.add("fm1")
    quota = ReportQuota(inbox, lambda: 1)
    quota.put(TrapSeen("fm1", 1, None, "fm1.radiating", value=False))
    quota.put(TrapSeen("fm2", 1, None, "fm2.radiating", value=False))
    assert [item.device for item in inbox.items] == ["fm2"]
