"""Texts made fit for XML, by whole characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from safelight.report.closing.crosswalk import ANNOTATIONS
from safelight.report.cybertip.words import FILE_ANNOTATIONS, MARK, clean


@pytest.mark.parametrize(
    ("text", "limit", "cleaned"),
    [
        ("plain", 5, "plain"),
        ("plainer", 5, f"plai{MARK}"),
        ("a\0b\x1bc\x7f", None, "a\ufffdb\ufffdc\x7f"),
        ("\ud800x\udfff", None, "\ufffdx\ufffd"),
        ("\ufffe\uffff\ufdd0", None, "\ufffd\ufffd\ufdd0"),
        ("ab\U0001f469c", 4, f"ab{MARK}"),  # two code units: it fits not
        ("abe\u0301x", 4, f"ab{MARK}"),  # nor is its accent cut off
        ("a\U0001f469\u200d\U0001f467b", 5, f"a{MARK}"),  # one picture of two people
        ("\t\n\r", None, "\t\n\r"),
        ("", 1, ""),
    ],
)
def test_cleaned(text: str, limit: int | None, cleaned: str) -> None:
    assert clean(text, limit) == cleaned


@given(st.text(st.characters()), st.none() | st.integers(1, 40))
def test_whatever_it_is_it_fits_and_is_xml(text: str, limit: int | None) -> None:
    cleaned = clean(text, limit)
    element = etree.Element("x")
    element.text = cleaned
    assert (etree.fromstring(etree.tostring(element)).text or "") == cleaned
    assert limit is None or len(cleaned.encode("utf-16-le")) <= 2 * limit
    if len(cleaned) < len(text):
        assert cleaned.endswith(MARK)
    assert clean(cleaned, limit) == cleaned


def test_the_crosswalk_has_the_same_annotations() -> None:
    assert set(ANNOTATIONS) == set(FILE_ANNOTATIONS)
