"""The few things that may be quoted from a file: none can carry a sentence.

What a field says may describe abuse, so `Signal.detail` is our own wording. Only what passes one of these patterns is
put into it, and all but a camera's name and a registered code are shorter than `LONGEST`.
"""

import re

from safelight.detect.text import clean

LONGEST = 11
"""Characters of a quoted version or hash."""

_VERSION = re.compile(r"[fv]?\d{1,4}(?:\.\d{1,4}){1,3}(?![\d.])", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{8,64}", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"001[12][0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}[0-9A-Z]{5}", re.ASCII)
_MODEL = re.compile(r"[\w()+./-]{1,16}(?: [\w()+./-]{1,16}){0,5}", re.ASCII)


def version(text: object) -> str:
    """The version that the text starts with, as `1.10.1` or `f2.0.1`; empty without one."""
    found = _VERSION.match(text.strip()) if isinstance(text, str) else None
    return found[0] if found and len(found[0]) <= LONGEST else ""


def model_hash(text: object) -> str:
    """The first ten digits of a hash in hex; empty when the text is none."""
    return text.strip()[:10].lower() if isinstance(text, str) and _HASH.fullmatch(text.strip()) else ""


def producer_code(text: object) -> str:
    """A producer's code in China's AI label: 001, its kind, a Unified Social Credit Code (GB 32100) and five more.

    Empty when the text is none.
    """
    return text.strip() if isinstance(text, str) and _CODE.fullmatch(text.strip()) else ""


def camera_model(text: str) -> str:
    """A camera's model as makers write it: at most six words, 32 characters in all, a digit among them.

    Empty when the text is none.
    """
    name = clean(text, 64)
    return name if len(name) <= 32 and re.search(r"\d", name) and _MODEL.fullmatch(name) else ""


def with_version(words: str, found: str, hashed: str = "") -> str:
    """The words, with a version and a model's hash where they are known."""
    parts = (words, f"version {found}" if found else "", f"model hash {hashed}" if hashed else "")
    return ", ".join(part for part in parts if part)
