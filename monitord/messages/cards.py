"""Which response card belongs to a fault, and what is left of it while people are at work.

Owns the choice; the steps are in ``texts/cards.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from monitord.messages.causes import devices_text
from monitord.messages.news import CLOSING, News
from monitord.messages.style import Style

STEPS: Final = 3
STEP_NUMBERS: Final = {"zh": "①②③④", "en": "1234"}

CARD_OF_REASON: Final = {
    "no_carrier": "no_output",
    "no_service": "no_input",
    "empty_carrier": "no_input",
    "black": "content",
    "freeze": "content",
    "silence": "content",
    "wrong_programme": "wrong_programme",
    "filler": "filler",
    "reduced_power": "reduced_power",
    "poor_quality": "quality",
    "absent": "blind_self",
    "late": "blind_self",
}
CARD_OF_FAULT: Final = {
    "off_air": "off_air",
    "suspected": "off_air",
    "disputed": "disputed",
    "blind": "blind",
    "site_silent": "site_silent",
    "degraded": "quality",
    "reserve_lost": "no_backup",
    "reserve_unknown": "no_backup",
    "reserve_used": "backup_used",
    "manual": "manual",
    "clock_untrusted": "clock",
    "inconsistent": "blind",
    "silent": "device_silent",
    "config_refused": "configuration",
    "record_replaced": "record",
}
CARD_OF_CONDITION: Final = {
    **dict.fromkeys(("mains_good", "mains_present", "mains_relay_good"), "mains"),
    **dict.fromkeys(("phases_present", "on_battery", "battery_low", "feeding"), "mains"),
    **dict.fromkeys(("too_hot", "room_cool", "temperature_fine", "cools", "cool"), "hot"),
    **dict.fromkeys(("giving_power", "gives_power"), "generator"),
    "water_cool": "hot",
    "no_smoke": "fire",
}
CARD_OF_CAUSE: Final = {
    ("off_air", "feed"): "mains",
    ("off_air", "network"): "no_input",
    ("off_air", "device"): "no_input",
    ("suspected", "feed"): "mains",
}
"""By fault and kind of a cause outside the chain: a supply, a link, what a device mutes on."""
ON_AIR: Final = ("wrong_programme", "filler")
"""Reasons of what is on the air in the place of the programme: that is dealt with first."""
BY_REASON: Final = ("off_air", "suspected", "degraded", "blind")
"""Faults whose reason decides the card, unless their cause does."""

RESTORES: Final = frozenset(
    {("no_output", 2), ("no_output", 3), ("manual", 2), ("by_hand", 3)}
    | {("backup_used", 3), ("off_air", 3)}
)
"""Steps (card, number) that bring power or radio frequency back, or lead to the owner's card that
may. Left out while people are inside a transmitter, in a feeder or on the tower."""


STARTS_OTHER: Final = frozenset({("no_output", 3), ("off_air", 3)})
"""Steps that put another device on the air."""


BY_HAND: Final = frozenset({"remote", "under_remote_control", "automatic", "is_automatic"})
"""Conditions that are false while somebody has a device in local mode or in manual."""
BROKEN: Final = ("failed", "silent", "no_output", "unknown")
"""What a device does that could not take over."""


@dataclass(frozen=True, slots=True)
class Advice:
    """``do``: the steps; ``never``: what is not done, "" where the card does not say."""

    do: str
    never: str


def advice(news: News, style: Style) -> Advice:
    """Return what to do: the owner's card of the cause if there is one, else the built-in card.

    An owner's card is free text: while people are at work it may restore power and is not shown.
    It replaces the steps only: what is never done at such a fault is said with every card.
    """
    if news.told in CLOSING:
        return Advice(style.text(_closing_key(news)), "")
    built_in = _built_in(_card(news), news, style)
    if not news.site_states and (card := _own_card(news, style)):
        return Advice(_done(card.rstrip("。. "), style), built_in.never)
    return built_in


def _closing_key(news: News) -> str:
    if news.told == "closed_before_told":
        return "over_before_told"
    return "over" if news.told == "recovered" else "over_unseen"


def _own_card(news: News, style: Style) -> str:
    for condition in news.conditions:
        if card := style.labels.cards.get(condition, {}).get(style.language):
            return card
    return ""


def _card(news: News) -> str:
    if news.fault == "alarm":
        subject = next((m.subject for m in news.named if m.fault == "alarm"), "")
        return CARD_OF_CONDITION.get(subject.partition(".")[2], "alarm")
    if card := _card_of_cause(news):
        return card
    if news.fault in BY_REASON and news.reason in CARD_OF_REASON:
        return CARD_OF_REASON[news.reason]
    if news.fault == "suspected" and not news.standing:
        return "blind"  # it is on air again: what it was must be asked
    if news.fault == "reserve_lost" and by_hand(news):
        return "by_hand"
    return CARD_OF_FAULT.get(news.fault, "alarm")


def _card_of_cause(news: News) -> str:
    """Return the card of a cause outside the chain of what is off the air; "" for any other."""
    outside = CARD_OF_CAUSE.get((news.fault, news.kind), "")
    if not outside or not news.standing or news.reason in ON_AIR:
        return ""
    conditions = (name.partition(".")[2] for name in news.conditions)
    return next((CARD_OF_CONDITION[n] for n in conditions if n in CARD_OF_CONDITION), outside)


def in_hands(news: News) -> list[str]:
    """Return the devices that somebody has in local mode or in manual."""
    return [
        device
        for device, does in news.does
        if does in BROKEN
        and any(name.partition(".")[2] in BY_HAND for name in news.hinders.get(device, ()))
    ]


def by_hand(news: News) -> bool:
    """Return whether nothing failed: what could take over was only taken out of remote control."""
    broken = [device for device, does in news.does if does in BROKEN]
    names = [name for device in broken for name in news.hinders.get(device, ("",))]
    return bool(names) and all(name.partition(".")[2] in BY_HAND for name in names)


def _steps(card: str, news: News) -> Iterator[tuple[str, int]]:
    """Yield (card, number) of each step; what may be in somebody's hands is asked for first."""
    for number in range(1, STEPS + 1):
        step = card, number
        if news.site_states and step in RESTORES:
            continue
        if step in STARTS_OTHER and news.uses:
            yield "reserve_in_use", 1
            continue
        if step in STARTS_OTHER and in_hands(news):
            yield "by_hand", 2
        yield step


