"""Evidence for the assessment, with everything that does not matter filled in."""

from typing import Any

from hypothesis import strategies as st

from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.provenance import Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.signal import Rule, RuleStatus, Says, Signal, SignalKind
from tests.rows import derivative_of

REGION = AlteredRegion(0.12, (100, 50, 300, 150), RegionBasis.PIXELS, confidence=0.9)
WHOLE = AlteredRegion(0.0, None, RegionBasis.PIXELS, confidence=0.9)
TAMPERED = Failure("assertion.dataHash.mismatch", "the bytes are not those that were signed", "this file")
EXPIRED = Failure("signingCredential.expired", "the certificate had expired", "this file")


def signal(says: Says, kind: SignalKind = SignalKind.METADATA, **other: Any) -> Signal:
    values: dict[str, Any] = {"name": f"{kind}_{says}", "detail": "a field was filled", "rule": rule()}
    return Signal(**(values | {"kind": kind, "says": says} | other))


def rule(status: RuleStatus = RuleStatus.CONFIRMED) -> Rule:
    return Rule("a-rule", "a document", "2026-11-21", status)


UNVERIFIED = rule(RuleStatus.UNVERIFIED)


def manifest(says: Says = Says.NOTHING, *, valid: bool = True, trusted: bool = True, **other: Any) -> Provenance:
    own = {Says.AI_EDITED: "compositeWithTrainedAlgorithmicMedia", Says.CAPTURED: "digitalCapture"}
    types = (f"http://cv.iptc.org/newscodes/digitalsourcetype/{own.get(says, 'trainedAlgorithmicMedia')}",)
    values: dict[str, Any] = {"says": says, "valid": valid, "trusted": valid and trusted, "source_types": types}
    return Provenance(ManifestState.EMBEDDED, **(values | other))


def hint(verdict: HintVerdict = HintVerdict.LIKELY_AI, score: float | None = 0.97) -> Hint:
    return Hint("a-detector 1.0", "ab" * 32, verdict, score, "texture of a generator")


def region_match(**other: Any) -> Match:
    return derivative_of("bank", "entry.png", **({"altered_region": REGION} | other))


MATCHES = st.builds(
    Match,
    bank=st.sampled_from(["one", "two"]),
    entry=st.text(max_size=8),
    kind=st.sampled_from(MatchKind),
    algorithm=st.just("sha256"),
    distance=st.just(0),
    negative=st.booleans(),
    suppressed_by=st.sampled_from([None, "logos/a"]),
    altered_region=st.sampled_from([None, REGION, WHOLE]),
)
SIGNALS = st.builds(
    Signal,
    name=st.sampled_from(
        ["generator", "thumbnail_mismatch", "thumbnail_differs_in_part", "thumbnail_shows_more", "name_mismatch"]
    ),
    detail=st.text(min_size=1, max_size=200),
    kind=st.sampled_from(SignalKind),
    says=st.sampled_from(Says),
    generator=st.sampled_from(["", "ComfyUI", "NovelAI"]),
    rule=st.sampled_from([None, rule(), UNVERIFIED]),
)
ACTIONS = st.sampled_from(["c2pa.created", "c2pa.cropped", "c2pa.placed", "vendor.something"]).map(ManifestAction)
INGREDIENTS = st.builds(
    Ingredient,
    title=st.text(max_size=8),
    media_type=st.just("image/png"),
    relationship=st.sampled_from(["parentOf", "componentOf"]),
    depth=st.integers(1, 3),
    says=st.sampled_from(Says),
    valid=st.sampled_from([None, True, False]),
    trusted=st.sampled_from([None, True, False]),
)
PROVENANCES = st.builds(
    Provenance,
    state=st.sampled_from(ManifestState),
    says=st.sampled_from(Says),
    claim_generator=st.text(max_size=200),
    source_types=st.lists(st.sampled_from(["http://x/digitalCapture", "http://x/trainedAlgorithmicMedia"])).map(tuple),
    valid=st.sampled_from([None, True, False]),
    trusted=st.sampled_from([None, True, False]),
    actions=st.lists(ACTIONS, max_size=3).map(tuple),
    failures=st.lists(st.sampled_from([TAMPERED, EXPIRED]), max_size=2).map(tuple),
    ingredients=st.lists(INGREDIENTS, max_size=3).map(tuple),
)
HINTS = st.builds(
    Hint,
    detector=st.text(min_size=1, max_size=20),
    card=st.just("ab" * 32),
    verdict=st.sampled_from(HintVerdict),
    score=st.one_of(st.none(), st.floats(0, 1)),
    reason=st.text(max_size=20),
)
