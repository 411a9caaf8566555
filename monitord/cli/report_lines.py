"""A report as lines for a person. Formats only; ``report.document`` has every figure."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli.invocation import Json
from monitord.cli.words import Words

SHOWN = ("on_air", "degraded", "between", "off_air", "blind", "planned_off", "closed")


def report_lines(found: Json, words: Words) -> Iterator[str]:
    """Yield the lines of a report: where every second went, figures, list, what is missing."""
    yield words("report.head", site=found["site"], name=found["name"])
    yield words("report.period", begin=_moment(found["from"]), end=_moment(found["to"]))
    if found["to"] != found["asked_to"]:
        yield words("report.shorter", asked=_moment(found["asked_to"]))
    for one in found["clock_disputes"]:
        yield words("report.disputed", begin=_moment(one["from"]), end=_moment(one["to"]))
    for one in found["clock_corrections"]:
        yield corrected(one, words)
    for programme in found["programmes"]:
        key = "report.programme" if programme["configured"] else "report.withdrawn"
        until = _moment(programme["to"])
        yield words(key, id=programme["id"], name=programme["name"], until=until)
        yield from (f"  {line}" for line in _programme(programme, words))


def corrected(found: Json, words: Words) -> str:
    """Return what the clock showed before and after it was corrected, and who stated the time."""
    before, after = _moment(found["before"]), _moment(found["after"])
    key = "report.corrected.by" if found["name"] else "report.corrected"
    return words(key, before=before, after=after, person=found["name"])


def _programme(programme: Json, words: Words) -> Iterator[str]:
    yield words("report.scheduled", length=words.length(programme["scheduled_s"]))
    parts = [
        words(
            "report.column",
            column=words.code("column", column),
            length=words.length(programme["columns_s"][column]),
        )
        for column in SHOWN
        if programme["columns_s"][column]
    ]
    yield words("report.columns", columns=words.listed(parts))
    yield from _figures(programme, words)
    yield from _missing(programme, words)
    yield words("report.conclusion", text=_conclusion(programme, words))


def _figures(programme: Json, words: Words) -> Iterator[str]:
    # No zero is printed while a person has to settle time, or has settled it as off air.
    is_open = not programme["most_seen_s"] and (programme["unsettled"] or programme["settled_off"])
    key = "report.figures.open" if is_open else "report.figures"
    if _is_unseen(programme):
        is_open, key = True, "report.figures.unseen"
    yield words.figures(key, programme)
    if programme["coverage"] is not None:
        yield words(
            "report.rate.open" if is_open else "report.rate",
            low=f"{programme['rate_least']:.2f}",
            high=f"{programme['rate_most']:.2f}",
            least=_share(programme["availability_least"]),
            most=_share(programme["availability_most"]),
        )
    yield from (_settlement(one, words) for one in programme["settlements"])
    for reason, own in programme["own"].items():
        if own["most_seen_s"]:
            yield words.figures("status.own", own, reason=words.reason(reason))
    for key, kind in (("reasons_s", "reason"), ("owners_s", "owner")):
        found = programme[key].items()
        named = [f"{words.code(kind, name)} {words.length(seconds)}" for name, seconds in found]
        if named:
            yield words(f"report.{kind}s", listed=words.listed(named))
    for outage in programme["outages"]:
        yield f"  {words('parts').join([_outage(outage, words), *_beside(outage, words)])}"


def _settlement(found: Json, words: Words) -> str:
    """Return what was settled, how much of it, by whom, when and why."""
    given = [key for key in ("on_behalf_of", "paper", "note") if found[key]]
    return words(
        "report.settled",
        verdict=words.code("verdict", found["verdict"]),
        count=len(found["spans"]),
        length=words.length(sum(span["in_hours_s"] for span in found["spans"])),
        person=found["name"],
        at=_decided_at(found, words),
        why="".join(words(f"report.settled.{key}", text=found[key]) for key in given),
    )


def _beside(outage: Json, words: Words) -> Iterator[str]:
    """Yield what people decided of an outage: the record of it stays as it is."""
    for one in outage["settled"]:
        key = "report.outage.settled" if one["whole"] else "report.outage.settled.partly"
        verdict = words.code("verdict", one["verdict"])
        yield words(key, verdict=verdict, people=words.listed(one["people"]))
    for one in outage["false_alarms"]:
        at = _decided_at(one, words)
        yield words("false_alarm.by", person=one["name"], at=at, saw=one["saw"])


def _decided_at(found: Json, words: Words) -> str:
    return _moment(found["at"]) if found["at"] else words("report.unplaced_moment")


def _outage(outage: Json, words: Words) -> str:
    key, what = "report.outage", words.reason(outage["reason"])
    if outage["fault"] == "suspected":
        # Nothing was seen of it: its zeros say nothing.
        key = "report.outage.suspected"
        what = words("report.suspected", sort=words.code("sort", outage["reason"]))
    if outage["owner"]:
        what = words("list").join([what, words.code("owner", outage["owner"])])
    began, ended = (_moment(outage[end]) if outage[end] else None for end in ("began", "ended"))
    if outage["lasts"]:
        return words("report.lasting", began=began or words("report.unplaced_moment"), what=what)
    if began is None or ended is None:
        return words.figures(f"{key}.unplaced", outage, what=what)
    return words.figures(key, outage, began=began, ended=ended, what=what)


def _missing(programme: Json, words: Words) -> Iterator[str]:
    """Yield what nobody saw, what has no place in the calendar, what nobody monitors."""
    if programme["coverage"] is not None:
        longest = words.length(programme["blind_longest_s"])
        yield words("report.coverage", coverage=_share(programme["coverage"]), longest=longest)
    for key in ("unsure", "unplaced", "twice"):
        # A bound of the clock leaves hundredths at each edge of the hours: no zero is said of them.
        if round(programme[f"{key}_s"], 1):
            yield words(f"report.{key}", length=words.length(programme[f"{key}_s"]))
    layers = [words.code("layer", layer) for layer in programme["unmonitored"]]
    if layers:
        named = [words("explain.unmonitored", layer=layer) for layer in layers]
        yield words("explain.claims").join(named)


def _conclusion(programme: Json, words: Words) -> str:
    """Return what may be said. No zero is printed while something is unsettled or was not seen."""
    count, seen = programme["unsettled"], programme["coverage"]
    off, on = programme["settled_off"], programme["settled_on"]
    if seen is None:
        return words("report.no_hours")
    coverage = _share(seen)
    proven = [one for one in programme["outages"] if one["fault"] == "off_air"]
    if programme["most_seen_s"] or proven:
        text = words("report.off", count=len(proven))
        denied = sum(_is_denied(one) for one in proven)
        text += words("report.off.denied", count=denied) if denied else ""
        text += _and_settled("off_air", off, words) if off else ""
        on = 0 if denied else on
    elif off:
        length = words.length(programme["settled_off_s"])
        text = words("report.off.settled", count=off, length=length, coverage=coverage)
    elif _is_unseen(programme):
        text = words("report.none_monitored")
    elif count or on or seen < 1 or programme["most_s"] or programme["unplaced_s"]:
        text = words("report.none_found", coverage=coverage, count=count)
        count = 0
    else:
        return words("report.zero")
    text += _and_settled("on_air", on, words) if on else ""
    return text + (words("report.and_unsettled", count=count) if count else "")


def _is_unseen(programme: Json) -> bool:
    """Return whether there were hours, and none of their time was monitored."""
    return programme["coverage"] is not None and not programme["monitored_s"]


def _is_denied(outage: Json) -> bool:
    """Return whether a person settled the whole outage as on air."""
    return any(one["whole"] and one["verdict"] == "on_air" for one in outage["settled"])


def _and_settled(verdict: str, count: int, words: Words) -> str:
    return words("report.and_settled", verdict=words.code("verdict", verdict), count=count)


def _share(share: float) -> str:
    """Return a share in per cent: already rounded down, so that only a whole is 100."""
    return f"{share * 100:.4f}".rstrip("0").rstrip(".")


def _moment(iso: str) -> str:
    """Return a time to the second with its date."""
    return f"{iso[:10]} {iso[11:19]}"
