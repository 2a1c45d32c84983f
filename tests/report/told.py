"""What files may tell of how they were made, as scans find it: benign examples of each kind."""

import random
from dataclasses import replace
from typing import Any

from safelight.model.assessment import Artificialness, Assessment, Reason, Strength
from safelight.model.hint import Hint, HintVerdict
from safelight.model.provenance import Failure, Ingredient, ManifestAction, ManifestState, Provenance
from safelight.model.signal import Forgeable, Place, Rule, RuleStatus, Says, Signal, SignalKind, Withheld

LIST, LISTED = "C2PA trust list", "2026-08-21"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"

COMFY = Signal(
    "generator_comfyui",
    "a ComfyUI graph of 14 nodes",
    SignalKind.METADATA,
    Says.AI_MADE,
    "ComfyUI",
    (Place('PNG tEXt "prompt"', 41, 2_310), Place('PNG tEXt "workflow"', 2_322, 9_114)),
    Forgeable.PUBLIC_CODE,
    Rule("comfyui-png", "ComfyUI, nodes.py: SaveImage", "2026-11-21"),
    {"nodes": 14},
    Withheld("5f" * 32, 1_204),
)
UNVERIFIED = Signal(
    "generator_grok",
    "a signature of 88 characters in EXIF",
    SignalKind.METADATA,
    Says.AI_MADE,
    "Grok",
    (Place("EXIF ImageDescription", 120, 220),),
    Forgeable.ANYONE,
    Rule("grok-exif", "a public parser", "2026-11-21", RuleStatus.UNVERIFIED),
)
CAMERA = Signal(
    "source_type",
    "digitalCapture in XMP",
    SignalKind.METADATA,
    Says.CAPTURED,
    "",
    (Place("XMP Iptc4xmpExt:DigitalSourceType", 300, 420),),
    Forgeable.ANYONE,
    Rule("iptc-dst", "IPTC Photo Metadata Standard", "2025-11-01"),
)
MARK = Signal(
    "marker_sdxl",
    "the 48 bits of SDXL, 46 of them as they should be",
    SignalKind.MARKER,
    Says.AI_USED,
    "Stable Diffusion XL",
    (),
    Forgeable.PUBLIC_CODE,
    Rule("dwtdct-sdxl", "generative-models, watermarking.py", "2026-11-21"),
    {"bits_agree": 46, "bits": 48, "chance_bits": 24},
)
THUMBNAIL = Signal(
    "thumbnail_differs_in_part",
    "the embedded thumbnail differs in 12 % of the picture",
    SignalKind.CODING,
    Says.ALTERED,
    "",
    (Place("EXIF thumbnail", 610, 6_204),),
    Forgeable.ANYONE,
    None,
    {"share_percent": 12.0},
)
ENCODER = Signal("encoder", "quantisation tables of libjpeg, quality 92", SignalKind.CODING)

