"""What the assessment makes of what, asked of the code itself: the rows of the tables in docs/signals.md."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from safelight.model.assessment import Artificialness, Assessment
from safelight.model.hint import Hint, HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.provenance import ManifestState, Provenance
from safelight.model.region import AlteredRegion, RegionBasis
from safelight.model.signal import Says, Signal, SignalKind
from safelight.policy.assess import assess
from safelight.policy.assess_rules import AUTHORITIES, CLAIMS, CONFLICTS, OWN_TERMS

Row = tuple[str, ...]
Choice = Mapping[str, str]

REGION = AlteredRegion(0.2, (10, 10, 90, 90), RegionBasis.PIXELS)
SAYS = tuple(says.value for says in Says)
SIGNERS = {"does not hold": (False, False), "unlisted": (True, False), "trusted": (True, True)}
DIMENSIONS: Mapping[str, Sequence[str]] = {
    "replaced part of a known picture": ("yes", "no"),
    "manifest says": SAYS,
    "its signer": tuple(SIGNERS),
    "a field says": SAYS,
    "a mark says": (Says.NOTHING.value, Says.AI_MADE.value, Says.AI_EDITED.value, Says.AI_USED.value),
    "detector": ("not asked", *(verdict.value for verdict in HintVerdict)),
}
"""The evidence that is combined, each kind with what it may be."""

HEADER = (*DIMENSIONS, "artificialness", "strength")


def answer(choice: Choice) -> Assessment:
    """The assessment of one combination of `DIMENSIONS`."""
    return _answer(*(choice[name] for name in DIMENSIONS))


@cache
def _answer(region: str, manifest: str, signer: str, field: str, mark: str, detector: str) -> Assessment:
    valid, trusted = SIGNERS[signer]
    verdict = None if detector == "not asked" else HintVerdict(detector)
    return assess(
        [Match("bank", "entry", MatchKind.DERIVATIVE, "local", None, altered_region=REGION)] if region == "yes" else (),
        [
            Signal("field", "a field", SignalKind.METADATA, Says(field)),
            Signal("mark", "a mark", SignalKind.MARKER, Says(mark)),
        ],
        Provenance(ManifestState.EMBEDDED, Says(manifest), _own_word(Says(manifest)), valid=valid, trusted=trusted),
        None if verdict is None else Hint("detector", "card", verdict, 0.9, "a reason"),
    )


def _own_word(says: Says) -> tuple[str, ...]:
    """Source types with which a manifest says so itself."""
    return tuple(sorted(OWN_TERMS.get(says, ())))


def outcomes() -> Iterator[Row]:
    """Every combination and its answer, with those that have the same answers in one row."""
    yield from _grouped({}, list(DIMENSIONS))


def _grouped(chosen: Choice, left: Sequence[str]) -> Iterator[Row]:
    answers = _answers(chosen, left)
    if len(set(answers)) == 1:
        yield (*["any"] * len(left), *answers[0])
        return
    name, rest = left[0], left[1:]
    groups: dict[tuple[Row, ...], list[str]] = {}
    for value in DIMENSIONS[name]:
        groups.setdefault(_answers({**chosen, name: value}, rest), []).append(value)
    for values in groups.values():
        label = "any" if len(values) == len(DIMENSIONS[name]) else ", ".join(values)
        for row in _grouped({**chosen, name: values[0]}, rest):
            yield (label, *row)


def _answers(chosen: Choice, left: Sequence[str]) -> tuple[Row, ...]:
    """The answers to all combinations of what is left, in one order."""
    if not left:
        got = answer(chosen)
        return ((got.artificialness.value, got.strength.value),)
    return tuple(row for value in DIMENSIONS[left[0]] for row in _answers({**chosen, left[0]: value}, left[1:]))


def claims() -> Iterator[Row]:
    """What can be said, what that points to, and why not, if so; what decides first among equals comes first."""
    for meaning in CLAIMS.values():
        level = "" if meaning.points_to is Artificialness.UNKNOWN else f"`{meaning.points_to}`"
        yield meaning.words, level or meaning.note


def voices() -> Iterator[Row]:
    """Who can say it, and what that is worth."""
    for authority in AUTHORITIES.values():
        yield authority.words, f"`{authority.source}`", f"`{authority.strength}`"


def conflicts() -> Iterator[Row]:
    """Claims that cannot both hold."""
    for one in CLAIMS:
        against = [CLAIMS[other].words for other in CLAIMS if (one, other) in CONFLICTS]
        if against:
            yield CLAIMS[one].words, "; ".join(against)
