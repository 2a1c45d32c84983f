"""Text from untrusted files, made fit to be shown."""

import re


def clean(text: str, longest: int) -> str:
    """The text as one printable line of at most `longest` characters.

    What is not seen, or moves other text about (control and format characters, half surrogates, line ends), becomes a
    space; runs of spaces become one. What is cut off is told by an ellipsis within the length.
    """
    seen = text[: 4 * longest]
    if not seen.isprintable():  # that is: a character of Unicode's categories C or Z, the space aside
        seen = "".join(c if c.isprintable() else " " for c in seen)
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


_NAME = re.compile(r"[A-Za-z\u00a9][\w:./+-]{0,39}(?: [\w:./+-]{1,20}){0,3}", re.ASCII)


def shown(name: str) -> str:
    """The name of a field, if it looks like one that a program gives; else only that there is one, and how long.

    Programs name fields in a few words. What is longer could be a sentence, and sentences in files can describe what
    nobody should have to read.
    """
    return name if len(name) <= 40 and _NAME.fullmatch(name) else f"(a name of {len(name)} characters)"
