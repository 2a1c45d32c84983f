"""Write the examiner's page of a picture, with its maps."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from safelight.adapter.outputs.staging import staged, storage_errors
from safelight.model.errors import InputError
from safelight.model.maps import Maps
from safelight.model.signal import Signal
from safelight.report.maps import PAGE, render


class FileExaminerPage:
    """`ports.ExaminerPage` in a folder, which is made when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, maps: Maps, signals: Sequence[Signal], name: str, sha256: str, made: datetime) -> str:
        """Write the page and one PNG for each map; an earlier page here is replaced. Returns the page's path.

        Raises InputError for a folder that is a link or holds what no examination left there, StorageError.
        """
        folder = self._folder
        if folder.is_symlink():
            raise InputError(path=folder, cause="is a link; name the folder itself")
        with storage_errors(folder):
            there = {path.name for path in folder.iterdir()} if folder.exists() else set()
        if there and PAGE not in there:
            raise InputError(path=folder, cause=f"holds {min(there)!a}, which no examination left there")
        files = render(maps, signals, name=name, sha256=sha256, made=made)
        with storage_errors(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with staged(folder, list(files)) as streams:
            for name_of, data in files.items():
                with storage_errors(folder / name_of):
                    streams[name_of].write(data)
        return str(folder / PAGE)
