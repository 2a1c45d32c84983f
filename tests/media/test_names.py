import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.media.archive import safe_name
from safelight.media.archives.names import LONGEST


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
    assert f"({6004 - LONGEST} characters)" in name
    assert len(name) < LONGEST + 40


@given(st.one_of(st.text(st.characters(exclude_categories=()), max_size=40), st.binary(max_size=40)))
def test_any_name_prints_on_one_line_of_utf8(raw: str | bytes) -> None:
    name = safe_name(raw)
    name.encode("utf-8")
    assert name
    assert len(name.splitlines()) == 1
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name)
