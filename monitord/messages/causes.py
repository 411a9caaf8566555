"""Why something is wrong, in words: which devices, what is wrong with them, in which stage.

Never an id where there is a name, and never a condition's name. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitord.core.places import SILENT, UNSEEN
from monitord.messages.news import ASSIGNMENT, OFF_AIR, Member, News
from monitord.messages.style import Style
from monitord.texts import has_text
from monitord.texts.condition_words import words_of

REASON_LETTERS_MAX = {"zh": 5, "en": 10}
"""A reason in an SMS; longer words of a condition give way to its reason's."""
OF_LAYERS = frozenset({"no_carrier", "no_service", "empty_carrier"})
"""Reasons that a condition has by its layer alone, where the configuration gives none."""
WORKS = ("standby", "in_use", "on_air", "unswitched")
"""What a device does that has not failed, whether it carries the programme or not."""

SWITCHED = {"on_air": "does.good", "no_output": "does.bad"}
"""By what a device of the emission does, what is said of one that only switches through."""


def cause_text(news: News, style: Style) -> str:
    """Return the cause as one phrase: ``主、备发射机均无输出功率（发射）``."""
    where = [_stage(news, style)]
    text = _conditions(news, style) or _place(news, style)
    if not text:
        text = reason_text(news.reason, style)
        where.insert(0, _devices_of_place(news, style))
    stage = style.text("cause.separator").join(part for part in where if part)
    return style.text("cause.at", text=text, stage=stage) if stage else text


def is_silent(news: News) -> bool:
    """Return whether the devices of the place are known to give no answer.

    An alert without a place is of an older record: its devices are those that are not seen.
    """
    what = news.place.rpartition("/")[2]
    return what == SILENT if news.place else news.told != "continued"


def _devices_of_place(news: News, style: Style) -> str:
    """Return the devices of the place, where no condition of them is known.

    What is over may have had others than those that the place has now. The reason is that of the
    programme and no state of a device: only where it was is known.
    """
    is_known = news.fault in (OFF_AIR, "degraded") or news.told == "continued"
    is_of_stage = is_known and news.devices != ("site",)
    return devices_text(news.devices, style) if is_of_stage and news.place else ""


def why(news: News, style: Style) -> str:
    """Return the reason as few words: what all false conditions share, else the reason's own."""
    shared = {wrong(condition, style) for condition in news.conditions}
    if len(shared) == 1:
        text = shared.pop()
        limit = REASON_LETTERS_MAX[style.language]
        if text is not None and (not style.is_short or len(text) <= limit):
            return text
    key = f"short_reason.{news.reason}"
    if style.is_short and has_text(style.language, key):
        return style.text(key)
    return reason_text(news.reason, style)


def reason_text(reason: str, style: Style) -> str:
    """Return the text of a reason's code, or the code where a newer version wrote it."""
    if has_text(style.language, f"reason.{reason}"):
        return style.text(f"reason.{reason}")
    return reason or style.text("reason.unknown")


def wrong(condition: str, style: Style) -> str | None:
    """Return what is wrong when ``device.condition`` is on its bad side; None without words."""
    if own := style.labels.words.get(condition, {}).get(style.language):
        return own
    text = _template(condition, style)
    if text is None:
        return _reason_of(condition, style)
    if "{d}" not in text:
        return text
    carried = style.labels.carries.get(condition)
    return text.replace("{d}", style.name("device", carried)) if carried else None


def _reason_of(condition: str, style: Style) -> str | None:
    """Return the words of the reason that an owner gave a condition; None for that of its layer.

    A layer's reason is one of the program, about the programme: a matrix has no carrier to lose.
    """
    reason = style.labels.reasons.get(condition)
    key = f"reason.{reason}"
    return style.text(key) if reason not in OF_LAYERS and has_text(style.language, key) else None


def _template(condition: str, style: Style) -> str | None:
    name = condition.partition(".")[2]
    return words_of(name, condition in style.labels.bad_when_true, style.language)


def _names_device(condition: str, style: Style) -> bool:
    """Return whether the words name a device: that of the switch would only repeat the place."""
    own = style.labels.words.get(condition, {}).get(style.language)
    return not own and "{d}" in (_template(condition, style) or "")


def does_text(device: str, does: str, news: News, style: Style) -> str:
    """Return what a device does now; of one that cannot take over, why not.

    Left in local mode it has not failed.
    """
    hinders = news.hinders.get(device, ())
    if does == "failed" and hinders:
        return _hindered(hinders, style)
    if does == "bad":
        return _bad(hinders, style)
    if does in SWITCHED and _is_switch(device, style):
        return style.text(SWITCHED[does])
    used = next((programme for name, programme in news.uses if name == device), "")
    q = style.name("programme", used) if used else ""
    return style.text(style.first_of(f"does.{does}", "does.unknown"), q=q)


def _is_switch(device: str, style: Style) -> bool:
    """Return whether a device has no output of its own: its conditions are about another one."""
    own = [name for name in style.labels.reasons if name.partition(".")[0] == device]
    return bool(own) and all("{d}" in (_template(name, style) or "") for name in own)


def _hindered(conditions: Sequence[str], style: Style) -> str:
    known = [wrong(name, style) for name in conditions if not _names_device(name, style)]
    found = style.listed(dict.fromkeys(text for text in known if text))
    not_ready = style.text("does.not_ready")
    is_long = style.is_short and len(found) > len(not_ready)
    return not_ready if is_long or not found else found


