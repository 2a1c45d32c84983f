import re
from dataclasses import replace
from enum import StrEnum

import pytest

from safelight.model.assessment import Artificialness, Assessment, Strength
from safelight.model.decision import Outcome
from safelight.model.hint import HintVerdict
from safelight.model.provenance import Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.scan import ScanRow
from safelight.model.signal import Forgeable, Place, RuleStatus, Says, Signal, SignalKind
from safelight.report import signal_words, signals
from safelight.report.html import render
from tests.report import told
from tests.report.samples import row, summary
from tests.report.test_html import page


def clear(number: int = 1, **other: object) -> ScanRow:
    values: dict[str, object] = {"signals": (), "provenance": None, "hint": None}
    return row(number, Outcome.CLEAR, **(values | other))


def notes(signal: Signal) -> dict[str, str]:
    return dict(signals.shown([signal])[0].notes)


def test_a_signal_is_told_with_place_rule_and_figures() -> None:
    assert notes(told.COMFY) == {
        "Names": "ComfyUI",
        "Where": 'bytes 41 to 2,310 (PNG tEXt "prompt"); bytes 2,322 to 9,114 (PNG tEXt "workflow")',
        "Can be forged": "by who runs the public program that writes it",
        "Rule": "comfyui-png, confirmed; source: ComfyUI, nodes.py: SaveImage, as of 2026-11-21",
        "Figures": "nodes 14",
        "Prompt": f"of 1,204 characters, found and kept apart; SHA-256 {'5f' * 32}",
    }
    assert notes(told.MARK)["Figures"] == "bits agree 46; bits 48; chance bits 24"
    assert "not verified: it decides nothing" in notes(told.UNVERIFIED)["Rule"]
    assert notes(told.ENCODER) == {}


def test_signals_that_say_something_come_first_and_the_rest_is_counted() -> None:
    many = (*(replace(told.ENCODER, name=f"n{n}") for n in range(200)), told.COMFY)
    shown = signals.shown(many)
    assert len(shown) == signals.MAX_SIGNALS
    assert shown[0].name == "generator_comfyui"
    assert "181 more signals of this file are in" in page([clear(signals=many)]).text
    assert (
        signals.places([Place("x", 0, n) for n in range(5)])
        == "bytes 0 to 0 (x); bytes 0 to 1 (x); bytes 0 to 2 (x); and 2 more"
    )


@pytest.mark.parametrize(
    ("manifest", "valid", "trusted"),
    [
        (told.SIGNED, "yes: not changed since it was signed", "yes, by C2PA trust list, as of 2026-08-21"),
        (told.UNLISTED, "yes: not changed since it was signed", "no, not by C2PA trust list, as of 2026-08-21"),
        (told.TAMPERED, "no: see what failed", "yes, by C2PA trust list, as of 2026-08-21"),
        (replace(told.SIGNED, valid=None, trusted=None), "there was nothing to check", "there was nothing to check"),
    ],
)
def test_declared_valid_and_trusted_are_three_lines(manifest: Provenance, valid: str, trusted: str) -> None:
    facts = dict(signals.manifest(manifest))
    assert facts["Declared"] == signal_words.SAYS[manifest.says]
    assert (facts["Valid"], facts["Trusted"]) == (valid, trusted)


def test_a_manifest_that_was_not_read_has_no_such_lines() -> None:
    remote, unreadable = (dict(signals.manifest(one)) for one in (told.REMOTE, told.UNREADABLE))
    assert remote == {"Manifest": signal_words.MANIFESTS[ManifestState.REMOTE_ONLY], "Address": told.REMOTE.remote}
    assert unreadable["Cause"] == "the manifest store is cut short"
    assert not {"Declared", "Valid", "Trusted"} & {*remote, *unreadable}


def test_failures_actions_and_ingredients_are_told_and_bounded() -> None:
    text = page([clear(provenance=told.UNLISTED)]).text
    assert "no trust list vouches for the signer (this file)" in text
    assert "c2pa.opened; c2pa.edited (An editor)" in text
    tree = signals.ingredients(told.UNLISTED.ingredients)
    assert re.findall(r'class="(d\d)"><bdi dir="ltr">([^<]+)', tree) == [
        ("d1", "lantern.jpg"),
        ("d1", "sky.png"),
        ("d2", "sketch.png"),
    ]
    assert "says that all of it was made by a generative model (AI), valid, trusted" in tree
    deep = [Ingredient(f"{n}.png", "image/png", "parentOf", n, Says.AI_MADE) for n in range(1, 500)]
    tree = signals.ingredients(deep)
    assert "<li>and 489 more</li>" in tree
    assert set(re.findall(r'class="(d\d+)"', tree)) == {"d1", "d2", "d3", "d4", "d5"}
    assert signals.actions([ManifestAction("c2pa.opened")] * 12).endswith("; and 2 more")
    failures = tuple(Failure(f"code.{n}", "words") for n in range(40))
    assert (
        "30 more failures of this file are in"
        in page([clear(provenance=replace(told.TAMPERED, failures=failures))]).text
    )


def test_a_hint_is_told_with_what_it_is_worth() -> None:
    facts = dict(signals.hint_facts(told.LEANS))
    assert facts["Detector"] == "frozen-encoder 1.0 leans towards AI-made"
    assert facts["Score"].startswith("0.97: the share of pictures with this score")
    assert facts["Model card"] == f"SHA-256 {'c4' * 32}"
    assert "a hint for a person" in facts["Worth"]
    assert dict(signals.hint_facts(told.ABSTAINS))["Score"] == "none: outside of what it knows"
    assert "that does not mean real" in dict(signals.hint_facts(told.SAW_NOTHING))["Detector"]


