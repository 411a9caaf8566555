"""``monitord status``: programmes, devices, open incidents, undelivered messages."""

from __future__ import annotations

from collections.abc import Iterator

from monitord.cli.configuration import settings_in_use
from monitord.cli.current_status import current_status
from monitord.cli.incident_lines import details, headline, number
from monitord.cli.invocation import ExitCode, Invocation, Json, write_json, write_lines
from monitord.cli.site_state import site_state_line
from monitord.cli.words import Words

UNCERTAIN = ("untrusted", "disputed")
EXPECTED_STATES = ("on_air", "planned_off", "closed")


def run(invocation: Invocation, *, strict: bool) -> int:
    """Print the current status. ``strict``: return 1 unless all is well and monitored."""
    found = current_status(settings_in_use(invocation), Words(invocation.language))
    if invocation.as_json:
        write_json(found, invocation.out)
    else:
        write_lines(_lines(found, Words(invocation.language, found["as_of"][:10])), invocation.out)
    return ExitCode.NOT_OK if strict and not _is_well(found) else ExitCode.OK


def _is_well(found: Json) -> bool:
    """Return whether the site is monitored, every programme is as expected and nothing is open."""
    columns = {programme["column"] for programme in found["programmes"]}
    is_monitored = found["source"] == "daemon" and all(device["up"] for device in found["devices"])
    if found.get("config_refused") or found.get("hours_refused"):
        return False
    return is_monitored and columns <= set(EXPECTED_STATES) and not found["incidents"]


def _lines(found: Json, words: Words) -> Iterator[str]:
    if states := found.get("site_states"):
        yield words("site_state.forbidden")
        yield from (f"  {site_state_line(state, words)}" for state in states)
    at = f"{found['as_of'][:10]} {found['as_of'][11:19]}"
    if found["source"] == "record":
        yield words("status.record", at=at)
    elif not found["recorded"]:
        yield words("status.pending")
    if refused := found.get("config_refused"):
        yield words("status.config_refused")
        yield from (f"  {line}" for line in refused[words.language])
    if refused := found.get("hours_refused"):
        yield words("status.hours_refused")
        yield f"  {refused[words.language]}"
    yield words("status.head", site=found["site"], name=found["name"], at=at)
    clock = found.get("clock", {})
    if clock.get("trust") in UNCERTAIN:
        trust = words.code("trust", clock["trust"])
        yield words("clock.uncertain", since=words.moment(clock["since"]), trust=trust)
    yield words("status.programmes")
    for programme in found["programmes"]:
        yield from (f"  {line}" for line in _programme(programme, words))
    yield words("status.devices")
    for device in found["devices"]:
        yield f"  {_device(device, words, is_monitored=found['source'] == 'daemon')}"
    yield from _section(
        "status.incidents",
        [[headline(each, words), *details(each, words)] for each in found["incidents"]],
        words,
    )
    yield from _unsettled(found.get("unsettled", []), words)
    if (late := found.get("own_lateness")) and late["count"]:
        began = words.moment(late["began"])
        length = words.length(late["seconds"])
        yield words("status.own_lateness", count=late["count"], length=length, began=began)
    for harmed in found.get("record_harmed", ()):
        what = words.reason(f"record_{harmed['harm']}")
        yield words("status.record_harmed", at=words.moment(harmed["at"]), what=what)
    yield from _section("status.owed", [[_owed(row, words)] for row in found["owed"]], words)


def _section(key: str, entries: list[list[str]], words: Words) -> Iterator[str]:
    if not entries:
        yield words("section.none", section=words(key))
        return
    yield words(key)
    for first, *rest in entries:
        yield f"  {first}"
        yield from (f"    {line}" for line in rest)


def _programme(programme: Json, words: Words) -> Iterator[str]:
    label = {"id": programme["id"], "name": programme["name"]}
    if programme["column"] is None:
        yield words("status.never", **label)
        yield from _unmonitored(programme, words)
        return
    observed = words.observed(programme["observed"])
    if programme["presumed"]:
        observed = words("list").join([observed, words("status.presumed")])
    yield words(
        "status.programme",
        **label,
        column=words.code("column", programme["column"]),
        since=words.moment(programme["since"]),
        observed=observed,
    )
    yield from _unmonitored(programme, words)
    yield from (f"  {line}" for line in _off_air(programme, words))


def _unmonitored(programme: Json, words: Words) -> Iterator[str]:
    """Yield the layers that nobody monitors: no claim is made about them."""
    layers = [words.code("layer", layer) for layer in programme.get("unmonitored", [])]
    if layers:
        missing = [words("explain.unmonitored", layer=layer) for layer in layers]
        yield f"  {words('explain.claims').join(missing)}"


def _off_air(programme: Json, words: Words) -> Iterator[str]:
    """Yield the figures. No zero is printed while something is unsettled."""
    count, off = programme.get("unsettled", 0), programme.get("settled_off", 0)
    length = words.length(programme.get("unsettled_s", 0))
    seen = programme.get("coverage", 1.0)
    if seen is None:
        yield words("status.no_hours", count=count, length=length)
    elif (off or programme["column"] == "off_air") and not programme["least_s"]:
        # It is off air, or a person says that it was: nobody reads that nothing was found.
        yield words.figures("status.figures.open", programme)
        if count:
            yield words("status.unsettled.count", count=count, length=length)
    elif not seen and not programme["most_seen_s"]:
        yield words("status.none_monitored", count=count, length=length)
    elif count and not programme["least_s"]:
        # Cut off, not rounded: a coverage of 100 % has no gap.
        coverage = f"{int(seen * 1000) / 10:.1f}"
        yield words("status.zero", coverage=coverage, count=count, length=length)
    else:
        yield words.figures("status.figures", programme)
        if count:
            yield words("status.unsettled.count", count=count, length=length)
    for reason, found in programme.get("own", {}).items():
        if found["least_s"] or (found["most_seen_s"] and not count):
            yield words.figures("status.own", found, reason=words.reason(reason))
    for verdict in ("off", "on"):
        if settled := programme.get(f"settled_{verdict}"):
            length = words.length(programme[f"settled_{verdict}_s"])
            yield words(f"status.settled_{verdict}", count=settled, length=length)


def _unsettled(found: list[Json] | None, words: Words) -> Iterator[str]:
    if found is None:
        yield words("status.unsettled.unread")
        return
    yield from _section("status.unsettled", [[_span(span, words)] for span in found], words)


def _span(span: Json, words: Words) -> str:
    parts = {
        "programme": span["programme"],
        "name": span["name"],
        "sort": words.code("sort", span["sort"]),
        "length": words.length(span["in_hours_s"]),
    }
    if span["ended"] is None:
        return words("unsettled.lasting", **parts, began=words.moment(span["began"]))
    between = words.between(span["began"], span["ended"])
    return words("unsettled", **parts, id=span["id"], between=between)


def _device(device: Json, words: Words, *, is_monitored: bool) -> str:
    label = {"id": device["id"], "name": device["name"]}
    if device["up"] is None:
        return words("status.not_read" if is_monitored else "status.not_watched", **label)
    at = words.moment(device["last_answer"])
    if device["up"]:
        return words("status.up", **label, at=at)
    reason = words.reason(device["silent"])
    if not at:
        return words("status.silent.always", **label, reason=reason)
    return words("status.silent", **label, at=at, reason=reason)


def _owed(row: Json, words: Words) -> str:
    return words(
        f"owed.{row['state']}",
        name=row["name"],
        number=number(row),
        told=words.code("told", row["told"]),
        attempts=row["attempts"],
        at=words.moment(row["due_at"]),
    )
