"""What the record keeps of the files of a configuration: everything but the secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitord.config import load
from monitord.config.content import (
    content_of,
    hidden,
    is_hidden,
    parts_in,
    with_addresses,
    without_addresses,
)
from tests.support.daemon import hook, programme, site, transmitter, write_site

URL = "https://desk.example:8443/hook/s3cr3t-t0ken?key=an0ther"
PARTS = ("s3cr3t", "an0ther")
"""What must be found nowhere."""

ESCAPED = "".join(f"\\x{ord(sign):02x}" if sign.isalnum() else sign for sign in URL)
STYLES = {
    "plain": f"url: {URL}",
    "single": f"url: '{URL}'",
    "double": f'url: "{URL}"',
    "escaped": f'url: "{ESCAPED}"',
    "four digits": 'url: "' + "".join(f"\\u{ord(sign):04x}" for sign in URL) + '"',
    "key in quotes": f'"url": "{ESCAPED}"',
    "folded": f"url: >-\n      {URL}",
    "literal": f"url: |-\n      {URL}",
    "over two lines": 'url: "https://desk.example:8443/hook/s3cr3t\\\n      -t0ken?key=an0ther"',
}


def document(line: str, comment: str = "") -> str:
    """Return a file with one channel; ``line``: its address, as written."""
    return (
        f"channels:{comment}\n  desk:\n    kind: webhook\n    {line}\n    deadline: 2s\n"
        "people:\n  duty: {name: 值机台, tell: [desk]}\n"
    )


@pytest.mark.parametrize("style", STYLES)
def test_an_address_is_hidden_however_it_is_written(style: str) -> None:
    """It is judged as YAML reads it; everything else of the file stays what it was."""
    text = document(STYLES[style])
    assert yaml.safe_load(text)["channels"]["desk"]["url"] == URL, "the style is another address"
    kept = without_addresses(text.encode(), {URL}).decode()
    assert [part for part in PARTS if part in kept] == []
    read, stored = yaml.safe_load(text), yaml.safe_load(kept)
    assert stored["channels"]["desk"].pop("url") == hidden(URL)
    read["channels"]["desk"].pop("url")
    assert stored == read


@pytest.mark.parametrize("style", STYLES)
def test_the_present_file_gives_the_address_back_where_it_is_in_one_line(style: str) -> None:
    """Also a file with mistakes of syntax; an address that is lost is known as lost."""
    text = document(STYLES[style])
    kept = without_addresses(text.encode(), {URL})
    back = with_addresses(kept, f"devices: [\n{text}").decode()
    url = yaml.safe_load(back)["channels"]["desk"]["url"]
    assert url == (hidden(URL) if style == "over two lines" else URL) or style == "key in quotes"
    assert is_hidden(hidden(URL))
    assert not is_hidden(URL)
    again = without_addresses(back.encode(), {URL})
    assert again == kept


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=8))
def test_no_letters_of_an_address_lead_around_it(token: str) -> None:
    """Quotes, backslashes, signs of YAML and any script, in double quotes and in a comment."""
    url = f"http://h.example/{token}"
    line = f"url: {json.dumps(url)}"
    comment = f"  # was http://h.example/{token}-before"
    url = yaml.safe_load(line)["url"]
    kept = without_addresses(document(line, comment).encode(), {url}).decode()
    found = yaml.safe_load(kept)["channels"]["desk"]["url"]
    assert is_hidden(found)
    head, _, _ = kept.partition("\n")
    assert "before" not in head or any(sign in token for sign in "\"'")
    back = yaml.safe_load(with_addresses(kept.encode(), document(line)))
    assert back["channels"]["desk"]["url"] == url


def test_user_and_password_of_an_address_are_not_kept() -> None:
    """Only scheme, host and port can be read."""
    assert hidden("https://me:pass@desk.example:1/x").startswith("https://desk.example:1/hidden-")
    assert hidden("http://odd\\token/x").startswith("http://unknown/hidden-")
    assert hidden(hidden(URL)) == hidden(URL)


def test_what_is_kept_is_named_by_its_hash_and_holds_no_secret(tmp_path: Path) -> None:
    """The list of files names each; the same files make the same hash."""
    device = transmitter(161)
    configuration = site(
        {"fm1": device}, {"p1": programme("fm1.radiating")}, channels={"desk": hook(80)}
    )
    path = write_site(tmp_path, configuration)
    one, two = content_of(load(path)), content_of(load(path))
    assert one == two
    manifest = json.loads(one.items[one.hash])
    assert set(manifest["files"].values()) < set(one.items)
    assert "main" in manifest["files"]
    assert load(path).with_address == {"main"}
    whole = b"".join(one.items.values())
    for secret in ("c0mmunity-of-the-hill", "t0ken-of-the-desk"):
        assert secret.encode() not in whole
    assert ("device", "fm1") in parts_in(manifest)
    assert ("channel", "desk") in parts_in(manifest)


def test_an_included_file_without_channels_loses_addresses_in_its_comments_only(
    tmp_path: Path,
) -> None:
    """It is not read a second time; the file with the channel is, wherever that is."""
    configuration = site({"fm1": transmitter(161)}, {"p1": programme("fm1.radiating")})
    configuration["channels"]["desk"] = hook(80)
    channels = {"channels": configuration.pop("channels")}
    (tmp_path / "desk.yaml").write_text(yaml.safe_dump(channels), "utf-8")
    path = write_site(tmp_path, configuration | {"include": ["desk.yaml"]})
    path.write_text(f"# was http://old.example/{PARTS[0]}\n{path.read_text('utf-8')}", "utf-8")
    settings = load(path)
    assert settings.with_address == {"include:desk.yaml"}
    whole = b"".join(content_of(settings).items.values())
    for secret in (PARTS[0], "t0ken-of-the-desk"):
        assert secret.encode() not in whole
    assert b"# was http://old.example/hidden-" in whole
