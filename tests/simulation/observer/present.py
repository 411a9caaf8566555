"""What a message says of the present: what each device does now, and where each programme is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.simulation.facts import HOUR, Span
from tests.simulation.observer.reader import Reader
from tests.simulation.observer.shown import SEEN_WITHIN, Shown, had

DOES = {
    **dict.fromkeys(("在播", "on air"), "on_air"),
    **dict.fromkeys(("待机", "on standby"), "standby"),
    **dict.fromkeys(("开机未接通", "running, not connected"), "unswitched"),
    **dict.fromkeys(("无输出", "no output"), "no_output"),
    **dict.fromkeys(("正常", "normal"), "good"),
    **dict.fromkeys(("异常", "abnormal"), "bad"),
    **dict.fromkeys(("故障", "failed"), "failed"),
    **dict.fromkeys(("无应答", "does not answer"), "silent"),
    **dict.fromkeys(("状态不明", "state unknown"), "unknown"),
}
"""By what is printed of a device, what it does."""
NOW = {
    **dict.fromkeys(("现在播", "now on"), "on"),
    **dict.fromkeys(("现停播", "now off"), "off"),
    **dict.fromkeys(("现推定停播", "now presumed off"), "presumed"),
    **dict.fromkeys(("现停播，见单号", "now off under "), "under"),
    **dict.fromkeys(("现失监", "now on air?"), "lost"),
    **dict.fromkeys(("现结论矛盾", "now contradictory"), "disputed"),
    **dict.fromkeys(("现未监测", "not monitored now"), "gone"),
    **dict.fromkeys(("现劣播", "now degraded", "现已恢复", "now over"), "any"),
    **dict.fromkeys(("仍未恢复，见单号", "goes on under "), "any"),
}
"""By what is printed of a programme, where it is."""


@dataclass
class Present:
    """Judges what is said of the present in one history."""

    shown: Shown

    def does(self, device: str, does: str, at: int, reader: Reader) -> bool:
        """Return whether what is said of a device is true, or was as long as that may be known."""
        code = DOES.get(does, "")
        conditions = reader.words.get(does, {}).get(device, ())
        gear = self.shown.truth.facts.gear.get(device)
        if code == "silent":
            return self.shown.was_silent(device, at, at)
        if conditions:
            return any(self.shown.was(name, False, at, at) for name in conditions)
        if code in ("unknown", "good", "bad"):
            return code == "unknown" or self._was_seen(device, code == "good", at)
        if gear is None:
            return False
        emits = gear.emits
        ways = list(gear.carries.values())
        match code:
            case "on_air":
                return any(all(self.shown.was(n, True, at, at) for n in way) for way in ways)
            case "standby":
                is_ready = not gear.ready or self.shown.was(gear.ready, True, at, at)
                return is_ready and self.shown.was(emits, False, at, at)
            case "unswitched":
                elsewhere = {name for way in ways for name in way if name != emits}
                is_away = any(self.shown.was(name, False, at, at) for name in elsewhere)
                return is_away and self.shown.was(emits, True, at, at)
            case "no_output":
                return self.shown.was(emits, False, at, at)
            case "failed":
                return not gear.ready or self.shown.was(gear.ready, False, at, at)
        return self._serves(device, does, at)

    def _was_seen(self, device: str, value: bool, at: int) -> bool:
        shown = [name for name in self.shown.truth.facts.shown if name.partition(".")[0] == device]
        return any(self.shown.was(name, value, at, at) for name in shown)

    def _serves(self, device: str, does: str, at: int) -> bool:
        facts = self.shown.truth.facts
        gear = facts.gear[device]
        return any(
            facts.names.programmes[programme] in does
            and all(self.shown.was(name, True, at, at) for name in way)
            for programme, way in gear.carries.items()
        )

    def _is_unseen(self, programme: str, span: Span) -> bool:
        truth = self.shown.truth
        unseen = truth.unseen[programme].parts(span[0], span[1] + 1)
        again = any(span[0] <= at <= span[1] for at in truth.facts.reloads)
        lost = truth.lost_any_poll(programme, span)
        return bool(unseen or again or lost or truth.down.parts(*span))

    def _was_off(self, programme: str, at: int) -> bool:
        """Return whether it was off the air in the hour before: what is not seen since stays so."""
        return self.shown.truth.off[programme].within(at - HOUR, at) > 0

    def is_now(self, programme: str, is_now: str, at: int) -> bool:
        """Return whether what is said of a programme is true, or was as long as it may be known."""
        truth = self.shown.truth
        code = NOW.get(re.sub(r"[0-9]+", "", is_now), "")
        needs = max((way.shortest for way in truth.facts.blind_by[programme]), default=0)
        span = self.shown.earlier(at, needs + 2 * SEEN_WITHIN), at
        off = truth.off[programme].within(*span)
        match code:
            case "on":
                return off < span[1] - span[0]
            case "off":
                return off > 0
            case "lost":
                return self._is_unseen(programme, span)
            case "presumed":
                return self._is_unseen(programme, span) and self._was_off(programme, at)
            case "under":
                return off > 0 or self._was_off(programme, at)
            case "disputed":
                witness = truth.facts.witnesses.get(programme)
                return witness is not None and had(witness.unheard, True, span)
            case "gone":
                removed = truth.facts.removed.get(programme)
                return removed is not None and had(removed, True, span)
        return code != ""
