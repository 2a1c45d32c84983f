"""The documentation builds without warnings, its examples hold, and a page loads nothing from outside."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT


def build(builder: str, target: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", builder, str(DOCS), str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("html")
    build("html", target)
    return target


def test_html_builds_without_warnings(html: Path) -> None:
    assert "PDQ" in (html / "matching.html").read_text(encoding="utf-8")


def test_pages_load_nothing_from_outside(html: Path) -> None:
    loads = re.compile(
        r"<(?:script|img|iframe)\b[^>]*\bsrc=.(?:https?:)?//|<link\b[^>]*stylesheet[^>]*\bhref=.(?:https?:)?//"
    )
    assert [page.name for page in html.rglob("*.html") if loads.search(page.read_text(encoding="utf-8"))] == []


def test_examples_hold(tmp_path: Path) -> None:
    build("doctest", tmp_path)
    output = (tmp_path / "output.txt").read_text(encoding="utf-8")
    passed = re.search(r"(\d+) tests?\n\s+0 failures in tests", output)
    assert passed is not None
    assert int(passed[1]) > 0
