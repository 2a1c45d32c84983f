"""The words of the report: one label, and one sentence that says what is meant, for every value people see."""

from safelight.model.decision import Action, Outcome
from safelight.model.fingerprint import View
from safelight.model.match import MatchKind
from safelight.model.region import RegionBasis
from safelight.model.scan import Status

OUTCOMES = {
    Outcome.KNOWN: "Known",
    Outcome.NEAR: "Near",
    Outcome.DERIVED: "Derivative",
    Outcome.LEAD: "Lead",
    Outcome.SUPPRESSED: "Suppressed",
    Outcome.UNCHECKED: "Not checked",
    Outcome.PARTIAL: "Partly checked",
    Outcome.CLEAR: "No match",
}
"""Labels of the outcomes, in the order in which the report lists files: first those that ask for a person."""

MEANINGS = {
    Outcome.KNOWN: "The very bytes of a bank's entry, whatever the file is called: a cryptographic digest agrees.",
    Outcome.NEAR: "A picture in the file looks like a bank's entry, within that bank's threshold. "
    "This is evidence, not a verdict: a trained person has to compare before anything is done on it.",
    Outcome.DERIVED: "The file's picture came from a bank's entry, but was altered: cropped, framed, put into another "
    "picture, drawn on, or replaced in part; or stretches of a video show a known one. Evidence, not a verdict: a "
    "trained person has to compare.",
    Outcome.LEAD: "Another picture that seems to show the same room or object as a bank's entry. Not counted as found, "
    "and says nothing about the picture itself: a lead that a person may follow.",
    Outcome.SUPPRESSED: "Near an entry, or derived from one, but a known-benign entry explains the picture as well. "
    "Not counted as found.",
    Outcome.UNCHECKED: "The file could not be read or decoded. Nothing is known about what it shows.",
    Outcome.PARTIAL: "Nothing matched, but only the digests, or only a part of the file, could be compared.",
    Outcome.CLEAR: "Compared with every bank below; nothing matched. This is not a statement about what the file "
    "shows: new material, and known material changed too much to be traced, does not match.",
}

STATUSES = {
    Status.OK: "Read fully",
    Status.DEGRADED: "Read in part",
    Status.UNREADABLE: "Unreadable",
    Status.UNSUPPORTED: "Type not decoded",
    Status.SKIPPED: "Skipped",
}

ACTIONS = {
    Action.NONE: "nothing is asked for",
    Action.QUEUE: "queue for a person",
    Action.HOLD: "hold until a person has decided",
    Action.BLOCK: "refuse",
    Action.REPORT: "prepare a report",
    Action.PRESERVE: "keep as the law asks",
    Action.NOTIFY: "tell whoever uploaded it",
}

VIEWS = {
    View.UPRIGHT: "as displayed",
    View.RAW: "as stored",
    View.CONTENT: "inside its border",
}

DIHEDRALS = {
    "original": "",
    "rotate90": "turned 90°",
    "rotate180": "turned 180°",
    "rotate270": "turned 270°",
    "flip_x": "mirrored top to bottom",
    "flip_y": "mirrored left to right",
    "flip_plus_1": "mirrored on a diagonal",
    "flip_minus_1": "mirrored on the other diagonal",
}
"""Words for `safelight.model.fingerprint.DIHEDRAL`; nothing is said of a picture that matches as it stands."""

ALGORITHMS = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "pdq": "PDQ",
    "tiles": "PDQ of tiles",
    "local": "keypoints",
    "clip": "frames in time",
}

KINDS = {
    MatchKind.EXACT: "exact",
    MatchKind.NEAR: "near",
    MatchKind.DERIVATIVE: "derivative",
    MatchKind.SHARED_SCENE: "lead: same scene, another picture",
}

SEGMENT_EVIDENCE = {
    "frames": "whole frames",
    "tiles": "parts of frames",
    "keypoints": "keypoints",
}
"""Words for what the agreement of a segment of video rests on."""


BASES = {
    RegionBasis.PIXELS: "told pixel by pixel",
    RegionBasis.KEYPOINTS: "told by the entry's stored keypoints, so its edge is rough",
    RegionBasis.TILES: "told by the entry's stored tile hashes, so it is a grid of 4 \u00d7 4 cells",
}
"""Words for what an altered region was found with."""
