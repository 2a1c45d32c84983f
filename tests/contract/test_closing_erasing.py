"""What is erased is gone from the database, on SQLite out of its files: all versions of it, and all at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from safelight.adapter.casework import open_casework
from safelight.adapter.closing import open_filings, open_requests, open_takedowns
from safelight.adapter.closing.models import FilingRow
from safelight.adapter.store.opening import open_place
from safelight.flow.ending import Endings, Keep
from safelight.model.access import SYSTEM
from safelight.model.case import Draft, Opened, ReportErased, ReportFailed
from safelight.model.errors import UsageError
from safelight.model.filing import Body, FiledItem, Filing, FilingState, Told
from safelight.model.notice import RemovalRequest
from safelight.model.removal import Received
from tests.contract.memory_bank_store import SetClock
from tests.databases import DATABASES, database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=200)
ITEMS = (FiledItem("i1", "0" * 64, "1" * 32, viewed=True),)
FILING = Filing("f1", "c1", Body.NCMEC, FilingState.DRAFT, NOW, ITEMS)
REQUEST = Received("r1", "c1", "i1", NOW, RemovalRequest(name="ü"), "salt", ("signature",))


class KilledError(BaseException):
    """This process dies."""


@pytest.fixture(params=DATABASES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    with database(request.param, tmp_path, "casework", "closing") as place:
        yield place


def marker(number: int) -> str:
    """Long enough to be in pages of its own."""
    return f"planted-{number}-" * 1500


def left(target: Path | str) -> bytes:
    """All that is in the files of the database; of a server, all that its rows say."""
    if isinstance(target, Path):
        return b"".join(file.read_bytes() for file in target.rglob("*") if file.is_file())
    return "".join(FilingRow.objects.using(open_place(target, "closing")).values_list("value", flat=True)).encode()


def ending(target: Path | str) -> Endings:
    nobody: Any = None
    cases, filings, requests = open_casework(target, SetClock(LATER)), open_filings(target), open_requests(target)
    return Endings(cases, filings, requests, open_takedowns(target), nobody, {}, Keep(90, 184), SetClock(LATER))


def withdrawn(target: Path | str) -> Filing:
    """A report of which nothing was sent, that said one thing after the other."""
    cases, store, before = open_casework(target, SetClock(NOW)), open_filings(target), None
    cases.append([Draft("c1", SYSTEM, Opened("why")), Draft("c1", SYSTEM, ReportFailed("f1", Body.NCMEC, "no answer"))])
    for number in range(5):
        made = replace(FILING, told=Told(additional=marker(number), urls=("https://planted.example/",) * (number + 1)))
        store.put(made, expect=before)
        before = made
    given_up = replace(made, state=FilingState.WITHDRAWN, withdrawn=NOW)
    store.put(given_up, expect=made)
    return given_up


def test_nothing_of_what_a_report_told_is_left(target: Path | str) -> None:
    before = withdrawn(target)
    assert b"planted" in left(target)
    assert ending(target).end("filing:f1")
    assert open_filings(target).get("f1") == replace(before, told=Told(), erased=LATER)
    assert b"planted" not in left(target)
    bodies = [one.event.body for one in open_casework(target, SetClock(LATER)).events("c1")]
    assert bodies[-1] == ReportErased("f1", "184 days after it was over, nothing had it kept")


def test_who_is_killed_in_the_middle_of_it_has_erased_nothing(
    target: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, flow = withdrawn(target), ending(target)

    def dies(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(type(flow.cases), "append", dies)
        with pytest.raises(KilledError):
            flow.end("filing:f1")
    assert flow.filings.get("f1") == before
    assert flow.end("filing:f1")
    assert flow.filings.unerased() == []


def test_those_that_were_not_erased_are_named_also_if_they_cannot_be_read(target: Path | str) -> None:
    filings, requests = open_filings(target), open_requests(target)
    for number in range(4):
        filings.put(replace(FILING, id=f"f{number}", case=f"c{number}"))
        requests.put(replace(REQUEST, id=f"r{number}"))
    filings.put(replace(FILING, id="f2", case="c2", erased=NOW), expect=filings.get("f2"))
    requests.put(replace(REQUEST, id="r1", said=None, erased=NOW), expect=requests.get("r1"))
    FilingRow.objects.using(open_place(target, "closing")).filter(id="f1").update(value="{")
    assert (filings.unerased(), filings.unerased("f0", 1)) == (["f0", "f1", "f3"], ["f1"])
    assert (requests.unerased(), requests.unerased("r3")) == (["r0", "r2", "r3"], [])
    with pytest.raises(UsageError, match="no such request"):
        requests.get("r9")


def test_sqlite_overwrites_what_goes_from_a_page(tmp_path: Path) -> None:
    place = open_place(tmp_path, "closing")
    with connections[place].cursor() as cursor:
        (mode,) = cursor.execute("PRAGMA secure_delete").fetchone()
    assert mode in {1, 2}  # 2: where that takes no further writing
    with transaction.atomic(using=place):
        FilingRow.objects.using(place).create(id="f1", case="c1", state="draft", body="ncmec", value="planted-form")
    FilingRow.objects.using(place).all().delete()
    connections[place].close()  # the last one: its log is written back
    assert b"planted" not in left(tmp_path)