SIGNED = Provenance(
    ManifestState.EMBEDDED,
    Says.AI_MADE,
    (SOURCE_TYPES + "trainedAlgorithmicMedia",),
    (ManifestAction("c2pa.created", SOURCE_TYPES + "trainedAlgorithmicMedia", "A model 4", "2026-10-02T09:00:00Z"),),
    "A picture service 1.2",
    "",
    "A Picture Company",
    "A Certificate Authority",
    "2026-10-02T09:00:01Z",
    valid=True,
    trusted=True,
    places=(Place("JPEG APP11 JUMBF", 20, 18_201),),
    trust_list=LIST,
    trust_as_of=LISTED,
)
UNLISTED = Provenance(
    ManifestState.EMBEDDED,
    Says.AI_EDITED,
    (SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia",),
    (ManifestAction("c2pa.opened"), ManifestAction("c2pa.edited", "", "An editor", "", "generative fill")),
    "An editor 26.9",
    "lantern.jpg",
    "Test Signer",
    "Test CA",
    "",
    valid=True,
    trusted=False,
    failures=(Failure("signingCredential.untrusted", "no trust list vouches for the signer", "this file"),),
    ingredients=(
        Ingredient("lantern.jpg", "image/jpeg", "parentOf", 1),
        Ingredient("sky.png", "image/png", "componentOf", 1, Says.AI_MADE, (), (), "A service", True, True),
        Ingredient("sketch.png", "image/png", "inputTo", 2, Says.DRAWN, (), (ManifestAction("c2pa.created"),)),
    ),
    trust_list=LIST,
    trust_as_of=LISTED,
)
TAMPERED = Provenance(
    ManifestState.EMBEDDED,
    Says.CAPTURED,
    (SOURCE_TYPES + "digitalCapture",),
    (ManifestAction("c2pa.created", SOURCE_TYPES + "digitalCapture"),),
    "A camera",
    signer="A Camera Maker",
    valid=False,
    trusted=True,
    failures=(Failure("assertion.dataHash.mismatch", "the bytes are not those that were signed", "this file"),),
    trust_list=LIST,
    trust_as_of=LISTED,
)
CAPTURE = Provenance(
    ManifestState.EMBEDDED,
    Says.CAPTURED,
    (SOURCE_TYPES + "digitalCapture",),
    (ManifestAction("c2pa.created", SOURCE_TYPES + "digitalCapture"),),
    "A camera",
    signer="A Camera Maker",
    issuer="A Certificate Authority",
    signed_at="2026-05-01T10:00:00Z",
    valid=True,
    trusted=True,
    trust_list=LIST,
    trust_as_of=LISTED,
)
REMOTE = Provenance(ManifestState.REMOTE_ONLY, remote="https://manifests.example/1")
UNREADABLE = Provenance(ManifestState.UNREADABLE, cause="the manifest store is cut short")

LEANS = Hint("frozen-encoder 1.0", "c4" * 32, HintVerdict.LIKELY_AI, 0.97, "above the threshold of the worst source")
ABSTAINS = Hint("frozen-encoder 1.0", "c4" * 32, HintVerdict.INCONCLUSIVE, None, "looks like a drawing: not judged")
SAW_NOTHING = Hint("frozen-encoder 1.0", "c4" * 32, HintVerdict.NO_INDICATION, 0.08, "below the threshold")

SIGNALS = (COMFY, UNVERIFIED, CAMERA, MARK, THUMBNAIL, ENCODER)
PROVENANCES = (SIGNED, UNLISTED, TAMPERED, CAPTURE, REMOTE, UNREADABLE)
HINTS = (LEANS, ABSTAINS, SAW_NOTHING)


def named(name: str) -> dict[str, Any]:
    """Evidence in which every text that may come from a file, and more, is `name`; to be fields of a row."""
    place, action = Place(name, 0, 9), ManifestAction(name, name, name, name, name)
    signal = Signal(
        name,
        name,
        SignalKind.METADATA,
        Says.AI_MADE,
        name,
        (place,),
        Forgeable.ANYONE,
        Rule(name, name, name, RuleStatus.UNVERIFIED),
        {name: 1.0},
        Withheld(name, 9),
    )
    manifest = Provenance(
        ManifestState.EMBEDDED,
        Says.AI_EDITED,
        (name,),
        (action,),
        *(name,) * 5,
        valid=True,
        trusted=True,
        failures=(Failure(name, name, name),),
        ingredients=(Ingredient(name, name, name, 1, Says.AI_MADE, (name,), (action,), name, True, False),),
        remote=name,
        cause=name,
        trust_list=name,
        trust_as_of=name,
        places=(place,),
    )
    reason = Reason("metadata", Artificialness.HYBRID, Strength.DECLARED, name)
    return {
        "signals": (signal, replace(signal, kind=SignalKind.MARKER), replace(signal, kind=SignalKind.CODING)),
        "provenance": manifest,
        "hint": replace(LEANS, detector=name, card=name, reason=name),
        "assessment": Assessment(Artificialness.HYBRID, Strength.DECLARED, (reason,), (name,)),
    }


def told(number: int) -> tuple[tuple[Signal, ...], Provenance | None, Hint | None]:
    """What file `number` tells: nothing for most."""
    rng = random.Random(1_000_003 * number + 17)
    if rng.random() < 0.7:
        return (), None, None
    signals = tuple(rng.sample(SIGNALS, rng.choice((0, 1, 1, 2))))
    provenance = rng.choice((None, None, *PROVENANCES))
    return signals, provenance, rng.choice((None, *HINTS))
