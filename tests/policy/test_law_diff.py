"""What differs between two sets of law packs: nothing between the same, and every change at its place."""

from dataclasses import replace

from safelight.adapter.law import TomlLaw
from safelight.model.law import DutyKind, LawPack
from safelight.policy.law_diff import Difference, differences

PACKS = TomlLaw().packs()
US = PACKS["us"]


def with_first_rule(pack: LawPack, **changes: object) -> LawPack:
    return replace(pack, rules=(replace(pack.rules[0], **changes), *pack.rules[1:]))  # type: ignore[arg-type] # any field


def test_the_same_packs_do_not_differ_whatever_their_files_were() -> None:
    assert differences(PACKS, PACKS) == ()
    assert differences({"us": US}, {"us": replace(US, sha256="0" * 64)}) == ()
    assert differences({"us": US}, {"us": replace(US, rules=US.rules[::-1])}) == ()


def test_changes_are_named_by_place_and_turn_around() -> None:
    new = with_first_rule(US, words="within a day", kind=DutyKind.INFORM)
    found = differences({"us": US}, {"us": new})
    assert found == (
        Difference("us.rules[report].kind", "report", "inform"),
        Difference("us.rules[report].words", US.rules[0].words, "within a day"),
    )
    back = differences({"us": new}, {"us": US})
    assert [(one.place, one.after, one.before) for one in back] == [(one.place, one.before, one.after) for one in found]


def test_rules_and_packs_that_come_and_go_are_there_in_full() -> None:
    gone = differences({"us": US}, {"us": replace(US, rules=US.rules[1:])})
    assert {one.place.partition("]")[0] for one in gone} == {"us.rules[report"}
    assert {one.after for one in gone} == {""}
    assert {one.place.partition(".")[0] for one in differences({}, {"jp": PACKS["jp"]})} == {"jp"}
