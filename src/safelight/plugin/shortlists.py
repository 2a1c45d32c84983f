"""Finding, loading and holding shortlists (`ports.Shortlist`): `list_plugins`, `load_shortlist`."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import EntryPoint, distributions
from operator import index
from pathlib import Path

from safelight.model.errors import PluginError, UsageError
from safelight.model.local import WorkingPicture
from safelight.model.plugin import Plugin, PluginState
from safelight.ports import Shortlist

GROUP = "safelight.shortlists"
"""Entry points of this group name a function from a folder to a `Shortlist`."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # it names a folder, too


def list_plugins() -> list[Plugin]:
    """The shortlists that installed packages offer, by name. Each is imported: that is how it is known to work."""
    listed = []
    for name, entries in _offered().items():
        for entry in entries:
            state, error = PluginState.LOADED, ""
            try:
                _load(name, entries)
            except PluginError as failed:
                state, error = PluginState.FAILED, str(failed.details["cause"])
            package, version = (entry.dist.name, entry.dist.version) if entry.dist else ("", "")
            listed.append(Plugin(name, package, version, state, error))
    return sorted(listed, key=lambda plugin: (plugin.name, plugin.package))


def load_shortlist(name: str, room: Path) -> Shortlist:
    """The shortlist of that name, opened with its own folder in `room`, which is made when absent.

    Raises:
        UsageError: no installed package offers it.
        PluginError: it cannot be loaded or opened.
    """
    offered = _offered()
    folder = room / name
    if name not in offered:
        known = ", ".join(sorted(offered)) or "none"
        kept = f"; it keeps data in {folder}: install it again, or remove that folder" if folder.is_dir() else ""
        raise UsageError(detail=f"no shortlist plug-in {name!r} is installed; installed: {known}{kept}")
    open_shortlist = _load(name, offered[name])
    with _naming(name):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = open_shortlist(folder)
        if not isinstance(opened, Shortlist):
            raise TypeError(f"it opened a {type(opened).__name__}, which is no Shortlist")
    return _Held(name, opened)


class _Held:
    """A shortlist at arm's length: what it raises names it, what it sees it cannot change, what it says is checked."""

    def __init__(self, name: str, opened: Shortlist) -> None:
        self.name = name
        self._opened = opened

    def add(self, bank_id: int, items: Iterable[tuple[int, WorkingPicture]]) -> None:
        shown = [(entry, _read_only(working)) for entry, working in items]
        with _naming(self.name):
            self._opened.add(bank_id, shown)

    def remove(self, bank_id: int, entries: Iterable[int]) -> None:
        gone = sorted(entries)
        with _naming(self.name):
            self._opened.remove(bank_id, gone)

    def nearest(self, bank_id: int, working: WorkingPicture, count: int) -> list[int]:
        with _naming(self.name):
            found = self._opened.nearest(bank_id, _read_only(working), count)
            return list(dict.fromkeys(map(index, found)))[:count]

    def drop(self, bank_id: int) -> None:
        with _naming(self.name):
            self._opened.drop(bank_id)


def _offered() -> dict[str, list[EntryPoint]]:
    """Entry points by name; of several distributions of one name, the first on the path, as imports have it.

    The working folder is left out: it may be the folder that is checked, and what lies there is a stranger's.
    """
    path = [place for place in sys.path if Path(place).resolve() != Path.cwd()]
    offered: dict[str, list[EntryPoint]] = {}
    seen: set[str] = set()
    for distribution in distributions(path=path):
        entries = distribution.entry_points.select(group=GROUP)
        if entries and distribution.name not in seen:
            seen.add(distribution.name)
            for entry in entries:
                offered.setdefault(entry.name, []).append(entry)
    return offered


def _load(name: str, entries: list[EntryPoint]) -> Callable[[Path], object]:
    """The function that an entry point names. Raises PluginError."""
    if not _NAME.fullmatch(name):
        raise PluginError(name=name, cause="a name is 1 to 64 small letters, digits, `_` and `-`")
    if len(entries) > 1:
        raise PluginError(name=name, cause="several installed packages offer one of this name")
    with _naming(name):
        loaded = entries[0].load()
        if not callable(loaded):
            raise TypeError(f"{entries[0].value} is no function")
    found: Callable[[Path], object] = loaded
    return found


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Whatever the plug-in raises becomes a PluginError of one line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise PluginError(name=name, cause=cause) from error


def _read_only(working: WorkingPicture) -> WorkingPicture:
    grey = working.grey.view()
    grey.flags.writeable = False
    return replace(working, grey=grey)
