import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.model.fingerprint import DIHEDRAL, View
from safelight.model.match import Match, MatchKind
from safelight.report import text
from safelight.report.words import DIHEDRALS

CODES = re.compile(r'<span class="code">((?:U\+[0-9A-F]{4,6} ?)+)</span>')


def shown(value: str) -> str:
    """What a reader sees of `visible(value)`."""
    return html.unescape(re.sub(r"<[^>]*>", "", str(text.visible(value))))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("plain name.jpg", "plain name.jpg"),
        ("<script>alert('x')</script>&amp;\"", "<script>alert('x')</script>&amp;\""),
        ("photo\u202egpj.exe", "photoU+202Egpj.exe"),
        ("two\nlines\r\t", "twoU+000AlinesU+000D U+0009"),
        ("nul\x00esc\x1b[31m", "nulU+0000escU+001B[31m"),
        ("\u2066isolate\u2069\u200b\ufeff", "U+2066isolateU+2069 U+200B U+FEFF"),
        ("lone \udc80 surrogate", "lone U+DC80 surrogate"),
        ("odd\u00a0space\u3000", "oddU+00A0spaceU+3000"),
        ("blank \u3164\u2800\ufe0f\U000e0101", "blank U+3164 U+2800 U+FE0F U+E0101"),
        ("tag \U000e0041 private \ue000", "tag U+E0041 private U+E000"),
        ("fichier été, 写真, תמונה.jpg", "fichier été, 写真, תמונה.jpg"),
    ],
)
def test_names_cannot_disguise_themselves(name: str, seen: str) -> None:
    assert shown(name) == seen


@settings(deadline=None)  # the machine may be busy
@given(st.text(st.characters(), max_size=200))
def test_visible_loses_nothing_and_hides_nothing(name: str) -> None:
    markup = str(text.visible(name))
    assert markup.isprintable()
    markup.encode()  # no lone surrogate is left
    assert set(re.findall(r"<[^>]*>", markup)) <= {'<span class="code">', "</span>"}
    whole = CODES.sub(
        lambda found: "".join(chr(int(code, 16)) for code in re.findall("[0-9A-F]{4,6}", found[1])), markup
    )
    for character, entity in {"<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "&": "&amp;"}.items():
        whole = whole.replace(entity, character)
    assert whole == name


def test_long_names_keep_both_ends() -> None:
    seen = shown("a" * 5000 + "b" * 5000)
    assert seen == "a" * 500 + " 9,000 characters not shown " + "b" * 500
    assert len(text.visible("\u202e" * 10_000)) < 10_000


def test_the_limit_counts_characters_of_the_name() -> None:
    assert text.visible("x" * 300, 300) == "x" * 300
    assert "1 characters not shown" in text.visible("x" * 301, 300)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (999_400, "999 kB"),
        (12_345_678, "12.3 MB"),
        (999_949, "1.00 MB"),
        (999_600_000, "1.00 GB"),
        (5 * 10**12, "5.00 TB"),
        (12_345 * 10**12, "12,345 TB"),
    ],
)
def test_sizes(number: int, words: str) -> None:
    assert text.size(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7620, "2 h 07 min"),
        (3_999_600, "1,111 h 00 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert text.duration(seconds) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, ""), (0, 5, "0 %"), (5, 5, "100 %"), (1, 10**6, "< 0.1 %"), (999_999, 10**6, "> 99.9 %"), (1, 3, "33.3 %")],
)
def test_shares_never_round_to_none_or_all(part: int, whole: int, words: str) -> None:
    assert text.share(part, whole) == words


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (1.0, "nearly 100 %"),
        (0.032, "3.2 %"),
        (0.0004, "0.04 %"),
        (1.23e-9, "1.2 \u00d7 10⁻⁹"),
        (4e-17, "4.0 \u00d7 10⁻¹⁷"),
        (1e-31, "< 10⁻³⁰"),
        (0.0, "< 10⁻³⁰"),
    ],
)
def test_chances(probability: float, words: str) -> None:
    assert text.chance(probability) == words


@pytest.mark.parametrize(("amount", "seconds", "words"), [(324, 13.62, "23.8"), (10**6, 7, "142,857"), (1, 8, "0.125")])
def test_rates(amount: float, seconds: float, words: str) -> None:
    assert text.rate(amount, seconds) == words


def test_moments_name_their_zone() -> None:
    assert text.moment(datetime(2026, 11, 21, 14, 3, 22, 999, tzinfo=UTC)) == "2026-11-21 14:03:22 UTC"


def match(kind: MatchKind = MatchKind.NEAR, **other: object) -> Match:
    return Match("b", "e", kind, "pdq", 0, "", "", **other)  # type: ignore[arg-type]


def test_the_form_that_matched_in_words() -> None:
    assert text.variant(match(view=View.UPRIGHT, dihedral="original")) == "as displayed"
    assert text.variant(match(view=View.CONTENT, dihedral="flip_y")) == "inside its border, mirrored left to right"
    assert text.variant(match(frame=3, view=View.RAW, dihedral="rotate90")) == "frame 3, as stored, turned 90°"
    assert text.variant(match(frame=2, view=View.UPRIGHT, dihedral="original")) == "frame 2"
    assert text.variant(match(view=View.UPRIGHT, dihedral="rotate180")) == "turned 180°"
    assert text.variant(Match("b", "e", MatchKind.EXACT, "sha1", 0, "", "")) == "same SHA-1"
    assert tuple(DIHEDRALS) == DIHEDRAL
