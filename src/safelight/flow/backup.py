"""Backing up a service, and putting a backup back.

The copy of the database is of one moment; all that it names came before and is copied after. So what is restored is
the service of that moment, less what was destroyed while the backup was made.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from safelight import __version__
from safelight.model.backup import BackupManifest
from safelight.model.errors import UnknownBlobError
from safelight.ports import BlobStore, Clock, Progress
from safelight.ports.backup import BackupReader, BackupWriter, KeptFiles, RestorePlace, StoreCopy

BLOBS = "blobs/"
"""Begins the names of sealed media in a backup."""
KEYS = "keys"
"""The file of keys, sealed by a passphrase."""

OpenKeys = Callable[[bytes], Mapping[str, bytes]]
"""Opens sealed keys: their bytes by names of files. Raises VaultKeyError."""

_PIECE = 1 << 20


def back_up(
    store: StoreCopy,
    kept: KeptFiles,
    blobs: BlobStore,
    keys: bytes,
    out: BackupWriter,
    clock: Clock,
    progress: Progress,
) -> BackupManifest:
    """Write a backup.

    Args:
        store: the copy of the database.
        kept: what else cannot be made again.
        blobs: where sealed media lies; it is copied as it is.
        keys: the keys, sealed by a passphrase; empty to leave them out.
        out: the backup.
        clock: tells when.
        progress: told of sealed media.

    Raises:
        StorageError: something could not be read or written; there is then no backup.
    """
    created, names = clock.now(), store.blobs()
    entries = [out.add(store.name, store.parts())]
    entries += [out.add(name, parts) for name, parts in kept.files()]
    if keys:
        entries.append(out.add(KEYS, [keys]))
    absent = []
    progress.start(len(names), 0)
    for name in names:
        try:
            with blobs.get(name) as file:
                entries.append(out.add(BLOBS + name, _pieces(file)))
        except UnknownBlobError:
            absent.append(name)
            progress.advance(1, 0, 1)
        else:
            progress.advance(1, entries[-1].size, 0)
    manifest = BackupManifest(created, __version__, store.name, tuple(entries), tuple(absent), kept.left_out)
    out.finish(manifest)
    return manifest


def restore(backup: BackupReader, place: RestorePlace, open_keys: OpenKeys, progress: Progress) -> bool:
    """Put a backup back, after all of it was verified.

    Args:
        backup: the backup.
        place: where nothing is yet.
        open_keys: called with the sealed keys, when the backup has them.
        progress: told of files, each of which is read twice.

    Returns:
        Whether it had keys.

    Raises:
        InputError: the backup is damaged, or something is in the place already.
        UsageError: the settings do not fit the backup.
        VaultKeyError: the keys cannot be opened.
        StorageError: it could not be written.
    """
    place.check(backup.manifest)
    sealed = [entry for entry in backup.manifest.entries if entry.name == KEYS]
    plain = [entry for entry in backup.manifest.entries if entry.name != KEYS]
    keys = [one for entry in sealed for one in open_keys(b"".join(backup.parts(entry))).items()]
    progress.start(2 * len(plain), 0)
    for entry in plain:
        for _ in backup.parts(entry):
            pass
        progress.advance(1, entry.size, 0)
    for entry in plain:
        place.put(entry.name, backup.parts(entry))
        progress.advance(1, entry.size, 0)
    for name, data in keys:
        place.put(name, [data])
    place.finish()
    return bool(sealed)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
