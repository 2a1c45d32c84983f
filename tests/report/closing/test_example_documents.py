"""The example's documents: each format gives one, says what it is, and is what the golden files hold."""

from pathlib import Path

import pytest
from lxml import etree

from safelight import __version__
from safelight.report.closing.example_documents import FORMATS, example_documents, example_statement
from safelight.report.closing.statement_words import LANGUAGES

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "closing"
KEPT = {
    "xarf": "xarf.json",
    "statement": "statement.txt",
    "tdb": "statements.json",
    "vics": "vics.json",
    "case": "case.jsonld",
    "canada": "cybertip-ca.txt",
    "nca": "letter.txt",
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_documents_that_say_they_are_benign(form: str) -> None:
    first = example_documents(form)[0]
    assert first.name
    assert first.content
    assert "benign" in first.text or form == "pdf"
    assert example_documents(form) == example_documents(form)


@pytest.mark.parametrize(("form", "name"), KEPT.items())
def test_documents_are_as_they_were(form: str, name: str) -> None:
    """A golden file changes only with a change that the changelog tells of: others read these documents."""
    text = example_documents(form)[0].text.replace(__version__, "VERSION")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.shared
def test_ncmecs_documents_are_valid_by_its_schema(shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "schemas" / "cyber_tipline.xsd"))
    for document in example_documents("ncmec"):
        assert schema.validate(etree.fromstring(document.content)), schema.error_log


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_statement_is_there_in_every_language(language: str) -> None:
    assert "benign-drawing-2" in example_statement(language).text
