"""`safelight report`: documents of the benign example, reports as they stand, the year in numbers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.app import App
from safelight.cli.report import CASE_FORMATS, report
from safelight.cli.report import FORMATS as OFFERED
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.case import Decided, Draft, Finding, ItemAdded, Opened, Verdict
from safelight.model.decision import Outcome
from safelight.model.errors import StorageError, TransitionError, UnknownCaseError
from safelight.model.filing import Body
from safelight.model.service import Item, ItemState
from safelight.report.closing.case_documents import CASE_DOCUMENTS
from safelight.report.closing.example_documents import FORMATS, example_documents
from safelight.settings import read_settings
from tests.cli.conftest import run_in


def test_every_format_is_offered() -> None:
    assert tuple(FORMATS) == OFFERED


def test_a_case_is_printed_as_each_kind_of_document(tmp_path: Path) -> None:
    app = App(read_settings({"SAFELIGHT_HOME": str(tmp_path), "SAFELIGHT_CONTACT": "safety@provider.example"}))
    item = ItemAdded("item-1", "a" * 64, 3, "image/png", "items", Outcome.NEAR, "why")
    app.cases.put_item(Item("item-1", ItemState.DONE, app.clock.now(), "items", sha256="a" * 64, case="c"))
    app.cases.append([Draft("c", SYSTEM, body) for body in (Opened("why"), item)])
    assert tuple(CASE_DOCUMENTS) == CASE_FORMATS
    made = {
        form: CliRunner().invoke(report, ("document", "c", "--format", form), obj=app).stdout_bytes
        for form in CASE_FORMATS
    }
    assert made["pdf"].startswith(b"%PDF")
    assert "A" * 64 in str(json.loads(made["case"]))
    assert json.loads(made["vics"])["@odata.context"]
    unknown = CliRunner().invoke(report, ("document", "x", "--format", "pdf"), obj=app)
    assert isinstance(unknown.exception, UnknownCaseError)


def test_a_document_is_printed_or_all_are_written(tmp_path: Path) -> None:
    run = run_in(tmp_path / "home")
    printed = run("report", "example", "--format", "xarf")
    assert printed.code == 0
    assert printed.out.encode() == example_documents("xarf")[0].content
    written = run("report", "example", "--format", "ncmec", "--out", tmp_path / "out")
    assert written.code == 0
    documents = {one.name: one.content for one in example_documents("ncmec")}
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == documents
    assert written.out.splitlines() == [str(tmp_path / "out" / name) for name in documents]


def test_an_empty_store_has_no_reports_and_an_empty_year(tmp_path: Path) -> None:
    run = run_in(tmp_path / "home")
    assert run("report", "list").out == ""
    figures = json.loads(run("report", "transparency", 2026).out)
    assert (figures["year"], figures["reports"]) == (2026, {})
    page = tmp_path / "year.html"
    assert run("report", "transparency", 2026, "--html", page).code == 0
    assert "transparency report 2026" in page.read_text(encoding="utf-8")
    assert run("report", "database", "2026-01-01", "2026-12-31").out == ""


def test_a_report_is_prepared_and_read_with_its_digest(tmp_path: Path) -> None:
    app = App(read_settings({"SAFELIGHT_HOME": str(tmp_path), "SAFELIGHT_CONTACT": "safety@provider.example"}))
    item = ItemAdded("item-1", "a" * 64, 3, "image/png", "items", Outcome.NEAR, "why")
    app.cases.put_item(Item("item-1", ItemState.DONE, app.clock.now(), "items", sha256="a" * 64, case="c"))
    app.cases.append([Draft("c", SYSTEM, body) for body in (Opened("why"), item)])

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(report, arguments, obj=app)

    assert isinstance(run("draft", "c", "police").exception, TransitionError), "nobody has decided"
    app.cases.append([Draft("c", Actor(ActorKind.USER, "1"), Decided(Finding(Verdict.CONFIRMED)))])
    filing = run("draft", "c", "police").output.strip()
    assert (app.filings.get(filing).body, app.filings.get(filing).confirmed_by) == (Body.POLICE, "")
    assert run("list", "--state", "draft").output.startswith(filing)
    shown, read = run("preview", filing), app.reports.preview(filing)
    assert shown.stdout.encode() == read.documents[0].content
    assert shown.stderr == f"digest: {read.digest}\n"


def test_statements_are_written_as_they_are_read(tmp_path: Path) -> None:
    bodies: list[dict[str, object]] = [{"statements": [{"puid": str(number)}]} for number in range(3)]
    lines = [json.dumps(body, separators=(",", ":")) + "\n" for body in bodies]

    class Broken:
        """Statements, of which the last cannot be read."""

        statements = property(lambda self: self)

        def database(self, begin: datetime, end: datetime) -> Iterator[dict[str, object]]:
            assert (begin, end) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
            yield from bodies
            raise StorageError(path="log", cause="is damaged")

    days, out = ("database", "2026-01-01", "2026-01-31"), tmp_path / "out"
    printed = CliRunner().invoke(report, days, obj=Broken())
    assert (printed.stdout, type(printed.exception)) == ("".join(lines), StorageError)
    CliRunner().invoke(report, [*days, "--out", str(out)], obj=Broken())
    assert {file.name: file.read_text() for file in out.iterdir()} == {
        f"statements-{number:04}.json": line for number, line in enumerate(lines, 1)
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nothing"), 44, "there is no report 'nothing'"),
        (("database", "2026-02-01", "2026-01-01"), 2, "END is before BEGIN"),
        (("example", "--format", "made-up"), 2, "made-up"),
        (("example",), 2, "--format"),
    ],
)
def test_errors_are_one_line_with_their_code(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = run_in(tmp_path / "home")("report", *arguments)
    assert result.code == code
    assert said in result.err


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    result = run_in(tmp_path / "home")("report", "example", "--format", "tdb", "--out", tmp_path / "file" / "below")
    assert result.code == 13
    assert "file" in result.err
