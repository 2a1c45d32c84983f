"""Text from untrusted files, made fit to be shown."""


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
