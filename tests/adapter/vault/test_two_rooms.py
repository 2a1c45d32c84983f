"""Features and clips beside each other, under one key."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from safelight.adapter.clips import FileClipRoom
from safelight.adapter.features import FileFeatureRoom
from safelight.adapter.vault.keys import KeyFile
from safelight.model.bank import Bank
from safelight.model.errors import IndexCorruptError, VaultKeyError
from tests.clips import clip
from tests.sketches import sketch

BANK = Bank(7, "test")


def rooms(folder: Path) -> tuple[FileFeatureRoom, FileClipRoom]:
    features, clips = folder / "features", folder / "clips"
    keys = KeyFile(folder / "key", own=True, roots=(features, clips))
    return FileFeatureRoom(features, keys, 1), FileClipRoom(clips, keys)


def test_a_key_that_is_lost_is_not_replaced_while_either_of_them_needs_it(tmp_path: Path) -> None:
    features, clips = rooms(tmp_path / "a")
    with closing(features.open(BANK, write=True)) as index:
        index.add([(1, 0, sketch(1))])
    (tmp_path / "a" / "key").unlink()
    with pytest.raises(VaultKeyError, match="cannot be read"):
        clips.open(BANK, write=True)

    features, clips = rooms(tmp_path / "b")
    with closing(clips.open(BANK, write=True)) as writer:
        writer.add([(1, clip(1))])
    (tmp_path / "b" / "key").unlink()
    with pytest.raises(VaultKeyError, match="cannot be read"):
        features.open(BANK, write=True)
    clips.drop(BANK)
    features.open(BANK, write=True).close()


def test_the_manifest_of_one_is_none_of_the_other(tmp_path: Path) -> None:
    """Not even an empty one, which both could read: each is signed by a key of its own."""
    features, clips = rooms(tmp_path)
    with closing(features.open(BANK, write=True)) as index:
        index.add([(1, 0, sketch(1))])
        index.remove([1])
    with closing(clips.open(BANK, write=True)) as writer:
        writer.add([(1, clip(1))])
    shutil.copy(tmp_path / "features" / "7" / "manifest", tmp_path / "clips" / "7" / "manifest")
    with pytest.raises(IndexCorruptError, match="its signature does not fit"):
        clips.open(BANK)
