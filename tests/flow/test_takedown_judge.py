"""Whether bytes are of an item's family, over examinations that are made up."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

import pytest

from safelight.flow.takedown_judge import MIN_QUALITY, NEAR, FamilyJudge
from safelight.model.case import Merged
from safelight.model.family import Relations
from safelight.model.match import Match, MatchKind
from safelight.model.scan import ScanRow, Status
from safelight.model.takedown import Judged, Location
from tests.contract.memory_bank_store import MemoryBankStore, SetClock
from tests.contract.memory_family_store import MemoryFamilyStore
from tests.flow.takedown_place import ITEM, START, URL, Place
from tests.kin import edge
from tests.rows import derivative_of, row_of

PDQ = "0" * 64
FAR = "f" * 64


class Examined:
    """Answers with the rows that it was given; counts how often it was asked."""

    def __init__(self, *rows: ScanRow) -> None:
        self.rows, self.asked = rows, 0

    def __call__(self, file: BinaryIO, name: str) -> Sequence[ScanRow]:
        assert file.read() == b"other bytes"
        assert name == "locations/l"
        self.asked += 1
        return self.rows


@pytest.fixture
def place() -> Place:
    made = Place()
    item = made.cases.item("item-1")
    made.cases.put_item(replace(item, row=replace(row_of("a", 1), pdq=PDQ, pdq_quality=100)))
    return made


def judged(
    place: Place, *rows: ScanRow, content: bytes = b"other bytes", case: str = "case-1", known: bool = True
) -> tuple[Judged, int]:
    """What the judge says of a file of which the examiner says these rows; the item is near to `bank/one`."""
    banks, families, look = MemoryBankStore(SetClock()), MemoryFamilyStore(), Examined(*rows)
    item = place.cases.case("case-1").items[0].sha256
    if known:
        families.record([Relations(item, "a", (replace(edge(1, "bank/one"), child=item),))], START)
    location = Location("l", case, "item-1", item, URL, START)
    told = FamilyJudge(look, place.cases, banks, families)(BytesIO(content), location)
    return told, look.asked


def near(**more: object) -> ScanRow:
    return replace(row_of("l", 7), **more)  # type: ignore[arg-type]  # tests name the fields


def test_the_same_bytes_need_no_examination(place: Place) -> None:
    told, asked = judged(place, content=ITEM)
    assert (told.kind, told.sure, asked) == ("exact", True, 0)


def test_by_the_entries_of_its_family(place: Place) -> None:
    told, asked = judged(place, near(matches=(derivative_of("bank", "one"),)))
    assert (told.kind, told.sure, asked) == ("derivative", True, 1)
    close = Match("bank", "one", MatchKind.NEAR, "pdq", 20)
    assert judged(place, near(matches=(close,)))[0].kind == "near"
    assert judged(place, near(matches=(close, derivative_of("bank", "one"))))[0].kind == "derivative"
    for other in (
        derivative_of("bank", "two"),
        replace(derivative_of("bank", "one"), negative=True),
        replace(derivative_of("bank", "one"), suppressed_by="x"),
        replace(derivative_of("bank", "one"), kind=MatchKind.SHARED_SCENE),
    ):
        assert judged(place, near(matches=(other,)))[0].kind == ""


def test_by_the_pictures_of_the_case_which_may_be_in_no_bank(place: Place) -> None:
    edge_of_it = f"{(1 << NEAR) - 1:064x}"
    assert judged(place, near(pdq=edge_of_it, pdq_quality=MIN_QUALITY))[0].kind == "near"
    assert judged(place, near(pdq=f"{(1 << NEAR + 1) - 1:064x}", pdq_quality=100))[0].kind == ""
    assert judged(place, near(pdq=PDQ, pdq_quality=MIN_QUALITY - 1))[0].kind == ""
    assert (
        judged(place, near(pdq=FAR, pdq_quality=100), near(pdq=PDQ, pdq_quality=100))[0].kind == "near"
    )  # in an archive


def test_what_could_not_be_examined_in_full_says_nothing(place: Place) -> None:
    for status in (Status.UNREADABLE, Status.DEGRADED):
        told, _ = judged(place, near(status=status, pdq=FAR, pdq_quality=100))
        assert (told.sure, told.unlike) == (False, False)


def test_only_what_could_have_agreed_is_none_of_the_family(place: Place) -> None:
    like = near(pdq=FAR, pdq_quality=100, mime="image/png")
    told, _ = judged(place, like)
    assert (told.kind, told.sure, told.unlike) == ("", True, False)
    for row in (
        near(pdq=None, mime="text/html", status=Status.UNSUPPORTED),
        near(pdq=None, mime="image/jxl", status=Status.UNSUPPORTED),
        near(pdq=None, mime="video/mp4", duration=9.0),
        replace(like, pdq_quality=MIN_QUALITY - 1),  # a plain picture, as of a notice of removal
        replace(like, mime="application/zip"),
    ):
        told, _ = judged(place, row)
        assert (told.kind, told.sure, told.unlike) == ("", False, True), row.mime


def test_videos_compare_with_what_the_banks_hold(place: Place) -> None:
    item, other = place.cases.item("item-1"), near(pdq=None, mime="video/mp4", duration=9.0)
    video = replace(row_of("b", 2), pdq=None, mime="video/mp4", duration=9.0)
    place.cases.put_item(replace(item, row=video))
    assert judged(place, other)[0].sure  # the item's family is in a bank
    assert judged(place, replace(other, duration=None))[0].unlike
    assert judged(place, other, known=False)[0].unlike
    place.cases.put_item(replace(item, row=None))
    assert judged(place, other)[0].unlike


def test_the_items_of_the_case_that_it_was_merged_into(place: Place) -> None:
    place.opened("case-0", "item-0", family="older")
    place.cases.put_item(replace(place.cases.item("item-0"), row=replace(row_of("b", 2), pdq=FAR, pdq_quality=100)))
    place.say("case-1", Merged("case-0"))
    assert judged(place, near(pdq=FAR, pdq_quality=100))[0].kind == "near"
