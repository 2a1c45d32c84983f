"""The crosswalk: what a reviewer's finding is called in the classifications of others. One table, with a version.

A finding has three axes: class (A1 to B2), how artificial, and whether a real victim is depicted. A row says what
follows from it in one target, or that nothing does. Where a source does not let us derive a value the table says so;
it never guesses. docs/crosswalk.md is generated from it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from safelight.model.assessment import Artificialness
from safelight.model.case_events import Answer, Classification
from safelight.model.decision import Outcome
from safelight.model.dossier import Dossier, DossierItem
from safelight.model.signal import RuleStatus

CROSSWALK_VERSION: Final = "1"
"""Raised when a row comes, goes, or changes its meaning."""

ARTIFICIAL: Final = frozenset((Artificialness.PARTIALLY_ALTERED, Artificialness.FULLY_SYNTHETIC, Artificialness.HYBRID))
"""What counts as made, or in part made, by a machine. A crop or another compression (`minimally_modified`) does not."""


class Rule(StrEnum):
    """How a value comes into a document."""

    FOLLOWS = "follows"  # from the finding, without anybody asking
    PERSON = "person"  # only a person sets it
    NOT_DERIVABLE = "not derivable"  # the finding does not say enough, or no source says how
    NEVER = "never"  # not even a person


class Target(StrEnum):
    """What others ask for. Those of `ncmec.` but the first are the ten annotations of a file."""

    INDUSTRY = "ncmec.industryClassification"
    ANIME = "ncmec.animeDrawingVirtualHentai"
    MEME = "ncmec.potentialMeme"
    VIRAL = "ncmec.viral"
    SELF = "ncmec.possibleSelfProduction"
    HARM = "ncmec.physicalHarm"
    GORE = "ncmec.violenceGore"
    ANIMALS = "ncmec.bestiality"
    STREAM = "ncmec.liveStreaming"
    INFANT = "ncmec.infant"
    GENERATIVE = "ncmec.generativeAi"
    UK = "uk.category"
    VICS_UK = "vics.UK"
    VICS_US = "vics.US"
    INHOPE_CATEGORISATION = "inhope.categorisation"
    INHOPE_INVESTIGATIVE = "inhope.investigative"
    INHOPE_DEMOGRAPHIC = "inhope.demographic"
    BASELINE = "interpol.baseline"
    XARF_CLASS = "xarf.classification"
    XARF_TAG = "xarf.tag"
    CAC_CLASS = "cac.class"
    CAC_LEVEL = "cac.artificialnessLevel"
    DSA_KEYWORD = "dsa.category_specification"


@dataclass(frozen=True, slots=True)
class Row:
    """What a finding of these classes, levels and answers becomes in one target. `value`: empty for nothing."""

    target: Target
    rule: Rule
    value: str
    why: str
    source: str
    status: RuleStatus = RuleStatus.CONFIRMED
    classes: frozenset[Classification] = frozenset(Classification)
    levels: frozenset[Artificialness] = frozenset(Artificialness)
    victims: frozenset[Answer] = frozenset(Answer)


_T, _R = Target, Rule
_A, _C = Artificialness, Classification
_FOUR = (_C.A1, _C.A2, _C.B1, _C.B2)
_ACTS, _POSES = frozenset((_C.A1, _C.B1)), frozenset((_C.A2, _C.B2))
_XSD = "CyberTipline Reporting API, 2025-06-11, and its XSD, 2025-11"
_HMICFRS = "HMICFRS, glossary: categories A to C"
_REMEMBERED = "no source was read: remembered"
_LETTERS = "HMICFRS has A to C; that these are 1 to 3 is remembered"
_UCS = "universalclassificationschema.org, v3 (2024): three groups; the list of labels is not public"
_INTERPOL = "interpol.int, Baseline: real child, appears under 13, severe, verified by at least two agencies"
_XARF = "xarf-spec 37820da (2026-03-20), content/csam"
_CAC = "CAC Ontology a923beb (2026-03-20), ai-csam 3.0.0"
_TDB = "DSA Transparency Database 69e80a0b (2026-06-24), app/Models/Statement.php"


def _one(level: Artificialness) -> frozenset[Artificialness]:
    return frozenset((level,))


def _people(*targets: Target) -> tuple[Row, ...]:
    return tuple(Row(target, _R.PERSON, "", "no finding says this", _XSD) for target in targets)


TABLE: Final = (
    *(Row(_T.INDUSTRY, _R.FOLLOWS, one, "the same scale", _XSD, classes=frozenset((one,))) for one in _FOUR),
    Row(_T.INDUSTRY, _R.FOLLOWS, "", "outside of the four: left out", _XSD),
    *_people(_T.ANIME, _T.MEME, _T.VIRAL, _T.SELF, _T.HARM, _T.GORE, _T.ANIMALS, _T.STREAM, _T.INFANT),
    Row(_T.GENERATIVE, _R.FOLLOWS, "generativeAi", "made by a machine, or in part", _XSD, levels=ARTIFICIAL),
    Row(_T.GENERATIVE, _R.FOLLOWS, "", "not found to be: left out, which says nothing", _XSD),
    Row(_T.UK, _R.NOT_DERIVABLE, "", "A or B: class 1 does not tell them apart", _HMICFRS, classes=_ACTS),
    Row(_T.UK, _R.NOT_DERIVABLE, "", "C is likely; no source says that class 2 leaves out all of A and B", _HMICFRS,
        classes=_POSES),
    Row(_T.UK, _R.NOT_DERIVABLE, "", "no class", _HMICFRS),
    Row(_T.VICS_UK, _R.NOT_DERIVABLE, "", "as of uk.category; a person may set 1, 2 or 3 for A, B or C", _LETTERS,
        RuleStatus.UNVERIFIED),
    Row(_T.VICS_US, _R.NOT_DERIVABLE, "", "the figures are not confirmed: never exported by itself", _REMEMBERED,
        RuleStatus.UNVERIFIED),
    *(Row(target, _R.NOT_DERIVABLE, "", "only the group is known, not its labels", _UCS, RuleStatus.UNVERIFIED)
      for target in (_T.INHOPE_CATEGORISATION, _T.INHOPE_INVESTIGATIVE, _T.INHOPE_DEMOGRAPHIC)),
    Row(_T.BASELINE, _R.NEVER, "", "no real child", _INTERPOL, levels=_one(_A.FULLY_SYNTHETIC)),
    Row(_T.BASELINE, _R.NEVER, "", "no real child", _INTERPOL, victims=frozenset((Answer.NO,))),
    Row(_T.BASELINE, _R.PERSON, "", "who sets it names two agencies that verified it", _INTERPOL),
    *(Row(_T.XARF_CLASS, _R.FOLLOWS, one, "the same scale", _XARF, classes=frozenset((one,))) for one in _FOUR),
    Row(_T.XARF_CLASS, _R.NOT_DERIVABLE, "", "the format asks for one of the four: no such report is made", _XARF),
    Row(_T.XARF_TAG, _R.FOLLOWS, "csam:ai-generated", "the wording is ours: tags are free", _XARF,
        levels=_one(_A.FULLY_SYNTHETIC)),
    Row(_T.XARF_TAG, _R.FOLLOWS, "csam:ai-altered", "the wording is ours: tags are free", _XARF,
        levels=frozenset((_A.PARTIALLY_ALTERED, _A.HYBRID))),
    Row(_T.XARF_TAG, _R.FOLLOWS, "", "nothing to say", _XARF),
    Row(_T.CAC_CLASS, _R.FOLLOWS, "SyntheticMediaCSAM", "wholly made by a machine", _CAC,
        levels=_one(_A.FULLY_SYNTHETIC)),
    Row(_T.CAC_CLASS, _R.FOLLOWS, "HybridCSAM", "real and made parts", _CAC, levels=_one(_A.HYBRID)),
    Row(_T.CAC_CLASS, _R.FOLLOWS, "DeepfakeCSAM", "altered, and a real victim is depicted", _CAC,
        levels=_one(_A.PARTIALLY_ALTERED), victims=frozenset((Answer.YES,))),
    Row(_T.CAC_CLASS, _R.FOLLOWS, "AIAlteredCSAM", "altered", _CAC, levels=_one(_A.PARTIALLY_ALTERED)),
    Row(_T.CAC_CLASS, _R.FOLLOWS, "", "the ontology names no others", _CAC),
    *(Row(_T.CAC_LEVEL, _R.FOLLOWS, one, "the same word", _CAC, levels=_one(one)) for one in sorted(ARTIFICIAL)),
    Row(_T.CAC_LEVEL, _R.FOLLOWS, "", "said of artificial material only", _CAC),
    Row(_T.DSA_KEYWORD, _R.FOLLOWS, "", "outside of the four: the category alone is given", _TDB,
        classes=frozenset((_C.OTHER,))),
    Row(_T.DSA_KEYWORD, _R.FOLLOWS, "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE", "artificial, or in part", _TDB,
        levels=ARTIFICIAL),
    Row(_T.DSA_KEYWORD, _R.FOLLOWS, "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "all else that was confirmed", _TDB),
)  # fmt: skip
"""Of each target, the first row that fits holds; the last fits everything."""

ANNOTATIONS: Final = tuple(
    target.removeprefix("ncmec.") for target in Target if target.startswith("ncmec.") and target is not Target.INDUSTRY
)
"""NCMEC's words for a file, exactly, in the order of its schema."""


