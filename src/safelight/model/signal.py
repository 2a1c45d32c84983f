"""Signals: what is seen of a file besides matches. Each is evidence for people, none a verdict."""

from dataclasses import dataclass, field
from enum import StrEnum

NAME_SIGNAL = "name_mismatch"
"""The signal that a file's name says another type than its bytes: the only one about the name, not the bytes."""


class SignalKind(StrEnum):
    """Where a signal comes from."""

    FILE = "file"  # an oddity of the file itself
    METADATA = "metadata"  # a field that a generator, an editor or a labelling rule fills
    MARKER = "marker"  # a mark hidden in the pixels
    CODING = "coding"  # how the file was encoded: encoder, earlier compression, embedded thumbnail


class Says(StrEnum):
    """What a signal says of how the picture was made. It says so; whether that is true is another question."""

    NOTHING = "nothing"
    AI_MADE = "ai_made"  # all of it by a generative model
    AI_EDITED = "ai_edited"  # part of it by a generative model
    AI_USED = "ai_used"  # a generative model was used; how far is not said
    ALTERED = "altered"  # composed or retouched, without word of a generative model
    CAPTURED = "captured"  # by a camera or scanner
    DRAWN = "drawn"  # by a person or a program that was not trained on data


class Forgeable(StrEnum):
    """Who could have put it there without its being true."""

    ANYONE = "anyone"  # plain data: a common tool adds, changes or removes it
    PUBLIC_CODE = "public_code"  # who runs the public program that writes it
    SIGNER = "signer"  # who holds the private key of the signature, or has one of an unlisted issuer
    HARD = "hard"  # only the holder of a key that a trust list vouches for


class RuleStatus(StrEnum):
    """How well a rule is known."""

    CONFIRMED = "confirmed"  # in the maker's documentation or program, or seen in real files
    UNVERIFIED = "unverified"  # told by others; no file of it was seen


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a pattern means what it is said to mean. `source`: document, program or standard. `as_of`: ISO date."""

    id: str
    source: str
    as_of: str
    status: RuleStatus = RuleStatus.CONFIRMED


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file: bytes from `start` up to `end`, and what lies there, as `PNG tEXt "parameters"`."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """A text that was found and is kept apart, as it may describe what nobody should have to read."""

    sha256: str
    characters: int


@dataclass(frozen=True, slots=True)
class Signal:
    """Anything seen that is not a match. `name` is stable, `detail` one line for people. Never a verdict.

    `says`: what it says of how the picture was made. `generator`: the program or model it names, as people know it.
    `places`: where it was found. `forgeable`, `rule`: how easily it is made up, and what it rests on; None for
    oddities of the file. `figures`: what was measured, named with its unit (`bits_agree`, `chance_bits`). `withheld`:
    the prompt or graph that was found there.
    """

    name: str
    detail: str
    kind: SignalKind = SignalKind.FILE
    says: Says = Says.NOTHING
    generator: str = ""
    places: tuple[Place, ...] = ()
    forgeable: Forgeable | None = None
    rule: Rule | None = None
    figures: dict[str, float] = field(default_factory=dict)
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text itself of what a `Withheld` stands for; kept apart from results. `cut`: not all of it is here."""

    sha256: str
    place: Place
    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SignalRequest:
    """What is to be looked for beside matches: `declared` (provenance and metadata), `pixels` (markers, thumbnail).

    `lossy`: markers also where lossy coding will have erased them. `hint`: also ask the detector. `maps`: also draw the
    examiner's maps.
    """

    declared: bool = True
    pixels: bool = True
    lossy: bool = False
    hint: bool = False
    maps: bool = False
