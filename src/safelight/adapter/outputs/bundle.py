"""Exports: canonical ZIP files whose manifest lists every member, and whose signature is over the manifest.

A file that is checked is a stranger's. It is read once, in order; all that is kept of it is bounded; and every byte of
it is either data whose digest the manifest lists, or made again here and compared.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safelight.adapter import signing
from safelight.adapter.outputs.bundle_zip import (
    Member,
    central_header,
    crc_in,
    end,
    local_header,
    local_length,
    size_in,
)
from safelight.model.audit import Flaw
from safelight.model.codec import from_json
from safelight.model.errors import StorageError, UsageError
from safelight.model.export import (
    CASE,
    ENTRIES,
    EXPORT_KIND,
    EXPORT_SCHEMA,
    EXPORT_SIGNATURE_KIND,
    HEAD,
    ITEMS,
    KEY,
    MANIFEST,
    MEDIA,
    SIGNATURE,
    ExportLabel,
    ExportManifest,
)
from safelight.model.seal import ALGORITHM, DetachedSignature, SealedFile
from safelight.ports import Signer
from safelight.ports.exports import ExportPart

_ORDER = (HEAD, KEY, ENTRIES, CASE, ITEMS)
_MEDIA_NAME = re.compile(re.escape(MEDIA) + r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK = 1 << 20
_MAX_MANIFEST = 1 << 26
_MAX_SIGNATURE = 1 << 14
_NOT_OURS = (ValueError, RecursionError)  # what reading JSON, text and base64 of strangers can raise
END = "end of the file"
"""What a flaw names where it lies in no member."""


class ZipBundles:
    """`ports.Bundles`."""

    def write(
        self, out: BinaryIO, label: ExportLabel, parts: Sequence[ExportPart], signer: Signer | None
    ) -> tuple[str, int]:
        """Write an export; see `ports.Bundles.write`. All parts are asked for their bytes twice."""
        key: list[ExportPart] = [(KEY, lambda: [signer.public_key.encode()])] if signer else []
        places = {name: place for place, name in enumerate(_ORDER)}
        parts = sorted([*parts, *key], key=lambda part: places.get(part[0], len(_ORDER)))
        measured = [_measured(name, blocks()) for name, blocks in parts]
        files = tuple(file for file, _ in measured)
        if not _are_sound(files):
            raise UsageError(detail="these are not the names of an export's members")
        fingerprint = signer.fingerprint if signer else ""
        manifest = _json(ExportManifest(EXPORT_SCHEMA, EXPORT_KIND, label, fingerprint, files))
        to = _Writer(out)
        to.add(MANIFEST, len(manifest), zlib.crc32(manifest), [manifest])
        if signer:
            signature = _json(_written(fingerprint, signer.public_key, signer.sign(manifest)))
            to.add(SIGNATURE, len(signature), zlib.crc32(signature), [signature])
        for (file, crc), (name, blocks) in zip(measured, parts, strict=True):
            to.add(name, file.size, crc, blocks())
        to.finish()
        return to.digest.hexdigest(), to.size


class PublicKeys:
    """Keys that a verifier names."""

    def __init__(self, keys: Iterable[Ed25519PublicKey] = ()) -> None:
        self._keys = {signing.fingerprint(key): key for key in keys}

    @classmethod
    def of_files(cls, paths: Iterable[Path]) -> "PublicKeys":
        """Those in files. Raises InputError for one that holds none."""
        return cls(map(signing.open_public_key, paths))

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self._keys

    def holds(self, fingerprint: str, signature: str, data: bytes) -> bool | None:
        """Whether this is the key's signature, base64; None for a key that is not among these.

        It does not hold either when one of these keys signed, and another one is named.
        """
        try:
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        signed_by = {name for name, key in self._keys.items() if signing.is_signed(key, raw, data)}
        return fingerprint in signed_by if signed_by or fingerprint in self._keys else None


class ZipBundleReader:
    """`ports.BundleReader`. `keys`: those that the verifier names."""

    def __init__(self, file: BinaryIO, keys: PublicKeys) -> None:
        self._file = file
        self._keys = keys
        self._own = PublicKeys()
        self._offset = 0
        self._ended = False
        self._members: list[Member] = []
        self.flaws: list[Flaw] = []
        self.files: dict[str, SealedFile] = {}
        self.label: ExportLabel | None = None
        self.key = ""
        self.named = False

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The members that the manifest lists; see `ports.BundleReader.parts`."""
        data = self._small(MANIFEST, _MAX_MANIFEST)
        manifest = None if data is None else _parsed(data)
        if data is None or manifest is None:
            self._flaw(MANIFEST, "is no manifest of an export, so the rest of the file cannot be checked")
            return
        self.label, self.files = manifest.label, {file.name: file for file in manifest.files}
        if manifest.key:
            self._check_signature(data, manifest.key)
        for file in manifest.files:
            yield file.name, (blocks := self._member(file))
            for _rest in blocks:
                pass
        self._check_end()

    def holds(self, key: str, signature: str, data: bytes) -> bool | None:
        """Whether this is the key's signature; see `ports.BundleReader.holds`."""
        named = self._keys.holds(key, signature, data)
        return self._own.holds(key, signature, data) if named is None else named

    def _flaw(self, where: str, what: str) -> None:
        self.flaws.append(Flaw(where, what))

    def _check_signature(self, manifest: bytes, fingerprint: str) -> None:
        data = self._small(SIGNATURE, _MAX_SIGNATURE)
        key = None if data is None else _signer_of(data, manifest)
        if key is None or signing.fingerprint(key) != fingerprint:
            self._flaw(SIGNATURE, "the signature does not hold for this manifest")
            return
        self._own = PublicKeys((key,))
        self.key, self.named = fingerprint, fingerprint in self._keys

    def _small(self, name: str, most: int) -> bytes | None:
        """A member whose size only its header tells; None for one that is not as it should be."""
        header = self._read(local_length(name))
        size = size_in(header)
        if len(header) < local_length(name) or size > most:
            return None
        data = self._read(size)
        crc = zlib.crc32(data)
        if len(data) < size or header != local_header(name, size, crc):
            self._flaw(name, "its header is not what its data says")
            return None
        self._members.append(Member(name, size, crc, self._offset - len(header) - size))
        return data

    def _member(self, file: SealedFile) -> Iterator[bytes]:
        """The data of a listed member; what is wrong with it is told when all of it was read."""
        start, header = self._offset, self._read(local_length(file.name))
        digest, crc, left = hashlib.sha256(), 0, file.size
        while left and (block := self._read(min(_BLOCK, left))):
            digest.update(block)
            crc, left = zlib.crc32(block, crc), left - len(block)
            yield block
        if self._ended:
            self._flaw(file.name, "the file ends within it")
            return
        if digest.hexdigest() != file.sha256:
            self._flaw(file.name, "has other bytes than the manifest lists")
            crc = crc_in(header)  # that of the bytes that were there, so that one change is told once
        if header != local_header(file.name, file.size, crc):
            self._flaw(file.name, "its header is not what its data says")
        self._members.append(Member(file.name, file.size, crc, start))

    def _check_end(self) -> None:
        """The directory and what comes after it, made again."""
        start = self._offset
        for member in self._members:
            expected = central_header(member)
            if self._read(len(expected)) != expected:
                self._flaw(member.name, "its record in the directory at the end is not what its data says")
        expected = end(len(self._members), start, self._offset - start)
        if self._read(len(expected)) != expected:
            self._flaw(END, "does not fit what comes before")
        if self._file.read(1):
            self._flaw(END, "something comes after it")

    def _read(self, count: int) -> bytes:
        """So many bytes; fewer at the end of the file only."""
        parts, left = [], count
        while left and (part := self._file.read(min(_BLOCK, left))):
            parts.append(part)
            left -= len(part)
        self._ended = self._ended or left > 0
        self._offset += count - left
        return b"".join(parts)