def _built_in(card: str, news: News, style: Style) -> Advice:
    places = {
        "on_air": on_air(news, style),
        "failed": not_ready(news, style),
        "in_hands": devices_text(in_hands(news), style),
        "other": used_by(news, style),
    }
    places = {key: text or style.text(f"device.{key}") for key, text in places.items()}
    numbers = STEP_NUMBERS[style.language]
    steps = [
        style.text("card.step", number=number, step=style.text(f"card.{name}.{n}", **places))
        for number, (name, n) in zip(numbers, _steps(card, news), strict=False)
    ]
    parts = [style.text("card.forbidden")] if news.site_states else []
    text = style.text("card.step.separator").join([*parts, *steps])
    return Advice(_done(text, style), style.text(f"card.{card}.not", **places))


def _done(steps: str, style: Style) -> str:
    """Return steps with what is done after those of every card."""
    return style.text("card.done", steps=steps, after=style.text("card.after"))


def on_air(news: News, style: Style) -> str:
    """Return the devices that carry the programme now; "" where the alert does not say."""
    return devices_text([device for device, does in news.does if does == "on_air"], style)


def used_by(news: News, style: Style) -> str:
    """Return the programmes that the shared reserve carries; "" where the alert names none."""
    found = dict.fromkeys(programme for _, programme in news.uses)
    return style.listed(style.name("programme", programme) for programme in found)


def not_ready(news: News, style: Style, *, of: Collection[str] = BROKEN) -> str:
    """Return the devices of the cause's stage that do one of ``of`` now."""
    return devices_text([device for device, does in news.does if does in of], style)
