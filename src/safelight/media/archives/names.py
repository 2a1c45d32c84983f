"""Member names, made fit to print, to store and to send: nothing in them can act on a terminal or a path."""

import unicodedata

LONGEST = 255
"""Characters kept of a name as it is shown; longer ones lose their middle."""

# Controls, format characters (bidirectional overrides hide a name's true ending), surrogates, line separators,
# private use and unassigned ones: everything that may not show as itself.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(raw: str | bytes) -> str:
    r"""The name on one line of valid UTF-8.

    Characters that do not print as themselves become `\x1b`, `\u202e` or `\U000e0001`; bytes that are not UTF-8
    become `\xff`. Slashes, backslashes and `..` stay, since a name is never used as a path here. An empty name becomes
    `(no name)`; one that takes more than `LONGEST` characters, escapes included, keeps its two ends and says how many
    characters the whole name has.
    """
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw
    if len(text) <= LONGEST and len(shown := _escaped(text)) <= LONGEST:
        return shown or "(no name)"
    half = LONGEST // 2
    return f"{_escaped(text[:half])[:half]}...(of {len(text)} characters)...{_escaped(text[-half:])[-half:]}"


def is_safe(text: str) -> bool:
    """Whether every character prints as itself, as in what `safe_name` returns."""
    return (text.isascii() and text.isprintable()) or _ESCAPED.isdisjoint(map(unicodedata.category, text))


def _escaped(text: str) -> str:
    return text if is_safe(text) else "".join(map(_escape, text))


def _escape(character: str) -> str:
    if unicodedata.category(character) not in _ESCAPED:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte, as `surrogateescape` marks it
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
