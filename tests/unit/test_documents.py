"""The documents' promises are held to the code, and both languages to each other."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from monitord.channels import Message
from monitord.config import load
from monitord.config.holidays import EPOCH, date_of, sorts_of
from monitord.config.settings import HolidayPlan
from tests.tidy import states
from tests.tidy.source import ROOT
from tests.unit.config.samples import loaded

README_LINES_MAX = 150
CHINESE = ".zh-CN.md"
ENGLISH_ONLY = {
    "docs/architecture.md",
    "docs/decisions.md",
    "docs/development.md",
    "docs/injected-faults.md",
    "docs/pictures.md",
    "docs/results.md",
    "docs/speed.md",
}
"""Pages for those who change the source: its language is English."""
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def pages(pattern: str) -> list[str]:
    """Return the pages of the project that match, relative to its root."""
    found = [*ROOT.glob(pattern), *ROOT.glob(f"docs/{pattern}"), *ROOT.glob(f"deploy/*/{pattern}")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_blocks(text: str) -> list[str]:
    """Return what a reader copies from the fenced blocks: no comments, no words of a language."""
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
    blocks = [block for kind, block in found if kind in {"", "yaml", "ini"}]
    without = (re.sub(r"(^|\s+)#.*$", "", block, flags=re.MULTILINE) for block in blocks)
    return [" ".join(block.replace(" --language zh", "").split()) for block in without]


def first_column(text: str) -> list[str]:
    """Return every name in the first cells of tables that hold nothing but names in backticks."""
    names = r"^ *\| ((?:`[^`|]*(?:\\\|[^`|]*)*`(?:, |、| or | 或 )?)+) \|"
    cells = re.findall(names, text, flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def headings(text: str) -> list[int]:
    """Return the depth of each heading, in order."""
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", plain, flags=re.MULTILINE)]


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    plain = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", plain, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: str) -> list[str]:
    """Return the targets of a page's links within the project."""
    plain = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", plain)
    return [link for link in found if not link.startswith(("http:", "https:"))]


ALL = pages("*.md")
CHINESE_PAGES = [page for page in ALL if page.endswith(CHINESE)]
each_page = pytest.mark.parametrize("page", ALL)
each_chinese_page = pytest.mark.parametrize("page", CHINESE_PAGES)


def test_both_readmes_fit_on_a_few_screens() -> None:
    """A README is the way in, not the manual."""
    for page in ("README.md", "README.zh-CN.md"):
        assert len(text_of(page).splitlines()) <= README_LINES_MAX, page


def test_every_page_for_operators_leaders_and_engineers_exists_in_both_languages() -> None:
    """A station engineer reads its documents in Chinese or in English."""
    english = {page for page in ALL if not page.endswith(CHINESE)}
    english -= ENGLISH_ONLY | {"CHANGELOG.md"}
    assert {page.removesuffix(".md") + CHINESE for page in english} == set(CHINESE_PAGES)


@each_chinese_page
def test_a_chinese_page_has_the_sections_the_examples_and_the_keys_of_the_english_one(
    page: str,
) -> None:
    """A page that was changed in one language only misleads the reader of the other."""
    chinese, english = text_of(page), text_of(page.removesuffix(CHINESE) + ".md")
    assert headings(chinese) == headings(english)
    assert code_blocks(chinese) == code_blocks(english)
    assert first_column(chinese) == first_column(english)


@each_chinese_page
def test_a_chinese_page_sends_nobody_to_an_english_one(page: str) -> None:
    """The only English page that a Chinese one links to is its own counterpart."""
    own = Path(page).name.removesuffix(CHINESE) + ".md"
    targets = {link.partition("#")[0] for link in links(page)}
    english = {link for link in targets if link.endswith(".md") and not link.endswith(CHINESE)}
    assert english - {own} == set()


@each_page
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: str) -> None:
    """A link that leads nowhere costs the reader the answer."""
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = ROOT / page if not name else (ROOT / page).parent / name
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(str(target.resolve().relative_to(ROOT))), link


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_first_configuration_loads(page: str, tmp_path: Path) -> None:
    """A reader who follows the README to the letter has a programme on air at any hour."""
    block = text_of(page).split("```yaml\n")[1].split("```")[0]
    settings = load(configuration(tmp_path, re.sub(r"^   ", "", block, flags=re.MULTILINE)))
    assert [programme.id for programme in settings.plan.programmes] == ["county_fm"]
    assert settings.schedules == ()


def test_the_worked_examples_of_chains_load(tmp_path: Path) -> None:
    """An example that the checker refuses teaches mistakes."""
    blocks = re.findall(r"```yaml\n(# .*?)```", text_of("docs/programmes.md"), re.DOTALL)
    common, *examples = blocks
    loaded = [load(configuration(tmp_path, common + example)) for example in examples]
    found = [[programme.id for programme in settings.plan.programmes] for settings in loaded]
    assert found == [["county_fm"], ["channel_1", "channel_2"], ["central"]]


def test_the_documented_broadcast_times_and_holidays_load(tmp_path: Path) -> None:
    """They are what is copied first; the notice is what the package has of that year."""
    schedule, holidays = re.findall(
        r"```yaml\n((?:    schedule|holidays):.*?)```", text_of("docs/programmes.md"), re.DOTALL
    )
    section = ("record: {folder", f"{holidays}record: {{folder")
    settings = loaded(tmp_path, ('    schedule: {daily: "05:55-24:00"}\n', schedule), section)
    assert settings.schedules[0].knows_holidays
    begin = date(2026, 1, 1).toordinal() - EPOCH
    documented, package = settings.holidays, HolidayPlan()
    assert documented is not None
    for day in range(begin, begin + 365):
        assert sorts_of(documented, day) == sorts_of(package, day), date_of(day)


def configuration(folder: Path, text: str) -> Path:
    """Write a configuration, and a secret for each that it names; return its file."""
    (folder / "config" / "secrets").mkdir(parents=True, exist_ok=True)
    for name in re.findall(r"secrets/(\w+)", text):
        (folder / "config" / "secrets" / name).write_text("public\n")
    file = folder / "config" / "monitord.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_webhooks_json_is_documented_field_by_field() -> None:
    """The receiver's author needs every field, in the order it is sent, and no other."""
    documented = first_column(text_of("docs/webhook.md"))
    assert documented == [field.name for field in fields(Message)]


@pytest.mark.parametrize("language", states.PAGES)
def test_the_state_diagrams_are_those_of_the_tables(language: str) -> None:
    """A picture that differs from the table misleads; ``make states`` draws it again."""
    assert states.present(states.PAGES[language]) == states.diagrams(language)


def test_every_make_target_in_the_documents_exists() -> None:
    """A documented command that does not exist costs more than one that is not documented."""
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))
    named = {name for page in ALL for name in re.findall(r"`make ([a-z]+)", text_of(page))}
    assert named - targets == set()


def test_every_make_target_is_documented() -> None:
    """What nobody can find is not offered."""
    targets = set(re.findall(r"^([a-z]+):.* ## ", MAKEFILE, flags=re.MULTILINE))
    page = text_of("docs/development.md")
    assert {name for name in targets if f"make {name}" not in page} == {"help"}
