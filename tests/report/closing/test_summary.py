"""The summary as a PDF: all that is known, whatever strangers wrote, and no picture."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from safelight.model.dossier import Dossier
from safelight.report.closing.example import example
from safelight.report.closing.summary import content, summary
from tests.report.closing.dossiers import AT, dossiers

HOSTILE = ('#panic("taken")', "$ sum ] [ #{", "*bold* `raw`", '"; panic() "', "a\u202egpj\u200b \U0001f4a3", "w" * 3000)


def text_of(pdf: bytes, folder: Path) -> str:
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext is not installed: the text of the PDF was not read")
    (folder / "summary.pdf").write_bytes(pdf)
    done = subprocess.run(
        [tool, "-enc", "UTF-8", "-raw", str(folder / "summary.pdf"), "-"], capture_output=True, check=True
    )
    return packed(done.stdout.decode())


def packed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def test_everything_of_the_example_is_there(tmp_path: Path) -> None:
    case = example()
    text = text_of(summary(case, AT).content, tmp_path)
    digests = [digest for item in case.items for digest in (item.sha256, item.sha1, item.md5, item.pdq)]
    urls = [place.url for place in case.places]
    words = [
        "altered in part",
        "two reviewers, who agree on verdict and class",
        "to its test system",
        "18 USC 2258A(h)(1)",
        "Example Hosting",
    ]
    assert [word for word in (case.case, *digests, *urls, *words) if packed(word) not in text] == []


def test_the_same_case_gives_the_same_bytes_without_a_picture() -> None:
    first = summary(example(), AT).content
    assert first == summary(example(), AT).content
    assert first.startswith(b"%PDF-1.7")
    assert b"/Subtype /Image" not in first
    assert b"/Subtype/Image" not in first


@settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck])
@given(dossiers())
def test_any_case_can_be_set(case: Dossier) -> None:
    assert summary(case, AT).content.startswith(b"%PDF-")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_taken_for_markup(text: str) -> None:
    case = example()
    place = replace(case.places[0], url=f"https://host.example.com/{text}")
    hostile = replace(case, reporter=replace(case.reporter, organisation=text), places=(place,))
    assert summary(hostile, AT).content.startswith(b"%PDF-")


def test_of_an_undecided_case_no_finding_is_told() -> None:
    told = content(replace(example(), verdict=None, decided=None, how=None), AT)
    finding = dict(pair[:2] for pair in told["finding"])  # type: ignore[attr-defined]  # pairs with a flag
    assert finding["Finding"] == "none yet"
    assert not {"Class", "How it was made", "A real victim is depicted"} & set(finding)
