"""The files of a configuration as the record keeps them: by their hash, without secrets.

Owns the form of that content. Secret files are no part of it; of an address that a channel or a
comment has only the host stays, and a digest by which the present files give the rest back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import yaml

from monitord import __version__
from monitord.config.fingerprint import part_digests
from monitord.config.loader.document import value_spans
from monitord.config.settings import Settings

TEXT_FILES: Final = ("zh.py", "en.py", "condition_words.py")
PROFILE: Final = "profile:"
"""Profiles are shared between stations: they have no channel, and their links are public."""
ADDRESS: Final = re.compile(r"https?://[^\s\"']+")
AFTER: Final = ",}]"
"""What may follow an address in a flow mapping, and is no part of it."""
HIDDEN: Final = re.compile(r"https?://[^/]*/hidden-[0-9a-f]{16}")
HOST: Final = re.compile(r"[\w.:\[\]-]+")
QUOTED: Final = re.compile(r'url\s*:\s*("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Content:
    """``hash``: of the list of files, which is one of ``items`` (hash to bytes)."""

    hash: str
    items: Mapping[str, bytes]


def content_of(settings: Settings) -> Content:
    """Return what the record keeps of a configuration: files, profiles used, texts of messages."""
    secrets = {channel.url for channel in settings.channels if channel.url}
    named = {
        # To find where values are costs as much as to read the file: only where it is needed.
        name: without_addresses(raw, secrets) if name in settings.with_address else _bare(name, raw)
        for name, raw in settings.files.items()
    }
    texts = files("monitord") / "texts"
    named |= {f"texts:{name}": (texts / name).read_bytes() for name in TEXT_FILES}
    items = {sha256(raw).hexdigest(): raw for raw in named.values()}
    manifest = {
        "version": __version__,
        "config_hash": settings.config_hash,
        "files": {name: sha256(raw).hexdigest() for name, raw in named.items()},
        "parts": {"/".join(part): digest for part, digest in part_digests(settings).items()},
    }
    body = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    hash_ = sha256(body).hexdigest()
    return Content(hash_, items | {hash_: body})


def parts_in(manifest: Any) -> dict[tuple[str, str], object]:
    """Return the digest of each part of a stored configuration."""
    found = ((key.partition("/"), digest) for key, digest in manifest.get("parts", {}).items())
    return {(sort, id_): digest for (sort, _, id_), digest in found}


def _bare(name: str, raw: bytes) -> bytes:
    """Return a file without channels; a comment in it may still have an address."""
    if name.startswith(PROFILE):
        return raw
    lines = raw.decode("utf-8-sig").split("\n")
    return "\n".join(map(_between, lines)).encode()


def without_addresses(raw: bytes, secrets: Collection[str]) -> bytes:
    """Return a file that was read without mistakes, without ``secrets`` and addresses.

    A value is judged as it is read, however it is written: quoted, escaped, folded over lines.
    """
    text = raw.decode("utf-8-sig")
    pieces: list[str] = []
    done = 0
    for span in value_spans(text):
        shown = span.value
        if (span.path[0], span.path[-1]) == ("channels", "url"):
            shown = hidden(span.value)
        for secret in secrets:
            shown = shown.replace(secret, hidden(secret))
        if shown != span.value:
            source = text[span.start : span.end]
            # A block of lines ends with the end of its last line.
            end = source[len(source.rstrip()) :]
            pieces += [_between(text[done : span.start]), _quoted(shown), end]
        else:
            pieces += [_between(text[done : span.start]), text[span.start : span.end]]
        done = span.end
    return "".join([*pieces, _between(text[done:])]).encode(errors="backslashreplace")


def with_addresses(raw: bytes, present: str) -> bytes:
    """Return a stored file with the addresses that the text of the present files still has."""
    text = raw.decode()
    for address in _addresses(present):
        text = text.replace(hidden(address), _quoted(address)[1:-1])
    # Half a letter, as an escape may give it, is written as an escape again.
    return text.encode(errors="backslashreplace")


def hidden(address: str) -> str:
    """Return an address of which only the host can be read; one that is hidden stays."""
    if HIDDEN.fullmatch(address):
        return address
    digest = sha256(address.encode(errors="surrogatepass")).hexdigest()[:16]
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}://{host if HOST.fullmatch(host) else 'unknown'}/hidden-{digest}"


def is_hidden(address: str) -> bool:
    """Return whether an address is one that the present files did not give back."""
    return HIDDEN.fullmatch(address) is not None


def _between(text: str) -> str:
    """Return what is between two values, or a line, its comments without addresses."""
    before, sign, comment = text.partition("#")
    return before + sign + ADDRESS.sub(lambda found: hidden(found.group()), comment)


def _quoted(text: str) -> str:
    """Return a text as YAML in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _addresses(text: str) -> Iterator[str]:
    """Yield what may be an address in a file with mistakes."""
    for found in QUOTED.findall(text):
        try:
            value = yaml.safe_load(found)
        except yaml.YAMLError:
            continue
        if isinstance(value, str):
            yield value
    for address in ADDRESS.findall(text):
        yield address
        yield from (address[: address.index(sign)] for sign in AFTER if sign in address)
