"""What every kind of plug-in needs: finding entry points, loading what they name, and telling what fails."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import Any

from safelight.model.errors import PluginError
from safelight.model.plugin import Plugin, PluginState

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # it may name a folder, or a signal


def offered(group: str) -> dict[str, list[EntryPoint]]:
    """Entry points of a group by name; of several distributions of one name, the first on the path, as imports have it.

    The working folder is left out: it may be the folder that is checked, and what lies there is a stranger's.
    """
    path = [place for place in sys.path if Path(place).resolve() != Path.cwd()]
    found: dict[str, list[EntryPoint]] = {}
    seen: set[str] = set()
    for distribution in distributions(path=path):
        entries = distribution.entry_points.select(group=group)
        if entries and distribution.name not in seen:
            seen.add(distribution.name)
            for entry in entries:
                found.setdefault(entry.name, []).append(entry)
    return found


def load(name: str, entries: list[EntryPoint]) -> Callable[..., Any]:
    """The function that the entry points of a name have, of which there must be one. Raises PluginError."""
    if not _NAME.fullmatch(name):
        raise PluginError(name=name, cause="a name is 1 to 64 small letters, digits, `_` and `-`")
    if len(entries) > 1:
        raise PluginError(name=name, cause="several installed packages offer one of this name")
    with naming(name):
        loaded = entries[0].load()
        if not callable(loaded):
            raise TypeError(f"{entries[0].value} is no function")
    found: Callable[..., Any] = loaded
    return found


def listed(group: str, kind: str, attempt: Callable[[str, list[EntryPoint]], object]) -> list[Plugin]:
    """The plug-ins of a group, by name; whether one works is known by `attempt`, which raises PluginError."""
    found = []
    for name, entries in offered(group).items():
        for entry in entries:
            state, error = PluginState.LOADED, ""
            try:
                attempt(name, entries)
            except PluginError as failed:
                state, error = PluginState.FAILED, str(failed.details["cause"])
            package, version = (entry.dist.name, entry.dist.version) if entry.dist else ("", "")
            found.append(Plugin(name, package, version, state, error, kind))
    return sorted(found, key=lambda plugin: (plugin.name, plugin.package))


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Whatever the plug-in raises becomes a PluginError of one line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise PluginError(name=name, cause=cause) from error
