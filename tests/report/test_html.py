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

from safelight.model.decision import Action, Outcome
from safelight.model.match import MatchKind
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow, ScanSummary, Status
from safelight.report import words
from safelight.report.html import MAX_MATCHES, figures, headline, render
from tests.report import told
from tests.report.samples import mosaic, near, row, summary
from tests.rows import derivative_of, scene_of

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
    known, near_, derived, leads, unchecked = (
        totals.by_outcome[name] for name in ("known", "near", "derivative", "shared_scene", "not_checked")
    )
    assert min(known, near_, derived, leads, unchecked) > 1
    kinds = f"{known} known, {near_} near, {derived} derivative"
    sentence = f"{totals.found} of 200 files match a bank: {kinds}. {leads} are only leads. {unchecked} could not"
    assert sentence in usual().text
    assert usual().texts[f"{kinds}; besides, {leads} leads"]
    for label, number, note in figures(totals):
        assert usual().texts[label]
        assert usual().texts[number]
        assert usual().texts[note]
    assert [figure[1] for figure in figures(totals)][:4] == [
        str(200 - unchecked),
        str(known + near_ + derived),
        str(unchecked),
        str(totals.duplicates),
    ]


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ([], "There was no file to check."),
        (["no_match"], "None of 1 file matches a bank."),
        (["no_match", "near"], "1 of 2 files matches a bank: 0 known, 1 near, 0 derivative."),
        (["known", "near"], "2 of 2 files match a bank: 1 known, 1 near, 0 derivative."),
        (["no_match", "derivative"], "1 of 2 files matches a bank: 0 known, 0 near, 1 derivative."),
        (["no_match", "shared_scene"], "None of 2 files matches a bank. 1 is only a lead."),
        (["shared_scene", "suppressed", "shared_scene"], "None of 3 files matches a bank. 2 are only leads."),
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
    assert {file["data"]["data-outcome"] for file in limited.files} <= {"known", "near", "derivative"}
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
    region = AlteredRegion(0.3, (0, 0, 9, 9), RegionBasis.PIXELS, mask=name[:200])
    altered = derivative_of(name, name, algorithm=name, suppressed_by=name, altered_region=region)
    bad = replace(
        drawn,
        path=name,
        mime=name,
        error=name,
        duplicate_of=name,
        thumbnail=name,
        matches=(match, *drawn.matches, altered, scene_of(name, name, classification=name)),
        **told.named(name),
        decision=replace(drawn.decision, reason=name),
    )
    banks = tuple(replace(bank, name=name) for bank in summary([]).banks)
    totals = summary([bad], paths=(name,), banks=banks, by_mime={name: 1}, confinement={name: name}, version=name)
    source = "".join(render(totals, [bad]))
    source.encode()
    outside = re.sub(r"<(style|script)>.*?</\1>", "", source, flags=re.DOTALL)
    assert outside.replace("\n", "").isprintable()
    assert len(source) < 300_000
    tame = row(3, Outcome.NEAR)
    plain = replace(bad, path="p", mime="p", error="p", duplicate_of="p", thumbnail="p", **told.named("p"))
    altered = derivative_of("p", "p", suppressed_by="p", altered_region=replace(region, mask="p"))
    matches = (replace(tame.matches[0], suppressed_by="p"), *tame.matches, altered, scene_of("p", "p"))
    plain = replace(plain, matches=matches, decision=tame.decision)
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
            beside = tag == "a" and value is not None and value.startswith("./masks/")
            assert value is None or beside or value.startswith(("#", "data:image/png;base64,")), (tag, name)
    for source in usual().sources.values():
        assert not re.search(r"url\(|@import|https?:|//[a-z]|fetch|XMLHttp|innerHTML|eval", source)


def test_a_derivative_is_shown_with_what_was_altered() -> None:
    region = AlteredRegion(0.12, (100, 50, 300, 150), RegionBasis.PIXELS, 0.0, 0.0, 0.9, "masks/a b.png", face=True)
    shown = page(
        [row(1, Outcome.DERIVED, width=400, height=200, matches=(derivative_of("b", "e", altered_region=region),))]
    )
    text = " ".join(shown.files[0]["text"].split())
    assert "b / ederivative, 12.0 % replaced, 182 keypoints agree, 240 of 300 more found where predicted, " in text
    assert "chance of a false match 1.0 \u00d7 10⁻⁹" in text
    for words_ in (
        "11 of 16 tiles agree",
        "likelihood ratio \u00d7 2.2 \u00d7 10⁹",
        "200 \u00d7 100 pixels at (100, 50)",
    ):
        assert words_ in text
    assert "a detected face overlaps it; told pixel by pixel, confidence 90.0 %; mask, white where replaced" in text
    assert [attrs["href"] for tag, attrs in shown.tags if tag == "a"][1:] == ["./masks/a%20b.png"]
    boxes = [attrs for tag, attrs in shown.tags if tag == "rect" and attrs.get("class") in {"frame", "altered"}]
    assert boxes == [
        {"class": "frame", "width": "72.0", "height": "36.0"},
        {"class": "altered", "x": "18.0", "y": "9.0", "width": "36.0", "height": "18.0"},
    ]


@pytest.mark.parametrize("mask", ["/etc/passwd", "../masks/a.png", "masks/../../a.png", "//host/a.png"])
def test_a_mask_outside_the_folder_is_named_and_not_linked(mask: str) -> None:
    region = AlteredRegion(0.12, None, RegionBasis.TILES, mask=mask)
    shown = page([row(1, Outcome.DERIVED, matches=(derivative_of("b", "e", altered_region=region),))])
    assert f"mask: {mask}" in shown.text
    assert len([tag for tag, _ in shown.tags if tag == "a"]) == 1


def test_a_shared_scene_is_shown_as_a_lead_and_never_as_a_find() -> None:
    shown = page([row(1, Outcome.LEAD, matches=(scene_of("b", "e"),)), row(2, Outcome.CLEAR)])
    assert shown.texts["Lead"] == 3  # in the meanings, in the chart and in the list
    assert shown.texts["lead: same scene, another picture, 41 keypoints agree, 35 of 280 more found where predicted"]
    assert "None of 2 files matches a bank. 1 is only a lead." in shown.text
    assert shown.texts["0 known, 0 near, 0 derivative; besides, 1 lead"]
    assert [attrs["class"] for tag, attrs in shown.tags if tag in {"small", "td"} and attrs.get("class") == "lead"]
    filled = re.search(r"([^}]*)\{ background: var\(--mark\)", shown.sources["style"])
    assert filled is not None
    assert filled[1].strip() == ".outcome.o-known, .outcome.o-near, .outcome.o-derivative"


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
    [
        (words.OUTCOMES, Outcome),
        (words.MEANINGS, Outcome),
        (words.STATUSES, Status),
        (words.ACTIONS, Action),
        (words.KINDS, MatchKind),
        (words.BASES, RegionBasis),
    ],
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
    pairs += [(mark, "card") for mark in marks] + [("shared_scene", "page")]
    pairs += [("chip", "known"), ("chip", "near"), ("chip", "derivative")]
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
