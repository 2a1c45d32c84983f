"""Words of documents for people, in English."""

from typing import Final

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer, Verdict
from safelight.model.dossier import How
from safelight.model.filing import Body
from safelight.model.takedown import Place, Scope

FINDINGS: Final = {
    Verdict.CONFIRMED: "confirmed",
    Verdict.NOT_ABUSE: "not abuse",
    Verdict.UNSURE: "not decided: for a senior reviewer",
}
LEVELS: Final = {
    Artificialness.CAMERA_ORIGINAL: "as a camera made it",
    Artificialness.MINIMALLY_MODIFIED: "modified a little: cut, scaled or compressed anew",
    Artificialness.PARTIALLY_ALTERED: "altered in part",
    Artificialness.FULLY_SYNTHETIC: "made wholly by a machine",
    Artificialness.HYBRID: "real and machine-made parts together",
    Artificialness.UNKNOWN: "not known",
}
VICTIMS: Final = {Answer.YES: "yes", Answer.NO: "no", Answer.UNKNOWN: "not known"}
HOW: Final = {
    How.POLICY: "rule: the very bytes of known items, closed unseen",
    How.PERSON: "a reviewer",
    How.TWO_PEOPLE: "two reviewers, who agree on verdict and class",
}
FOUND: Final = {
    "hash_match": "a digest or perceptual hash that is known",
    "automated_scan": "tracing it to a known item, or to its scene",
    "manual_review": "people; no known item matches",
}
PLACES: Final = {
    Place.UNCHECKED: "not looked at yet",
    Place.PRESENT: "there: the very bytes",
    Place.ALTERED: "there: an altered copy",
    Place.MOVED: "there, under another address that this one leads to",
    Place.REPLACED: "something else is there now",
    Place.GONE: "gone",
    Place.BARRED: "refused to us: it may be there for others",
    Place.SILENT: "no answer",
    Place.UNCLEAR: "something answers that cannot be compared with it: a person has to look",
}
SCOPES: Final = {
    Scope.SITE: "operator of the site",
    Scope.HOST: "host",
    Scope.UPSTREAM: "network above the host",
    Scope.REGISTRAR: "registrar of the domain",
    Scope.HOTLINE: "hotline",
}
TAKERS: Final = {
    Body.NCMEC: "NCMEC CyberTipline",
    Body.CYBERTIP_CA: "Cybertip.ca",
    Body.NCA: "National Crime Agency",
    Body.POLICE: "police",
}
