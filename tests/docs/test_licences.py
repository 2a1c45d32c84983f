"""docs/licences.md names every runtime package and every library bundled in their wheels; none is GPL or AGPL."""

import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest

from tests.docs.pages import DOCS, ROOT, table_rows

PACKAGES = (DOCS / "licences.md").read_text(encoding="utf-8").split("\n## Packages\n")[1].split("\n## ")[0]
ROWS = {row[0].strip("`"): row[1:] for row in table_rows(PACKAGES)}
STRONG_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)")
GCC_RUNTIME = "GPL-3.0-or-later WITH GCC-exception-3.1"
EXCEPTIONS = {"numpy": GCC_RUNTIME, "opencv-python-headless": GCC_RUNTIME}
"""GCC's runtime libraries: the exception permits programs of any licence."""
CODECS = {"av"}
"""Wheels with codecs under their own licences, which the page names one by one, with what that means."""


def run_packages() -> list[str]:
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([a-z0-9][\w.-]*)==", text, re.MULTILINE)))


def test_lists_exactly_the_runtime_packages() -> None:
    assert sorted(ROWS) == run_packages()


@pytest.mark.parametrize("package", sorted(set(ROWS) - CODECS))
def test_page_names_no_strong_copyleft(package: str) -> None:
    text = " ".join(ROWS[package]).replace(EXCEPTIONS.get(package, "\0"), "")
    assert not STRONG_COPYLEFT.search(text)


@pytest.mark.parametrize("package", run_packages())
def test_installed_metadata_agrees(package: str) -> None:
    """What the package says of itself holds no strong copyleft either, and its bundled libraries are named."""
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        assert "Windows only" in " ".join(ROWS[package])
        return
    facts = installed.metadata
    stated = [*(facts.get_all("License-Expression") or ()), *(facts.get_all("License") or ())]
    stated = [text.splitlines()[0] for text in stated if text]
    stated += [text for text in facts.get_all("Classifier") or () if text.startswith("License ::")]
    assert not STRONG_COPYLEFT.search(" ".join(stated))
    bundled = {file.name for file in installed.files or () if file.parts[0].endswith(".libs")}
    names = {name.split("-")[0].removesuffix("64_") for name in bundled}
    assert {name for name in names if f"`{name}`" not in ROWS[package][1]} == set()
