"""Key-encryption keys behind a key-management service, as plug-ins."""

import io
import os
from pathlib import Path

import pytest

from safelight.app import App
from safelight.model.errors import PluginError, UsageError, VaultKeyError
from safelight.model.plugin import PluginState
from safelight.plugin.keys import GROUP, list_plugins, load_key
from safelight.settings import read_settings
from tests.docs.pages import DOCS, fenced
from tests.plugin.packages import install, reachable

EXAMPLE = "softkms"

BROKEN = {
    "no-key": "return object()",
    "raises": "raise OSError('no\\nanswer')",
    "no-id": "return made('')",
    "keeps-plain": "return made('1', wrap=lambda key: key + b'!')",
    "too-short": "return made('1', wrap=lambda key: b'x')",
    "other-type": "return made('1', wrap=lambda key: 'words')",
    "forgets": "return made('1', unwrap=lambda wrapped: bytes(32))",
    "gives-more": "return made('1', unwrap=lambda wrapped: bytes(33))",
    "refuses": "return made('1', unwrap=refuse)",
}
SOURCE = """
from types import SimpleNamespace
from safelight.model.errors import VaultKeyError

def refuse(wrapped):
    raise VaultKeyError(path="kms", cause="locked")

def flipped(key):
    return bytes(byte ^ 255 for byte in key)

def made(id, wrap=flipped, unwrap=flipped):
    return SimpleNamespace(id=id, wrap=wrap, unwrap=unwrap)

def open_key():
    {}
"""


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package that docs/evidence.md holds, and the data of the service that it talks to."""
    (source,) = fenced((DOCS / "evidence.md").read_text(encoding="utf-8"), "python")
    install(tmp_path / "packages", "safelight-softkms", source, EXAMPLE, group=GROUP, function="open_key")
    reachable(monkeypatch, tmp_path / "packages")
    (tmp_path / "kms").mkdir()
    (tmp_path / "kms" / "1").write_bytes(os.urandom(32))
    monkeypatch.setenv("SOFTKMS", str(tmp_path / "kms"))
    monkeypatch.setenv("SOFTKMS_KEY", "1")
    return tmp_path / "kms"


def install_broken(place: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    install(place, f"broken-{name}", SOURCE.format(BROKEN[name]), name, group=GROUP, function="open_key")
    reachable(monkeypatch, place)


@pytest.mark.usefixtures("example")
def test_the_example_wraps_the_keys_of_a_vault_and_is_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Path
) -> None:
    settings = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_EVIDENCE_KEY": f"plugin:{EXAMPLE}"}
    vault = App(read_settings(settings)).evidence
    blob = vault.put(io.BytesIO(b"media"), "image/png")
    assert blob.key == "softkms:1"
    with vault.read(blob.id) as file:
        assert file.read() == b"media"
    assert [(plugin.name, plugin.kind, plugin.state) for plugin in list_plugins()] == [
        (EXAMPLE, "key", PluginState.LOADED)
    ]
    own = {**settings, "SAFELIGHT_EVIDENCE_KEY": "", "SAFELIGHT_EVIDENCE_OLD_KEYS": f"plugin:{EXAMPLE}"}
    (tmp_path / "home" / "evidence.key").write_bytes(os.urandom(32))
    rotating = App(read_settings(own)).evidence
    assert rotating.rewrap(lambda *_: None) == 1
    (example / "1").unlink()
    with App(read_settings(own)).evidence.read(blob.id) as file:
        assert file.read() == b"media"


@pytest.mark.usefixtures("example")
def test_a_service_that_does_not_answer_is_named(example: Path) -> None:
    key = load_key(EXAMPLE)
    wrapped = key.wrap(bytes(32))
    with pytest.raises(VaultKeyError, match="did not wrap"):
        key.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    (example / "1").unlink()
    with pytest.raises(PluginError, match="plug-in 'softkms': FileNotFoundError"):
        key.wrap(bytes(32))


@pytest.mark.parametrize("name", BROKEN)
def test_one_that_does_not_do_its_work_is_never_trusted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_broken(tmp_path, name, monkeypatch)
    with pytest.raises((PluginError, VaultKeyError)) as raised:
        load_key(name)
    assert "\n" not in str(raised.value)
    (listed,) = list_plugins()
    assert (listed.name, listed.state) == (name, PluginState.FAILED)


def test_one_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_broken(tmp_path, "raises", monkeypatch)
    with pytest.raises(UsageError, match="no key plug-in 'other' is installed; installed: raises"):
        load_key("other")
