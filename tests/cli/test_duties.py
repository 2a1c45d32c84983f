"""`safelight duties`: the deadline board, on the store of a data folder."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from safelight.app import App
from safelight.cli.duties import duties
from safelight.model.access import SYSTEM, Actor, ActorKind
from safelight.model.case import Body, Draft, DutyArose, DutyMet, Opened
from safelight.model.errors import UnknownCaseError, UsageError
from safelight.model.law import Coverage, Duty, DutyKind
from safelight.settings import read_settings

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
REPORT = Duty(
    "us/report@1",
    *("us", "report", DutyKind.REPORT, "Report", "NCMEC", NOW - timedelta(hours=1), None),
    *("as soon as reasonably possible", "18 U.S.C. 2258A", "https://uscode.house.gov", "2026-11-21"),
    drives=True,
    covered=Coverage.YES,
)
REMOVE = replace(
    REPORT,
    id="us/take-it-down@1",
    rule="take-it-down",
    kind=DutyKind.REMOVE,
    title="Remove",
    recipient="",
    due=NOW + timedelta(hours=40, minutes=30),
    drives=False,
)
LATE = replace(REMOVE, id="us/take-it-down@0", due=NOW - timedelta(hours=2))
KEEP = replace(REPORT, id="ca/preserve@1", jurisdiction="ca", rule="preserve", kind=DutyKind.PRESERVE, due=NOW)
OTHER = replace(
    LATE, id="es/notice@1", jurisdiction="es", rule="gone", title="[bold]Take\x1b away", due=NOW + timedelta(days=9)
)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    made = App(read_settings({"SAFELIGHT_HOME": str(tmp_path)}))
    for case, found in (("case-1", (REPORT, REMOVE, LATE)), ("case-2", (KEEP, OTHER))):
        arose: list[Body] = [Opened("near"), *map(DutyArose, found)]
        made.cases.append([Draft(case, SYSTEM, body) for body in arose])
    made.cases.append([Draft("case-1", Actor(ActorKind.USER, "1"), DutyMet(REPORT.id, "number 7"))])
    monkeypatch.setitem(vars(made), "clock", SimpleNamespace(now=lambda: NOW))
    with monkeypatch.context() as here:
        here.setenv("TZ", "Europe/Madrid")
        time.tzset()
        yield made
    time.tzset()


def run(app: App, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "180"}).invoke(duties, arguments, obj=app)


def listed(app: App, *arguments: str) -> list[str]:
    return [json.loads(line)["id"] for line in run(app, "list", "--json", *arguments).stdout.splitlines()]


def test_the_most_urgent_comes_first_and_what_is_only_kept_last(app: App) -> None:
    assert listed(app) == [LATE.id, REMOVE.id, OTHER.id, KEEP.id]
    assert listed(app, "--case", "case-2") == [OTHER.id, KEEP.id]
    assert listed(app, "--due-within", "PT48H") == [LATE.id, REMOVE.id]
    assert listed(app, "--due-within", "P9D") == [LATE.id, REMOVE.id, OTHER.id]
    assert listed(app, "--overdue") == [LATE.id]
    assert listed(app, "--overdue", "--case", "case-2") == []


def test_the_board_tells_time_here_and_in_utc_and_how_well_the_rule_is_known(app: App) -> None:
    assert run(app, "list").output.splitlines() == [
        (
            "case-1  us/take-it-down@0  2.0 h over, 2026-07-01 12:00 CEST, 2026-07-01 10:00 UTC: Remove "
            "(confirmed, may not cover this)"
        ),
        (
            "case-1  us/take-it-down@1  40.5 h left, 2026-07-03 06:30 CEST, 2026-07-03 04:30 UTC: Remove "
            "(confirmed, may not cover this)"
        ),
        "case-2  es/gone  216.0 h left, 2026-07-10 14:00 CEST, 2026-07-10 12:00 UTC: [bold]Take\\x1b away (unverified)",
        "case-2  ca/preserve  0.0 h left, 2026-07-01 14:00 CEST, 2026-07-01 12:00 UTC: Report -> NCMEC (confirmed)",
    ]


def test_the_board_can_be_read_in_80_columns(app: App) -> None:
    narrow = CliRunner(env={"COLUMNS": "80"}).invoke(duties, ["list"], obj=app).output.splitlines()
    assert max(map(len, narrow)) <= 80
    assert [line.split()[:2] for line in narrow if not line.startswith(" ")] == [
        ["case-1", LATE.id],
        ["case-1", REMOVE.id],
        ["case-2", "es/gone"],
        ["case-2", "ca/preserve"],
    ]


def test_short_names_stand_for_one_and_no_other(app: App) -> None:
    app.cases.append([Draft("0189-left-00007e31", SYSTEM, body) for body in (Opened("near"), DutyArose(KEEP))])
    app.cases.append([Draft("0189-idle", SYSTEM, Opened("near"))])
    for name in ("0189-l", "00007e31", "0189-left-00007e31"):
        assert listed(app, "--case", name) == [KEEP.id]
    assert run(app, "list", "--case", "00007e31").stdout.startswith("00007e31  ca/preserve  ")
    assert run(app, "list", "--case", "00007e31", "--json").stderr == "case 0189-left-00007e31\n"
    for name, told in (("0189-", "names several cases"), ("case", "names several cases")):
        assert told in str(run(app, "list", "--case", name).exception)
    for name in ("31", "7e31", "0007e31", "idle", "x" * 9):
        assert isinstance(run(app, "list", "--case", name).exception, UnknownCaseError)
    for name in ("us/report", "us/report@", REPORT.id):
        assert run(app, "show", "case-1", name).output.startswith("us/report@1")


def test_a_rule_names_no_younger_duty_than_the_one_that_was_read(app: App) -> None:
    def refused(name: str) -> str:
        found = run(app, "show", "case-1", name).exception
        assert isinstance(found, UsageError)
        return str(found)

    both = f"names several duties: {REMOVE.id} (open), {LATE.id} (open)"
    for name in ("us/take-it-down", "us/take-it-down@"):
        assert refused(name) == f"{name!r} {both}"
    app.cases.append([Draft("case-1", Actor(ActorKind.USER, "1"), DutyMet(LATE.id, "by hand"))])
    for name in ("us/take-it-down", "us/take-it-down@"):
        assert refused(name) == f"{name!r} {both}".replace(f"{LATE.id} (open)", f"{LATE.id} (met)")
    assert f"  {REMOVE.id}  40.5 h left" in run(app, "list").output
    assert run(app, "show", "case-1", REMOVE.id).output.startswith(REMOVE.id)


def test_one_is_shown_whole_also_when_it_was_met(app: App) -> None:
    shown = run(app, "show", "case-1").output.splitlines()
    assert [line.split()[0] for line in shown if not line.startswith(" ")] == [LATE.id, REMOVE.id, REPORT.id]
    assert shown[-4:] == [
        "us/report@1  Report (met: number 7)",
        "  report -> NCMEC, began 2026-07-01 11:00 UTC",
        "  as soon as reasonably possible",
        "  confirmed; 18 U.S.C. 2258A; https://uscode.house.gov, 2026-11-21",
    ]
    told = json.loads(run(app, "show", "case-1", REMOVE.id, "--json").output)
    assert (told["state"], told["hours_left"], told["status"]) == ("open", 40.5, "confirmed, may not cover this")


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("list", "--due-within", "soon"), UsageError),
        (("list", "--case", "nothing"), UnknownCaseError),
        (("show", "case-1", "nothing"), UsageError),
    ],
)
def test_what_is_not_there_is_named(app: App, arguments: tuple[str, ...], kind: type[Exception]) -> None:
    assert isinstance(run(app, *arguments).exception, kind)
