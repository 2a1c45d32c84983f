"""docs/policy.md: its example is a policy that can be used, and its bounds are those in force."""

import re

from safelight.policy.rules.check import check
from safelight.policy.rules.language import LONGEST
from safelight.policy.rules.reach import MOST_TRIED
from safelight.policy.rules.reading import LONGEST_TEXT, MOST_RULES
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/policy.md").read_text()


def test_the_example_has_no_flaw() -> None:
    first = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert first is not None
    assert check(first[1]) == []


def test_bounds() -> None:
    words = " ".join(PAGE.split())
    assert f"at most {MOST_RULES} rules and {LONGEST_TEXT >> 10} KiB, a condition {LONGEST:,} characters" in words
    assert f"up to {MOST_TRIED:,} for a rule" in words
