from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.model.decision import Outcome
from safelight.model.hint import Hint
from safelight.model.provenance import Ingredient, Provenance
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.scan import ScanRow, Status
from safelight.model.signal import Forgeable, Says, Signal, SignalRequest, Withheld
from safelight.report.how_known import how_known
from tests.policy.evidence import HINTS, MATCHES, PROVENANCES, SIGNALS
from tests.report import told
from tests.report.clips import HARBOUR
from tests.report.samples import row
from tests.rows import derivative_of

ASKED = SignalRequest(hint=True)
NO_STATEMENT = (
    "The file carries no statement on how it was made. That means nothing: most files lose it when they are shared."
)


def clear(**other: object) -> ScanRow:
    values: dict[str, object] = {"signals": (), "provenance": None, "hint": None}
    return row(1, Outcome.CLEAR, **(values | other))


def parts(shown: ScanRow, looked_for: SignalRequest | None = ASKED) -> dict[str, str]:
    return {part.heading: " ".join(part.sentences) for part in how_known(shown, looked_for)}


def test_what_is_missing_means_nothing() -> None:
    assert parts(clear()) == {"": NO_STATEMENT}
    assert parts(clear(signals=(told.ENCODER,))) == {"": NO_STATEMENT}
    assert parts(clear(), None) == {"": "This scan was not asked to look for how files were made."}
    assert parts(clear(), SignalRequest(declared=False)) == parts(clear(), None)
    unread = clear(status=Status.UNREADABLE, error="cut short")
    assert parts(unread) == {"": "The file could not be examined, so nothing is known of how it was made."}


@pytest.mark.parametrize(
    ("manifest", "said", "trust", "short"),
    [
        (
            told.SIGNED,
            "It says that all of it was made by a generative model (AI).",
            "the trust list of 2026-08-21 vouches for A Picture Company: what was signed was not changed. That it is",
            "A signer that the trust list vouches for says that all of the picture was made by a generative model",
        ),
        (
            told.UNLISTED,
            "a part of it was made by a generative model (AI). It also says where parts of the picture came from",
            "But no trust list vouches for the signer, and anyone can make such a signature.",
            "The file says of itself that a part of the picture was changed, or made by a generative model (AI).",
        ),
        (
            told.TAMPERED,
            "It says that it was taken by a camera or scanner.",
            "may be about another picture, or no longer true. That a camera is named does not mean that a camera took",
            "How this picture was made is not known.",
        ),
        (
            told.CAPTURE,
            "It says that it was taken by a camera or scanner.",
            "vouches for A Camera Maker",
            "A signer that the trust list vouches for says that a camera or scanner took the picture",
        ),
    ],
)
def test_a_manifest(manifest: Provenance, said: str, trust: str, short: str) -> None:
    got = parts(clear(provenance=manifest))
    assert said in got["What the file says of itself"]
    assert trust in got["Whether that can be trusted"]
    assert got["In short"].startswith(short)
    assert ("a camera is named" in got["Whether that can be trusted"]) == (manifest is told.TAMPERED)


def test_a_manifest_that_was_not_read() -> None:
    remote = parts(clear(provenance=told.REMOTE))
    assert "asks nothing of the network, so nobody looked there" in remote["What the file says of itself"]
    unreadable = parts(clear(provenance=told.UNREADABLE))
    assert "that cannot be read" in unreadable["What the file says of itself"]
    assert "Whether that can be trusted" not in {**remote, **unreadable}


def test_fields_of_the_file() -> None:
    got = parts(clear(signals=(told.COMFY, told.CAMERA, told.UNVERIFIED)))
    said = got["What the file says of itself"]
    assert (
        "A field of the file names ComfyUI, Grok and says that all of it was made by a generative model (AI)." in said
    )
    assert "A prompt of 1,204 characters was found and is kept apart." in said
    trust = got["Whether that can be trusted"]
    assert "Anyone can write, change or remove them." in trust
    assert "That a camera is named does not mean that a camera took the picture." in trust
    assert "is not verified; nothing was decided by it" in trust
    assert "a field of the file says that it was taken by a camera" in got["What cannot all be true"].lower()
    assert "also make pictures of real people" in got["What nobody can know from this"]


