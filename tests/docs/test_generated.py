"""What can be generated is up to date and complete: commands, options, settings, bounds."""

import dataclasses
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import pytest

from safelight.model.errors import UsageError
from safelight.model.media import Limits
from safelight.settings import SERVICE_SETTINGS, SETTINGS, read_settings
from safelight.web.run.lifeline import PARENT
from tests.docs.pages import DOCS, ROOT, table_rows
from tools.docs_tables import commands

CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
CONTEXTS = list(commands())


def test_generated_parts_are_current() -> None:
    """As `make check` does it, so that `make test` alone finds out too."""
    pages = [str(page.relative_to(ROOT)) for page in sorted(DOCS.glob("*.md"))]
    checked = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "--diff", "--check-fail-msg", "run: make docs", *pages],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.command_path)
def test_command_is_documented_with_all_options(context: click.Context) -> None:
    section = CLI.split(f"## `{context.command_path}`\n")[1].split("\n## ")[0]
    options = [parameter for parameter in context.command.params if isinstance(parameter, click.Option)]
    assert all(name in section for option in options for name in (*option.opts, *option.secondary_opts))
    assert all(option.help for option in options), "an option without help"
    assert context.command.help, "a command without help"


def test_settings_are_documented() -> None:
    rows = list(table_rows((DOCS / "settings.md").read_text(encoding="utf-8")))
    assert [row[0] for row in rows] == [f"`{name}`" for name, _, _ in (*SETTINGS, *SERVICE_SETTINGS)]


def test_no_other_variable_is_read() -> None:
    """Every variable of ours that a module names is on the page, but the one that our processes tell each other."""
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = {name.removesuffix("_FILE") for name in re.findall(r"SAFELIGHT_[A-Z0-9_]*[A-Z0-9]", sources)}
    known = {name.removesuffix("_FILE") for name in re.findall(r"`(SAFELIGHT_[A-Z0-9_]+)`", page)} | {PARENT}
    assert named - known == set()


def test_secrets_are_taken_from_files_as_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "value").write_text("60\n")
    for name, _, _ in SERVICE_SETTINGS:
        with suppress(UsageError):  # it is no value for this setting, and was read
            assert read_settings({f"{name}_FILE": str(tmp_path / "value")}) != read_settings({})
        with pytest.raises(UsageError, match=name):
            read_settings({f"{name}_FILE": str(tmp_path / "nothing")})


def test_bounds_are_documented() -> None:
    page = (DOCS / "limits.md").read_text(encoding="utf-8")
    named = {row[0].strip("`") for row in table_rows(page)}
    assert {field.name for field in dataclasses.fields(Limits)} <= named
