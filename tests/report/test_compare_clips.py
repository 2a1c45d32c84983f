"""The report of a comparison of two videos, on page and on paper."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from safelight.model.comparison import Blur, ClipComparison, ComparedFrames, Comparison
from safelight.model.derivation import Derivation, EvidencePart, Verdict
from safelight.report import compare_html, compare_pdf
from safelight.report.compare_clip_words import cannot_conclude, statement
from safelight.report.compare_pictures import CELLS, CELLS_OF_MANY, panels
from safelight.report.compare_view import is_alarming, view
from tests.report.clips import FERRY, HARBOUR
from tests.report.comparisons import FILM, VIDEO, clip_verdict, frames, of_videos
from tests.report.test_compare_pdf import packed, text_of
from tests.report.test_html import Page, digest

NOTHING = ComparedFrames()


@cache
def usual() -> Page:
    return Page(compare_html.render(of_videos(), frames()))


def clips_of(comparison: Comparison) -> ClipComparison:
    assert comparison.clips is not None
    return comparison.clips


def test_the_statement_says_how_much_and_what_was_replaced() -> None:
    clips = clips_of(of_videos())
    assert statement(Verdict.DERIVATIVE, clips, same_bytes=False) == (
        "The suspect video derives from the original: 51.1 % of it, 47 s in 2 stretches, shows the original. "
        "In 2 of 2 frames that were compared pixel by pixel, 15.3 % of the picture shows other content in place of the "
        "original\u2019s."
    )
    first, second, third = clips.instants
    assert first.region is not None
    assert third.region is not None
    kept = replace(first, region=replace(first.region, area=0.0))
    other = replace(third, region=replace(third.region, area=0.31))
    told = [
        (
            replace(clips, instants=(kept,)),
            "In the frame that was compared pixel by pixel, no replaced part was found.",
        ),
        (replace(clips, instants=(kept, kept)), "In the 2 frames that were compared pixel by pixel, no replaced part"),
        (
            replace(clips, instants=(kept, first, other)),
            "In 2 of 3 frames that were compared pixel by pixel, 15.3 % to 31",
        ),
        (replace(clips, instants=(second,)), "Whether parts of its frames were replaced could not be told."),
        (replace(clips, segments=HARBOUR.segments[:1], share=None), "derives from the original: 36 s in one stretch, "),
    ]
    for changed, words in told:
        assert words in statement(Verdict.DERIVATIVE, changed, same_bytes=False)


@pytest.mark.parametrize("verdict", Verdict)
def test_other_verdicts_and_their_limits(verdict: Verdict) -> None:
    words = {
        Verdict.DERIVATIVE: ("The suspect video derives", "No frame was compared pixel by pixel"),
        Verdict.SHARED_SCENE: ("same scene", "was made from the other"),
        Verdict.NOT_DERIVED: ("no stretch of the original", "holds nothing of the original"),
        Verdict.UNDECIDED: ("too little detail", "holds nothing of the original"),
    }[verdict]
    limits = " ".join(cannot_conclude(verdict, ClipComparison(), same_bytes=False))
    assert words[0] in statement(verdict, ClipComparison(), same_bytes=False)
    assert words[1] in limits
    assert "sound" in limits
    assert "nobody was identified" in limits


def test_everything_that_is_known_is_there() -> None:
    comparison = of_videos()
    content = view(comparison, frames())
    assert [figure.value for figure in content.figures] == ["51.1 %", "7.4 %", "2", "15.3 %", "2.0 \u00d7 10⁻⁸"]
    shown = [content.headline, content.more, content.evidence.total, *comparison.cannot_conclude]
    shown += [text for figure in content.figures for text in (figure.label, figure.value, figure.note)]
    shown += [text for row in content.stretches for text in row]
    shown += [text for one in content.instants for text in (one.title, one.words)]
    shown += [panel.caption for one in content.instants for panel in one.panels]
    shown += [text for file in (VIDEO, FILM) for text in (file.name, file.sha256, file.md5, file.mime)]
    shown += ["1 min 32 s", "10 min 40 s", "Frames side by side", "What is where in time", "How to read the map"]
    assert [text for text in shown if not usual().texts[text]] == []
    assert "Safelight: comparison of two videos" in usual().texts
    assert is_alarming(comparison)


def test_frames_stand_side_by_side_with_their_seconds() -> None:
    content = view(of_videos(), frames())
    assert [len(one.panels) for one in content.instants] == [3, 2, 3]
    assert content.instants[0].title == "At 0:12 of the suspect, 0:21 of the original"
    assert [panel.caption for panel in content.instants[0].panels] == [
        "The suspect at 0:12",
        "The original at 0:21, laid over it",
        "What differs",
    ]
    assert content.instants[0].words.startswith(
        "68.2 % of the frame is unchanged; 15.3 % is replaced, within 136 \u00d7 154"
    )
    assert "could not be laid over each other" in content.instants[1].words
    names = [panel.name for one in content.instants for panel in one.panels]
    assert len(names) == len(set(names))


def test_both_charts_tell_the_same_stretches() -> None:
    suspect, original = (chart.timeline.lanes[0] for chart in view(of_videos(), frames()).charts)
    assert [bar.text for bar in suspect.bars] == ["0:12-0:48", "2:10-2:22"]
    assert [bar.said for bar in original.bars] == [
        "0:03-0:39 of it at 0:12-0:48",
        "1:00-1:11 of it at 2:10-2:22, mirrored",
    ]
    assert suspect.track is not None
    assert original.track is None


def test_the_evidence_is_drawn_where_there_is_any() -> None:
    parts = (
        EvidencePart("frames", 18.0, 90.0, "whole frames agree"),
        EvidencePart("places", 20.0, -20.0, "many places"),
    )
    found = Derivation(Verdict.DERIVATIVE, log_ratio=70.0, p_false_match=2e-8, parts=parts)
    page = Page(compare_html.render(of_videos(derivation=found), frames()))
    assert page.texts["whole frames agree"]
    assert "chance made frames of two unrelated videos agree" in page.text
    assert "chance made frames" not in usual().text


def test_a_shared_scene_shows_where_and_claims_no_share() -> None:
    lead = clip_verdict(Verdict.SHARED_SCENE, ClipComparison(FERRY.segments, 0.2, 0.1))
    page = Page(compare_html.render(lead, NOTHING))
    assert page.texts["seems to show the original\u2019s scene"]
    assert not page.texts["Of the suspect"]
    assert not is_alarming(lead)
    assert compare_pdf.render(lead, NOTHING)[:5] == b"%PDF-"


@pytest.mark.parametrize("same_bytes", [False, True])
@pytest.mark.parametrize("verdict", Verdict)
def test_every_comparison_without_frames_can_be_shown(verdict: Verdict, same_bytes: bool) -> None:
    clips = ClipComparison(share=1.0, source_share=1.0) if same_bytes else ClipComparison()
    comparison = clip_verdict(verdict, clips, same_bytes=same_bytes)
    page = Page(compare_html.render(comparison, NOTHING))
    assert page.texts["No frames were held against each other."]
    assert not page.texts["What is where in time"]
    assert compare_pdf.render(comparison, NOTHING)[:5] == b"%PDF-"


@pytest.mark.parametrize("blur", Blur)
def test_nothing_points_outside_and_nothing_runs(blur: Blur) -> None:
    page = Page(compare_html.render(of_videos(blur), frames()))
    policies = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    style = digest(page.sources["style"])
    assert policies == [f"default-src 'none'; style-src '{style}'; img-src data:; base-uri 'none'; form-action 'none'"]
    for tag, attrs in page.tags:
        assert tag != "script"
        assert not {name for name in attrs if name.startswith("on") or name == "style"}
        for name in ("src", "href", "action", "srcset", "data", "xlink:href"):
            value = attrs.get(name)
            assert value is None or value.startswith("data:image/jpeg;base64,"), (tag, name)


def test_blurred_unless_asked() -> None:
    """Blurred frames are much smaller files: there is nothing in them."""
    sizes = [sum(map(len, re.findall(r"base64,([^\"]+)", compare_html.render(of_videos(b), frames())))) for b in Blur]
    blurred, _outside, plain = sizes
    assert blurred < plain / 2


@pytest.mark.parametrize(("count", "cells"), [(3, CELLS_OF_MANY), (1, CELLS)])
def test_several_frames_of_one_video_have_fewer_cells_each(count: int, cells: int) -> None:
    """Frames of a pan show the same in slightly different places: their averages could be put together."""
    comparison, few = of_videos(), ComparedFrames(frames().instants[:count])
    clips = replace(clips_of(comparison), instants=clips_of(comparison).instants[:count])
    content = view(replace(comparison, clips=clips), few)
    for shown, pictures in zip(content.instants, few.instants, strict=True):
        assert [panel.svg for panel in shown.panels] == [panel.svg for panel in panels(pictures, Blur.ALL, cells)]
    assert CELLS_OF_MANY < CELLS


@pytest.mark.parametrize("name", ["</style><script>alert(1)</script>", "a\u202egpj.mp4", "{{ 7*7 }}", "w" * 5000])
def test_hostile_names_are_only_text(name: str, tmp_path: Path) -> None:
    hostile = of_videos(suspect=replace(VIDEO, name=name, notes=(name,)), original=replace(FILM, name=name))
    page = Page(compare_html.render(hostile, frames()))
    tags = [tag for tag, attrs in page.tags if attrs.get("class") != "code"]
    named = Page(compare_html.render(of_videos(suspect=replace(VIDEO, notes=("x",))), frames()))
    assert tags == [tag for tag, attrs in named.tags if attrs.get("class") != "code"]
    assert "\u202e" not in page.text
    assert packed(compare_pdf.plain(name)) in text_of(compare_pdf.render(hostile, frames()), tmp_path)


def test_the_paper_says_what_the_page_says(tmp_path: Path) -> None:
    made = compare_pdf.render(of_videos(), frames())
    assert made == compare_pdf.render(of_videos(), frames())
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    text, content = text_of(made, tmp_path), view(of_videos(), frames())
    wanted = [content.headline, content.more, content.evidence.total, *content.cannot]
    wanted += [text for row in content.stretches for text in row]
    wanted += [part for one in content.instants for part in (one.title, one.words, one.panels[0].caption)]
    wanted += [mark.text for chart in content.charts for mark in chart.timeline.ticks]
    wanted += [bar.text for chart in content.charts for bar in chart.timeline.lanes[0].bars]
    assert [line for line in wanted if packed(line) not in text] == []
