"""Prompts that files carry, kept apart from results: they can describe what nobody should have to read."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from safelight.adapter.disk import naming
from safelight.adapter.outputs.staging import refuse_link, whole
from safelight.model.codec import from_json
from safelight.model.signal import Prompt

FOLDER = "prompts"
ROOM = 1 << 30
_NAME = re.compile(r"[0-9a-f]{64}\.json")


@dataclass(frozen=True, slots=True)
class _Kept:
    path: str
    sha256: str
    prompts: tuple[Prompt, ...]


class FilePrompts:
    """`ports.Prompts` under `out`: one JSON file for each media file, readable by their owner only.

    Its name is the digest of the path: a worker that lies about its file's digests does not reach another file's.
    """

    def __init__(self, out: Path, room: int = ROOM) -> None:
        """`room`: bytes that one run may write: compressed text must not fill a disk."""
        self._folder = out / FOLDER
        self._room = room

    def clear(self) -> None:
        """Remove what an earlier scan left here, and nothing else. Raises StorageError."""
        refuse_link(self._folder, FOLDER)
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            with naming(path):
                if _NAME.fullmatch(path.name) and not path.is_symlink() and _is_ours(path):
                    path.unlink()

    def keep(self, media: str, sha256: str, prompts: Sequence[Prompt]) -> bool:
        """Write the prompts of one file, whole or not at all; False where there is no room. Raises StorageError."""
        path = self._folder / f"{hashlib.sha256(media.encode()).hexdigest()}.json"
        data = msgspec.json.encode(_Kept(media, sha256, tuple(prompts))) + b"\n"
        if len(data) > self._room:
            return False
        with whole(path, FOLDER) as stream:
            stream.write(data)
        self._room -= len(data)
        return True


def _is_ours(path: Path) -> bool:
    try:
        from_json(path.read_bytes(), _Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