def test_a_trusted_signature_around_words_of_others() -> None:
    part = Ingredient("a.png", "image/png", "parentOf", 1, Says.AI_MADE, valid=True, trusted=False)
    passed_on = replace(told.SIGNED, source_types=(), ingredients=(part,))
    trust = parts(clear(provenance=passed_on))["Whether that can be trusted"]
    assert trust.endswith("But what it says comes from what the picture was made from, and nobody vouches for that.")
    camera = replace(told.CAPTURE, source_types=(), ingredients=(part,))
    assert "a camera is named" in parts(clear(provenance=camera))["Whether that can be trusted"]


def test_what_could_not_be_looked_for_is_not_called_missing() -> None:
    lost = Signal("signals_lost", "too large to look for how it was made")
    got = parts(clear(signals=(lost,)))
    assert got["What the file says of itself"] == "Not all could be looked for: too large to look for how it was made."
    assert NO_STATEMENT not in " ".join(got.values())


def test_an_editor_that_says_nothing_is_named() -> None:
    editor = replace(told.CAMERA, says=told.ENCODER.says, generator="An editor")
    got = parts(clear(signals=(editor,)))
    assert got["What the file says of itself"] == (
        "It names An editor, which tells nothing of how the picture was made."
    )


def test_what_is_in_the_picture() -> None:
    region = AlteredRegion(0.12, (100, 50, 300, 150), RegionBasis.PIXELS)
    match = derivative_of("b", "e", altered_region=region)
    got = parts(clear(matches=(match,), signals=(told.MARK, told.THUMBNAIL)))
    seen = got["What was found in the picture itself"]
    assert "12.0 % of the picture differs from a known picture; the rest is that picture." in seen
    assert "Which of the two came first, a comparison does not tell." in seen
    assert "A hidden mark is in the pixels (Stable Diffusion XL)." in seen
    assert "anyone can add one" in seen
    assert "The embedded thumbnail differs in 12 % of the picture." in seen
    assert got["In short"] == "A comparison with a known picture shows that a part of this one was replaced."
    for explained in (replace(match, suppressed_by="logos/a"), replace(match, negative=True)):
        assert parts(clear(matches=(explained,))) == {"": NO_STATEMENT}
    hard = replace(told.MARK, forgeable=Forgeable.HARD)
    assert "anyone can add one" not in parts(clear(signals=(hard,)))["What was found in the picture itself"]


@pytest.mark.parametrize(
    ("hint", "sentence"),
    [
        (
            told.LEANS,
            "A detector leans towards AI-made. That is a hint: detectors are often wrong, and it decided nothing.",
        ),
        (told.ABSTAINS, "A detector was asked and does not know."),
        (told.SAW_NOTHING, "A detector was asked: it saw nothing it knows; that does not mean real."),
    ],
)
def test_a_hint_is_called_a_hint(hint: Hint, sentence: str) -> None:
    got = parts(clear(hint=hint))
    assert got["What was found in the picture itself"] == sentence
    assert got["In short"] == "How this picture was made is not known."
    assert got["What nobody can know from this"] == "Whether a camera, a person or a program made this picture."


@given(st.lists(MATCHES, max_size=3), st.lists(SIGNALS, max_size=5), st.none() | PROVENANCES, st.none() | HINTS)
def test_every_part_is_made_of_sentences_and_few_of_them(
    matches: list[object], signals: list[object], provenance: Provenance | None, hint: Hint | None
) -> None:
    drawn = clear(matches=tuple(matches), signals=tuple(signals), provenance=provenance, hint=hint)
    got = how_known(drawn, ASKED)
    assert got
    for part in got:
        assert part.sentences
        assert all(sentence.endswith(".") for sentence in part.sentences)
    assert sum(len(part.sentences) for part in got) < 40


def test_of_many_prompts_a_few_are_told() -> None:
    many = tuple(replace(told.COMFY, withheld=Withheld(f"{n:064x}", n + 1)) for n in range(50))
    said = parts(clear(signals=many))["What the file says of itself"]
    assert said.count("kept apart") == 3


def test_of_a_video_the_largest_replaced_part_is_told() -> None:
    seen = parts(clear(matches=(HARBOUR,)))["What was found in the picture itself"]
    assert seen.startswith("Up to 24.5 % of a frame differs from a known video; the rest is that video.")
