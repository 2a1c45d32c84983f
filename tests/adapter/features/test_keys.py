"""The key: made once, told from others, never replaced; and the two forms, encrypted and plain."""

import os
import stat
from contextlib import closing
from pathlib import Path
from threading import Thread
from zlib import crc32

import numpy as np
import pytest

from safelight.adapter.features import KeyFile
from safelight.model.errors import IndexCorruptError, StorageError, VaultKeyError
from tests.adapter.features.histories import BANK, equal, files, held, owned, read, room_in
from tests.adapter.mappings import mapping_flags

KEY = bytes(range(32))


def filled(folder: Path, *, sealed: bool = True) -> None:
    with closing(room_in(folder, sealed=sealed).open(BANK, write=True)) as writer:
        writer.add(owned(1, 20))


def test_the_key_is_made_when_features_are_first_opened_for_writing(tmp_path: Path) -> None:
    room = room_in(tmp_path)
    room.open(BANK).close()
    room_in(tmp_path, sealed=False).open(BANK, write=True).close()
    assert not (tmp_path / "key").exists()
    room.open(BANK, write=True).close()
    key = (tmp_path / "key").read_bytes()
    assert len(key) == 32
    filled(tmp_path)
    assert (tmp_path / "key").read_bytes() == key
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_everything_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        filled(tmp_path / "home")
    finally:
        os.umask(before)
    for path in (tmp_path / "home").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_one_key_wins_when_several_are_made_at_once(tmp_path: Path) -> None:
    ids: list[str] = []
    makers = [Thread(target=lambda: ids.append(KeyFile(tmp_path / "key", own=True).make().id)) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


@pytest.mark.parametrize("text", [KEY, KEY.hex().encode(), KEY.hex().upper().encode() + b"\n"])
def test_a_key_is_32_bytes_or_64_digits(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a").write_bytes(KEY)
    (tmp_path / "b").write_bytes(text)
    assert KeyFile(tmp_path / "a", own=False).read().id == KeyFile(tmp_path / "b", own=False).read().id


@pytest.mark.parametrize("data", [b"", KEY[:31], KEY + b"\n", KEY.hex().encode()[:-2], b"g" * 64, bytes(5000)])
def test_what_is_no_key_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "key").write_bytes(data)
    with pytest.raises(VaultKeyError, match="key: holds neither 32 bytes nor 64 hexadecimal digits"):
        KeyFile(tmp_path / "key", own=True).make()
    assert (tmp_path / "key").read_bytes() == data


def test_a_key_that_somebody_else_provides_is_never_made(tmp_path: Path) -> None:
    room = room_in(tmp_path, own_key=False)
    with pytest.raises(VaultKeyError, match="No such file or directory"):
        room.open(BANK, write=True)
    assert not (tmp_path / "key").exists()
    (tmp_path / "key").write_text(KEY.hex())
    with closing(room.open(BANK, write=True)) as writer:
        writer.add(owned(1, 3))
        assert equal(read(writer), held(owned(1, 3)))


def test_a_lost_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "key").unlink()
    room, other = room_in(tmp_path), type(BANK)(8, "other")
    with pytest.raises(VaultKeyError, match="key: the key of local features cannot be read: No such file"):
        room.open(BANK)
    with pytest.raises(VaultKeyError, match="cannot be read"):
        room.open(other, write=True)
    assert not (tmp_path / "key").exists()
    room.drop(BANK)  # needs no key
    with closing(room.open(other, write=True)) as writer:
        assert writer.add(owned(1, 3)) == 3


def test_another_key_is_told_as_such_and_not_as_damage(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "key").write_bytes(KEY)
    room, id_ = room_in(tmp_path), KeyFile(tmp_path / "key", own=True).read().id
    for write in (False, True):
        with pytest.raises(VaultKeyError, match=rf"was encrypted with key [0-9a-f]{{16}}; the key in \S+ is {id_}"):
            room.open(BANK, write=write)


def test_a_manifest_written_without_the_key_is_refused(tmp_path: Path) -> None:
    """Its checksum fits, and it names the right key; but whoever wrote it could not sign it."""
    filled(tmp_path)
    (path,) = files(tmp_path, "manifest")
    line, _crc, signature, _end = path.read_bytes().split(b"\n")
    line = line.replace(b'"dead":""', b'"dead":"AQAAAA=="')
    path.write_bytes(line + b"\n%08x\n%s\n" % (crc32(line), signature))
    with pytest.raises(IndexCorruptError, match="its signature does not fit"):
        room_in(tmp_path).open(BANK)


def test_nothing_of_a_sketch_can_be_read_without_the_key(tmp_path: Path) -> None:
    """The same files in plain form hold the bytes that are looked for here."""
    for folder, sealed in ((tmp_path / "sealed", True), (tmp_path / "plain", False)):
        filled(folder, sealed=sealed)
        data = b"".join(path.read_bytes() for path in files(folder, "s"))
        for _entry, _frame, sketch in owned(1, 20):
            for array in (sketch.x, sketch.signature[0], sketch.tiles.codes[0], sketch.tiles.codes[-1]):
                assert (array.tobytes() in data) is not sealed


def test_the_same_sketches_give_other_bytes_each_time(tmp_path: Path) -> None:
    """Each file has a key of its own, so no nonce is used twice with one key."""
    filled(tmp_path)
    before = {path.suffix: path.read_bytes()[200:1000] for path in files(tmp_path, "s")}
    room_in(tmp_path).renew(BANK, lambda ids: ids)
    after = {path.suffix: path.read_bytes()[200:1000] for path in files(tmp_path, "s")}
    for suffix in (".lists", ".records"):
        one, other = (np.frombuffer(data[suffix], np.uint8) for data in (before, after))
        assert (one == other).mean() < 0.05


def test_plain_lists_are_mapped_and_encrypted_ones_are_not(tmp_path: Path) -> None:
    for folder, sealed in ((tmp_path / "sealed", True), (tmp_path / "plain", False)):
        filled(folder, sealed=sealed)
        with closing(room_in(folder, sealed=sealed).open(BANK)) as index:
            lists = index.segments()
            maps = Path("/proc/self/maps").read_text()
            assert (str(folder) in maps) is not sealed
            with pytest.raises(ValueError, match="read-only"):
                lists[0].signature[0] = 0


def test_decrypted_lists_stay_out_of_core_dumps(tmp_path: Path) -> None:
    filled(tmp_path)
    with closing(room_in(tmp_path).open(BANK)) as index:
        assert "dd" in mapping_flags(index.segments()[0].signature.ctypes.data)


def test_the_key_file_cannot_be_made_in_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/key: (Not a directory|File exists)"):
        KeyFile(tmp_path / "file" / "key", own=True).make()
