"""The dossier of a case: what its log, its items and its URLs say, and none of what documents may not tell."""

from dataclasses import replace
from datetime import timedelta

from safelight.case.fold import absorbed
from safelight.model.case import Decided, Finding, ReportFinished, Verdict
from safelight.model.dossier import How
from safelight.model.filing import Body
from safelight.model.takedown import NoticeState, Place
from tests.closing import ANN, CONFIRMED, NOT_ABUSE, START, World


def test_items_have_their_digests_and_whether_anybody_saw_them() -> None:
    world = World()
    first, second = world.dossier().items
    row = world.cases.item("i2").row
    assert row is not None
    assert (second.md5, second.sha1, second.pdq, second.pdq_quality) == (row.md5, row.sha1, row.pdq, 90)
    assert (first.viewed, second.viewed) == (False, True)
    assert second.kinds == ("derivative",)


def test_digests_of_other_bytes_are_not_the_items() -> None:
    """An item's row that is not of the bytes in the log is left out."""
    world = World()
    item = world.cases.kept_items["i1"]
    assert item.row is not None
    world.cases.put_item(replace(item, row=replace(item.row, sha256="f" * 64)))
    assert world.dossier().items[0].md5 == ""
    del world.cases.kept_items["i2"]
    assert world.dossier().items[1].md5 == ""
    assert world.dossier().items[1].sha256


def test_how_and_when_it_was_decided() -> None:
    by_two = World()
    found = by_two.dossier()
    assert (found.verdict, found.how) == (Verdict.CONFIRMED, How.TWO_PEOPLE)
    assert found.decided == found.confirmed == by_two.cases.entries[-1].event.at

    by_one = World(finding=None)
    assert (by_one.dossier().verdict, by_one.dossier().how, by_one.dossier().decided) == (None, None, None)
    by_one.log(Decided(CONFIRMED), who=ANN)
    assert by_one.dossier().how is How.PERSON

    unsure = World(finding=None)
    unsure.log(Decided(Finding(Verdict.UNSURE)), who=ANN)
    assert (unsure.dossier().verdict, unsure.dossier().confirmed) == (None, None)


def test_an_overturned_case_still_says_when_abuse_was_first_confirmed() -> None:
    world = World()
    first = world.dossier().confirmed
    world.overturn(NOT_ABUSE)
    found = world.dossier()
    assert (found.verdict, found.confirmed) == (Verdict.NOT_ABUSE, first)
    assert found.decided is not None
    assert first is not None
    assert found.decided > first


def test_what_a_case_took_in_counts() -> None:
    world = World()
    first = world.dossier().confirmed
    world.log(ReportFinished("f1", Body.NCMEC, "77", ("i1",), "d" * 64, production=True))
    world.merge("c2", absorbed(world.cases.case("c1")))
    found = world.dossier("c2")
    assert [item.id for item in found.items] == ["i1", "i2"]
    assert found.confirmed == first
    assert found.numbers("i1", Body.NCMEC) == ("77",)
    assert found.numbers("i2", Body.NCMEC) == ()
    assert found.numbers("i1", Body.NCA) == ()
    assert found.places == world.dossier("c1").places != ()


def test_places_with_their_notices() -> None:
    (place,) = World().dossier().places
    assert (place.place, place.url, place.addresses) == (Place.GONE, "https://host.example.com/a.png", ("192.0.2.7",))
    assert [(one.to, one.state) for one in place.notices] == [("Example Hosting", NoticeState.REMOVED)]
    assert place.gone is not None
    assert place.gone - START > timedelta(hours=18)
