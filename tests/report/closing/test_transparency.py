"""The public figures hold no small count and no sum; the page is self-contained and shows every figure."""

import json
import re
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.statement import Figures
from safelight.report.closing.transparency import FEW, FEWEST, WITHHELD, document, exact, public, render

FIGURES = Figures(
    2026,
    "Example Pictures (benign example)",
    date(2027, 1, 4),
    items={"gate": 1200, "items": 30, "scan": 3},
    outcomes={"no_match": 1200, "known": 25, "derivative": 4, "not_checked": 4},
    detections={"known image": 25, "derivative video": 4},
    decisions={"confirmed": 21, "not_abuse": 2},
    deciders={"two_people": 18, "policy": 5},
    appeals={"upheld": 6, "overturned": 1},
    reports={"ncmec": 17, "police": 1},
    notices={"removed": 9, "failed": 1},
    removals={"gone": 9, "barred": 1},
    statements={"reasons": 20, "upheld": 6, "withdrawn": 1},
    duties={"met": 40, "open": 5},
    removal_hours=19.5,
    timed=5,
)
counts = st.dictionaries(st.sampled_from(("confirmed", "not_abuse", "unsure")), st.integers(0, 12))


def numbers(told: object) -> list[object]:
    if isinstance(told, dict):
        return [number for inner in told.values() for number in numbers(inner)]
    return [told]


ways = st.dictionaries(st.sampled_from(("policy", "person", "two_people", "other")), st.integers(0, 12), min_size=1)


@given(counts, counts)
def test_no_small_count_is_public(decisions: dict[str, int], appeals: dict[str, int]) -> None:
    figures = replace(FIGURES, decisions=decisions, appeals=appeals)
    told = public(figures)
    assert told["appeals"] == {key: FEW if 0 < number < FEWEST else number for key, number in appeals.items()}
    assert told["decisions"] == {
        key: WITHHELD if shown == WITHHELD or 0 < number < FEWEST else number
        for (key, number), shown in zip(decisions.items(), values(told["decisions"]), strict=True)
    }
    shown = re.findall(r'<td class="num">([^<]*)</td>', render(figures))
    assert not {str(number) for number in range(1, FEWEST)} & set(shown)


def values(part: object) -> list[object]:
    assert isinstance(part, dict)
    return list(part.values())


@given(ways, st.integers(0, 9))
def test_nothing_that_is_withheld_follows_from_the_whole(counted: dict[str, int], more: int) -> None:
    """The slow way: all that the hidden counts could be, given their sum, which another part may tell."""
    counted = {**counted, "more": more}
    whole = {"person": sum(counted.values())}
    told = public(replace(FIGURES, decisions=counted, deciders=whole))
    hidden = [key for key, shown in zip(counted, values(told["decisions"]), strict=True) if shown == WITHHELD]
    if told["deciders"] == {"person": WITHHELD}:
        assert all(key in hidden for key, number in counted.items() if number)
        return
    left = sum(counted[key] for key in hidden)
    could = [one for one in product(range(1, left), repeat=len(hidden)) if sum(one) == left] if left < 11 else []
    assert left >= FEWEST or not hidden
    assert left > 10 or all(len({one[place] for one in could}) > 1 for place in range(len(hidden)))


def test_counts_that_others_would_tell_are_withheld_too() -> None:
    """The review's proof: by taking away, 3 cases were found to be no abuse, and 3 files known."""
    told = public(
        replace(
            FIGURES,
            items={"gate": 900, "items": 103},
            outcomes={"clear": 1000, "known": 3},
            decisions={"confirmed": 100, "not_abuse": 3},
            deciders={"person": 90, "two_people": 13},
            detections={"known image": 3},
        )
    )
    assert told["decisions"] == {"confirmed": WITHHELD, "not_abuse": WITHHELD}
    assert told["outcomes"] == {"clear": WITHHELD, "known": WITHHELD}
    assert told["deciders"] == {"person": 90, "two_people": 13}


def test_what_outcomes_withhold_detections_do_not_tell() -> None:
    outcomes = {"no_match": 900, "known": 40, "derivative": 6, "near": 2}
    found = {"known image": 37, "known video": 3, "derivative image": 6, "near image": 2}
    told = public(replace(FIGURES, outcomes=outcomes, detections=found))
    assert told["outcomes"] == {"no_match": 900, "known": 40, "derivative": WITHHELD, "near": WITHHELD}
    assert told["detections"] == dict.fromkeys(found, WITHHELD)


def test_bars_tell_no_more_than_numbers() -> None:
    """Neither the length of a bar that is withheld nor the measure of the others hangs on its count."""
    drawn = []
    for most in (6, 60):
        figures = replace(FIGURES, deciders={"two_people": most, "policy": 2})
        drawn.append(re.findall(r'id="deciders".*?</figure>', render(figures), re.DOTALL))
    assert drawn[0] == drawn[1]


def test_public_json_has_all_parts_and_nothing_small() -> None:
    told = json.loads(document(FIGURES))
    assert told["reports"] == {"ncmec": 17, "police": FEW}
    assert told["median_hours_to_removal"] == 19.5
    small = [n for n in numbers(told) if isinstance(n, int) and 0 < n < FEWEST]
    assert small == [1]  # the version of the document


def test_median_of_few_removals_is_not_public() -> None:
    """It is of those that were gone after somebody was told, not of all that are gone."""
    few = replace(FIGURES, removals={"gone": 9}, timed=4)
    assert public(few)["median_hours_to_removal"] is None
    assert "19.5 hours" not in render(few)
    assert "19.5 hours" in render(FIGURES)


def test_the_operator_sees_exact_figures_and_is_told_so() -> None:
    assert exact(FIGURES)["appeals"] == {"upheld": 6, "overturned": 1}
    page = render(FIGURES, inside=True)
    assert "Exact figures, for the operator alone" in page
    assert '<td class="num">1</td>' in page


def test_the_page_asks_nothing_of_anybody() -> None:
    page = render(FIGURES)
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("words", ["NCMEC CyberTipline", "two reviewers", "altered copy, video", "gone", "< 5"])
def test_figures_have_words(words: str) -> None:
    assert words.replace("<", "&lt;") in render(FIGURES)


def test_an_empty_year_is_a_page_too() -> None:
    empty = Figures(2026, "", date(2027, 1, 1))
    assert render(empty).count("None.") == 12
    assert public(empty)["items"] == {}


def test_hostile_names_stay_text() -> None:
    page = render(replace(FIGURES, organisation="<script>alert(1)</script>", items={"<b>x</b>": 9}))
    assert "<script>alert" not in page
    assert "<b>x" not in page
