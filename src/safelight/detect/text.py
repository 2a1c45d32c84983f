"""Text from untrusted files, made fit to be shown."""

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, longest: int) -> str:
    """The text as one printable line of at most `longest` characters.

    What is not seen, or moves other text about (control and format characters, half surrogates, line ends), becomes a
    space; runs of spaces become one. What is cut off is told by an ellipsis within the length.
    """
    seen = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text[: 4 * longest])
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
