"""The commands of the service hand over to its own processes, with the same words."""

import os
import sys

import pytest
from click.testing import CliRunner

from safelight.app import App
from safelight.cli.config import config
from safelight.cli.people import invite
from safelight.cli.serve import jobs, serve
from safelight.settings import read_settings

START = (sys.executable, "-P", "-m", "safelight.web")


class ReplacedError(Exception):
    """This process would now be another one."""


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []

    def execv(_path: str, words: list[str]) -> None:
        said.extend(words)
        raise ReplacedError

    monkeypatch.setattr(os, "execv", execv)
    return said


@pytest.mark.parametrize(
    ("command", "words", "handed"),
    [
        (
            serve,
            ["--port=0", "--web=3", "--workers=0"],
            ["serve", "--host=127.0.0.1", "--port=0", "--web=3", "--workers=0"],
        ),
        (jobs, ["list", "--json"], ["jobs", "list", "--json"]),
        (jobs, ["retry", "17", "18"], ["jobs", "retry", "17", "18"]),
        (invite, ["bea", "--role", "reviewer"], ["invite", "bea", "--role", "reviewer"]),
        (invite, ["--first-run"], ["invite", "--first-run"]),
        (config, ["check"], ["check"]),
        (config, ["check", "--json"], ["check", "--json"]),
    ],
)
def test_words_are_handed_over(replaced: list[str], command: object, words: list[str], handed: list[str]) -> None:
    result = CliRunner().invoke(command, words, obj=App(read_settings({"SAFELIGHT_HOME": "home"})))  # type: ignore[arg-type]
    assert isinstance(result.exception, ReplacedError)
    assert tuple(replaced) == (*START, *handed)


@pytest.mark.parametrize("words", [["--port=70000"], ["--web=-1"], ["--port=x"]])
def test_numbers_that_cannot_be_are_refused(replaced: list[str], words: list[str]) -> None:
    assert CliRunner().invoke(serve, words, obj=None).exit_code == 2
    assert not replaced
