import base64
import hashlib
import random
import re
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from typing import Any

import pytest

from safelight.model.decision import Action, Outcome, Signal
from safelight.model.scan import ScanRow, ScanSummary, Status
from safelight.report import words
from safelight.report.html import MAX_MATCHES, figures, headline, render
from tests.report.samples import mosaic, near, row, summary

ROWS = [row(number) for number in range(200)]
VOID = {"meta", "br", "input", "img", "col"}


class Page(HTMLParser):
    """The page as its tags, their attributes and the text inside each element."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: Counter[str] = Counter()
        self.files: list[dict[str, Any]] = []
        self.sources: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tbody" and dict(attrs).get("class") == "file":
            self.files.append({"data": dict(attrs), "text": ""})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in {"style", "script"}:
            self.sources[self._open[-1]] = self.sources.get(self._open[-1], "") + data
        else:
            self.texts[" ".join(data.split())] += 1
            if self.files and "table" in self._open:
                self.files[-1]["text"] += data

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def page(rows: list[ScanRow], totals: ScanSummary | None = None, **options: Any) -> Page:
    return Page("".join(render(totals or summary(rows), rows, **options)))


@cache
def usual() -> Page:
    return page(ROWS)


def test_figures_are_those_of_the_summary() -> None:
    totals = summary(ROWS)
    known, near_, unchecked = (totals.by_outcome[name] for name in ("known", "near", "not_checked"))
    assert (
        f"{known + near_} of 200 files match a bank: {known} known, {near_} near. {unchecked} could not" in usual().text
    )
    for label, number, note in figures(totals):
        assert usual().texts[label]
        assert usual().texts[number]
        assert usual().texts[note]
    assert [figure[1] for figure in figures(totals)][:4] == [
        str(200 - unchecked),
        str(known + near_),
        str(unchecked),
        str(totals.duplicates),
    ]


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ([], "There was no file to check."),
        (["no_match"], "None of 1 file matches a bank."),
        (["no_match", "near"], "1 of 2 files matches a bank: 0 known, 1 near."),
        (["known", "near"], "2 of 2 files match a bank: 1 known, 1 near."),
        (["no_match", "not_checked"], "None of 2 files matches a bank. 1 could not be checked."),
    ],
)
def test_headline(outcomes: list[str], sentence: str) -> None:
    assert headline(summary([row(number, Outcome(name)) for number, name in enumerate(outcomes)])) == sentence


def test_it_says_what_it_cannot_say() -> None:
    text = usual().text
    assert "not a statement about what the file shows" in text
    assert "evidence, not a verdict" in text
    assert "It does not cover pictures made to collide" in text
    assert "This page holds no pictures." in text


def test_banks_confinement_and_run_are_named() -> None:
    text = usual().text
    for words_ in ("partner-list", "17,998", "24 bits", "known benign", "landlock: ABI 4", "/evidence/disk-7"):
        assert words_ in text
    assert "2026-11-21 14:03:36 UTC" in text
    assert "in 3 runs" in page([], summary([], runs=3)).text


def test_every_row_is_listed_with_its_proof() -> None:
    listed = usual().files
    assert len(listed) == len(ROWS)
    by_path = {row.path: row for row in ROWS}
    for file in listed:
        path = next(path for path in by_path if path in file["text"])
        shown = by_path.pop(path)
        assert file["data"]["data-outcome"] == shown.decision.outcome
        assert file["data"]["data-status"] == shown.status
        expected = [words.OUTCOMES[shown.decision.outcome], words.STATUSES[shown.status], shown.decision.reason]
        expected += [rule.reason for rule in shown.decision.rules]
        expected += [f"{match.bank} / {match.entry}" for match in shown.matches]
        expected += [digest for digest in (shown.sha256, shown.sha1, shown.md5, shown.pdq, shown.error) if digest]
        expected += [signal.detail for signal in shown.signals]
        assert [piece for piece in expected if piece not in file["text"]] == []
    assert by_path == {}


def test_the_order_of_the_list() -> None:
    ranks = [int(file["data"]["data-rank"]) for file in usual().files]
    assert ranks == sorted(ranks)
    distances = [int(file["data"]["data-distance"]) for file in usual().files if file["data"]["data-outcome"] == "near"]
    assert len(distances) > 5
    assert distances == sorted(distances)


def test_no_more_rows_than_asked_and_the_rest_is_counted() -> None:
    limited = page(ROWS, max_rows=20)
    found = summary(ROWS).found
    assert found >= 20
    assert len(limited.files) == 20
    assert {file["data"]["data-outcome"] for file in limited.files} <= {"known", "near"}
    assert "This page lists 20 of 200 files, those that were found first. The other 180 are in" in limited.text
    assert f"no match {summary(ROWS).by_outcome['no_match']}" in limited.text
    assert "those that were found first" not in usual().text


def test_many_matches_of_one_file_are_cut() -> None:
    rng = random.Random(5)
    many = row(1, Outcome.NEAR, matches=tuple(near(rng, 2 * n % 30, "") for n in range(MAX_MATCHES + 7)))
    assert "7 more matches of this file are in" in page([many]).text


def test_a_hundred_thousand_rows_are_quick_and_few_are_held() -> None:
    drawn = [row(number) for number in range(500)]
    totals = summary(drawn)
    totals = replace(totals, rows=100_000, by_outcome={name: 200 * n for name, n in totals.by_outcome.items()})
    source = "".join(render(totals, (drawn[number % 500] for number in range(100_000)), max_rows=100))
    assert source.count('<tbody class="file"') == 100
    assert "The other\n99,900 are in" in source


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>' autofocus onfocus=alert(1) x='",
    "</style></script><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "photo\u202egpj.exe",
    "line\nbreak\u2028\x00\x1b\x7f",
    "x" * 10_240,
    "\u202e" * 10_240,
    "lone \udcff surrogate",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name: str) -> None:
    drawn = row(3, Outcome.NEAR)
    match = replace(drawn.matches[0], bank=name, entry=name, classification=name, suppressed_by=name)
    bad = replace(
        drawn,
        path=name,
        mime=name,
        error=name,
        duplicate_of=name,
        thumbnail=name,
        matches=(match, *drawn.matches),
        signals=(Signal(name, name),),
        decision=replace(drawn.decision, reason=name),
    )
    banks = tuple(replace(bank, name=name) for bank in summary([]).banks)
    totals = summary([bad], paths=(name,), banks=banks, by_mime={name: 1}, confinement={name: name}, version=name)
    source = "".join(render(totals, [bad]))
    source.encode()
    outside = re.sub(r"<(style|script)>.*?</\1>", "", source, flags=re.DOTALL)
    assert outside.replace("\n", "").isprintable()
    assert len(source) < 200_000
    tame = row(3, Outcome.NEAR)
    plain = replace(bad, path="p", mime="p", error="p", duplicate_of="p", signals=(Signal("p", "p"),), thumbnail="p")
    plain = replace(plain, matches=(replace(tame.matches[0], suppressed_by="p"), *tame.matches), decision=tame.decision)
    expected = Page("".join(render(replace(totals, paths=("p",)), [plain])))
    marks = {"span"}  # what `visible` adds
    got = [(tag, sorted(attrs)) for tag, attrs in Page(source).tags if tag not in marks]
    assert got == [(tag, sorted(attrs)) for tag, attrs in expected.tags if tag not in marks]


def test_only_our_own_style_and_script_may_run() -> None:
    policies = [attrs["content"] for tag, attrs in usual().tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    policy = dict((policies[0] or "").split(" ", 1) for policies[0] in (policies[0] or "").split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'{digest(usual().sources['style'])}'",
        "script-src": f"'{digest(usual().sources['script'])}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert [tag for tag, _ in usual().tags].count("script") == 1
    names = {name for _, attrs in usual().tags for name in attrs}
    assert {name for name in names if name.startswith("on") or name == "style"} == set()


def digest(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def test_nothing_points_outside() -> None:
    with_mosaics = page([replace(r, thumbnail=mosaic(n)) for n, r in enumerate(ROWS)])
    for tag, attrs in [*usual().tags, *with_mosaics.tags]:
        for name in ("src", "href", "action", "srcset", "poster", "data", "xlink:href"):
            value = attrs.get(name)
            assert value is None or value.startswith(("#", "data:image/png;base64,")), (tag, name)
    for source in usual().sources.values():
        assert not re.search(r"url\(|@import|https?:|//[a-z]|fetch|XMLHttp|innerHTML|eval", source)


def test_pictures_only_when_rows_carry_them() -> None:
    assert all(tag != "img" for tag, _ in usual().tags)
    assert all(attrs.get("id") != "mosaics" for _, attrs in usual().tags)
    shown = page([row(1, Outcome.KNOWN, thumbnail=mosaic(1)), row(2, Outcome.KNOWN), row(3, thumbnail="junk")])
    assert [attrs["class"] for tag, attrs in shown.tags if tag == "img"] == ["mosaic"]
    switch = next(attrs for _, attrs in shown.tags if attrs.get("id") == "mosaics")
    assert "checked" not in switch
    assert "off until you switch them on" in shown.text
    assert ".mosaic { display: none; }" in shown.sources["style"]


def test_page_of_an_empty_scan() -> None:
    empty = page([], summary([], banks=(), confinement={}, seconds=0.0))
    for words_ in ("There was no file to check.", "No bank was used.", "This scan has no near match.", "not stated"):
        assert words_ in empty.text
    assert empty.files == []


@pytest.mark.parametrize(
    ("table", "values"),
    [(words.OUTCOMES, Outcome), (words.MEANINGS, Outcome), (words.STATUSES, Status), (words.ACTIONS, Action)],
)
def test_there_are_words_for_every_value(table: dict[str, str], values: type[StrEnum]) -> None:
    assert set(table) == set(values)


def test_each_label_belongs_to_something() -> None:
    tags = usual().tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in tags:
        for name in ("aria-labelledby", "for"):
            assert name not in attrs or attrs[name] in ids
    assert [attrs.get("lang") for tag, attrs in tags if tag == "html"] == ["en"]
    heads = [attrs for tag, attrs in tags if tag == "th"]
    assert all(attrs.get("scope") in {"row", "col"} for attrs in heads)


STYLE = resources.files("safelight.report").joinpath("templates", "report.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_contrast_is_enough_for_everybody(theme: str) -> None:
    """WCAG 2.2 level AA: 4.5 to 1 for text, in every theme."""
    blocks = re.findall(r":root \{(.+?)\}", STYLE, flags=re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w+)", blocks[["light", "dark", "print"].index(theme)]))
    marks = [outcome.value for outcome in Outcome]
    pairs = [(ink, ground) for ink in ("text", "soft") for ground in ("page", "card", "faint")]
    pairs += [(mark, "card") for mark in marks] + [("chip", "known"), ("chip", "near")]
    if theme != "print":
        pairs.append(("link", "card"))
    for ink, ground in pairs:
        ratio = contrast(colours[ink], colours[ground])
        assert ratio >= 4.5, (ink, ground, round(ratio, 2))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
