"""`ports.EvidenceVault`: records in the database, sealed bytes in a blob store, keys on a ring.

What a power cut or a kill may leave is sealed bytes without a record, never the other way round: bytes are durable
before their record is committed, and a record loses its key before its bytes go. `sweep` removes what was left.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import BinaryIO
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from safelight.adapter.evidence import stream
from safelight.adapter.evidence.keys import KeyRing
from safelight.adapter.evidence.models import SealedMedia
from safelight.adapter.evidence.plain import in_memory
from safelight.adapter.store.chunks import chunks
from safelight.adapter.store.erasing import forget_old_pages, overwriting
from safelight.adapter.store.errors import storage_errors
from safelight.model.errors import EvidenceDamagedError, StorageError, UnknownBlobError, VaultKeyError
from safelight.model.service import Blob, VaultStatus
from safelight.ports import BlobStore, Clock, Ids

BATCH = 200
"""Records that are looked at, or wrapped anew, in one step."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DjangoEvidenceVault:
    """The vault behind one of Django's connections. Any number of threads and processes may use it."""

    def __init__(self, using: str, blobs: BlobStore, keys: KeyRing, ids: Ids, clock: Clock) -> None:
        self._using = using
        self._sealed = blobs
        self._keys = keys
        self._ids = ids
        self._clock = clock

    def put(self, plain: BinaryIO, mime: str) -> Blob:
        """Keep media; see `ports.EvidenceVault.put`. Raises as `seal` and `admit`."""
        return self.admit(self.seal(plain, mime))

    def seal(self, plain: BinaryIO, mime: str) -> Blob:
        """Encrypt media; see `ports.EvidenceVault.seal`.

        It is sealed while it is read, once, and only then compared with what is there. So it takes about the same
        time whether the content is new or not, and what is kept is what was hashed.

        Raises:
            VaultKeyError: the key-encryption key cannot be had.
            StorageError: it could not be kept.
        """
        with self._errors():
            key = self._keys.current(make=not self._alive.exists())
        blob, data_key, seen = self._ids.new(), AESGCM.generate_key(8 * stream.KEY), _Seen()
        wrapped, created = key.wrap(data_key), self._clock.now()
        self._sealed.put(blob, stream.seal(plain, data_key, blob, seen))
        digest = seen.digest.hexdigest()
        return Blob(blob, digest, seen.size, mime, created, key.id, b64encode(wrapped).decode("ascii"))

    def admit(self, sealed: Blob) -> Blob:
        """Record what was sealed; see `ports.EvidenceVault.admit`. Raises StorageError."""
        row = SealedMedia(
            id=sealed.id,
            sha256=sealed.sha256,
            size=sealed.size,
            mime=sealed.mime,
            created=sealed.created,
            key=sealed.key,
            wrapped=b64decode(sealed.wrapped),
        )
        with self._errors(), transaction.atomic(using=self._using):
            kept = self._keep(row)
            if kept.id != sealed.id:
                transaction.on_commit(partial(self._sealed.delete, sealed.id), using=self._using)
        return _told(kept)

    def lock(self, blob: str) -> None:
        """Keep others off; see `ports.EvidenceVault.lock`. Raises StorageError."""
        with self._errors():
            self._alive.select_for_update().filter(id=blob).first()

    @contextmanager
    def read(self, blob: str) -> Iterator[BinaryIO]:
        """The plain bytes; see `ports.EvidenceVault.read`."""
        row = self._live(blob)
        with storage_errors("anonymous memory"):
            file = in_memory(self._plain(row))
        with file:
            yield file

    def check(self, blob: str) -> None:
        """Verify a blob; see `ports.EvidenceVault.check`."""
        row = self._row(blob)
        if row.destroyed is None:
            with suppress(UnknownBlobError):  # it may be destroyed meanwhile
                for _ in self._plain(row):
                    pass

    def blob(self, blob: str) -> Blob:
        """What is known of a blob; see `ports.EvidenceVault.blob`."""
        return _told(self._row(blob))

    def blobs(self, after: str = "", limit: int = 100) -> list[Blob]:
        """Blobs by id; see `ports.EvidenceVault.blobs`."""
        with self._errors():
            return [_told(row) for row in self._rows.filter(id__gt=after).order_by("id")[:limit]]

    def destroy(self, blob: str) -> Blob:
        """Destroy its key, then its bytes; see `ports.EvidenceVault.destroy`.

        Within a transaction the bytes go when that is committed. Raises UnknownBlobError, and StorageError when the
        bytes could not be deleted: they are unreadable all the same; call again, or `sweep`.
        """
        with self._errors(), transaction.atomic(using=self._using):
            overwriting(self._using)
            self._alive.filter(id=blob).update(wrapped=b"", destroyed=self._clock.now())
            told = self.blob(blob)
            transaction.on_commit(partial(self._sealed.delete, blob), using=self._using)
            transaction.on_commit(partial(forget_old_pages, self._using), using=self._using)
        return told

    def rewrap(self, say: Callable[[int, int], None]) -> int:
        """Wrap all data keys with the key in force; see `ports.EvidenceVault.rewrap`.

        Interrupted, it goes on where it stopped when it is called again. Raises VaultKeyError, StorageError.
        """
        key = self._keys.current()
        behind = self._alive.exclude(key=key.id).order_by("id")
        with self._errors():
            done, total, after = 0, behind.count(), ""
        while batch := self._batch(behind, after):
            fresh = [(row, key.wrap(self._data_key(row))) for row in batch]
            with self._errors(), transaction.atomic(using=self._using):
                overwriting(self._using)
                for row, wrapped in fresh:
                    self._alive.filter(id=row.id, key=row.key).update(wrapped=wrapped, key=key.id)
            done, after = done + len(batch), batch[-1].id
            say(done, max(done, total))
        with self._errors():
            forget_old_pages(self._using)
        return done

    def sweep(self, before: datetime) -> int:
        """Remove sealed bytes without a record; see `ports.EvidenceVault.sweep`.

        `before` must be longer ago than any `put` takes, the caller's transaction included. Raises StorageError, also
        when there is not one record: then this is more likely the wrong database than that all media was left behind.
        """
        count = self._sealed.sweep(before)
        for names in chunks(self._sealed.names(), BATCH):
            old = {name for name in names if (begun := _begun(name)) and begun < before}
            with self._errors():
                lost = old - set(self._alive.filter(id__in=old).values_list("id", flat=True))
                if lost and not self._rows.exists():
                    cause = "holds sealed media, but the database knows of none: is it the right database?"
                    raise StorageError(path=self._sealed, cause=cause)
            for name in lost:
                self._sealed.delete(name)
            count += len(lost)
        with self._errors():
            forget_old_pages(self._using)
        return count

    def status(self) -> VaultStatus:
        """How much there is; see `ports.EvidenceVault.status`."""
        with self._errors():
            sums = self._alive.aggregate(blobs=Count("id"), size=Sum("size"))
            destroyed = self._rows.exclude(destroyed=None).count()
            keys = dict(self._alive.order_by("key").values_list("key").annotate(count=Count("id")))
        return VaultStatus(sums["blobs"], sums["size"] or 0, destroyed, keys)

    @property
    def _rows(self) -> QuerySet[SealedMedia]:
        return SealedMedia.objects.using(self._using)

    @property
    def _alive(self) -> QuerySet[SealedMedia]:
        return self._rows.filter(destroyed=None)

    def _row(self, blob: str) -> SealedMedia:
        with self._errors():
            row = self._rows.filter(id=blob).first()
        if row is None:
            raise UnknownBlobError(blob=blob)
        return row

    def _live(self, blob: str) -> SealedMedia:
        row = self._row(blob)
        if row.destroyed is not None:
            raise UnknownBlobError(blob=blob)
        return row

    def _batch(self, rows: QuerySet[SealedMedia], after: str) -> list[SealedMedia]:
        with self._errors():
            return list(rows.filter(id__gt=after)[:BATCH])

    def _keep(self, row: SealedMedia) -> SealedMedia:
        """The record of this content, locked: this one, or that of whoever was first."""
        while True:
            self._rows.bulk_create([row], ignore_conflicts=True)
            kept = self._alive.select_for_update().filter(sha256=row.sha256).first()
            if kept is not None:  # else that one has just been destroyed
                return kept

    def _plain(self, row: SealedMedia) -> Iterator[bytes]:
        """The plain bytes, verified as a whole when the last were given."""
        seen = _Seen()
        try:
            with self._sealed.get(row.id) as sealed:
                for frame in stream.unseal(sealed, self._data_key(row), row.id):
                    seen(frame)
                    yield frame
        except UnknownBlobError as error:
            self._live(row.id)  # it may have been destroyed just now
            raise EvidenceDamagedError(path=f"media {row.id}", cause="its sealed bytes are not there") from error
        except stream.DamagedError as error:
            raise EvidenceDamagedError(path=f"media {row.id}", cause=str(error)) from error
        if seen.digest.hexdigest() != row.sha256 or seen.size != row.size:
            raise EvidenceDamagedError(path=f"media {row.id}", cause="is not the content that its record names")

    def _data_key(self, row: SealedMedia) -> bytes:
        try:
            return self._keys.of(row.key).unwrap(bytes(row.wrapped))
        except VaultKeyError as error:
            cause = f"its data key cannot be unwrapped: {error}"
            raise VaultKeyError(path=f"media {row.id}", cause=cause) from error

    def _errors(self) -> AbstractContextManager[None]:
        return storage_errors("the records of media")


class _Seen:
    """Hashes and counts what passes."""

    def __init__(self) -> None:
        self.digest, self.size = sha256(), 0

    def __call__(self, frame: bytes) -> None:
        self.digest.update(frame)
        self.size += len(frame)


def _told(row: SealedMedia) -> Blob:
    wrapped = b64encode(bytes(row.wrapped)).decode("ascii")
    return Blob(row.id, row.sha256, row.size, row.mime, row.created, row.key, wrapped)


def _begun(name: str) -> datetime | None:
    """When the name was given: the first 48 bits of a UUID of version 7 (RFC 9562, section 5.7). None for any other."""
    try:
        uuid = UUID(name)
    except ValueError:
        return None
    return _EPOCH + timedelta(milliseconds=uuid.int >> 80) if uuid.version == 7 else None
