"""`safelight policy`: what is printed, and exit codes."""

import json
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from safelight.cli.policy import policy
from safelight.model.access import SYSTEM
from safelight.model.case import SERVICE_CASE, Draft, ServiceEvent, Verdict
from safelight.model.errors import InputError, PolicyError, UsageError
from safelight.model.policy import PolicyState
from safelight.policy.rules.default import DEFAULT
from safelight.policy.rules.facts import FACTS
from safelight.policy.rules.rails import NOT_KNOWN
from tests.flow.policy_place import FUTILE, LAZY, QUIET, Place
from tests.flow.test_backtest import NEAR, put


@pytest.fixture
def place() -> Place:
    return Place()


def call(place: Place, *arguments: object) -> Result:
    return CliRunner().invoke(policy, [*map(str, arguments)], obj=SimpleNamespace(policies=place.policies))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ours.toml"
    path.write_text(LAZY)
    return path


def test_check_shows_the_place(place: Place, file: Path) -> None:
    good = call(place, "check", file)
    assert (good.exit_code, good.output) == (0, "6 rules, and nothing wrong with them\n")
    file.write_text(LAZY.replace("outcome ==", "outcme ==", 1))
    bad = call(place, "check", file)
    assert bad.exit_code == 1
    assert bad.output.splitlines() == [
        "rule known-bytes, characters 1 to 6: there is no fact `outcme` (did you mean `outcome`?)",
        '    outcme == "known"',
        "    ^^^^^^",
    ]


def test_check_warns_of_what_is_always_withheld(place: Place, file: Path) -> None:
    file.write_text(FUTILE)
    shown = call(place, "check", file)
    assert shown.exit_code == 0
    warning, done = shown.output.splitlines()
    assert warning.startswith("WARNING: rule looks-known: asks for `block`, but the rails always withhold it, in all")
    assert warning.endswith(NOT_KNOWN)
    assert done == "6 rules, and nothing wrong with them"


def test_backtest_warns_of_what_is_always_withheld(place: Place, file: Path) -> None:
    put(place, "c1", NEAR, Verdict.CONFIRMED)
    file.write_text(FUTILE)
    lines = call(place, "backtest", file).stdout.splitlines()
    assert "1 of 1 times withheld from looks-known: block" in lines
    assert any(line.startswith("WARNING: rule looks-known: asks for `block`") and NOT_KNOWN in line for line in lines)


def test_check_shows_the_line_of_a_long_condition(place: Place, file: Path) -> None:
    file.write_text(LAZY.replace("'outcome == \"known\"'", "'''\noutcome == \"known\"\n  && distanse < 3'''", 1))
    lines = call(place, "check", file).output.splitlines()
    assert lines[1] == "      && distanse < 3"
    assert lines[2] == "         ^^^^^^^^"


def test_test_says_rule_by_rule(place: Place, file: Path) -> None:
    assert call(place, "test", file).output.splitlines()[0] == "ok     known-bytes: 2 examples"
    file.write_text(LAZY.replace("matches = true", "matches = false", 1).replace('name = "lazy"', ""))
    shown = call(place, "test", file)
    assert shown.exit_code == 1
    assert "FAILED known-bytes: 2 examples" in shown.output
    assert "this rule matches example 1" in shown.output
    assert "`name` is missing" in shown.output


def test_show(place: Place) -> None:
    assert call(place, "show", "--default").stdout == DEFAULT
    nothing = call(place, "show")
    assert (nothing.stdout, nothing.stderr) == (
        DEFAULT,
        "in force: the one that comes with Safelight\n",
    )
    place.enact(QUIET)
    assert (call(place, "show").stdout, call(place, "show").stderr) == (QUIET, "in force: version 1\n")
    place.enact(LAZY, PolicyState.SHADOW)
    assert call(place, "show", "1").stdout == QUIET
    with pytest.raises(UsageError, match="no version 9"):
        raise_from(call(place, "show", "9"))


def test_history_and_shadow(place: Place) -> None:
    assert call(place, "shadow").output == "no version is in shadow\n"
    place.enact(QUIET)
    place.enact(LAZY, PolicyState.SHADOW)
    digest = sha256(LAZY.encode()).hexdigest()
    lines = call(place, "history").output.splitlines()
    told = ["2", "shadow", "2026-06-01", "by", "user:1,", "answered", "by", "user:2:", "why", "SHA-256", digest]
    assert lines[0].split() == told
    rows = [json.loads(line) for line in call(place, "history", "--json").output.splitlines()]
    assert [(row["number"], row["state"], "text" in row) for row in rows] == [
        (2, "shadow", False),
        (1, "in_force", False),
    ]
    shadowed = {"version": "2", "asked": "1200", "differed": "3", "file: queue -> none": "3"}
    event = ServiceEvent("policy.shadowed", shadowed)
    place.cases.append([Draft(SERVICE_CASE, SYSTEM, event)])
    assert call(place, "shadow").output.splitlines() == [
        "version 2: asked 1,200 times, differed 3 times",
        "       3  file: queue -> none",
    ]


def test_facts_lists_all(place: Place) -> None:
    shown = call(place, "facts").output
    assert all(f"  {name} (" in shown for facts in FACTS.values() for name in facts)


def test_diff(place: Place, file: Path) -> None:
    different = call(place, "diff", file)
    assert different.exit_code == 1
    assert "+when = 'outcome == \"derivative\"'" in different.output.splitlines()
    place.enact(LAZY)
    assert call(place, "diff", file).output == ""


def test_backtest(place: Place, file: Path) -> None:
    put(place, "c1", NEAR, Verdict.CONFIRMED)
    shown = call(place, "backtest", file)
    assert shown.exit_code == 0
    assert shown.stderr == "1 of 1 cases\n"
    assert shown.stdout.splitlines()[0] == "1 cases with 1 items; of 0 items no row is kept"
    assert "      1        1          1          0          0       0  case confirmed" in shown.stdout.splitlines()
    assert shown.stdout.splitlines()[-2:] == [
        "1 differences from the policy in force",
        "  c1 file: queue, hold -> none",
    ]


def test_what_is_no_policy(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        raise_from(call(place, "check", tmp_path / "nothing"))
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(InputError, match="UTF-8"):
        raise_from(call(place, "check", tmp_path / "latin"))
    (tmp_path / "large").write_bytes(b"#" * 70_000)
    with pytest.raises(PolicyError, match="65,536"):
        raise_from(call(place, "check", tmp_path / "large"))


def raise_from(result: Result) -> None:
    assert result.exception is not None
    raise result.exception