def _bad(conditions: Sequence[str], style: Style) -> str:
    known = [wrong(name, style) or style.text("does.bad") for name in conditions]
    return style.listed(dict.fromkeys(known)) or style.text("does.bad")


def alarm_text(member: Member, style: Style) -> tuple[str, str]:
    """Return the device of an alarm and what is wrong with it."""
    device = member.subject.partition(".")[0]
    what = wrong(member.subject, style)
    return style.name("device", device), what or style.text("cause.abnormal")


def devices_text(devices: Sequence[str], style: Style) -> str:
    """Return the names of devices as one: ``主、备发射机`` where they differ in their middle."""
    names = [style.name("device", device) for device in devices]
    if style.language != "zh" or len(names) < 2:
        return style.listed(names)
    head, tail = _shared_head(names), _shared_head([name[::-1] for name in names])[::-1]
    middles = [name[len(head) : len(name) - len(tail)] for name in names]
    if len(tail) < 2 or not all(middles) or not _are_words(tail):
        return style.listed(names)
    return f"{head}{style.listed(middles)}{tail}"


def _shared_head(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last)) if same is None else same]


def _are_words(text: str) -> bool:
    return all("一" <= letter <= "鿿" for letter in text)


def _stage(news: News, style: Style) -> str:
    """Return the name of the cause's stage, if it has one name in all programmes that share it.

    Empty where the owner gave it no name: an id is no word for people. What a fault of no programme
    is about, its device or alarm, is no stage.
    """
    if not news.stage:
        return ""
    members = [member for member in news.members if member.programme]
    programmes = [m.programme for m in members if m.stage == news.stage]
    programmes = programmes or [member.programme for member in members[:1]]
    keys = [f"stage/{programme}/{news.stage}" for programme in programmes]
    names = {style.labels.given_name(key, short=style.is_short) for key in keys}
    return names.pop() if len(names) == 1 else ""


def _at_fault(news: News, style: Style) -> Sequence[str]:
    """Return the conditions of the place, then those of what did not help.

    Not of a reserve that waits or carries, nor of a switch towards it: neither has failed. That a
    device of the place does so meanwhile changes nothing: it fell, and the cause is about it.
    Of what is over the place alone counts: what another one does now does not show whether it had
    failed then or waited.
    """
    own = [name for name in news.conditions if name.partition(".")[0] in news.devices]
    if own and not news.standing:
        return own
    free = {device for device, does in news.does if does in WORKS}
    others = [
        name
        for name in news.conditions
        if name.partition(".")[0] not in free.union(news.devices)
        and style.labels.carries.get(name) not in free
    ]
    return [*own, *others]


def _conditions(news: News, style: Style) -> str:
    """Return every fault once, with all devices that have it."""
    devices_with: dict[str, list[str]] = {}
    for condition in _at_fault(news, style):
        device, dot, _ = condition.partition(".")
        if dot:
            words = wrong(condition, style)
            found = devices_with.setdefault(words or style.text("cause.abnormal"), [])
            is_whole = words is not None and _names_device(condition, style)
            found += [device] if device not in found and not is_whole else []
    parts = [
        _fault(devices, what, style) if devices else what for what, devices in devices_with.items()
    ]
    return style.text("cause.separator").join(parts)


def _fault(devices: Sequence[str], what: str, style: Style) -> str:
    key = "cause.one" if len(devices) == 1 else "cause.both"
    return style.text(key, d=devices_text(devices, style), what=what)


def _place(news: News, style: Style) -> str:
    """Return the words for a cause without conditions: a silent device, or declared supply."""
    device, slash, what = news.place.rpartition("/")
    if not slash:
        return ""
    if news.place == "site/clock":
        return style.text("cause.clock")
    if news.fault == "config_refused":
        return style.text("cause.config_refused")
    if news.fault == "record_replaced":
        return style.text(style.first_of(f"cause.{news.reason}", "cause.abnormal"))
    if device == "site":
        # Our own side is no device: the reason is all there is to name.
        return style.text("cause.site_silent") if what == SILENT else ""
    if what == SILENT:
        return _fault(device.split("+"), style.text("cause.silent"), style)
    if what in UNSEEN.values():
        return _fault(device.split("+"), style.text(f"cause.{what}"), style)
    if what == "in_use" and news.uses:
        used = style.listed(dict.fromkeys(style.name("programme", p) for _, p in news.uses))
        devices = [device for device, _ in news.uses]
        return _fault(devices, style.text("cause.in_use", q=used), style)
    if what == "in_use":
        # It is free again, and no device says whom it served.
        switches = {condition.partition(".")[0] for condition in style.labels.carries}
        devices = [each for each in device.split("+") if each not in switches]
        return _fault(devices or [device], style.text("cause.was_in_use"), style)
    if what == "disputed" and news.reason != ASSIGNMENT:
        return _fault(device.split("+"), style.text("cause.contradicts"), style)
    if what == "disputed":
        return _fault(device.split("+"), style.text("cause.disputed"), style)
    if what == "restart":
        return _fault([device], style.text("cause.restarted"), style)
    if what == news.stage or not device:
        return ""
    text = wrong(f"{device}.{what}", style)
    if text is None and news.told == "continued":
        return ""  # the stage of what is over, which the alert does not name
    text = text or style.text("cause.abnormal")
    return style.text("cause.one", d=style.name("device", device), what=text)
