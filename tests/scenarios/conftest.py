"""Every message of every scenario is composed in both languages: none fails, none is too long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitord.messages.compose import compose
from monitord.messages.forms import units
from monitord.messages.labels import Labels
from tests.scenarios.dutylog import DutyLog
from tests.scenarios.sites import labels_for
from tests.support.alerts import iso

SMS_MAX = 70


@pytest.fixture(autouse=True)
def _every_message_can_be_composed() -> Iterator[None]:
    DutyLog.begun.clear()
    yield
    for log in DutyLog.begun:
        named = labels_for(log.site) if "\0" in log.site.name else Labels(site="hill")
        for alert in log.alerts():
            for language in ("zh", "en"):
                sent = compose(
                    alert,  # type: ignore[arg-type]
                    labels=named,
                    language=language,
                    iso=iso,
                    unrecorded=False,
                )
                assert units(sent.sms) <= SMS_MAX, sent.sms
                assert all((sent.title, sent.text, sent.spoken)), sent
