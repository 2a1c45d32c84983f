"""Texts of files, made fit to be shown."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from safelight.detect.text import clean

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def slow_clean(text: str, longest: int) -> str:
    """By the category of each character."""
    seen = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text[: 4 * longest])
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def test_every_character_as_by_its_category() -> None:
    text = "|".join(map(chr, range(sys.maxunicode + 1)))
    assert clean(text, len(text)).split("|") == slow_clean(text, len(text)).split("|")


@given(st.text(), st.integers(1, 60))
def test_same_as_the_slow_version(text: str, longest: int) -> None:
    assert clean(text, longest) == slow_clean(text, longest)


@given(st.text(), st.integers(1, 60))
def test_one_printable_line_no_longer_than_asked(text: str, longest: int) -> None:
    line = clean(text, longest)
    assert line.isprintable()
    assert len(line) <= longest
    assert line == line.strip()


def test_what_turns_text_around_becomes_a_space() -> None:
    assert clean("exe\u202egpj\r\n\x1b[31mred", 40) == "exe gpj [31mred"
    assert clean("a" * 50, 10) == "a" * 9 + "…"
    assert clean("Adobe Photoshop 26.9", 40) == "Adobe Photoshop 26.9"
