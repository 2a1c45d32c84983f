"""How the demo goes on as a service; what it draws and finds is tested in tests/demo."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from safelight.cli.config import SERVICE
from safelight.cli.demo import serve_command, serve_demo


def test_two_people_get_links_and_the_service_runs_on_the_demos_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[list[str], str]] = []

    def run(command: list[str], *, env: dict[str, str], **_: Any) -> None:
        ran.append((command, env["SAFELIGHT_HOME"]))
        assert env["SAFELIGHT_NCMEC_URL"] == "the receiver's"

    monkeypatch.setattr("safelight.cli.demo.receiver", lambda: {"SAFELIGHT_NCMEC_URL": "the receiver's"})
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "execve", lambda _program, command, env: run(command, env=env))
    serve_demo(tmp_path)
    words = [command[len(SERVICE) :] for command, _ in ran]
    assert words == [
        ["invite", "demo-reviewer", "--role", "reviewer"],
        ["invite", "demo-lead", "--role", "child_safety_lead"],
        ["invite", "demo-second-lead", "--role", "child_safety_lead"],
        ["serve"],
    ]
    assert {home for _, home in ran} == {str(tmp_path)}
    lines = capsys.readouterr().out.splitlines()
    assert "receiver of its own" in lines[0]
    assert lines[1].startswith("demo-reviewer begins here")  # the links come last, where they are not scrolled away


def test_the_command_that_is_printed_starts_a_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, module = tmp_path / "with a space", tmp_path / "__main__.py"
    module.touch()
    monkeypatch.setattr(sys, "argv", [str(module), "demo"])
    assert shlex.split(serve_command(home)) == [f"SAFELIGHT_HOME={home}", sys.executable, "-m", "safelight", "serve"]
    module.chmod(0o755)
    assert shlex.split(serve_command(home)) == [f"SAFELIGHT_HOME={home}", str(module), "serve"]
