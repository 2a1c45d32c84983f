"""The comparison on paper: the same content, the same bytes each time, and no text that Typst would run."""

import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import typst

from safelight.model.comparison import Blur, ComparedPictures, Comparison
from safelight.model.derivation import Verdict
from safelight.report.compare_pdf import _DRAWN, plain, render
from safelight.report.compare_view import view
from tests.report.comparisons import ORIGINAL, PARTS, SUSPECT, derivative, pictures, unaligned, without_region

HOSTILE = (
    '#panic("taken")',
    '#read("/etc/passwd")',
    "$ sum ] [ #{",
    "*bold* _slanted_ `raw` = heading",
    "@nowhere <label> \\u{41} // and /* no end",
    '"; panic() "',
    "a\u202egpj.exe \U0001f4a3 \u05d0 \u4e2d \u200b.jpg",
    "\u0301\ufeff\U000e0041",
    "w" * 5000,
)


@cache
def usual() -> bytes:
    return render(derivative(), pictures())


def text_of(pdf: bytes, folder: Path) -> str:
    """All text of a PDF, without blanks. Skips where Poppler is not installed."""
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext is not installed: the text of the PDF was not read")
    (folder / "report.pdf").write_bytes(pdf)
    command = [tool, "-enc", "UTF-8", "-raw", str(folder / "report.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return packed(text)


def packed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def test_everything_that_is_known_is_there(tmp_path: Path) -> None:
    text = text_of(usual(), tmp_path)
    content = view(derivative(), pictures())
    wanted = [content.headline, content.more, content.verdict, content.blur, content.evidence.total]
    wanted += [part for figure in (*content.figures, *content.details) for part in (figure.label, figure.value)]
    wanted += [*content.cannot, *(part.text for part in PARTS), *(panel.caption for panel in content.panels)]
    wanted += [value for file in (SUSPECT, ORIGINAL) for value in (file.name, file.sha256, file.md5)]
    assert [line for line in wanted if packed(line) not in text] == []


def test_the_same_values_give_the_same_bytes() -> None:
    assert usual()[:5] == b"%PDF-"
    assert render(derivative(), pictures()) == usual()
    assert render(derivative(made=derivative().made.replace(hour=11)), pictures()) != usual()
    assert render(derivative(Blur.NONE), pictures()) != usual()


def test_it_is_an_archive_file_that_can_be_read_aloud() -> None:
    """PDF/A-2a and PDF/UA-1: Typst refuses to write one that is not."""
    assert b"<pdfaid:part>2</pdfaid:part>" in usual()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in usual()


def test_nothing_in_it_acts() -> None:
    for word in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/AcroForm"):
        assert word not in usual()


@pytest.mark.parametrize(
    ("comparison", "shown"),
    [
        *((without_region(verdict), unaligned()) for verdict in Verdict),
        (without_region(Verdict.NOT_DERIVED, parts=PARTS[3:]), unaligned()),
        (without_region(Verdict.DERIVATIVE, same_bytes=True), unaligned()),
        (derivative(Blur.OUTSIDE), pictures()),
        (derivative(confinement={}, pdq_distance=None), pictures()),
    ],
)
def test_every_comparison_can_be_set(comparison: Comparison, shown: ComparedPictures) -> None:
    assert render(comparison, shown)[:5] == b"%PDF-"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(name: str, tmp_path: Path) -> None:
    hostile = derivative(
        suspect=replace(SUSPECT, name=name, mime=name, notes=(name,)),
        original=replace(ORIGINAL, name=name),
        statement=f"{name}. {name}",
        cannot_conclude=(name,),
        version=name,
        confinement={name: name},
    )
    assert packed(plain(name)) in text_of(render(hostile, pictures()), tmp_path)


def test_characters_without_a_shape_are_named() -> None:
    assert plain("a\u202eb") == "a[U+202E]b"
    assert plain("\u4e2d\n") == "[U+4E2D][U+000A]"
    assert plain("Größe Ελλάδα Україна …") == "Größe Ελλάδα Україна …"
    assert plain("x" * 1001).count("x") == 1000


@pytest.mark.parametrize("font", ["Libertinus Serif", "DejaVu Sans Mono"])
def test_both_fonts_draw_what_is_not_named(font: str) -> None:
    """PDF/UA-1 forbids text without a shape: Typst fails on one."""
    chars = [chr(code) for first, last in _DRAWN for code in range(first, last + 1) if chr(code).isprintable()]
    assert len(chars) > 500
    source = f'#set document(title: "x")\n#set text(font: "{font}", fallback: false)\n#sys.inputs.all'
    pdf = typst.compile(
        source.encode(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"all": " ".join(chars)},
    )
    assert pdf[:5] == b"%PDF-"
    with pytest.raises(typst.TypstError):
        typst.compile(
            source.encode(),
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            sys_inputs={"all": "\u4e2d"},
        )
