"""How do we know? What was found of how a file was made, in plain words for somebody who is no expert."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safelight.model.assessment import Artificialness, Strength
from safelight.model.hint import HintVerdict
from safelight.model.match import Match, MatchKind
from safelight.model.provenance import ManifestState, Provenance
from safelight.model.scan import ScanRow, Status
from safelight.model.segment import most_replaced
from safelight.model.signal import Forgeable, RuleStatus, Says, Signal, SignalKind, SignalRequest
from safelight.report.compare_words import percent
from safelight.report.signal_words import SAYS
from safelight.report.text import count

MOST = 3
"""Names, failures and conflicts that one part tells; the examiner's panel has more of them."""

_UNKNOWN = "How this picture was made is not known."
_LEVELS = {
    Artificialness.CAMERA_ORIGINAL: "a camera or scanner took the picture, and it was not changed since",
    Artificialness.MINIMALLY_MODIFIED: "a camera or scanner took the picture, and since then it was only cropped, "
    "scaled, toned or stored anew",
    Artificialness.PARTIALLY_ALTERED: "a part of the picture was changed, or made by a generative model (AI)",
    Artificialness.FULLY_SYNTHETIC: "all of the picture was made by a generative model (AI)",
    Artificialness.HYBRID: "a generative model (AI) had a part in the picture, and not how large a part",
}
_SHORT = {
    Strength.MATCHED: "A comparison with a known picture shows that a part of this one was replaced.",
    Strength.SIGNED: "A signer that the trust list vouches for says that {}.",
    Strength.DECLARED: "The file says of itself that {}. Anyone can write that into a file.",
    Strength.MARKED: "A mark hidden in the pixels says that {}. Anyone can put such a mark there.",
}
_BARE = "The file carries no statement on how it was made. That means nothing: most files lose it when they are shared."
_NOT_ASKED = "This scan was not asked to look for how files were made."
_LOST = "signals_lost"
_UNREAD = "The file could not be examined, so nothing is known of how it was made."


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the answer. An empty heading: the sentences stand for themselves."""

    heading: str
    sentences: tuple[str, ...]


def how_known(row: ScanRow, looked_for: SignalRequest | None) -> tuple[Part, ...]:
    """What the file says of itself, whether that can be trusted, what is in the pixels, and what nobody can know.

    `looked_for`: what the scan was asked to look for. Parts without a sentence are left out; a file of which nothing
    was found gets one sentence. Texts from the file inside sentences are not escaped.
    """
    said, trust, seen = tuple(_said(row, looked_for)), tuple(_trust(row)), tuple(_seen(row))
    if not (trust or seen or row.assessment.reasons) and said in {(_BARE,), (_NOT_ASKED,)}:
        unread = row.status in {Status.UNREADABLE, Status.SKIPPED}
        return (Part("", (_UNREAD,) if unread else said),)
    parts = (
        Part("In short", tuple(_short(row))),
        Part("What cannot all be true", row.assessment.conflicts[:MOST]),
        Part("What the file says of itself", said),
        Part("Whether that can be trusted", trust),
        Part("What was found in the picture itself", seen),
        Part("What nobody can know from this", tuple(_unknowable(row))),
    )
    return tuple(part for part in parts if part.sentences)


def _short(row: ScanRow) -> Iterator[str]:
    level = _LEVELS.get(row.assessment.artificialness)
    yield _SHORT[row.assessment.strength].format(level) if level else _UNKNOWN


def _said(row: ScanRow, looked_for: SignalRequest | None) -> Iterator[str]:
    """The statements that the file carries."""
    fields = _of(row, SignalKind.METADATA)
    if row.provenance is not None:
        yield from _manifest(row.provenance)
    for says in Says:
        if found := [signal for signal in fields if signal.says is says]:
            yield _field(says, found)
    withheld = {signal.withheld for signal in row.signals if signal.withheld is not None}
    for text in sorted(withheld, key=lambda text: (-text.characters, text.sha256))[:MOST]:
        yield f"A prompt of {_characters(text.characters)} was found and is kept apart."
    if lost := [signal for signal in row.signals if signal.name == _LOST]:
        yield f"Not all could be looked for: {lost[0].detail.rstrip('.')}."
    elif row.provenance is None and not fields:
        yield _BARE if looked_for is not None and looked_for.declared else _NOT_ASKED


def _manifest(provenance: Provenance) -> Iterator[str]:
    if provenance.state is ManifestState.REMOTE_ONLY:
        yield (
            "The file names an address at which a statement on its making is said to lie. Safelight asks nothing of "
            "the network, so nobody looked there."
        )
    elif provenance.state is ManifestState.UNREADABLE:
        yield "The file carries a signed statement on its making (a C2PA manifest) that cannot be read."
    elif provenance.says is Says.NOTHING:
        yield "The file carries a signed statement (a C2PA manifest). It says nothing of how the picture was made."
    else:
        yield f"The file carries a signed statement (a C2PA manifest). It says that {SAYS[provenance.says]}."
    if provenance.state is ManifestState.EMBEDDED and any(
        part.says is not Says.NOTHING for part in provenance.ingredients
    ):
        yield "It also says where parts of the picture came from; the examiner's list has that."


def _field(says: Says, signals: Iterable[Signal]) -> str:
    signals = list(signals)
    names = _names(signal.generator for signal in signals)
    if says is Says.NOTHING:
        return (
            f"It names {names}, which tells nothing of how the picture was made."
            if names
            else ("It has fields that tell nothing of how the picture was made.")
        )
    return f"A field of the file {f'names {names} and ' if names else ''}says that {SAYS[says]}."


def _trust(row: ScanRow) -> Iterator[str]:
    """How far the statements can be believed."""
    provenance, fields = row.provenance, _of(row, SignalKind.METADATA)
    if provenance is not None and provenance.state is ManifestState.EMBEDDED:
        yield from _signature(provenance)
        if provenance.valid and provenance.trusted and provenance.says is not Says.NOTHING and not _signed(row):
            yield "But what it says comes from what the picture was made from, and nobody vouches for that."
    if any(signal.says is not Says.NOTHING for signal in fields):
        yield "Fields of a file are plain text. Anyone can write, change or remove them."
    captured = {signal.says for signal in row.signals} | {provenance.says if provenance and not _signed(row) else None}
    if Says.CAPTURED in captured:
        yield "That a camera is named does not mean that a camera took the picture."
    if any(signal.rule is not None and signal.rule.status is RuleStatus.UNVERIFIED for signal in row.signals):
        yield "A rule that was used to read the file is not verified; nothing was decided by it."


def _signed(row: ScanRow) -> bool:
    return any(reason.strength is Strength.SIGNED for reason in row.assessment.reasons)


def _signature(provenance: Provenance) -> Iterator[str]:
    if not provenance.valid:
        causes = "; ".join(dict.fromkeys(failure.words or failure.code for failure in provenance.failures[:MOST]))
        yield f"The signature does not hold{f': {causes}' if causes else ''}."
        yield "What the statement says may be about another picture, or no longer true."
    elif provenance.trusted:
        listed = f" of {provenance.trust_as_of}" if provenance.trust_as_of else ""
        signer = provenance.signer or "its signer"
        yield f"The signature holds, and the trust list{listed} vouches for {signer}: what was signed was not changed."
        yield "That it is true is still that signer's word."
    else:
        yield "The signature holds: what was signed was not changed."
        yield "But no trust list vouches for the signer, and anyone can make such a signature."


def _seen(row: ScanRow) -> Iterator[str]:
    """What the pixels tell, a detector's hint last."""
    altered = max(filter(_counts, row.matches), key=_area, default=None)
    if altered is not None and _area(altered) > 0:
        what = "video" if altered.segments else "picture"
        part = "Up to {} of a frame" if altered.segments else "{} of the picture"
        yield (
            f"{part.format(percent(_area(altered)))} differs from a known {what}; the rest is that {what}. Which "
            "of the two came first, a comparison does not tell."
        )
    if marks := _of(row, SignalKind.MARKER):
        names = _names(signal.generator for signal in marks)
        yield f"A hidden mark is in the pixels{f' ({names})' if names else ''}."
        if any(signal.forgeable is not Forgeable.HARD for signal in marks):
            yield "Programs put such marks there, but anyone can add one, and most get lost when a picture is shared."
    for signal in _of(row, SignalKind.CODING)[: 2 * MOST]:
        if signal.says is not Says.NOTHING:
            yield f"{signal.detail[:1].upper()}{signal.detail[1:].rstrip('.')}."
    if row.hint is not None:
        yield from _hint(row.hint.verdict)


