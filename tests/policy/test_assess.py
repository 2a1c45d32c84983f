from dataclasses import replace
from typing import Any

import pytest

from safelight.model.assessment import Artificialness as Level
from safelight.model.assessment import Assessment, Strength
from safelight.model.hint import HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.provenance import CUT, Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.signal import Says, Signal, SignalKind
from safelight.policy.assess import assess
from tests.policy.evidence import EXPIRED, REGION, TAMPERED, UNVERIFIED, WHOLE, hint, manifest, region_match, signal
from tests.report.clips import FERRY, HARBOUR
from tests.rows import derivative_of, scene_of

NEAR_WITH_REGION = replace(region_match(), kind=MatchKind.NEAR, algorithm="pdq", distance=8)
COMFY = signal(Says.AI_MADE, generator="ComfyUI")
MARK = signal(Says.AI_MADE, SignalKind.MARKER, generator="Stable Diffusion XL")


def answer(
    *signals: Signal, matches: tuple[Match, ...] = (), provenance: Provenance | None = None
) -> tuple[Level, Strength, list[str]]:
    got = assess(matches, signals, provenance, None)
    return got.artificialness, got.strength, list(got.conflicts)


def test_no_evidence_is_evidence_of_nothing() -> None:
    assert assess((), (), None, None) == Assessment()
    odd = Signal("name_mismatch", "called .png, is image/jpeg")
    assert assess((), (odd,), manifest(), None) == Assessment()


@pytest.mark.parametrize("match", [region_match(), NEAR_WITH_REGION])
def test_a_replaced_part_of_a_known_picture_outranks_all(match: Match) -> None:
    level, strength, conflicts = answer(COMFY, MARK, matches=(match,), provenance=manifest(Says.AI_MADE))
    assert (level, strength) == (Level.PARTIALLY_ALTERED, Strength.MATCHED)
    assert conflicts == [
        (
            "A comparison with a known picture shows that a part of it was replaced (12 % differs from bank/entry.png)"
            "; but a manifest of a trusted signer says that all of it was made by a generative model."
        ),
    ]


@pytest.mark.parametrize(
    "match",
    [
        region_match(negative=True),
        region_match(suppressed_by="logos/a"),
        scene_of("bank", "entry"),
        derivative_of("bank", "entry", altered_region=None),
        Match("bank", "entry", MatchKind.EXACT, "sha256", 0),
        Match("bank", "entry", MatchKind.NEAR, "pdq", 4),
    ],
)
def test_other_matches_say_nothing_of_how_it_was_made(match: Match) -> None:
    assert assess((match,), (), None, None) == Assessment()
    assert answer(COMFY, matches=(match,)) == (Level.FULLY_SYNTHETIC, Strength.DECLARED, [])


def test_a_match_without_a_replaced_part_is_told_and_decides_nothing() -> None:
    got = assess((derivative_of("bank", "entry", altered_region=WHOLE),), (COMFY,), None, None)
    assert (got.artificialness, got.strength) == (Level.FULLY_SYNTHETIC, Strength.DECLARED)
    assert [(reason.source, reason.points_to) for reason in got.reasons] == [
        ("metadata", Level.FULLY_SYNTHETIC),
        ("match", Level.UNKNOWN),
    ]
    assert "how that known picture itself was made, a match does not say" in got.reasons[1].text


def test_the_largest_replaced_part_is_the_one_named() -> None:
    small = replace(REGION, area=0.004)
    matches = [derivative_of("bank", f"{number}.png", altered_region=small) for number in range(6)]
    (reason,) = assess((*matches, region_match()), (), None, None).reasons
    assert reason.text.endswith("(12 % differs from bank/entry.png, bank/0.png, bank/1.png and 4 more).")
    (reason,) = assess(matches[:1], (), None, None).reasons
    assert reason.text.endswith("(less than 1 % differs from bank/0.png).")


def test_of_a_video_the_frame_with_the_largest_replaced_part_counts() -> None:
    (reason,) = assess((HARBOUR,), (), None, None).reasons
    assert (reason.points_to, reason.strength) == (Level.PARTIALLY_ALTERED, Strength.MATCHED)
    assert reason.text.endswith("(up to 24 % of a frame differs from partner-list/harbour at dawn.mp4).")
    assert assess((FERRY,), (), None, None) == Assessment()


