"""``monitord profile check`` and ``test``: a device profile by itself. Reads files only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from monitord.cli.configuration import ConfigurationError, mistakes_json
from monitord.cli.files import recording_in
from monitord.cli.invocation import (
    CommandError,
    ExitCode,
    Invocation,
    Json,
    write_json,
    write_lines,
)
from monitord.cli.profile_rows import RowGiven
from monitord.cli.profile_trial import (
    MISSING,
    MISSING_REQUIRED,
    NO_LABEL,
    PointResult,
    Trial,
    find_row,
    find_rows,
    try_profile,
)
from monitord.cli.raw_values import shown_raw, shown_value
from monitord.cli.suggestions import quoted, suggestion
from monitord.cli.words import Words
from monitord.config.loader.errors import render_errors
from monitord.config.profiles.files import ProfileFile, read_profile_file
from monitord.config.profiles.profiles import Profiles
from monitord.config.schemas import ProfileSchema
from monitord.devices.recordings import Recording
from monitord.devices.snmp.messages import Oid, dotted


def run_check(invocation: Invocation, *, files: Sequence[Path]) -> int:
    """Report all mistakes in profile files; return 2 if there is one."""
    words = Words(invocation.language)
    read = [(path, read_profile_file(path)) for path in files]
    mistakes = sum(len(file.errors) for _, file in read)
    if invocation.as_json:
        write_json(
            {"ok": not mistakes, "files": [_file_json(*one, invocation.language) for one in read]},
            invocation.out,
        )
    else:
        write_lines(_check_lines(read, words), invocation.out)
    return ExitCode.MISTAKES if mistakes else ExitCode.OK


def _file_json(path: Path, file: ProfileFile, language: str) -> Json:
    mistakes = mistakes_json(file.errors, language)
    return {"file": str(path), "ok": not mistakes, "mistakes": mistakes}


def _check_lines(read: Sequence[tuple[Path, ProfileFile]], words: Words) -> Iterator[str]:
    for path, file in read:
        yield from render_errors(file.errors, words.language)
        if file.errors:
            yield words("mistakes", count=len(file.errors), file=path)
        else:
            counts = {"points": len(file.points), "conditions": len(file.conditions)}
            yield words("check.good", file=path, **counts)


def run_test(
    invocation: Invocation, *, profile: str, recording: Path, rows: Sequence[RowGiven]
) -> int:
    """Decode a recording with a profile and print the result.

    Return 1 where an object that a condition needs is missing or an enum value has no label.
    """
    words = Words(invocation.language)
    path = _profile_path(profile, words)
    shape = _good(path, read_profile_file(path), words).profile
    assert shape is not None
    found = recording_in(recording, words)
    if found.protocol != shape.protocol:
        label = {"profile": shape.profile, "protocol": shape.protocol, "file": str(recording)}
        text = words("test.other_protocol", **label, found=found.protocol)
        raise CommandError(ExitCode.NOT_OK, "other_protocol", text, **label)
    places = _places(shape, found, rows, words)
    trial = try_profile(_good(path, read_profile_file(path, places), words), found)
    shown = {name: None if index is None else dotted(index) for name, index in places.items()}
    if invocation.as_json:
        write_json(_trial_json(shape.profile, recording, shown, trial), invocation.out)
    else:
        write_lines(_trial_lines(shape.profile, recording, shown, trial, words), invocation.out)
    return ExitCode.NOT_OK if trial.bad else ExitCode.OK


def _profile_path(profile: str, words: Words) -> Path:
    """Return the profile's file: the one typed, or the shipped one of that name."""
    if (path := Path(profile)).suffix or path.exists():
        return path
    shipped = Profiles()
    known = shipped.path(profile)
    if known is None:
        names = shipped.names()
        hint = suggestion(profile, names, words)
        text = words("test.unknown_profile", profile=quoted(profile), hint=hint)
        raise CommandError(ExitCode.NOT_OK, "unknown_profile", text, profile=profile, hint=hint)
    return known


def _good(path: Path, file: ProfileFile, words: Words) -> ProfileFile:
    """Return the profile. Raises ``ConfigurationError`` with all its mistakes."""
    if file.errors:
        summary = words("mistakes", count=len(file.errors), file=path)
        raise ConfigurationError(file.errors, words.language, summary)
    return file


def _places(
    profile: ProfileSchema, recording: Recording, given: Sequence[RowGiven], words: Words
) -> dict[str, Oid | None]:
    """Return the index of each row: as typed, else as in the recording; None is left out."""
    places = find_rows(profile, recording)
    for row in given:
        if row.name not in places:
            hint = suggestion(row.name, list(places), words)
            text = words("test.unknown_row", profile=profile.profile, row=row.name, hint=hint)
            raise CommandError(
                ExitCode.NOT_OK, "unknown_row", text, row=row.name, known=list(places)
            )
        if row.key:
            places[row.name] = find_row(row.name, row.key, row.text, profile, recording)
        else:
            places[row.name] = row.index
    return places


def _trial_json(profile: str, recording: Path, rows: Json, trial: Trial) -> Json:
    return {
        "profile": profile,
        "recording": str(recording),
        "ok": not trial.bad,
        "rows": rows,
        "points": [_point_json(seen) for seen in trial.points],
        "conditions": [{"id": name, "truth": truth} for name, truth in trial.conditions.items()],
    }


def _point_json(seen: PointResult) -> Json:
    return {
        "id": seen.point.id,
        "unit": seen.point.decoding.unit,
        "quality": "absent" if seen.value is None else "present",
        "value": seen.value,
        "raw": shown_raw(seen.raw),
        "where": seen.point.where,
        "remark": seen.remark or None,
    }


def _trial_lines(
    profile: str, recording: Path, rows: Json, trial: Trial, words: Words
) -> Iterator[str]:
    yield words("test.head", profile=profile, file=recording)
    if rows:
        chosen = (f"{name} {'-' if index is None else index}" for name, index in rows.items())
        yield words("test.rows", rows=", ".join(chosen))
    yield words("test.points")
    for seen in trial.points:
        yield f"  {_point_line(seen, words)}"
    yield words("test.conditions")
    for name, truth in trial.conditions.items():
        key = {True: "test.true", False: "test.false", None: "test.unknown"}[truth]
        yield f"  {words(key, condition=name)}"
    yield words("test.bad", count=trial.bad) if trial.bad else words("test.good")


def _point_line(seen: PointResult, words: Words) -> str:
    parameters = {"point": seen.point.id, "raw": shown_raw(seen.raw), "where": seen.point.where}
    if seen.remark in (MISSING, MISSING_REQUIRED, NO_LABEL):
        return words(f"test.{seen.remark}", **parameters)
    if seen.value is None:
        return words("test.absent", **parameters)
    return words(
        "test.present", **parameters, value=shown_value(seen.value, seen.point.decoding.unit)
    )
