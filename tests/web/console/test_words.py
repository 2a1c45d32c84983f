"""What happened, as the history of a case says it."""

import pytest

from safelight.model.case import Absorbed, Verdict
from safelight.web.console.words import event_words


@pytest.mark.parametrize(
    ("verdict", "undone", "said"),
    [
        (None, (), "took in 2 items of case c2"),
        (Verdict.CONFIRMED, (), "took in 2 items of case c2, found there: confirmed"),
        (Verdict.NOT_ABUSE, (), "took in 2 items of case c2, found there: not abuse"),
        (
            None,
            (Verdict.NOT_ABUSE,),
            "took in 2 items of case c2, where a finding, or what was proposed, does not stand any more",
        ),
    ],
)
def test_a_merger_says_what_people_had_found(verdict: Verdict | None, undone: tuple[Verdict, ...], said: str) -> None:
    assert event_words(Absorbed("c2", ("i1", "i2"), verdict=verdict, undone=undone)) == said
