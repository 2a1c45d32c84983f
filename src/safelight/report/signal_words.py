"""The words of the report for how a file was made: one label or half sentence for every value people see."""

from safelight.model.assessment import Artificialness, Strength
from safelight.model.hint import HintVerdict
from safelight.model.provenance import ManifestState
from safelight.model.signal import Forgeable, RuleStatus, Says, SignalKind

LEVELS = {
    Artificialness.PARTIALLY_ALTERED: "Partially altered",
    Artificialness.HYBRID: "Hybrid, AI used",
    Artificialness.FULLY_SYNTHETIC: "Fully synthetic",
    Artificialness.MINIMALLY_MODIFIED: "Minimally modified",
    Artificialness.CAMERA_ORIGINAL: "Camera original",
    Artificialness.UNKNOWN: "Not known",
}
"""Labels of the levels, in the order in which the report lists them: what leaves room for a real person first."""

LEVEL_MEANINGS = {
    Artificialness.PARTIALLY_ALTERED: "A part of the picture was replaced, retouched or made by a generative model.",
    Artificialness.HYBRID: "A generative model had a part in the picture; how large a part is not told.",
    Artificialness.FULLY_SYNTHETIC: "All of the picture is said to come from a generative model. It may still "
    "show a real person.",
    Artificialness.MINIMALLY_MODIFIED: "A trusted signer says: taken by a camera, then only cropped, scaled, toned or "
    "stored anew.",
    Artificialness.CAMERA_ORIGINAL: "A trusted signer says: taken by a camera and not changed since.",
    Artificialness.UNKNOWN: "Nothing that decides was found. Most files are here, AI-made ones too: it says nothing "
    "about them.",
}

STRENGTHS = {
    Strength.MATCHED: "by comparison",
    Strength.SIGNED: "signed",
    Strength.DECLARED: "declared",
    Strength.MARKED: "marked",
    Strength.HINTED: "hinted",
    Strength.NONE: "nothing decides",
}
"""What an answer rests on, in one word."""

SHOWN_STRENGTHS = frozenset({Strength.MATCHED, Strength.SIGNED, Strength.DECLARED, Strength.MARKED})
"""Those that earn a badge in the list; a detector's hint never does."""

SAYS = {
    Says.NOTHING: "nothing of how it was made",
    Says.AI_MADE: "all of it was made by a generative model (AI)",
    Says.AI_EDITED: "a part of it was made by a generative model (AI)",
    Says.AI_USED: "a generative model (AI) was used, without saying how far",
    Says.ALTERED: "it was composed or retouched",
    Says.CAPTURED: "it was taken by a camera or scanner",
    Says.DRAWN: "it was drawn by a person, or by a program that was not trained on data",
}
"""What a signal or manifest says, to follow "says that"."""

SIGNAL_KINDS = {
    SignalKind.METADATA: "field of the file",
    SignalKind.MARKER: "mark in the pixels",
    SignalKind.CODING: "coding",
    SignalKind.FILE: "oddity of the file",
}

FORGEABLE = {
    Forgeable.ANYONE: "by anyone: common tools add, change or remove it",
    Forgeable.PUBLIC_CODE: "by who runs the public program that writes it",
    Forgeable.SIGNER: "by who holds the key, or makes one of an unlisted issuer",
    Forgeable.HARD: "only by the holder of a key that the trust list vouches for",
}
"""Who could have put it there without its being true."""

RULE_STATES = {
    RuleStatus.CONFIRMED: "confirmed",
    RuleStatus.UNVERIFIED: "not verified: it decides nothing",
}

MANIFESTS = {
    ManifestState.EMBEDDED: "in the file",
    ManifestState.REMOTE_ONLY: "not in the file: it only names an address, and nothing is ever fetched",
    ManifestState.UNREADABLE: "in the file, and cannot be read",
}

VERDICTS = {
    HintVerdict.LIKELY_AI: "leans towards AI-made",
    HintVerdict.INCONCLUSIVE: "does not know",
    HintVerdict.NO_INDICATION: "saw nothing it knows; that does not mean real",
}
"""What a detector makes of a picture, to follow its name."""