def _hint(verdict: HintVerdict) -> Iterator[str]:
    if verdict is HintVerdict.LIKELY_AI:
        yield "A detector leans towards AI-made. That is a hint: detectors are often wrong, and it decided nothing."
    elif verdict is HintVerdict.INCONCLUSIVE:
        yield "A detector was asked and does not know."
    else:
        yield "A detector was asked: it saw nothing it knows; that does not mean real."


def _unknowable(row: ScanRow) -> Iterator[str]:
    level = row.assessment.artificialness
    if level is Artificialness.UNKNOWN:
        yield "Whether a camera, a person or a program made this picture."
    elif row.assessment.strength in {Strength.DECLARED, Strength.MARKED}:
        yield "Whether what the file says is true."
    elif row.assessment.strength is Strength.SIGNED:
        yield "Whether what the signer says is true."
    if level in {Artificialness.FULLY_SYNTHETIC, Artificialness.HYBRID, Artificialness.PARTIALLY_ALTERED}:
        yield "Whether a real person is shown: generative models also make pictures of real people."


def _counts(match: Match) -> bool:
    kinds = {MatchKind.NEAR, MatchKind.DERIVATIVE}
    return match.kind in kinds and match.counts


def _area(match: Match) -> float:
    region = match.altered_region or most_replaced(match.segments)
    return region.area if region else 0.0


def _of(row: ScanRow, kind: SignalKind) -> list[Signal]:
    return [signal for signal in row.signals if signal.kind is kind]


def _names(names: Iterable[str]) -> str:
    """Each name once, a few of them."""
    known = sorted({name for name in names if name})
    more = f" and {len(known) - MOST} more" if len(known) > MOST else ""
    return ", ".join(known[:MOST]) + more


def _characters(number: int) -> str:
    return f"{count(number)} character{'' if number == 1 else 's'}"
