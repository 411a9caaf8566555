"""An acknowledgement at any moment of an outage changes nothing but its own event."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.model import SECOND, Event
from tests.properties.scripts import examples
from tests.support.seam import Watch, fm_site
from tests.unit.core.test_decisions import KIND, acknowledge


def figures(event: Event) -> object:
    """Return the figures of an outage that ended, or the kind of a message."""
    body = json.loads(event.body)
    alert = body.get("alert", {})
    return body.get("figures"), alert.get("told"), alert.get("least"), alert.get("most")


@examples(100)
@given(st.integers(1, 40), st.sampled_from(["desk", "engineer"]))
def test_an_acknowledgement_changes_neither_verdict_nor_messages(after_s: int, person: str) -> None:
    """Pieces, figures and messages are the same with and without it."""

    def rest(acknowledged: bool) -> list[tuple[str, str, int]]:
        watch = Watch(fm_site()).hold(20).hold(after_s, fm1="bad")
        for incident in list(watch.driver.situation.durable.incidents) if acknowledged else []:
            acknowledge(watch, incident, person)
        watch.hold(50)
        own = (KIND, "decision_taken")
        # Ids have the number of their event, which is another one behind a decision.
        return [
            (e.kind, e.at // SECOND, figures(e)) for e in watch.driver.events if e.kind not in own
        ]

    assert rest(acknowledged=True) == rest(acknowledged=False)
