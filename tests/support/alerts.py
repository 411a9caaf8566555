"""An alert as the core gives it, for tests of messages: FM without a carrier from 03:12:07."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

from monitord.channels import Message
from monitord.messages.compose import compose
from monitord.messages.forms import sms_text
from monitord.messages.labels import Labels, Texts
from monitord.messages.news import read_alert
from monitord.messages.style import Form, Style

Alert: TypeAlias = Any
"""The core's alert: a dictionary of codes and parameters, with keys that may be absent."""

SECOND = 1_000_000
BEGAN = int(datetime(2026, 11, 27, 19, 12, 7, tzinfo=UTC).timestamp()) * SECOND
CHINA = timezone(timedelta(hours=8))
NO_CARDS: Texts = {}
NAMES = {
    "site": "大别山发射台",
    "programme/fm": "县广播",
    "programme/tv": "县电视一套",
    "stage/fm/tx": "发射",
    "device/tx1": "主发射机",
    "device/tx2": "备发射机",
    "device/switch": "同轴开关",
    "device/ups1": "机房UPS",
    "person/zhang": "张三",
}
LABELS = Labels(
    "dabie_hill",
    NAMES,
    carries={"switch.b_on_antenna": "tx2"},
    carried_by={"mux": frozenset({"fm", "tv"})},
)
LASTS: dict[str, Any] = {
    "began": [BEGAN, BEGAN],
    "ended": None,
    "least": 29 * SECOND,
    "most_seen": 31 * SECOND,
    "most": 31 * SECOND,
}
OVER: dict[str, Any] = {
    "ended": [BEGAN + 30 * SECOND, BEGAN + 31 * SECOND],
    "how": "good",
    "observed": "good",
    "column": "on_air",
}
CAUSE: dict[str, Any] = {
    "stage": "tx",
    "conditions": ["tx1.radiating", "tx2.radiating"],
    "place": "tx1+tx2/tx",
    "devices": ["tx1", "tx2"],
    "kind": "stage",
}


def iso(moment: int) -> str:
    """Return a site time as ISO 8601 text at UTC+8."""
    return datetime.fromtimestamp(moment / SECOND, tz=CHINA).isoformat()


def member(**other: Any) -> dict[str, Any]:
    """Return a member of an alert: FM off the air for 29 s, without end."""
    fields = {
        "programme": "fm",
        "fault": "off_air",
        "severity": "critical",
        "reason": "no_carrier",
        "stage": "tx",
        "how": None,
        "falls": 1,
        "observed": "bad:no_carrier",
        "column": "off_air",
        "off_under": None,
    }
    return fields | LASTS | other


def old_alert(**other: Any) -> Alert:
    """Return an alert with the keys of the first generation only."""
    first = member(**{key: value for key, value in other.items() if key in member()})
    fields: dict[str, Any] = {
        "alert_id": "1-12-duty_desk-1-opened",
        "incident": "1-12",
        "told": "opened",
        "person": "duty_desk",
        "joined": [],
        "cause": {"stage": "tx", "conditions": ["tx1.radiating"]},
        "drill": False,
    }
    kept = ("programme", "fault", "severity", "reason", "observed", "column", *LASTS)
    return fields | {key: first[key] for key in kept} | other


def alert(*members: dict[str, Any], **other: Any) -> Alert:
    """Return an alert with all keys; ``members`` in restoration order, one if none is given."""
    found = members or (member(),)
    first = found[0]
    rest: dict[str, Any] = {
        "joined": [each["programme"] for each in found[1:]],
        "severity": first["severity"],
        "cause": CAUSE,
        "number": 512,
        "members": list(found),
        "devices_now": [
            {"device": "tx1", "does": "no_output"},
            {"device": "tx2", "does": "no_output"},
        ],
    }
    kept = ("programme", "reason", "observed", "column", *LASTS)
    head = {key: first[key] for key in kept} | {"fault": first["fault"].partition("/")[0]}
    return old_alert(**(head | rest | other))


def sms_of(found: Alert, language: str = "zh", *, labels: Labels = LABELS) -> str:
    """Return the SMS alone: a fifth of the work of the whole message."""
    news = read_alert(found)
    return sms_text(news, Style(Form.SMS, language, labels, iso, news.boot))


def composed(
    found: Alert,
    language: str = "zh",
    *,
    labels: Labels = LABELS,
    cards: Texts = NO_CARDS,
    unrecorded: bool = False,
) -> Message:
    """Return the message of an alert."""
    labels = replace(labels, cards=cards) if cards else labels
    return compose(found, labels=labels, language=language, iso=iso, unrecorded=unrecorded)
