"""Plug-ins are found, loaded only when named, held at arm's length; those that fail are told with their error."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from safelight.model.errors import PluginError, UsageError
from safelight.model.local import WorkingPicture
from safelight.model.plugin import PluginState
from safelight.plugin.shortlists import GROUP, list_plugins, load_shortlist
from tests.docs.pages import DOCS, fenced
from tests.plugin.packages import EXAMPLE, install, install_example, reachable

LOADED, FAILED = PluginState.LOADED, PluginState.FAILED
WORKING = WorkingPicture(np.full((3, 4), 7, np.uint8), 40, 30)
WELL = """
class Shortlist:
    name = "well"
    def add(self, bank_id, items): {add}
    def remove(self, bank_id, entries): self.removed = entries
    def nearest(self, bank_id, working, count): {nearest}
    def drop(self, bank_id): raise KeyError(bank_id)
def open_shortlist(folder): return Shortlist()
"""

Install = Callable[..., None]


def well(add: str = "pass", nearest: str = "return []") -> str:
    return WELL.format(add=add, nearest=nearest)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install packages for this process: name -> source; each offers one shortlist by the package's name."""

    def run(**sources: str) -> None:
        for package, source in sources.items():
            install(tmp_path / "site", package, source, package)
        reachable(monkeypatch, tmp_path / "site")

    return run


def test_one_that_fails_is_listed_with_its_error_and_hides_no_other(installed: Install) -> None:
    installed(
        well=well(),
        raises="raise RuntimeError('no\\nmodel')",
        leaves="raise SystemExit(0)",
        lacks="import a_module_that_is_not_there",
        empty="",
        value="open_shortlist = 3",
    )
    listed = {one.name: (one.package, one.version, one.state, one.error) for one in list_plugins()}
    assert listed == {
        "well": ("well", "1.0", LOADED, ""),
        "raises": ("raises", "1.0", FAILED, "RuntimeError: no model"),
        "leaves": ("leaves", "1.0", FAILED, "SystemExit: 0"),
        "lacks": ("lacks", "1.0", FAILED, "ModuleNotFoundError: No module named 'a_module_that_is_not_there'"),
        "empty": ("empty", "1.0", FAILED, "AttributeError: module 'empty' has no attribute 'open_shortlist'"),
        "value": ("value", "1.0", FAILED, "TypeError: value:open_shortlist is no function"),
    }
    assert list(listed) == sorted(listed)


def test_one_name_of_two_packages_is_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("one", "two"):
        install(tmp_path, package, well(), "same")
    reachable(monkeypatch, tmp_path)
    assert [(one.package, one.state) for one in list_plugins()] == [("one", FAILED), ("two", FAILED)]
    with pytest.raises(PluginError, match="several installed packages"):
        load_shortlist("same", tmp_path / "room")


@pytest.mark.parametrize("name", ["../up", "Big", ".hidden", "a" * 65])
def test_a_name_that_could_name_another_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    install(tmp_path / "site", "odd", well(), name)
    reachable(monkeypatch, tmp_path / "site")
    assert [one.state for one in list_plugins()] == [FAILED]
    with pytest.raises(PluginError, match="a name is"):
        load_shortlist(name, tmp_path / "room")
    assert not (tmp_path / "room").exists()


def test_the_working_folder_offers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People work inside the folder that they check: what lies there is a stranger's."""
    install(tmp_path, "planted", "raise AssertionError", "planted")
    monkeypatch.chdir(tmp_path)
    for place in ("", ".", str(tmp_path)):
        monkeypatch.syspath_prepend(place)
    assert list_plugins() == []


def test_what_is_not_installed_is_told_with_what_is(installed: Install, tmp_path: Path) -> None:
    installed(well=well())
    with pytest.raises(UsageError, match=r"no shortlist plug-in 'wel' is installed; installed: well$"):
        load_shortlist("wel", tmp_path)
    (tmp_path / "gone").mkdir()
    with pytest.raises(UsageError, match=r"keeps data in .*gone: install it again, or remove that folder"):
        load_shortlist("gone", tmp_path)


def test_it_is_opened_in_a_folder_of_its_own(installed: Install, tmp_path: Path) -> None:
    installed(
        well=well(),
        fails="def open_shortlist(folder): raise OSError(28, 'No space left')",
        other="open_shortlist = list",
    )
    assert load_shortlist("well", tmp_path / "home" / "shortlists").name == "well"
    assert (tmp_path / "home" / "shortlists" / "well").stat().st_mode & 0o777 == 0o700
    with pytest.raises(PluginError, match=r"^plug-in 'fails': OSError: \[Errno 28\] No space left$"):
        load_shortlist("fails", tmp_path)
    with pytest.raises(PluginError, match=r"'other': TypeError: 'PosixPath' object is not iterable"):
        load_shortlist("other", tmp_path)


def test_what_is_no_shortlist_is_refused(installed: Install, tmp_path: Path) -> None:
    installed(other="open_shortlist = str")
    with pytest.raises(PluginError, match="it opened a str, which is no Shortlist"):
        load_shortlist("other", tmp_path)


def test_what_it_raises_names_it_and_what_it_says_is_checked(installed: Install, tmp_path: Path) -> None:
    installed(
        well=well("raise MemoryError", "return [3, 3, 1, 2, 2, 9][:count + 2]"), words=well(nearest="return ['7']")
    )
    held = load_shortlist("well", tmp_path)
    assert held.nearest(1, WORKING, 3) == [3, 1, 2]
    with pytest.raises(PluginError, match="'well': MemoryError"):
        held.add(1, [(1, WORKING)])
    with pytest.raises(PluginError, match="'well': KeyError: 5"):
        held.drop(5)
    with pytest.raises(PluginError, match="'words': TypeError"):
        load_shortlist("words", tmp_path).nearest(1, WORKING, 3)


@pytest.mark.parametrize("what", ["add", "nearest"])
def test_it_cannot_change_the_picture_that_is_verified(installed: Install, tmp_path: Path, what: str) -> None:
    paints = {"add": "items[0][1].grey[:] = 0", "nearest": "working.grey[:] = 0"}
    installed(well=well(**{what: paints[what]}))
    held = load_shortlist("well", tmp_path)
    with pytest.raises(PluginError, match="read-only"):
        held.add(1, [(1, WORKING)]) if what == "add" else held.nearest(1, WORKING, 3)
    assert WORKING.grey.flags.writeable
    assert (WORKING.grey == 7).all()


def test_the_example_package_is_what_its_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_example(tmp_path)
    reachable(monkeypatch, tmp_path)
    assert [(one.name, one.package, one.state) for one in list_plugins()] == [(EXAMPLE, "safelight-gradients", LOADED)]
    (page,) = fenced((DOCS / "plugins.md").read_text(encoding="utf-8"), "toml")
    told = tomllib.loads(page)["project"]
    assert told["entry-points"] == {GROUP: {EXAMPLE: "safelight_gradients:open_shortlist"}}
    assert told["name"] == "safelight-gradients"
