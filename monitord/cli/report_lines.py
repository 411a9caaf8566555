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
    yield words.figures("report.figures", programme)
    if programme["coverage"] is not None:
        yield words(
            "report.rate",
            low=f"{programme['rate_least']:.2f}",
            high=f"{programme['rate_most']:.2f}",
            least=_share(programme["availability_least"]),
            most=_share(programme["availability_most"]),
        )
    for reason, own in programme["own"].items():
        if own["most_seen_s"]:
            yield words.figures("status.own", own, reason=words.reason(reason))
    for key, kind in (("reasons_s", "reason"), ("owners_s", "owner")):
        found = programme[key].items()
        named = [f"{words.code(kind, name)} {words.length(seconds)}" for name, seconds in found]
        if named:
            yield words(f"report.{kind}s", listed=words.listed(named))
    for outage in programme["outages"]:
        yield f"  {_outage(outage, words)}"


def _outage(outage: Json, words: Words) -> str:
    what = words.reason(outage["reason"])
    if outage["fault"] == "suspected":
        what = words("report.suspected", sort=words.code("sort", outage["reason"]))
    if outage["owner"]:
        what = words("list").join([what, words.code("owner", outage["owner"])])
    began, ended = (_moment(outage[end]) if outage[end] else None for end in ("began", "ended"))
    if outage["lasts"]:
        return words("report.lasting", began=began or words("report.unplaced_moment"), what=what)
    if began is None or ended is None:
        return words.figures("report.outage.unplaced", outage, what=what)
    return words.figures("report.outage", outage, began=began, ended=ended, what=what)


def _missing(programme: Json, words: Words) -> Iterator[str]:
    """Yield what nobody saw, what has no place in the calendar, what nobody monitors."""
    if programme["coverage"] is not None:
        longest = words.length(programme["blind_longest_s"])
        yield words("report.coverage", coverage=_share(programme["coverage"]), longest=longest)
    for key in ("unsure", "unplaced", "twice"):
        if programme[f"{key}_s"]:
            yield words(f"report.{key}", length=words.length(programme[f"{key}_s"]))
    layers = [words.code("layer", layer) for layer in programme["unmonitored"]]
    if layers:
        named = [words("explain.unmonitored", layer=layer) for layer in layers]
        yield words("explain.claims").join(named)


def _conclusion(programme: Json, words: Words) -> str:
    """Return what may be said. No zero is printed while something is unsettled or was not seen."""
    count, seen = programme["unsettled"], programme["coverage"]
    if seen is None:
        return words("report.no_hours")
    proven = sum(one["fault"] == "off_air" for one in programme["outages"])
    if programme["most_seen_s"] or proven:
        text = words("report.off", count=proven)
        return text + (words("report.and_unsettled", count=count) if count else "")
    if count or seen < 1 or programme["most_s"] or programme["unplaced_s"]:
        return words("report.none_found", coverage=_share(seen), count=count)
    return words("report.zero")


def _share(share: float) -> str:
    """Return a share in per cent: already rounded down, so that only a whole is 100."""
    return f"{share * 100:.4f}".rstrip("0").rstrip(".")


def _moment(iso: str) -> str:
    """Return a time to the second with its date."""
    return f"{iso[:10]} {iso[11:19]}"
