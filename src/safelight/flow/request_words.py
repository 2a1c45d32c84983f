"""The words of a request: without what cannot be read, and with what came in for it later."""

from dataclasses import fields, replace

from safelight.model.errors import UsageError
from safelight.model.notice import RemovalRequest
from safelight.model.removal import LONGEST_FIELD


def clean(said: RemovalRequest) -> RemovalRequest:
    """Without what cannot be read. Raises UsageError for a field that is too long."""
    values = {one.name: str(getattr(said, one.name)) for one in fields(said)}
    readable = {
        name: "".join(letter for letter in value if letter.isprintable() or letter in "\n\t").strip()
        for name, value in values.items()
    }
    if long := next((name for name, value in readable.items() if len(value) > LONGEST_FIELD), ""):
        raise UsageError(detail=f"{long} is longer than {LONGEST_FIELD} characters")
    return RemovalRequest(**readable)


def joined_words(said: RemovalRequest, more: RemovalRequest) -> RemovalRequest:
    """With what `more` says where nothing was said."""
    empty = (one.name for one in fields(said) if not any(map(str.isalnum, getattr(said, one.name))))
    return replace(said, **{name: getattr(more, name) for name in empty})
