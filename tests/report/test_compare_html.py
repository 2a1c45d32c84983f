"""The page of a comparison: complete, self-contained, safe for hostile names."""

import re
from dataclasses import replace
from functools import cache
from importlib import resources

import pytest

from safelight.model.comparison import Blur
from safelight.model.derivation import Verdict
from safelight.report.compare_html import render
from safelight.report.compare_view import view
from tests.report.comparisons import ORIGINAL, PARTS, SUSPECT, derivative, pictures, unaligned, without_region
from tests.report.test_html import Page, contrast, digest

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</style><script>alert(1)</script>",
    "a\u202egpj.exe",
    "{{ 7*7 }}",
    "w" * 5000,
)


@cache
def usual() -> Page:
    return Page(render(derivative(), pictures()))


def test_everything_that_is_known_is_there() -> None:
    comparison = derivative()
    content = view(comparison, pictures())
    assert content.headline in usual().texts
    for figure in (*content.figures, *content.details):
        assert usual().texts[figure.label]
        assert usual().texts[figure.value]
        assert usual().texts[figure.note]
    for sentence in comparison.cannot_conclude:
        assert usual().texts[sentence]
    for part in PARTS:
        assert usual().texts[part.text]
    for file in (SUSPECT, ORIGINAL):
        for value in (file.name, file.sha256, file.md5):
            assert usual().texts[value]
    for label in ("What cannot be concluded", "not looked for", "The original, laid over it", "What differs"):
        assert usual().texts[label]


def test_evidence_adds_up_and_stands_on_its_side_of_the_zero_line() -> None:
    evidence = view(derivative(), pictures()).evidence
    for bar, part in zip(evidence.bars, PARTS, strict=True):
        end = bar.left + bar.width
        assert (bar.left >= evidence.zero - 0.01) if part.nats > 0 else (end <= evidence.zero + 0.7)
        assert 0 <= bar.left <= end <= 100.7
    widths = [bar.width for bar in evidence.bars]
    assert widths[0] / widths[1] == pytest.approx(PARTS[0].nats / PARTS[1].nats)


@pytest.mark.parametrize("verdict", Verdict)
def test_page_of_what_is_not_laid_over_anything(verdict: Verdict) -> None:
    page = Page(render(without_region(verdict), unaligned()))
    rests_on_hashes = verdict is Verdict.DERIVATIVE
    assert page.texts["Nothing was weighed: too little was found to compare."] == (not rests_on_hashes)
    assert ("rests on the PDQ hashes" in page.text) == rests_on_hashes
    assert not page.texts["How to read the map"]
    assert [attrs["class"] for tag, attrs in page.tags if tag == "figure"] == ["panel p-suspect", "panel p-original"]


def test_page_of_the_same_bytes() -> None:
    page = Page(render(without_region(Verdict.DERIVATIVE, same_bytes=True), unaligned()))
    assert page.texts["Both files hold the very same bytes: they are one and the same picture."]
    assert page.texts["Nothing was weighed: the cryptographic digests agree."]


@pytest.mark.parametrize("blur", Blur)
def test_nothing_points_outside_and_nothing_runs(blur: Blur) -> None:
    page = Page(render(derivative(blur), pictures()))
    policies = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    style = digest(page.sources["style"])
    expected = f"default-src 'none'; style-src '{style}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert policies == [expected]
    for tag, attrs in page.tags:
        assert tag != "script"
        assert not {name for name in attrs if name.startswith("on") or name == "style"}
        for name in ("src", "href", "action", "srcset", "data", "xlink:href"):
            value = attrs.get(name)
            assert value is None or value.startswith("data:image/jpeg;base64,"), (tag, name)
    assert not re.search(r"url\(|@import|https?:|//[a-z]", page.sources["style"])


def named(name: str) -> Page:
    """The page of files of this name."""
    return Page(
        render(
            derivative(
                suspect=replace(SUSPECT, name=name, notes=(name,)), original=replace(ORIGINAL, name=name), version=name
            ),
            pictures(),
        )
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(name: str) -> None:
    page = named(name)
    tags = [tag for tag, attrs in page.tags if attrs.get("class") != "code"]
    assert tags == [tag for tag, attrs in named("harmless").tags if attrs.get("class") != "code"]
    assert "\u202e" not in page.text
    assert "49" not in page.texts


def test_each_label_belongs_to_something() -> None:
    ids = [attrs["id"] for _, attrs in usual().tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in usual().tags:
        assert attrs.get("aria-labelledby") in {None, *ids}
        assert tag != "th" or attrs.get("scope") in {"row", "col"}
    drawings = [attrs for _, attrs in usual().tags if attrs.get("class") == "drawing"]
    assert len(drawings) == 3
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in drawings)


STYLE = resources.files("safelight.report").joinpath("templates", "compare.css").read_text(encoding="utf-8")


def test_bars_are_seen_on_their_ground() -> None:
    """WCAG 2.2, 1.4.11: 3 to 1 for what is not text; both themes and print."""
    report = resources.files("safelight.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    themes = re.findall(r":root \{(.+?)\}", report, flags=re.DOTALL)
    ours = re.findall(r":root \{(.+?)\}", STYLE, flags=re.DOTALL)
    assert len(themes) == len(ours) == 3
    for theme, own in zip(themes, ours, strict=True):
        colours = dict(re.findall(r"--([\w-]+): (#\w+)", theme + own))
        for ink in ("near", "against"):
            assert contrast(colours[ink], colours["faint"]) >= 3
