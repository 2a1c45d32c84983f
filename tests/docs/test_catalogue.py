"""The tree of errors as a catalogue: each one stable, unique, printable and documented."""

import string

import pytest

from safelight.cli import main as cli_main
from safelight.model.errors import BadHashError, ForbiddenError, SafelightError, UsageError
from tests.docs.pages import DOCS, table_rows
from tools.docs_tables import error_classes

ERRORS = error_classes()
PAGE = (DOCS / "errors.md").read_text(encoding="utf-8")
ROWS = list(table_rows(PAGE))


def test_codes_are_unique() -> None:
    codes = [error.code for error in ERRORS]
    assert len(codes) == len(set(codes))


def test_each_error_has_its_own_exit_code() -> None:
    """Bad hashes are usage errors to a shell; every other error can be told apart by its exit code."""
    exits = [error.exit for error in ERRORS if error is not BadHashError]
    assert len(exits) == len(set(exits))
    assert BadHashError.exit == UsageError.exit


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_error_is_well_formed(error: type[SafelightError]) -> None:
    assert set(error.code) <= set(string.ascii_lowercase + "-")
    assert 400 <= error.http <= 599
    assert 2 <= error.exit <= 125  # the shell uses 126 and more itself; 0, 1 and 3 are answers
    assert error.exit not in {cli_main.NOTHING, cli_main.FOUND, cli_main.UNCHECKED}
    assert error.__doc__
    assert "\n" not in error.template


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_message_is_one_line_with_all_details(error: type[SafelightError]) -> None:
    fields = [field for _, field, _, _ in string.Formatter().parse(error.template) if field]
    message = str(error(**{field: f"<{field}>" for field in fields}))
    assert fields or error is ForbiddenError, "only who may do nothing is told nothing"
    assert all(f"<{field}>" in message for field in fields)
    assert "\n" not in message


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_error_is_documented(error: type[SafelightError]) -> None:
    row = next(row for row in ROWS if row[0] == f"`{error.code}`")
    assert row[1:4] == [str(error.exit), str(error.http), f"`{error.template}`"]


def test_every_exit_code_is_documented() -> None:
    documented = {int(row[0]) for row in ROWS if len(row) == 2}
    answers = {cli_main.NOTHING, cli_main.FOUND, cli_main.UNCHECKED, cli_main.INTERRUPTED, 141}
    assert documented == answers | {error.exit for error in ERRORS}
