"""What people do is handed to the service's own process: the words that its act takes, and never a secret."""

import inspect
import json
import os
import sys

import click
import pytest
from click.testing import CliRunner

from safelight.app import App
from safelight.cli.duties import duties
from safelight.cli.policy import policy
from safelight.cli.report import report
from safelight.cli.takedown import takedown
from safelight.model.takedown import NoticeState
from safelight.settings import read_settings
from safelight.web.run.act import ACTS

START = (sys.executable, "-P", "-m", "safelight.web", "act")
GROUPS = {"report": report, "takedown": takedown, "duties": duties, "policy": policy}
COMMANDS: dict[str, tuple[list[str], dict[str, str | bool]]] = {
    "report confirm": (["f1"], {"filing": "f1", "digest": ""}),
    "report hand": (["f1", "--note=desk", "--digest=ab"], {"filing": "f1", "note": "desk", "digest": "ab"}),
    "report withdraw": (["f1", "--reason=why"], {"filing": "f1", "reason": "why"}),
    "report told": (["c1", "s1"], {"case": "c1", "statement": "s1"}),
    "takedown begin": (["l1", "--vouched"], {"location": "l1", "vouched": True, "digest": ""}),
    "takedown answer": (
        ["l1", "n1", "removed"],
        {"location": "l1", "notice": "n1", "state": NoticeState.REMOVED, "note": ""},
    ),
    "takedown sent": (["l1", "n1"], {"location": "l1", "notice": "n1"}),
    "takedown gone": (["l1", "--reason=why"], {"location": "l1", "reason": "why"}),
    "takedown close": (["l1", "--reason=why"], {"location": "l1", "reason": "why"}),
    "takedown retract": (["l1"], {"location": "l1", "digest": ""}),
    "takedown retracted": (["l1", "r1"], {"location": "l1", "retraction": "r1"}),
    "takedown unretracted": (
        ["l1", "r1", "--reason=why"],
        {"location": "l1", "retraction": "r1", "reason": "why"},
    ),
    "duties record": (
        ["c1", "us/take-it-down", "--at=2026-11-22T10:00+01:00"],
        {"case": "c1", "rule": "us/take-it-down", "at": "2026-11-22T10:00:00+01:00", "note": ""},
    ),
    "duties met": (["c1", "d1", "--by=removed"], {"case": "c1", "duty": "d1", "by": "removed"}),
    "duties drop": (["c1", "d1", "--reason=why"], {"case": "c1", "duty": "d1", "reason": "why"}),
    "policy propose": (["ours.toml", "--note=why"], {"file": "ours.toml", "note": "why", "shadow": False}),
    "policy approve": (["3"], {"number": "3", "note": "", "digest": ""}),
    "policy refuse": (["3", "--note=why"], {"number": "3", "note": "why"}),
    "policy retire": (["3"], {"number": "3"}),
}
"""Each act, what is typed for it beside the name, and what is handed over."""


class ReplacedError(Exception):
    """This process would now be another one."""


def handed(monkeypatch: pytest.MonkeyPatch, what: str, words: list[str]) -> tuple[str, ...]:
    """The command line of the process that this one becomes; empty when it becomes none."""
    said: list[str] = []

    def execv(_path: str, line: list[str]) -> None:
        said.extend(line)
        raise ReplacedError

    monkeypatch.setattr(os, "execv", execv)
    group, _, name = what.partition(" ")
    CliRunner().invoke(GROUPS[group], [name, *words], obj=App(read_settings({"SAFELIGHT_HOME": "home"})))
    return tuple(said)


def test_every_act_has_its_command() -> None:
    asked = {
        f"{group} {name}"
        for group, commands in GROUPS.items()
        for name, command in commands.commands.items()
        if any(parameter.name == "person" for parameter in command.params)
    }
    assert asked == set(ACTS) == set(COMMANDS)


@pytest.mark.parametrize("what", COMMANDS)
def test_words_are_handed_over_as_the_act_takes_them(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    typed, words = COMMANDS[what]
    assert handed(monkeypatch, what, typed) == (), "nobody acts without saying who"
    line = handed(monkeypatch, what, [*typed, "--as=--bea"])
    assert line[:-1] == (*START, what, "--as=--bea")
    assert json.loads(line[-1]) == words
    inspect.signature(ACTS[what].do).bind(None, **words)


def test_nothing_secret_is_taken_from_arguments_or_the_environment() -> None:
    for commands in GROUPS.values():
        for command in commands.commands.values():
            for parameter in command.params:
                assert parameter.envvar is None
                assert not isinstance(parameter, click.Option) or not parameter.hide_input
                assert parameter.name not in {"password", "code", "totp"}
