"""Key-encryption keys and the ring that they are on."""

from pathlib import Path

import pytest

from safelight.adapter.evidence.keys import FILE, KeyRing, LocalKey, open_key
from safelight.adapter.vault.keys import MasterKey
from safelight.model.errors import VaultKeyError
from tests.adapter.evidence.conftest import ring

SECRET = bytes(range(32))


def test_a_key_is_the_same_from_bytes_digits_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bytes").write_bytes(SECRET)
    (tmp_path / "digits").write_text(SECRET.hex() + "\n")
    monkeypatch.setenv("MEDIA_KEY", SECRET.hex())
    sources = (str(tmp_path / "bytes"), str(tmp_path / "digits"), "env:MEDIA_KEY")
    keys = [open_key(source, tmp_path, make=False) for source in sources]
    wrapped = [key.wrap(bytes(32)) for key in keys]
    assert len({key.id for key in keys}) == 1
    assert wrapped[0] == wrapped[1] == wrapped[2]
    assert len(wrapped[0]) == 40
    assert keys[2].unwrap(wrapped[0]) == bytes(32)


def test_the_id_tells_keys_apart_and_nothing_else() -> None:
    one, two = LocalKey(MasterKey(SECRET), "one"), LocalKey(MasterKey(bytes(32)), "two")
    assert one.id != two.id
    assert len(one.id) == 16
    assert one.id not in SECRET.hex()


def test_what_another_key_wrapped_or_what_was_changed_is_refused() -> None:
    one, two = LocalKey(MasterKey(SECRET), "one"), LocalKey(MasterKey(bytes(32)), "two")
    wrapped = one.wrap(bytes(32))
    with pytest.raises(VaultKeyError, match="two: this key did not wrap"):
        two.unwrap(wrapped)
    for broken in (b"", wrapped[:-1], wrapped + b"\0", wrapped[:-1] + bytes([wrapped[-1] ^ 1])):
        with pytest.raises(VaultKeyError):
            one.unwrap(broken)


def test_only_the_key_in_the_data_folder_is_made_and_only_when_asked(tmp_path: Path) -> None:
    for source, make in (("", False), (str(tmp_path / "own"), True)):
        with pytest.raises(VaultKeyError, match="the key of the evidence vault cannot be read: No such file"):
            open_key(source, tmp_path, make=make)
    made = open_key("", tmp_path, make=True)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert open_key("", tmp_path, make=True).id == open_key("", tmp_path, make=False).id == made.id


@pytest.mark.parametrize("text", [None, "", "00", "zz" * 32, "00" * 33])
def test_what_is_no_key_is_told_and_never_quoted(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDIA_KEY", raising=False)
    if text is not None:
        monkeypatch.setenv("MEDIA_KEY", text)
    with pytest.raises(VaultKeyError, match="env:MEDIA_KEY: ") as raised:
        open_key("env:MEDIA_KEY", tmp_path, make=True)
    assert not text or text not in str(raised.value)


def test_a_ring_finds_the_key_by_its_id_and_opens_old_ones_when_needed(tmp_path: Path) -> None:
    ids = [ring(tmp_path, name).current().id for name in ("a", "b", "c")]
    keys = ring(tmp_path, "a", "b", "c")
    assert [keys.of(name).id for name in ids] == ids

    def refuse(_make: bool) -> LocalKey:
        raise AssertionError

    lazy = KeyRing(lambda _: LocalKey(MasterKey(SECRET), "one"), [refuse])
    assert lazy.of(lazy.current().id) is lazy.current()
    with pytest.raises(AssertionError):
        lazy.of(ids[0])


def test_a_key_that_is_not_on_the_ring_is_named_with_what_to_do(tmp_path: Path) -> None:
    lost = ring(tmp_path, "a").current().id
    with pytest.raises(VaultKeyError, match=f"wrapped with key {lost}.*SAFELIGHT_EVIDENCE_OLD_KEYS"):
        ring(tmp_path, "b").of(lost)
