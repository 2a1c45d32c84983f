"""`safelight report statements`: what uploaders are told, and whether they were."""

import json
from pathlib import Path

from click.testing import CliRunner

from safelight.app import App
from safelight.cli.report import report
from safelight.model.access import SYSTEM, Actor, ActorKind, Permission, Principal
from safelight.model.case import Decided, Draft, Finding, ItemAdded, Opened, Verdict
from safelight.model.decision import Outcome
from safelight.model.service import Item, ItemState
from safelight.settings import read_settings

ANN = Actor(ActorKind.USER, "1")
CASE = "0189-case-00007e31"


def test_the_words_are_printed_with_whether_they_were_passed_on(tmp_path: Path) -> None:
    app = App(read_settings({"SAFELIGHT_HOME": str(tmp_path), "SAFELIGHT_CONTACT": "safety@provider.example"}))
    now = app.clock.now()
    app.cases.append([Draft(CASE, SYSTEM, Opened("why"))])
    for item, account in (("item-1", "upload\x1b[2J-17"), ("item-2", "")):
        app.cases.put_item(Item(item, ItemState.DONE, now, "items", account=account, sha256="a" * 64, case=CASE))
        added = ItemAdded(item, "a" * 64, 3, "image/png", "items", Outcome.NEAR, "why", from_account=bool(account))
        app.cases.append([Draft(CASE, SYSTEM, added)])
    app.cases.append([Draft(CASE, ANN, Decided(Finding(Verdict.CONFIRMED)))])

    def printed(*options: str, case: str = CASE) -> list[str]:
        result = CliRunner().invoke(report, ["statements", case, *options], obj=app)
        assert result.exception is None, result.exception
        return result.stdout.splitlines()

    assert printed() == []
    (owed,) = app.statements.owed(CASE)
    made = app.statements.make(None, CASE, owed.item)
    head, *words = printed()
    assert printed(case="0189-c") == [head, *words]
    assert head.startswith(f"{made.id}  reasons  item item-1, account upload")
    assert head.endswith("not passed on yet")
    assert "\x1b" not in head
    assert words == [f"  {line}".rstrip() for line in made.text.splitlines()]
    line = json.loads(printed("--json")[0])
    assert (line["text"], line["told"], line["told_by"]) == (made.text, None, "")
    noted = app.statements.told(Principal(ANN, frozenset((Permission.REPORT_PREPARE,))), CASE, made.id)
    assert noted.told is not None
    assert printed()[0].endswith(f"told {noted.told:%Y-%m-%d %H:%M} UTC, by user:1")
    assert json.loads(printed("--json")[0])["told_by"] == "user:1"
