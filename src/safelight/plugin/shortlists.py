"""Finding, loading and holding shortlists (`ports.Shortlist`): `list_plugins`, `load_shortlist`."""

from collections.abc import Iterable
from dataclasses import replace
from operator import index
from pathlib import Path

from safelight.model.errors import UsageError
from safelight.model.local import WorkingPicture
from safelight.model.plugin import Plugin
from safelight.plugin.discovery import listed, load, naming, offered
from safelight.ports import Shortlist

GROUP = "safelight.shortlists"
"""Entry points of this group name a function from a folder to a `Shortlist`."""


def list_plugins() -> list[Plugin]:
    """The shortlists that installed packages offer, by name. Each is imported: that is how it is known to work."""
    return listed(GROUP, "shortlist", load)


def load_shortlist(name: str, room: Path) -> Shortlist:
    """The shortlist of that name, opened with its own folder in `room`, which is made when absent.

    Raises:
        UsageError: no installed package offers it.
        PluginError: it cannot be loaded or opened.
    """
    found = offered(GROUP)
    folder = room / name
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        kept = f"; it keeps data in {folder}: install it again, or remove that folder" if folder.is_dir() else ""
        raise UsageError(detail=f"no shortlist plug-in {name!r} is installed; installed: {known}{kept}")
    open_shortlist = load(name, found[name])
    with naming(name):
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
        with naming(self.name):
            self._opened.add(bank_id, shown)

    def remove(self, bank_id: int, entries: Iterable[int]) -> None:
        gone = sorted(entries)
        with naming(self.name):
            self._opened.remove(bank_id, gone)

    def nearest(self, bank_id: int, working: WorkingPicture, count: int) -> list[int]:
        with naming(self.name):
            found = self._opened.nearest(bank_id, _read_only(working), count)
            return list(dict.fromkeys(map(index, found)))[:count]

    def drop(self, bank_id: int) -> None:
        with naming(self.name):
            self._opened.drop(bank_id)


def _read_only(working: WorkingPicture) -> WorkingPicture:
    grey = working.grey.view()
    grey.flags.writeable = False
    return replace(working, grey=grey)
