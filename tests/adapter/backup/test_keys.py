"""Keys in a backup, sealed by a passphrase."""

from pathlib import Path

import pytest

from safelight.adapter.backup import keys
from safelight.adapter.backup.keys import open_keys, seal_keys
from safelight.model.errors import VaultKeyError


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes a passphrase dear is not the matter here."""
    assert keys._COST == 1 << 17
    monkeypatch.setattr(keys, "_COST", 1 << 8)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "evidence.key").write_bytes(bytes(range(32)))
    (tmp_path / "secret").write_text("words")
    (tmp_path / "other").write_text("not a key")
    return tmp_path


def test_keys_come_back_with_the_passphrase_alone(home: Path) -> None:
    sealed = seal_keys(home, "a pässphrase")
    assert bytes(range(32)) not in sealed
    assert open_keys(sealed, "a pässphrase") == {"evidence.key": bytes(range(32)), "secret": b"words"}
    with pytest.raises(VaultKeyError, match="another passphrase"):
        open_keys(sealed, "a passphrase")


def test_damage_is_noticed(home: Path) -> None:
    sealed = seal_keys(home, "words")
    for at in range(len(sealed)):
        with pytest.raises(VaultKeyError):
            open_keys(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], "words")
    for end in range(0, len(sealed), 5):
        with pytest.raises(VaultKeyError):
            open_keys(sealed[:end], "words")


def test_no_two_seals_are_alike_and_no_keys_need_none(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = seal_keys(home, "words"), seal_keys(home, "words")
    assert one[:8] == two[:8]
    assert one[8:36] != two[8:36]
    assert seal_keys(tmp_path / "empty", "words") == b""
