"""Member names, made fit to print, to store and to send: nothing in them can act on a terminal or a path."""

import unicodedata

LONGEST = 1000
"""Characters kept of a name; longer ones lose their middle."""

# Controls, format characters (bidirectional overrides hide a name's true ending), surrogates, line separators,
# private use and unassigned ones: everything that may not show as itself.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(raw: str | bytes) -> str:
    r"""The name on one line of valid UTF-8.

    Characters that do not print as themselves become `\x1b`, `\u202e` or `\U000e0001`; bytes that are not UTF-8
    become `\xff`. Slashes, backslashes and `..` stay, since a name is never used as a path here. An empty name becomes
    `(no name)`; one of more than `LONGEST` characters keeps its two ends.
    """
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]}...({len(text) - 2 * half} characters)...{text[-half:]}"
    if text.isascii() and text.isprintable() and text:
        return text
    return "".join(map(_escape, text)) or "(no name)"


def _escape(character: str) -> str:
    if unicodedata.category(character) not in _ESCAPED:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte, as `surrogateescape` marks it
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
