"""The public figures hold no small count and no sum; the page is self-contained and shows every figure."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.statement import Figures
from safelight.report.closing.transparency import FEW, FEWEST, document, exact, public, render

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
)
counts = st.dictionaries(st.sampled_from(("confirmed", "not_abuse", "unsure")), st.integers(0, 12))


def numbers(told: object) -> list[object]:
    if isinstance(told, dict):
        return [number for inner in told.values() for number in numbers(inner)]
    return [told]


@given(counts, counts)
def test_no_small_count_is_public(decisions: dict[str, int], appeals: dict[str, int]) -> None:
    figures = replace(FIGURES, decisions=decisions, appeals=appeals)
    told = public(figures)
    for name, held in (("decisions", decisions), ("appeals", appeals)):
        assert told[name] == {key: FEW if 0 < number < FEWEST else number for key, number in held.items()}
    shown = re.findall(r'<td class="num">([^<]*)</td>', render(figures))
    assert not {str(number) for number in range(1, FEWEST)} & set(shown)


def test_public_json_has_all_parts_and_nothing_small() -> None:
    told = json.loads(document(FIGURES))
    assert told["reports"] == {"ncmec": 17, "police": FEW}
    assert told["median_hours_to_removal"] == 19.5
    small = [n for n in numbers(told) if isinstance(n, int) and 0 < n < FEWEST]
    assert small == [1]  # the version of the document


def test_median_of_few_removals_is_not_public() -> None:
    assert public(replace(FIGURES, removals={"gone": 4}))["median_hours_to_removal"] is None
    assert "19.5 hours" not in render(replace(FIGURES, removals={"gone": 4}))
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
    assert render(empty).count("None.") == 11
    assert public(empty)["items"] == {}


def test_hostile_names_stay_text() -> None:
    page = render(replace(FIGURES, organisation="<script>alert(1)</script>", items={"<b>x</b>": 9}))
    assert "<script>alert" not in page
    assert "<b>x" not in page
