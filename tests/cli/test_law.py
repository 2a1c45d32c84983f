"""Law packs from the command line: shown, checked, held against each other."""

from pathlib import Path

import pytest

import safelight
from tests.cli.conftest import Run

SHIPPED = Path(safelight.__file__).with_name("law")


def test_packs_are_listed_and_those_in_force_are_marked(fresh: Run) -> None:
    shown = fresh("law", "show", env={"SAFELIGHT_JURISDICTIONS": "us,es"})
    marked = {line.split()[1] for line in shown.out.splitlines() if line.startswith("*")}
    assert (shown.code, marked, len(shown.out.splitlines())) == (0, {"us", "es", "eu"}, 8)


def test_a_pack_says_what_is_covered_and_how_well_each_rule_is_known(fresh: Run) -> None:
    shown = fresh("law", "show", "ca")
    for part in (
        "synthetic: yes",
        "unverified",
        "preserve-c16",
        "21 days",
        "(P21D)",
        "https://laws-lois.justice.gc.ca",
    ):
        assert part in shown.out
    assert "2026-11-01T01:30:00-05:00" not in shown.out
    assert "2026-11-01T01:30:00-05:00" in fresh("law", "show", "ca", "--rule", "preserve").out
    (rule,) = fresh("law", "show", "ca", "--rule", "preserve", "--json").rows()
    assert (rule["id"], rule["status"], rule["deadline"], len(rule["examples"])) == ("preserve", "confirmed", "P21D", 3)
    assert [row["id"] for row in fresh("law", "show", "--json").rows()][-1] == "us"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "zz"), "known: au, ca"),
        (("show", "us", "--rule", "zz"), "it has: report, preserve, take-it-down"),
        (("show", "--rule", "report"), "--rule needs the pack"),
    ],
)
def test_what_is_not_there_is_named(fresh: Run, arguments: tuple[str, ...], says: str) -> None:
    shown = fresh("law", *arguments)
    assert (shown.code, says in shown.err) == (2, True)


def test_packs_are_checked_in_force_and_in_a_folder(fresh: Run, tmp_path: Path) -> None:
    assert "us: sound, 3 rules" in fresh("law", "check").out
    unknown = fresh("law", "check", env={"SAFELIGHT_JURISDICTIONS": "us,zz"})
    assert (unknown.code, "zz" in unknown.err) == (2, True)
    own = tmp_path / "own"
    own.mkdir()
    text = (SHIPPED / "us.toml").read_text(encoding="utf-8").replace("as_of = 2026-11-21", "as_of = 2020-01-01", 1)
    (own / "us.toml").write_text(text, encoding="utf-8")
    old = fresh("law", "check", own)
    assert (old.code, old.out, "more than 180 days" in old.err) == (0, "us: sound, 3 rules\n", True)
    (own / "us.toml").write_text(text.replace('"P1Y"', '"a year"'), encoding="utf-8")
    for flawed in (fresh("law", "check", own), fresh("law", "show", env={"SAFELIGHT_LAW": str(own)})):
        assert (flawed.code, f"{own}/us.toml: rules[1].deadline" in flawed.err) == (41, True)


def test_every_field_that_differs_is_shown(fresh: Run, tmp_path: Path) -> None:
    own = tmp_path / "us.toml"
    text = (SHIPPED / "us.toml").read_text(encoding="utf-8")
    text = text.replace("18 U.S.C. 2258A(h)", "18 U.S.C. 2258A(h)(1)")
    own.write_text(text.replace("from = 2026-05-19\n", "from = 2026-05-18\n").replace("05-18T23", "05-17T23"), "utf-8")
    shown = fresh("law", "diff", "us", own)
    assert shown.code == 1
    assert shown.out.splitlines() == [
        "us.rules[preserve].basis",
        "- 18 U.S.C. 2258A(h)",
        "+ 18 U.S.C. 2258A(h)(1)",
        "us.rules[take-it-down].from",
        "- 2026-05-19",
        "+ 2026-05-18",
        "us.rules[take-it-down].examples[0].begins",
        "- 2026-05-18T23:30:00-04:00",
        "+ 2026-05-17T23:30:00-04:00",
    ]
    assert fresh("law", "diff", own, "us", "--json").rows()[1] == {
        "place": "us.rules[take-it-down].from",
        "before": "2026-05-18",
        "after": "2026-05-19",
    }
    assert (fresh("law", "diff", SHIPPED, SHIPPED).code, fresh("law", "diff", "us", "us").out) == (0, "")
    assert fresh("law", "diff", "us", tmp_path / "none").code == 41