@dataclass(frozen=True, slots=True)
class Category:
    """A figure of a national scale of VICS. One that is not CONFIRMED is exported only when a person sets it."""

    region: str
    number: int
    name: str
    source: str
    status: RuleStatus


VICS_CATEGORIES: Final = (
    *(Category("UK", number, name, _LETTERS, RuleStatus.UNVERIFIED) for number, name in ((1, "A"), (2, "B"), (3, "C"))),
    *(
        Category("US", number, name, _REMEMBERED, RuleStatus.UNVERIFIED)
        for number, name in (
            (0, "not categorised"),
            (1, "child abuse material"),
            (2, "child exploitative, or age difficult to tell"),
            (3, "computer-generated, or animation"),
            (4, "comparison"),
            (5, "not pertinent"),
        )
    ),
)
"""What a category of VICS means: another thing in each country."""


def cell(target: Target, classification: Classification, level: Artificialness, victim: Answer) -> Row:
    """What a finding becomes in a target; defined for every finding."""
    return next(
        row
        for row in TABLE
        if row.target is target and classification in row.classes and level in row.levels and victim in row.victims
    )


def level(found: Artificialness, outcome: Outcome, others: Iterable[Outcome]) -> Artificialness:
    """How artificial one item of a case is, by the finding on the case.

    A finding holds for a whole case, which may hold the source of an altered copy beside it, or a copy of that which
    was only saved again. So where the finding is that something was altered, or is in part real, it is said of all
    items while comparing said the same of them all, and else of those alone that it found to be altered copies: real
    material must not be taken for artificial. What is wholly synthetic is so in each copy.

    Args:
        found: the finding's level.
        outcome: what comparing said of the item.
        others: what it said of all items of the case.
    """
    altered = found in ARTIFICIAL and found is not Artificialness.FULLY_SYNTHETIC
    beside = outcome is not Outcome.DERIVED and any(other is not outcome for other in others)
    return Artificialness.UNKNOWN if altered and beside else found


def of(dossier: Dossier, item: DossierItem, target: Target) -> str:
    """The value that follows for an item from the finding on its case, by itself; empty for none."""
    artificial = level(dossier.artificialness, item.found, (one.found for one in dossier.items))
    row = cell(target, dossier.classification, artificial, dossier.real_victim)
    return row.value if row.rule is Rule.FOLLOWS else ""


def baseline_flaw(dossier: Dossier, agencies: Collection[str]) -> str:
    """Why this may not be said to be in the Interpol baseline by these agencies; empty when it may."""
    row = cell(Target.BASELINE, dossier.classification, dossier.artificialness, dossier.real_victim)
    if row.rule is Rule.NEVER:
        return f"never in the Interpol baseline: {row.why}"
    if len({agency.strip().casefold() for agency in agencies if agency.strip()}) < 2:
        return "the Interpol baseline asks for two agencies that verified it"
    return ""