class _Writer:
    """Writes members one after the other."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._members: list[Member] = []
        self.digest = hashlib.sha256()
        self.size = 0

    def add(self, name: str, size: int, crc: int, blocks: Iterable[bytes]) -> None:
        """Write a member. Raises StorageError when its bytes are not those that were measured."""
        self._members.append(Member(name, size, crc, self.size))
        self._put(local_header(name, size, crc))
        start, found = self.size, 0
        for block in blocks:
            found = zlib.crc32(block, found)
            self._put(block)
        if (self.size - start, found) != (size, crc):
            raise StorageError(path=name, cause="changed while it was exported")

    def finish(self) -> None:
        start = self.size
        for member in self._members:
            self._put(central_header(member))
        self._put(end(len(self._members), start, self.size - start))

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self.digest.update(data)
        self.size += len(data)


def _measured(name: str, blocks: Iterable[bytes]) -> tuple[SealedFile, int]:
    """A member as the manifest lists it, and its CRC-32."""
    digest, crc, size = hashlib.sha256(), 0, 0
    for block in blocks:
        digest.update(block)
        crc, size = zlib.crc32(block, crc), size + len(block)
    return SealedFile(name, size, digest.hexdigest()), crc


def _json(value: object) -> bytes:
    """Canonical JSON, keys sorted, a newline at the end."""
    return msgspec.json.encode(value, order="sorted") + b"\n"


def _written(fingerprint: str, public_key: str, signature: bytes) -> DetachedSignature:
    text = base64.b64encode(signature).decode("ascii")
    return DetachedSignature(EXPORT_SCHEMA, EXPORT_SIGNATURE_KIND, ALGORITHM, fingerprint, public_key, text)


def _signer_of(data: bytes, manifest: bytes) -> Ed25519PublicKey | None:
    """The key that a signature names, when it is written in the one way there is and the key did sign; else None."""
    with suppress(*_NOT_OURS):
        said = from_json(data, DetachedSignature)
        key = signing.parse_public_key(said.public_key.encode())
        signature = base64.b64decode(said.signature, validate=True)
        if key and data == _json(_written(signing.fingerprint(key), signing.public_pem(key), signature)):
            return key if signing.is_signed(key, signature, manifest) else None
    return None


def _parsed(data: bytes) -> ExportManifest | None:
    """The manifest, None when it is not one that Safelight writes."""
    with suppress(*_NOT_OURS):
        manifest = from_json(data, ExportManifest)
        sound = (
            (manifest.schema, manifest.kind) == (EXPORT_SCHEMA, EXPORT_KIND)
            and _are_sound(manifest.files)
            and (not manifest.key or _SHA256.fullmatch(manifest.key))
            and data == _json(manifest)
        )
        return manifest if sound else None
    return None


def _are_sound(files: Sequence[SealedFile]) -> bool:
    """Whether these can be the members: no name twice, the fixed ones first and in their order, then media."""
    names = [file.name for file in files]
    fixed = [name for name in names if name in _ORDER]
    return (
        len(set(names)) == len(names)
        and names[: len(fixed)] == fixed == [name for name in _ORDER if name in fixed]
        and all(_MEDIA_NAME.fullmatch(name) for name in names[len(fixed) :])
        and all(_SHA256.fullmatch(file.sha256) and file.size >= 0 for file in files)
    )


def open_bundle(file: BinaryIO, keys: Iterable[Path]) -> ZipBundleReader:
    """An export to be checked; `keys`: files of public keys. Raises InputError for one that holds none."""
    return ZipBundleReader(file, PublicKeys.of_files(keys))
