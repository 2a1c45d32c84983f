"""What the law asks for: by what is known of the material, by days, and by how well the law is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer
from safelight.model.errors import UsageError
from safelight.model.law import (
    Coverage,
    Covered,
    Duty,
    DutyKind,
    LawPack,
    LawRule,
    Material,
    Scanning,
    Source,
    Trigger,
)
from safelight.model.signal import RuleStatus
from safelight.policy.duties import Began, Facts, chosen, due, duties, longest, stale

DAY = date(2026, 11, 21)
SOURCE = Source("a book", "", DAY)
SURE, UNSURE = RuleStatus.CONFIRMED, RuleStatus.UNVERIFIED
AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
NOW = AT + timedelta(days=1)
REPORTED = Began(Trigger.REPORT, AT, "ncmec")
RULE = LawRule(
    "report", DutyKind.REPORT, Trigger.KNOWLEDGE, "Report", "we", "they", "PT24H", "a day", "s. 1", SOURCE, SURE
)


def entry(material: Material, answer: Coverage, status: RuleStatus = SURE) -> Covered:
    return Covered(material, answer, "s. 2", "it is so" if answer is Coverage.SOME else "", SOURCE, status)


def pack(
    *rules: LawRule,
    altered: Coverage = Coverage.YES,
    synthetic: Coverage = Coverage.NO,
    status: RuleStatus = SURE,
    name: str = "xx",
    within: tuple[str, ...] = (),
) -> LawPack:
    covered = (
        entry(Material.REAL, Coverage.YES),
        entry(Material.ALTERED, altered, status),
        entry(Material.SYNTHETIC, synthetic, status),
    )
    scanning = Scanning(Coverage.UNKNOWN, "not looked up", SOURCE, UNSURE)
    return LawPack(name, "Ex", DAY, "Europe/London", covered, scanning, rules or (RULE,), within=within)


def asked(law: LawPack, made: Artificialness, shown: Answer = Answer.UNKNOWN, *began: Began) -> tuple[Duty, ...]:
    began = began or (Began(Trigger.KNOWLEDGE, AT),)
    return duties({law.id: law}, (law.id,), Facts(made, shown, began), NOW)


def test_a_duty_says_all_that_people_need() -> None:
    (duty,) = asked(pack(), Artificialness.CAMERA_ORIGINAL)
    assert duty == Duty(
        id="xx/report/2026-07-01T12:00:00+00:00",
        jurisdiction="xx",
        rule="report",
        kind=DutyKind.REPORT,
        title="Report",
        recipient="they",
        began=AT,
        due=AT + timedelta(hours=24),
        words="a day",
        basis="s. 1",
        source="a book",
        as_of="2026-11-21",
        drives=True,
        covered=Coverage.YES,
    )
    linked = replace(RULE, source=Source("a book", "https://example.org/law", DAY))
    assert asked(pack(linked), Artificialness.UNKNOWN)[0].source == "https://example.org/law"


@pytest.mark.parametrize("shown", list(Answer))
def test_not_knowing_how_it_was_made_keeps_no_duty_from_arising(shown: Answer) -> None:
    (duty,) = asked(pack(altered=Coverage.NO), Artificialness.UNKNOWN, shown)
    assert duty.drives


@pytest.mark.parametrize(
    ("synthetic", "status", "shown", "covered", "drives"),
    [
        (Coverage.YES, SURE, Answer.NO, Coverage.YES, True),
        (Coverage.YES, UNSURE, Answer.NO, Coverage.YES, False),
        (Coverage.SOME, SURE, Answer.NO, Coverage.SOME, False),
        (Coverage.SOME, SURE, Answer.YES, Coverage.YES, True),  # it shows a real child: it is no invention
        (Coverage.UNKNOWN, SURE, Answer.UNKNOWN, Coverage.UNKNOWN, False),
        (Coverage.NO, SURE, Answer.NO, None, False),  # surely outside
        (Coverage.NO, SURE, Answer.UNKNOWN, Coverage.NO, False),  # unless somebody real is in it
        (Coverage.NO, SURE, Answer.YES, Coverage.YES, True),
        (Coverage.NO, UNSURE, Answer.NO, Coverage.NO, False),
    ],
)
def test_fully_synthetic_material_counts_by_jurisdiction(
    synthetic: Coverage, status: RuleStatus, shown: Answer, covered: Coverage | None, drives: bool
) -> None:
    law = pack(synthetic=synthetic)
    law = replace(law, covered=(*law.covered[:2], entry(Material.SYNTHETIC, synthetic, status)))
    found = asked(law, Artificialness.FULLY_SYNTHETIC, shown)
    assert [(duty.covered, duty.drives) for duty in found] == ([] if covered is None else [(covered, drives)])


@pytest.mark.parametrize("made", Artificialness)
@pytest.mark.parametrize("shown", Answer)
@pytest.mark.parametrize("answer", Coverage)
@pytest.mark.parametrize("status", [SURE, UNSURE])
def test_what_follows_from_a_report_asks_for_its_rules_status_alone(
    made: Artificialness, shown: Answer, answer: Coverage, status: RuleStatus
) -> None:
    keep = replace(RULE, kind=DutyKind.PRESERVE, trigger=Trigger.REPORT, status=status, materials=(Material.REAL,))
    for known in (SURE, UNSURE):
        (duty,) = asked(pack(keep, altered=answer, synthetic=answer, status=known), made, shown, REPORTED)
        assert duty.drives is (status is SURE)


def test_the_longest_confirmed_rule_in_force_says_for_how_long_to_keep() -> None:
    keep = replace(RULE, id="keep", kind=DutyKind.PRESERVE, trigger=Trigger.REPORT, deadline="P21D", taker="ncmec")
    year = replace(keep, id="year", deadline="P1Y")
    others = (replace(year, status=UNSURE), replace(year, from_=date(2026, 7, 2)), replace(year, deadline=""), RULE)
    for rules, name in (((keep, *others), "keep"), ((keep, year), "year")):
        found = longest({"xx": pack(*rules)}, ("xx",), AT)
        assert found is not None
        assert (found.rule.id, found.until) == (name, due(pack(), found.rule, AT))
    assert longest({"xx": pack(*others)}, ("xx",), AT) is None


def test_a_rule_about_other_material_is_left_out() -> None:
    real = replace(RULE, materials=(Material.REAL,))
    assert asked(pack(real), Artificialness.FULLY_SYNTHETIC) == ()
    assert asked(pack(real), Artificialness.PARTIALLY_ALTERED, Answer.YES) == ()
    assert len(asked(pack(real), Artificialness.MINIMALLY_MODIFIED)) == 1
    assert len(asked(pack(replace(RULE, materials=(Material.ALTERED,))), Artificialness.HYBRID)) == 1


def test_a_rule_about_any_content_asks_not_what_is_covered() -> None:
    (duty,) = asked(pack(replace(RULE, any_content=True)), Artificialness.FULLY_SYNTHETIC, Answer.NO)
    assert (duty.drives, duty.covered) == (True, Coverage.YES)
    (duty,) = asked(pack(replace(RULE, any_content=True, status=UNSURE)), Artificialness.FULLY_SYNTHETIC, Answer.NO)
    assert not duty.drives


def test_who_asks_for_removal_is_in_the_picture() -> None:
    remove = replace(RULE, kind=DutyKind.REMOVE, trigger=Trigger.REQUEST)
    (duty,) = asked(pack(remove), Artificialness.FULLY_SYNTHETIC, Answer.NO, Began(Trigger.REQUEST, AT))
    assert (duty.drives, duty.covered) == (True, Coverage.YES)


@pytest.mark.parametrize(("made", "shown", "status"), list(product(Artificialness, Answer, RuleStatus)), ids=str)
def test_what_is_not_confirmed_never_drives(made: Artificialness, shown: Answer, status: RuleStatus) -> None:
    for synthetic in Coverage:
        for duty in asked(pack(replace(RULE, status=UNSURE), synthetic=synthetic, status=status), made, shown):
            assert not duty.drives


@pytest.mark.parametrize(
    ("at", "there"),
    [
        ("2026-07-01T00:00:00+01:00", True),
        ("2026-06-30T23:59:59+01:00", False),
        ("2026-06-30T22:59:59+00:00", False),  # in London it is one minute to midnight
        ("2026-06-30T23:00:00+00:00", True),
        ("2026-07-03T23:59:59+01:00", True),
        ("2026-07-04T00:00:00+01:00", False),
    ],
)
def test_a_rule_applies_on_its_days_in_its_place(at: str, there: bool) -> None:
    law = pack(replace(RULE, from_=date(2026, 7, 1), until=date(2026, 7, 3)))
    began = Began(Trigger.KNOWLEDGE, datetime.fromisoformat(at))
    found = duties({"xx": law}, ("xx",), Facts(began=(began,)), NOW + timedelta(days=9))
    assert bool(found) is there


def test_only_the_trigger_and_the_taker_of_a_rule_start_it() -> None:
    keep = replace(RULE, id="keep", kind=DutyKind.PRESERVE, trigger=Trigger.REPORT, taker="ncmec")
    law = pack(keep, replace(keep, id="any", taker=""))
    began = (Began(Trigger.REPORT, AT, "nca"), Began(Trigger.KNOWLEDGE, AT), Began(Trigger.REPORT, NOW, "ncmec"))
    found = duties({"xx": law}, ("xx",), Facts(began=began), NOW)
    assert [(duty.rule, duty.began) for duty in found] == [("any", AT), ("any", NOW), ("keep", NOW)]
    assert duties({"xx": law}, ("xx",), Facts(began=began), AT - timedelta(1)) == ()


def test_what_is_kept_is_kept_to_the_later_day() -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    year = replace(RULE, deadline="P1Y")
    kept = replace(year, id="keep", kind=DutyKind.PRESERVE)
    found = duties({"xx": pack(year, kept)}, ("xx",), Facts(began=(Began(Trigger.KNOWLEDGE, leap),)), leap)
    assert [(duty.rule, duty.due) for duty in found] == [
        ("report", datetime(2029, 2, 28, 12, tzinfo=UTC)),
        ("keep", datetime(2029, 3, 1, 12, tzinfo=UTC)),
    ]


def test_the_first_to_be_due_is_first_and_words_come_last() -> None:
    words = replace(RULE, id="a-words", deadline="")
    slow, fast = replace(RULE, id="b-slow", deadline="P1D"), replace(RULE, id="c-fast", deadline="PT1H")
    assert [duty.rule for duty in asked(pack(words, slow, fast), Artificialness.UNKNOWN)] == [
        "c-fast",
        "b-slow",
        "a-words",
    ]


def test_packs_within_packs_apply_and_unknown_ones_are_named() -> None:
    inner, middle = pack(name="cc"), pack(name="bb", within=("cc", "aa"))
    packs = {"aa": pack(name="aa", within=("bb",)), "bb": middle, "cc": inner}
    assert [one.id for one in chosen(packs, ("aa", "aa"))] == ["aa", "bb", "cc"]
    assert chosen(packs, ()) == ()
    with pytest.raises(UsageError, match=r"no law pack is called dd, ee; known: aa, bb, cc"):
        chosen(packs, ("ee", "aa", "dd"))


@given(days=st.integers(-400, 400))
def test_people_are_reminded_after_180_days(days: int) -> None:
    assert stale({"xx": pack()}, DAY + timedelta(days)) == (("xx",) if days > 180 else ())


@given(
    made=st.sampled_from(Artificialness),
    shown=st.sampled_from(Answer),
    times=st.lists(st.integers(0, 86_400), max_size=5),
)
def test_every_rule_and_beginning_gives_one_duty(made: Artificialness, shown: Answer, times: list[int]) -> None:
    began = tuple(Began(Trigger.KNOWLEDGE, AT + timedelta(seconds=second)) for second in times)
    found = duties({"xx": pack()}, ("xx", "xx"), Facts(made, shown, began), NOW)
    assert len({duty.id for duty in found}) == len(found)
    if made is not Artificialness.FULLY_SYNTHETIC:
        assert {duty.began for duty in found} == {one.at for one in began}