@pytest.mark.parametrize(
    ("says", "level"),
    [
        (Says.AI_MADE, Level.FULLY_SYNTHETIC),
        (Says.AI_EDITED, Level.PARTIALLY_ALTERED),
        (Says.AI_USED, Level.HYBRID),
        (Says.ALTERED, Level.PARTIALLY_ALTERED),
        (Says.DRAWN, Level.UNKNOWN),
    ],
)
def test_what_is_said_and_by_whom(says: Says, level: Level) -> None:
    voices = {
        Strength.SIGNED: answer(provenance=manifest(says)),
        Strength.DECLARED: answer(provenance=manifest(says, trusted=False)),
        Strength.MARKED: answer(signal(says, SignalKind.MARKER)),
    }
    for strength, got in voices.items():
        assert got == (level, Strength.NONE if level is Level.UNKNOWN else strength, [])
    assert answer(signal(says)) == answer(signal(says, SignalKind.CODING)) == voices[Strength.DECLARED]


def test_a_manifest_that_does_not_hold_is_a_declaration_and_a_tampered_one_a_conflict() -> None:
    expired = answer(provenance=manifest(Says.AI_MADE, valid=False, failures=(EXPIRED,)))
    assert expired == (Level.FULLY_SYNTHETIC, Strength.DECLARED, [])
    broken = manifest(Says.AI_MADE, valid=False, trusted=True, failures=(EXPIRED, TAMPERED))
    got = assess((), (), broken, None)
    assert (got.artificialness, got.strength) == (Level.FULLY_SYNTHETIC, Strength.DECLARED)
    assert "was changed afterwards" in got.reasons[1].text
    assert "the bytes are not those that were signed" in got.reasons[1].text
    assert got.conflicts == (
        (
            "A manifest that does not hold says that all of it was made by a generative model; but the file is not "
            "what that manifest was signed for."
        ),
    )


@pytest.mark.parametrize(
    "failure",
    [
        replace(TAMPERED, subject="the signature of the ingredient a.jpg"),
        replace(TAMPERED, code="timeStamp.mismatch"),
        replace(TAMPERED, code="ingredient.manifest.mismatch"),
        EXPIRED,
    ],
)
def test_what_fails_elsewhere_does_not_mean_that_the_file_was_changed(failure: Failure) -> None:
    assert assess((), (), manifest(valid=False, failures=(failure,)), None) == Assessment()


def test_a_tampered_manifest_that_says_nothing_is_told() -> None:
    got = assess((), (), manifest(valid=False, failures=(TAMPERED,)), None)
    assert (got.artificialness, got.strength, got.conflicts) == (Level.UNKNOWN, Strength.NONE, ())
    assert [reason.source for reason in got.reasons] == ["provenance"]


@pytest.mark.parametrize("state", [ManifestState.REMOTE_ONLY, ManifestState.UNREADABLE])
def test_a_manifest_that_was_not_read_says_nothing(state: ManifestState) -> None:
    assert assess((), (), Provenance(state, Says.AI_MADE), None) == Assessment()


@pytest.mark.parametrize(
    ("actions", "ingredients", "level"),
    [
        ((), (), Level.CAMERA_ORIGINAL),
        (("c2pa.created", "c2pa.published", "c2pa.watermarked.bound"), (), Level.CAMERA_ORIGINAL),
        (("c2pa.created", "c2pa.cropped", "c2pa.color_adjustments"), (), Level.MINIMALLY_MODIFIED),
        (("c2pa.opened",), ("parentOf",), Level.MINIMALLY_MODIFIED),
        (("c2pa.created", "c2pa.drawing"), (), Level.PARTIALLY_ALTERED),
        (("c2pa.created", "com.vendor.unheard_of"), (), Level.PARTIALLY_ALTERED),
        (("c2pa.created",), ("componentOf",), Level.PARTIALLY_ALTERED),
    ],
)
def test_a_capture_counts_by_the_word_of_a_trusted_signer_only(
    actions: tuple[str, ...], ingredients: tuple[str, ...], level: Level
) -> None:
    parts: dict[str, Any] = {
        "actions": tuple(map(ManifestAction, actions)),
        "ingredients": tuple(Ingredient("a", "image/jpeg", relation, 1) for relation in ingredients),
    }
    assert answer(provenance=manifest(Says.CAPTURED, **parts)) == (level, Strength.SIGNED, [])
    for declared in (
        manifest(Says.CAPTURED, trusted=False, **parts),
        manifest(Says.CAPTURED, valid=False, trusted=True, **parts),
    ):
        got = assess((), (), declared, None)
        assert (got.artificialness, got.strength) == (Level.UNKNOWN, Strength.NONE)
        assert got.reasons[0].points_to is Level.UNKNOWN
        assert "anyone can write that" in got.reasons[0].text


