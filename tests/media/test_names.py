import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.media.archive import safe_name
from safelight.media.archives.names import LONGEST, is_safe


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("dir/photo.jpg", "dir/photo.jpg"),
        ("grün/写真.jpg", "grün/写真.jpg"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("C:\\photos\\a.jpg", "C:\\photos\\a.jpg"),
        ("a\nb\x1b[31m\0", "a\\x0ab\\x1b[31m\\x00"),
        ("photo\u202egpj.exe", "photo\\u202egpj.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("lone\ud800", "lone\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("caf\udce9", "caf\\xe9"),
        (b"caf\xe9.jpg", "caf\\xe9.jpg"),
        ("grün.jpg".encode(), "grün.jpg"),
        ("", "(no name)"),
        (b"", "(no name)"),
        (" ", " "),
    ],
)
def test_examples(raw: str | bytes, expected: str) -> None:
    assert safe_name(raw) == expected


def test_long_names_keep_both_ends() -> None:
    name = safe_name("a" * 3000 + "b" * 3000 + ".jpg")
    assert name.startswith("aaa")
    assert name.endswith("b.jpg")
    assert "...(of 6004 characters)..." in name
    assert len(name) < LONGEST + 40
    assert safe_name("a" * LONGEST) == "a" * LONGEST


@pytest.mark.parametrize("character", ["\U000e0001", "\u202e", "\x1b", "\udcff"])
@pytest.mark.parametrize("count", [100, LONGEST, 100_000])
def test_escapes_count_towards_the_length(character: str, count: int) -> None:
    name = safe_name("a" + character * count + ".jpg")
    assert name.startswith("a\\")
    assert name.endswith(".jpg")
    assert f"...(of {count + 5} characters)..." in name
    assert len(name) < LONGEST + 40


@given(st.one_of(st.text(st.characters(exclude_categories=()), max_size=40), st.binary(max_size=40)))
def test_any_name_prints_on_one_line_of_utf8(raw: str | bytes) -> None:
    name = safe_name(raw)
    name.encode("utf-8")
    assert name
    assert len(name.splitlines()) == 1
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name)
    assert is_safe(name)


@pytest.mark.parametrize("text", ["", "photo.jpg", "gr\u00fcn/\u5199\u771f\u3000.jpg", "a\u00a0b"])
def test_what_prints_is_safe(text: str) -> None:
    assert is_safe(text)


@pytest.mark.parametrize(
    "text", ["a\n", "\x1b[31m", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028", "\ud800", "\ue000"]
)
def test_what_acts_is_not_safe(text: str) -> None:
    assert not is_safe(text)
