"""What all checks of a worker's words share: how long, how large, how printable anything may be."""

from safelight.adapter.sandbox.protocol import ProtocolError
from safelight.media.archives.names import is_safe

MAX_TEXT = 4096
"""Characters of a text in a result other than a path or a prompt."""
MAX_SIZE = 1 << 62
"""Above every size and place of a file."""
MAX_SIDE = 1 << 31
"""Above every side of a picture, in pixels."""


def is_text(text: str, longest: int = MAX_TEXT) -> bool:
    """Whether an honest worker may say this: not too long, no control or format characters, no half surrogates.

    All that it says is worded by us, but for names; those come escaped by `safe_name` or, of the file itself, from us.
    """
    return len(text) <= longest and is_safe(text)


def require(holds: object, what: str) -> None:
    """Raise ProtocolError for `what` unless it holds."""
    if not holds:
        raise ProtocolError(f"an impossible {what}")
