"""How the demo goes on as a service; what it draws and finds is tested in tests/demo."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from safelight.cli.config import SERVICE
from safelight.cli.demo import serve_demo


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
