"""Prompts that files carry, kept apart from results: they can describe what nobody should have to read."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from safelight.adapter.disk import naming
from safelight.model.errors import StorageError
from safelight.model.signal import Prompt

FOLDER = "prompts"


class FilePrompts:
    """`ports.Prompts` under `out`: one JSON file for each media file, readable by their owner only.

    Its name is the digest of the path: a worker that lies about its file's digests does not reach another file's.
    """

    def __init__(self, out: Path) -> None:
        self._folder = out / FOLDER

    def keep(self, media: str, sha256: str, prompts: Sequence[Prompt]) -> None:
        """Write the prompts of one file, whole or not at all. Raises StorageError."""
        path = self._folder / f"{hashlib.sha256(media.encode()).hexdigest()}.json"
        said = {"path": media, "sha256": sha256, "prompts": prompts}
        with naming(path):
            if self._folder.is_symlink():
                raise StorageError(path=self._folder, cause="is a link; prompts are not written through links")
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file, part = tempfile.mkstemp(prefix=".", dir=self._folder)  # made for its owner only
            try:
                with os.fdopen(file, "wb") as stream:
                    stream.write(msgspec.json.encode(said) + b"\n")
                Path(part).replace(path)
            finally:
                Path(part).unlink(missing_ok=True)