@pytest.mark.parametrize("kind", SignalKind)
def test_camera_fields_never_count(kind: SignalKind) -> None:
    captured = signal(Says.CAPTURED, kind, generator="a camera")
    assert answer(captured) == (Level.UNKNOWN, Strength.NONE, [])
    assert answer(captured, signal(Says.AI_EDITED)) == (Level.PARTIALLY_ALTERED, Strength.DECLARED, [])
    level, strength, conflicts = answer(captured, COMFY)
    assert (level, strength, len(conflicts)) == (Level.FULLY_SYNTHETIC, Strength.DECLARED, 1)


def test_a_trusted_capture_against_a_generator_s_text_is_a_conflict() -> None:
    level, strength, conflicts = answer(COMFY, provenance=manifest(Says.CAPTURED))
    assert (level, strength) == (Level.CAMERA_ORIGINAL, Strength.SIGNED)
    assert conflicts == [
        (
            "A manifest of a trusted signer says that it was taken by a camera or scanner and not changed since; but a "
            "field of the file says that all of it was made by a generative model (ComfyUI)."
        ),
    ]


@pytest.mark.parametrize("kind", [SignalKind.METADATA, SignalKind.MARKER])
def test_an_unverified_rule_never_decides_alone(kind: SignalKind) -> None:
    told = signal(Says.AI_MADE, kind, rule=UNVERIFIED, generator="Grok")
    got = assess((), (told,), manifest(Says.CAPTURED), None)
    assert (got.artificialness, got.conflicts) == (Level.CAMERA_ORIGINAL, ())
    got = assess((), (told,), None, None)
    assert (got.artificialness, got.strength) == (Level.UNKNOWN, Strength.NONE)
    assert got.reasons[0].text.endswith("(Grok); the rule behind it is not verified, so it decides nothing.")
    agreed = assess((), (told, MARK), None, None)
    assert (agreed.artificialness, agreed.strength, len(agreed.reasons)) == (Level.FULLY_SYNTHETIC, Strength.MARKED, 2)


@pytest.mark.parametrize("says", [Says.AI_MADE, Says.AI_EDITED, Says.AI_USED, Says.CAPTURED])
def test_a_trusted_signature_around_a_home_made_word_is_no_trusted_word(says: Says) -> None:
    """Anyone can open a file with a manifest of their own in a trusted editor, which then signs for all of it."""
    part = Ingredient("a", "image/png", "parentOf", 1, says, valid=True, trusted=False)
    vouched, broken = replace(part, trusted=True), replace(part, trusted=True, valid=False)
    level, _, _ = answer(provenance=manifest(says))
    for parts in ((part,), (broken,), (vouched, part), ()):
        passed_on = manifest(says, ingredients=parts, source_types=("http://x/humanEdits",))
        got = assess((), (), passed_on, None)
        assert (got.artificialness, got.strength) == (
            (Level.UNKNOWN, Strength.NONE) if says is Says.CAPTURED else (level, Strength.DECLARED)
        )
        assert "whose signer no trust list vouches for" in got.reasons[0].text
    for alike in (
        "http://evil.example/digitalCapture",
        "http://evil.example/trainedAlgorithmicMedia",
        "digitalCapture",
    ):
        got = assess((), (), manifest(says, source_types=(alike,)), None)
        assert got.strength is (Strength.NONE if says is Says.CAPTURED else Strength.DECLARED)
    trusted = answer(provenance=manifest(says, ingredients=(vouched,), source_types=()))
    assert trusted[1] is Strength.SIGNED
    assert trusted[0] is (Level.MINIMALLY_MODIFIED if says is Says.CAPTURED else level)


