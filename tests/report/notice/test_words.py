"""What can be checked of six languages without speaking them: places, typography, and terms of the law."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.report.notice.words import RETRACTIONS, WORDS
from safelight.report.notice.words.typography import NO_BREAK, french, spaced

LANGUAGES = sorted(WORDS)
HANGUL, KANA = re.compile("[\uac00-\ud7a3]"), re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
WIDE = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff5e]")


def sentences(language: str) -> Iterator[tuple[str, str]]:
    """All texts of a language, named."""
    for words in (WORDS[language], RETRACTIONS[language]):
        for field in fields(words):
            value = getattr(words, field.name)
            if isinstance(value, Mapping):
                yield from ((f"{field.name}.{key}", text) for key, text in value.items())
            elif field.name != "colon":
                yield field.name, value


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_doubled_spaces_or_the_wrong_alphabet(language: str) -> None:
    for name, text in sentences(language):
        assert "  " not in text, name
        assert text == text.strip(), name
        foreign = {"ko": KANA, "ja": HANGUL}.get(language, re.compile(f"{HANGUL.pattern}|{KANA.pattern}"))
        assert not foreign.search(text), name


def test_french_breaks_no_line_before_its_punctuation() -> None:
    for name, text in sentences("fr"):
        for sign in re.finditer("[:;?!»]", text):
            assert text[sign.start() - 1] == NO_BREAK, name
        assert not re.search(r"\barticles? \d|\(UE\) |paragraphe \d", text), name
        assert '"' not in text
    assert WORDS["fr"].colon == f"{NO_BREAK}: "


@given(st.text(alphabet="ab :;?!«»"))
def test_spacing_changes_spaces_alone_and_once(text: str) -> None:
    assert spaced(text).replace(NO_BREAK, " ") == text
    assert spaced(spaced(text)) == spaced(text)


def test_spacing_reaches_tables_too() -> None:
    assert french(WORDS["fr"]) == WORDS["fr"]
    assert all(text.endswith(f"{NO_BREAK};") for text in WORDS["fr"].remove.values())


def test_japanese_is_written_with_signs_of_full_width() -> None:
    for name, text in sentences("ja"):
        assert not re.search(r"[,;!?]", text), name
        assert ": " not in text, name
        # A bracket of half width belongs to what is Latin: (EU), (a).
        assert not re.search(rf"\((?={WIDE.pattern})|(?<={WIDE.pattern})\((?!EU|[a-d]\))", text), name
        bare = text.removesuffix(" [{reference}]")  # that is ours, and the same in all subjects
        assert not re.search(rf"{WIDE.pattern} | (?={WIDE.pattern})", bare), name


def test_korean_particles_are_not_parted_from_what_they_follow() -> None:
    for name, text in sentences("ko"):
        assert not re.search(r"\} (을|를|은|는|이|가|로|으로|까지|에|와|과)\b", text), name


@pytest.mark.parametrize(
    ("language", "terms"),
    [  # of Regulation (EU) 2022/2065, Article 16, in the Official Journal
        ("en", ("in good faith", "accurate and complete", "illegal content", "redress")),
        ("fr", ("emplacement électronique exact", "de bonne foi", "exactes et complètes", "contenu illicite",
                "accusé de réception", "possibilités de recours", "adresse de courrier électronique")),
        ("es", ("localización electrónica exacta", "de buena fe", "precisas y completas", "contenido ilícito",
                "acuse de recibo", "vías de recurso", "dirección de correo electrónico")),
        ("de", ("elektronischer speicherort", "in gutem glauben davon überzeugt", "rechtswidrigen inhalt",
                "angaben und anführungen richtig und vollständig", "empfangsbestätigung", "rechtsbehelfe")),
    ],
)  # fmt: skip
def test_the_law_is_cited_in_its_own_words(language: str, terms: tuple[str, ...]) -> None:
    words = WORDS[language]
    said = f"{words.explanation} {words.exact} {words.identity} {words.faith} {words.receipt}".casefold()
    assert [one for one in terms if one not in said] == []
    assert all("2022/2065" in WORDS[one].dsa and "16" in WORDS[one].dsa for one in LANGUAGES)
    assert all("2011/93" in WORDS[one].identity for one in LANGUAGES)


def test_terms_of_korean_and_japanese_law() -> None:
    assert WORDS["ko"].abuse == "아동·청소년성착취물"  # as it is spelt in Article 2, item 5, without a space
    assert "접속" in WORDS["ko"].subject
    assert "送信防止措置" in WORDS["ja"].subject
    for scope, text in WORDS["ja"].remove.items():
        assert text.endswith("ください。"), scope
    for scope, text in WORDS["ko"].remove.items():
        assert text.endswith("주십시오."), scope
