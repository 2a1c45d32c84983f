"""Texts of a manifest that may be quoted: those of a form in which nobody describes a picture.

Generators write what they were asked for into titles, descriptions and names, and such words are never in a result. So
a text is quoted only where its form is that of a name, a label, a time or an address; of others the length is told.
"""

import re

from safelight.detect.generators.tools import named as known_program
from safelight.detect.provenance.fields import URI, mapping, text

WITHHELD_PROGRAM = "a program whose name is withheld"
WITHHELD_ACTION = "an action whose name is withheld"
WITHHELD_SOURCE_TYPE = "a source type whose words are withheld"

_MOST_WORDS, _LONGEST_PROGRAM = 5, 40
# Words of prose are lower-case letters only; those of a program's name have something else in them, but for the first.
_FIRST, _OTHER = re.compile(r"[A-Za-z0-9._\-/+()]+"), re.compile(r"(?=.*[A-Z0-9._/+(])[A-Za-z0-9._\-/+()]+")
_PRODUCT = re.compile(r"[A-Za-z0-9._+-]{1,30}/v?\d[A-Za-z0-9._+-]{0,20}")
_LABEL = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_+\-]+)*")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?")
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9.+\-]{1,40}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9._~:/?#@!$&'()*+,;=\-]+")


def program(value: object) -> str:
    """A program as it is told, a text or an object with `name` and `version`; empty for none.

    Quoted as far as it has the form of a program's name (at most 40 characters and 5 words, each after the first with
    a capital, digit or sign), or is a known one under another. Of a list of products with versions, the first.
    """
    told = mapping(value)
    words = text(value if isinstance(value, str) else f"{text(told.get('name'))} {text(told.get('version'))}", 200)
    if not words or _is_program(words):
        return words
    several = words.split()
    if all(map(_PRODUCT.fullmatch, several)):
        return several[0]
    known = known_program(words)
    return known.generator if known and known.generator else WITHHELD_PROGRAM


def _is_program(words: str) -> bool:
    first, *others = words.split()
    return (
        len(words) <= _LONGEST_PROGRAM
        and len(others) < _MOST_WORDS
        and _FIRST.fullmatch(first) is not None
        and all(map(_OTHER.fullmatch, others))
    )


def label(value: object, instead: str) -> str:
    """A label of the standard or a maker's (`c2pa.created`, `com.example.x`); `instead` for another text."""
    words = text(value)
    return words if not words or _LABEL.fullmatch(words) else instead


def source_type(uri: str) -> str:
    """A source type as written, if it is an address; white space or other signs are in none."""
    return text(uri, URI) if not uri or _ADDRESS.fullmatch(uri) else WITHHELD_SOURCE_TYPE


def moment(value: object) -> str:
    """A time of ISO 8601, else empty."""
    words = text(value, 40)
    return words if _TIME.fullmatch(words) else ""


def media_type(value: object) -> str:
    """A media type, else empty."""
    words = text(value, 60)
    return words if _MEDIA_TYPE.fullmatch(words) else ""


def title(value: object) -> str:
    """How long a title is, in words; empty for none. The title itself is never quoted."""
    if not isinstance(value, str) or not value.strip():
        return ""
    return f"a title of {len(value):,} character{'' if len(value) == 1 else 's'}, withheld"