@pytest.mark.parametrize(
    ("name", "level", "against_original"),
    [
        ("thumbnail_differs_in_part", Level.PARTIALLY_ALTERED, 1),
        ("thumbnail_mismatch", Level.UNKNOWN, 1),
        ("thumbnail_shows_more", Level.UNKNOWN, 1),
    ],
)
def test_a_thumbnail_that_differs(name: str, level: Level, against_original: int) -> None:
    told = Signal(name, "what it shows", SignalKind.CODING, Says.ALTERED)
    assert answer(told) == (level, Strength.NONE if level is Level.UNKNOWN else Strength.DECLARED, [])
    level, strength, conflicts = answer(told, provenance=manifest(Says.CAPTURED))
    assert (level, strength, len(conflicts)) == (Level.CAMERA_ORIGINAL, Strength.SIGNED, against_original)


def test_of_equally_strong_claims_what_leaves_room_for_a_real_person_decides() -> None:
    edited, used = signal(Says.AI_EDITED), signal(Says.AI_USED)
    assert answer(COMFY, edited, used)[:2] == (Level.PARTIALLY_ALTERED, Strength.DECLARED)
    assert answer(COMFY, used, signal(Says.ALTERED))[:2] == (Level.FULLY_SYNTHETIC, Strength.DECLARED)


def test_signals_that_say_the_same_make_one_reason() -> None:
    many = tuple(signal(Says.AI_MADE, generator=f"Tool {number:03}") for number in range(400))
    (reason,) = assess((), many, None, None).reasons
    assert reason.text == (
        "A field of the file says that all of it was made by a generative model (Tool 000, Tool 001, Tool 002 and 397 "
        "more)."
    )


def test_a_hint_is_told_and_decides_nothing() -> None:
    got = assess((), (), None, hint())
    assert (got.artificialness, got.strength) == (Level.UNKNOWN, Strength.HINTED)
    assert [(r.source, r.points_to, r.strength) for r in got.reasons] == [("hint", Level.UNKNOWN, Strength.HINTED)]
    assert "decides nothing" in got.reasons[0].text


@pytest.mark.parametrize("verdict", [HintVerdict.NO_INDICATION, HintVerdict.INCONCLUSIVE])
def test_what_a_detector_did_not_see_is_no_reason_for_anything(verdict: HintVerdict) -> None:
    assert assess((), (), None, hint(verdict, 0.01)) == Assessment()
    evidence = ((region_match(),), (COMFY, MARK), manifest(Says.CAPTURED))
    assert assess(*evidence, hint(verdict, 0.01)) == assess(*evidence, None)


def test_a_capture_of_which_not_all_is_kept_is_no_original() -> None:
    cut = Failure(CUT, "the longest lists are cut")
    cropped, edited = ManifestAction("c2pa.cropped"), ManifestAction("c2pa.edited")
    for actions, level in (((), Level.UNKNOWN), ((cropped,), Level.UNKNOWN), ((edited,), Level.PARTIALLY_ALTERED)):
        told = manifest(Says.CAPTURED, actions=actions, failures=(cut,))
        assert assess((), (), told, None).artificialness is level
    text = assess((), (), manifest(Says.CAPTURED, failures=(cut,)), None).reasons[0].text
    assert "tells more of what was done since than is kept here" in text


def test_what_was_done_to_a_parent_was_done_to_the_picture() -> None:
    steps = (ManifestAction("c2pa.created"), ManifestAction("c2pa.edited"))
    parent = Ingredient("", "image/jpeg", "parentOf", 1, Says.CAPTURED, actions=steps, valid=True, trusted=True)
    for actions, level in ((steps, Level.PARTIALLY_ALTERED), (steps[:1], Level.MINIMALLY_MODIFIED)):
        told = manifest(Says.CAPTURED, ingredients=(replace(parent, actions=actions),))
        assert assess((), (), told, None).artificialness is level
