"""Finding, loading and holding the interfaces of platforms that take notices (`ports.Platform`)."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint

from safelight.model.errors import MailDownError, MailRefusedError, UsageError
from safelight.model.plugin import Plugin
from safelight.plugin.discovery import listed, load, naming, offered
from safelight.ports import Letter, Platform

GROUP = "safelight.platforms"
"""Entry points of this group name a function without arguments that gives a `Platform`."""
_MAX_NUMBER = 200


def list_plugins() -> list[Plugin]:
    """The platforms that installed packages offer, by name. Nothing is told to any."""
    return listed(GROUP, "platform", _open)


def load_platforms(names: Sequence[str]) -> Mapping[str, Platform]:
    """The platforms of these names.

    Raises:
        UsageError: no installed package offers one of them.
        PluginError: one cannot be loaded.
    """
    found = offered(GROUP)
    for name in names:
        if name not in found:
            known = ", ".join(sorted(found)) or "none"
            raise UsageError(detail=f"no platform plug-in {name!r} is installed; installed: {known}")
    return {name: _open(name, found[name]) for name in names}


class _Held:
    """A platform at arm's length: whatever it raises or gives, a notice waits, or ends in an error that names it."""

    def __init__(self, name: str, platform: Platform) -> None:
        self._name = name
        self._platform = platform

    def takes(self, host: str) -> bool:
        """See `ports.Platform`. One that fails takes nothing: then others are told."""
        try:
            return self._platform.takes(host) is True
        except Exception:  # noqa: BLE001 - code of others may raise anything
            return False

    def tell(self, letter: Letter) -> str:
        """See `ports.Platform`."""
        try:
            number: object = self._platform.tell(letter)
        except (MailDownError, MailRefusedError):
            raise
        except Exception as error:
            raise MailDownError(to=self._name, cause=f"the plug-in failed: {type(error).__name__}") from error
        if not isinstance(number, str) or not number.isprintable() or not 0 < len(number) <= _MAX_NUMBER:
            # It may have been told; that it is told again under the same id does no harm.
            raise MailDownError(to=self._name, cause="the plug-in gave no id of the notice")
        return number


def _open(name: str, entries: list[EntryPoint]) -> _Held:
    """The platform of a name. Raises PluginError."""
    open_platform = load(name, entries)
    with naming(name):
        opened = open_platform()
        if not all(callable(getattr(opened, method, None)) for method in ("takes", "tell")):
            raise TypeError(f"it gave a {type(opened).__name__}, which is no Platform")
        return _Held(name, opened)
