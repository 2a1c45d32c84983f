"""Reads settings."""

from collections.abc import Mapping
from pathlib import Path

from safelight.model.errors import UsageError


class Reader:
    """Reads variables, or the files that they name."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str = "") -> str:
        """What is set, or the default. Raises UsageError when both forms are, and for a file that cannot be read."""
        name = f"SAFELIGHT_{name}"
        if file := self._environ.get(f"{name}_FILE"):
            if name in self._environ:
                raise UsageError(detail=f"both {name} and {name}_FILE are set")
            try:
                return Path(file).read_text(encoding="utf-8").removesuffix("\n")
            except (OSError, UnicodeDecodeError) as error:
                cause = getattr(error, "strerror", None) or "not text"
                raise UsageError(detail=f"{name}_FILE names {file}, which cannot be read: {cause}") from error
        return self._environ.get(name) or default

    def names(self, name: str) -> tuple[str, ...]:
        """Texts with commas between."""
        return tuple(filter(None, map(str.strip, self.text(name).split(","))))

    def choice(self, name: str, *choices: str) -> str:
        """The first of the choices when nothing is set."""
        value = self.text(name, choices[0])
        if value not in choices:
            raise UsageError(detail=f"SAFELIGHT_{name} is {value!r}; it takes {' or '.join(choices)}")
        return value

    def number(self, name: str, default: int, least: int) -> int:
        """A whole number. Raises UsageError."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal()) or int(value) < least:
            raise UsageError(detail=f"SAFELIGHT_{name} is {value!r}; it takes a whole number from {least:,}")
        return int(value)

    def url(self, name: str, scheme: str) -> str:
        """A URL of this scheme, or nothing. It may hold a password, so it is not shown."""
        value = self.text(name)
        if value and not value.startswith(f"{scheme}://"):
            raise UsageError(detail=f"SAFELIGHT_{name} takes {scheme}://user:password@host/name")
        return value
