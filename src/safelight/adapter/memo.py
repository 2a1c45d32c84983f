"""What is kept between runs and may be lost, in a file of the data folder."""

import tempfile
from contextlib import suppress
from pathlib import Path

from safelight.adapter import disk


class FileMemo:
    """`ports.Memo` in a file, replaced as a whole, not synced: whoever reads it holds it against its source."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self) -> bytes | None:
        """See `ports.Memo.get`."""
        with suppress(OSError):
            return self._path.read_bytes()
        return None

    def put(self, data: bytes) -> None:
        """See `ports.Memo.put`. Each process writes a file of its own, for its owner alone, before it is renamed."""
        with suppress(OSError), tempfile.TemporaryDirectory(prefix=".memo-", dir=self._path.parent) as folder:
            new = Path(folder, self._path.name)
            new.touch(mode=0o600)
            new.write_bytes(data)
            disk.replace(new, self._path)
