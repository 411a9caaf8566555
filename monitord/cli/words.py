"""The texts of the commands in one language. Looks up templates; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from monitord.journal.errors import RecordError
from monitord.texts import arguments, commands, explanation, has_text, render, report, tools
from monitord.texts.filling import filled
from monitord.texts.phrases import rendered

Json = dict[str, Any]

LANGUAGES: Final = ("zh", "en")
_CATALOGUES: Final = (arguments.TEXTS, commands.TEXTS, explanation.TEXTS, report.TEXTS, tools.TEXTS)
_TEXTS: Final = {
    language: {key: text for texts in _CATALOGUES for key, text in texts[language].items()}
    for language in LANGUAGES
}


class Words:
    """Texts in ``language`` (zh or en). ``day``: ISO date; times of that day print without it."""

    def __init__(self, language: str, day: str = "") -> None:
        self.language = language
        self._day = day

    def __call__(self, key: str, **parameters: object) -> str:
        """Return the text of ``key``; a parameter that is a phrase is rendered too."""
        parts = {name: rendered(value, self.language) for name, value in parameters.items()}
        return filled(_TEXTS[self.language][key], parts)

    def of_error(self, error: Exception) -> str:
        """Return the text of an error of the record, or of one raised with a phrase or a text."""
        if isinstance(error, RecordError):
            return error.render(self.language)
        return rendered(error.args[0], self.language)

    def on(self, iso: str) -> Words:
        """Return these words for a text about the day of ``iso``."""
        return Words(self.language, iso[:10])

    def code(self, kind: str, code: str | None) -> str:
        """Return the text of a code, or the code itself if it has none: a newer daemon sent it."""
        key = f"{kind}.{code}"
        if key in _TEXTS[self.language]:
            return self(key)
        return render(self.language, key) if has_text(self.language, key) else code or ""

    def reason(self, code: str) -> str:
        """Return the text of a reason code, such as ``no_carrier`` or ``timeout``."""
        return self.code("reason", code or "unknown")

    def observed(self, observed: str) -> str:
        """Return the text of an observed state such as ``bad:no_carrier``."""
        sort, _, reason = observed.partition(":")
        return self(f"observed.{sort}", reason=self.reason(reason))

    def listed(self, texts: Iterable[str]) -> str:
        """Return the texts as one list, or the word for none."""
        return self("list").join(texts) or self("none")

    def moment(self, iso: str | None) -> str:
        """Return a time to the second, with its date if that is not ``day``; "" for None."""
        if iso is None:
            return ""
        date, _, time = iso.partition("T")
        return time[:8] if date == self._day else f"{date} {time[:8]}"

    def between(self, first: str | None, last: str | None) -> str:
        """Return an interval of times; one time if both ends are in the same second."""
        begin, end = self.moment(first), self.moment(last)
        return begin if begin == end else self("moment.between", first=begin, last=end)

    def length(self, seconds: float) -> str:
        """Return a duration; below ten seconds with one decimal."""
        if seconds < 10:
            text = f"{seconds:.1f}".removesuffix(".0")
            return render(self.language, "length.seconds", seconds=text)
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = {"hours": hours, "minutes": minutes, "seconds": rest}
        unit = "hours" if hours else "minutes" if minutes else "seconds"
        return render(self.language, f"length.{unit}", **parts)

    def figures(self, key: str, found: Json, **parameters: object) -> str:
        """Return the text ``key`` with the three figures of ``found``."""
        names = ("least", "most_seen", "most")
        lengths = {name: self.length(found[f"{name}_s"]) for name in names}
        return self(key, **lengths, **parameters)