@pytest.mark.parametrize("strength", Strength)
def test_a_badge_is_for_more_than_a_hint(strength: Strength) -> None:
    level = Artificialness.UNKNOWN if strength in {Strength.HINTED, Strength.NONE} else Artificialness.FULLY_SYNTHETIC
    badge = signals.badge(clear(assessment=Assessment(level, strength)))
    assert bool(badge) == (strength in {Strength.MATCHED, Strength.SIGNED, Strength.DECLARED, Strength.MARKED})
    assert "conflict" not in badge
    if badge:
        assert "Fully synthetic" in badge
        assert "conflict" in signals.badge(clear(assessment=Assessment(level, strength, (), ("a; but b",))))


def test_a_hint_has_no_badge_on_the_page_and_no_place_in_the_counts() -> None:
    hinted = [clear(n, hint=told.LEANS) for n in range(3)]
    shown = page(hinted)
    assert not [attrs for tag, attrs in shown.tags if attrs.get("class") == "made"]
    assert {data["data"]["data-made"] for data in shown.files} == {"unknown"}
    assert summary(hinted).by_artificialness == {"unknown": 3}
    assert all(attrs.get("id") != "by-level" for _, attrs in shown.tags)  # nothing to choose from


def test_the_levels_are_counted_and_explained_and_can_be_chosen() -> None:
    rows = [clear(1, provenance=told.SIGNED), clear(2, signals=(told.COMFY,)), clear(3)]
    shown = page(rows)
    assert shown.texts["How the files were made, as far as anything tells"]
    for meaning in signal_words.LEVEL_MEANINGS.values():
        assert meaning in shown.text
    options = [attrs.get("value") for tag, attrs in shown.tags if tag == "option"]
    assert options[-3:] == ["", "fully_synthetic", "unknown"]
    assert "Fully synthetic (2)" in shown.text
    assert [data["data"]["data-made"] for data in shown.files] == ["fully_synthetic", "fully_synthetic", "unknown"]


def test_a_scan_that_did_not_look_says_so() -> None:
    shown = page([clear()], summary([clear()], looked_for=None))
    assert "as far as anything tells" not in shown.text
    assert "This scan was not asked to look for how files were made." in shown.text
    asked = page([clear()])
    assert "A detector was asked." in asked.text


def test_prompts_are_nowhere_on_the_page() -> None:
    """A prompt is in no value that the report gets; the page tells its length and digest."""
    shown = page([clear(signals=(told.COMFY,))])
    assert "A prompt of 1,204 characters was found and is kept apart." in shown.text
    assert set(ScanRow.__dataclass_fields__) & {"prompts", "prompt"} == set()


def test_nothing_is_called_real() -> None:
    rows = [clear(n, hint=hint) for n, hint in enumerate(told.HINTS)]
    text = page(rows).text.lower()
    for claim in re.findall(r"[^.;]*\breal\b[^.;]*", text):
        assert "does not mean real" in claim or "real person" in claim or "real people" in claim


def test_the_page_grows_little_for_a_file_that_tells_nothing() -> None:
    def weight(row_: ScanRow) -> int:
        return len("".join(signals_of(row_)))

    def signals_of(row_: ScanRow) -> str:
        source = page_source([row_])
        return source[source.index('<div class="known">') : source.index('<table class="plain"><caption>Rules')]

    assert weight(clear()) < 300
    heavy = Signal(
        "n" * 4000, "d" * 4000, SignalKind.METADATA, Says.AI_MADE, "g" * 4000, (Place("p" * 4000, 0, 9),) * 900
    )
    manifest = replace(
        told.UNLISTED,
        actions=(ManifestAction("a" * 4000, "s" * 4000),) * 900,
        failures=(Failure("c" * 4000, "w" * 4000),) * 900,
        ingredients=(Ingredient("t" * 4000, "m" * 4000, "r" * 4000, 3),) * 900,
        source_types=("u" * 4000,) * 900,
        signer="s" * 4000,
    )
    assert weight(clear(signals=(heavy,) * 900, provenance=manifest)) < 120_000


def page_source(rows: list[ScanRow]) -> str:
    return "".join(render(summary(rows), rows))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (signal_words.LEVELS, Artificialness),
        (signal_words.LEVEL_MEANINGS, Artificialness),
        (signal_words.STRENGTHS, Strength),
        (signal_words.SAYS, Says),
        (signal_words.SIGNAL_KINDS, SignalKind),
        (signal_words.FORGEABLE, Forgeable),
        (signal_words.RULE_STATES, RuleStatus),
        (signal_words.MANIFESTS, ManifestState),
        (signal_words.VERDICTS, HintVerdict),
    ],
)
def test_there_are_words_for_every_value(table: dict[str, str], values: type[StrEnum]) -> None:
    assert set(table) == set(values)


def test_a_source_type_that_only_ends_like_a_known_one_is_shown_whole() -> None:
    known, alike = told.SOURCE_TYPES + "digitalCapture", "http://evil.example/digitalCapture"
    assert signals.actions([ManifestAction("c2pa.created", known)]) == "c2pa.created (digitalCapture)"
    assert signals.actions([ManifestAction("c2pa.created", alike)]) == f"c2pa.created ({alike})"
