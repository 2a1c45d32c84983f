"""What is found wrong with a policy before it runs, where, and what may have been meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.decision import Action
from safelight.model.policy import Example, Policy, PolicyRule, Stage
from safelight.policy.rules.check import check, check_policy
from safelight.policy.rules.compile import compile_policy, ready
from safelight.policy.rules.default import DEFAULT
from safelight.policy.rules.facts import FACTS, Facts
from safelight.policy.rules.language import LONGEST, parse
from tests.policy.rules.material import Condition, conditions, facts

KNOWN = Example({"outcome": "known"}, matches=True)
CLEAR = Example({}, matches=False)


def flaws(when: str, *examples: Example, stage: Stage = Stage.FILE) -> list[tuple[str, str, str]]:
    """Cause, the text of the place, hint: of a rule without more."""
    rule = PolicyRule("r", stage, when, (Action.QUEUE,), "because", examples=examples or (KNOWN, CLEAR))
    return [(flaw.cause, when[flaw.start : flaw.end], flaw.hint) for flaw in check_policy(Policy("p", (rule,)))]


def test_the_default_has_none() -> None:
    assert check(DEFAULT) == []
    assert flaws('outcome == "known"') == []


@pytest.mark.parametrize(
    ("when", "cause", "place", "hint"),
    [
        ('outcme == "known"', "there is no fact `outcme`", "outcme", "did you mean `outcome`?"),
        ('verdict == "confirmed"', "there is no fact `verdict`", "verdict", ""),
        ('outcome == "knwon"', "`outcome` is never 'knwon'", '"knwon"', "did you mean `known`?"),
        ('"Near" != outcome', "`outcome` is never 'Near'", '"Near"', "did you mean `near`?"),
        ('outcome in ["known", "neer"]', "`outcome` is never 'neer'", '"neer"', "did you mean `near`?"),
        ('"exat" in kinds', "`kinds` is never 'exat'", '"exat"', "did you mean `exact`?"),
        ("kinds.exists(k, k == 'exat')", "`kinds` is never 'exat'", "'exat'", "did you mean `exact`?"),
        ("kinds.exists(k, k in ['exat'])", "`kinds` is never 'exat'", "'exat'", "did you mean `exact`?"),
        ("distance", "a condition is true or false; this is of type int", "distance", "compare it with something"),
        ("p_false_match < 1", "`<` does not go with (double, int)", "<", "write the number with a point, as 1.0"),
        ("outcome ==", "syntax: ", "", ""),
        ("outcome\n  == 3", "`==` does not go with (string, int)", "==", ""),
        ("outcome = 'known'", "'=' is not a sign of this language", "=", "`==` compares"),
        ("distance + 1 < 3", "'+' is not a sign of this language", "+", "there is no arithmetic"),
        ("kinds[0] == 'exact'", "no place of a list or text can be asked for", "[0]", "use `exists`"),
        ("mime.matches('a')", "texts and lists do not know `matches`", "matches", ""),
        (
            "mime.startswith('a')",
            "texts and lists do not know `startswith`",
            "startswith",
            "did you mean `startsWith`?",
        ),
        ("sise(kinds) > 0", "there is no function `sise`", "sise", "did you mean `size`?"),
        ("banks.exists(b, kinds.exists(k, k == b))", "`exists` cannot stand inside another one", "exists", ""),
        ("banks.exists(mime, mime == 'a')", "`mime` has a meaning already", "mime", "take another name"),
        ("banks.exists(b == 'a')", "`exists` is given a name and a condition", "exists", "as `banks.exists("),
        ("mime == r'a'", "there is no fact `r`", "r", ""),
        ("mime in [mime]", "a list holds literals of one kind", "[mime]", ""),
        ("mime in ['a', 1]", "a list holds literals of one kind", "['a', 1]", ""),
        ("(degraded", "`(` is never closed", "(", ""),
        ("degraded)", "`)` closes nothing", ")", ""),
        ("", "the condition is empty", "", ""),
        ("mime == 'a\\'", '"\'" is not a sign of this language', "'", "a text ends in the line"),
        ("distance < 99999999999999999999", "invalid int literal", "99999999999999999999", ""),
    ],
)
def test_a_flaw_has_a_place_and_a_hint(when: str, cause: str, place: str, hint: str) -> None:
    first = flaws(when)[0]
    assert first[0].startswith(cause)
    assert not place or first[1] == place
    assert first[2].startswith(hint)


def test_characters_are_counted_and_not_bytes() -> None:
    assert flaws("mime == 'é€😀' && outcme == 'known'")[0][1] == "outcme"
    assert flaws("mime == 'é€😀' && outcome == 3")[0][1] == "=="


def test_all_flaws_are_told_at_once() -> None:
    found = flaws("outcme == 'known' && p_false < 0.1 && kinds.exits(k, true)")
    assert [place for _, place, _ in found] == ["outcme", "p_false", "exits", "k"]


@pytest.mark.parametrize(
    ("change", "rule", "cause"),
    [
        (("name =", "nome ="), "", "there is no field `nome`"),
        (("[[rule]]", "[[rule]"), "", "not TOML: "),
        (('id = "known-bytes"', ""), "rule 1", "`id` is missing"),
        (('id = "looks-known"', 'id = "known-bytes"'), "known-bytes", "2 rules have this id"),
        (('stage = "file"', 'stage = "files"'), "known-bytes", "`stage` is `file` or `case`"),
        (('then = ["block", "queue"]', "then = []"), "known-bytes", "`then` is empty"),
        (('then = ["block", "queue"]', 'then = ["blok"]'), "known-bytes", "there is no action 'blok'"),
        (('then = ["block", "queue"]', 'then = ["report"]'), "known-bytes", "`report` would always be withheld"),
        (("matches = true", "matches = 1"), "known-bytes", "example 1 has no `facts"),
        (("matches = true", "matches = false"), "known-bytes", "there is no example that this rule matches"),
        (("distance = 0 }", "distance = 0.5 }"), "known-bytes", "example 1: `distance` is of type int"),
        (("distance = 0 }", "distance = 300 }"), "known-bytes", "example 1: `distance` is from 0 to 256"),
        (("distance = 0 }", "distanse = 0 }"), "known-bytes", "example 1: there is no fact `distanse`"),
        (('kinds = ["exact"]', 'kinds = ["exat"]'), "known-bytes", "example 1: `kinds` is never 'exat'"),
        (('outcome == "known"', 'outcome == "near"'), "known-bytes", "this rule does not match example 1"),
        (('why = "the very bytes of a known item"', ""), "known-bytes", "`why` is missing"),
        (('why = "the very', 'last = 1\nwhy = "the very'), "known-bytes", "`last` is true or false"),
    ],
)
def test_the_form_of_a_policy(change: tuple[str, str], rule: str, cause: str) -> None:
    found = check(DEFAULT.replace(*change, 1))
    assert any(flaw.rule == rule and flaw.cause.startswith(cause) for flaw in found), found


def test_bounds() -> None:
    assert "at most 65,536 bytes" in check(DEFAULT + "#" * 70_000)[0].cause
    head, rule, *_ = DEFAULT.partition("[[rule]]")
    assert "at most 200 rules" in check(head + "".join(f'{rule}\nid = "{n}"\n' for n in range(201)))[0].cause
    assert flaws("degraded || " * 180 + "degraded")[0][0].startswith("a condition has at most 2,000 characters")
    assert check("\udcff")
    assert check("")


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("()[]!&|=<>,.?:'\" \nab01outcme-known"), max_size=60))
def test_nothing_that_is_written_breaks_the_check(when: str) -> None:
    for flaw in check_policy(Policy("p", (PolicyRule("r", Stage.FILE, when, (Action.QUEUE,), "w"),))):
        assert 0 <= flaw.start <= flaw.end <= len(when)


@pytest.mark.parametrize("when", ["(" * 1_000 + "true" + ")" * 995, "!" * 1_996 + "true", "true ? " * 280 + "true"])
def test_what_is_deep_is_refused_or_taken_and_no_more(when: str) -> None:
    assert len(when) <= LONGEST
    check_policy(Policy("p", (PolicyRule("r", Stage.FILE, when, (Action.QUEUE,), "w"),)))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_every_condition_of_the_language_has_a_value(data: st.DataObject) -> None:
    stage = data.draw(st.sampled_from(Stage))
    condition: Condition = data.draw(conditions(stage))
    told: Facts = data.draw(facts(stage))
    assert parse("r", condition.text, FACTS[stage]).flaws == []
    policy = Policy("p", (PolicyRule("r", stage, condition.text, (Action.QUEUE,), "w"),))
    (program,) = compile_policy(policy).programs[stage]
    assert program.ask(ready(stage, told)) is condition.holds(told)


def ruled(*conditions: tuple[str, bool, Facts]) -> list[str]:
    """Causes of flaws about reach: of rules as condition, `last`, and the facts of the example that matches."""
    rules = [
        PolicyRule(
            f"r{number}",
            Stage.FILE,
            when,
            (Action.QUEUE,),
            "w",
            last,
            (Example(dict(told)), Example({"mime": "no", "file_size": 0, "outcome": "no_match"}, matches=False)),
        )
        for number, (when, last, told) in enumerate(conditions)
    ]
    return [flaw.cause for flaw in check_policy(Policy("p", tuple(rules)))]


def test_a_rule_behind_the_last_one_is_found() -> None:
    near, known = {"outcome": "near"}, {"outcome": "known"}
    wide = ('outcome in ["near", "known"]', True, near)
    assert ruled(wide, ('outcome == "known"', False, known)) == [
        "this rule is never asked when it would match: `r0` end before it"
    ]
    assert ruled((wide[0], False, near), ('outcome == "known"', False, known)) == []
    assert ruled(('outcome == "near"', True, near), wide) == []  # by trying: its example does not get there


def test_reach_is_found_where_numbers_and_lists_change() -> None:
    far = ("file_size > 100", True, {"file_size": 101})
    assert ruled(far, ("file_size > 99", False, {"file_size": 200})) == []  # 100 gets there
    assert len(ruled(far, ("file_size > 100 && file_size < 300", False, {"file_size": 200}))) == 1
    banks = ('"a" in banks', True, {"banks": ["a"]})
    assert ruled(banks, ('"b" in banks', False, {"banks": ["a", "b"]})) == []
    assert len(ruled(banks, ('"a" in banks && "b" in banks', False, {"banks": ["a", "b"]}))) == 1
    texts = ('mime.startsWith("image/")', True, {"mime": "image/png"})
    assert ruled(texts, ('mime.endsWith("png")', False, {"mime": "image/png"})) == []
    assert len(ruled(texts, ('mime == "image/png"', False, {"mime": "image/png"}))) == 1
    reals = ("p_false_match <= 0.5", True, {"p_false_match": 0.5})
    assert (
        ruled(reals, ("p_false_match < 0.6 && outcome == 'near'", False, {"p_false_match": 0.5, "outcome": "near"}))
        == []
    )
    many = ("size(banks) > 2", True, {"banks": ["a", "b", "c"]})
    assert ruled(many, ("size(banks) > 1", False, {"banks": ["a", "b", "c"]})) == []


def test_what_is_too_large_to_try_asks_for_an_example() -> None:
    when = "distance <= {0} && outcome in ['near'] && p_false_match < 0.{1} && file_size > {0} && mime == 'a'"
    told: Facts = {"distance": 0, "outcome": "near", "p_false_match": 0.0, "file_size": 500, "mime": "a"}
    rules = [(when.format(10 + n, 9 - n), True, told) for n in range(9)]
    found = ruled(*rules)
    assert found
    assert all("combinations of facts gets to this rule" in cause for cause in found)
    rules[1:] = [(text, last, {**told, "distance": 10 + n}) for n, (text, last, _) in enumerate(rules[1:], 1)]
    assert ruled(*rules) == []
