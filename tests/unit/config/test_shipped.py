"""The shipped configurations are an example: ``monitord check`` has nothing to say against them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from monitord.__main__ import main
from tests.tidy.source import ROOT

FILES = ("monitord.yaml", "examples/one-transmitter.yaml")
WARNS = {"zh": "警告", "en": "WARNING"}


def with_secrets(folder: Path) -> Path:
    """Return a copy of the shipped configuration with every secret that it names."""
    copy = folder / "config"
    shutil.copytree(ROOT / "config", copy)
    for file in copy.rglob("*.yaml"):
        for name in re.findall(r"community_file: (secrets/\w+)", file.read_text("utf-8")):
            top = copy if file.parent == copy / "devices" else file.parent
            secret = top / name
            secret.parent.mkdir(mode=0o700, exist_ok=True)
            secret.write_text("public\n")
            secret.chmod(0o600)
    return copy


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("file", FILES)
def test_a_shipped_configuration_is_checked_without_a_warning(
    file: str, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who copies it would copy the warning; explained in full it has none either."""
    copy = with_secrets(tmp_path)
    for explain in ([], ["--explain"]):
        assert main(["check", "--language", language, *explain, str(copy / file)]) == 0
        found = capsys.readouterr()
        assert WARNS[language] not in found.out + found.err
        assert len(found.out.splitlines()) > 1
