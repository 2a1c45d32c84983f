"""Write a comparison and its report to a folder of its own."""

from pathlib import Path

from safelight.adapter.outputs.seal import MANIFEST, SIGNATURE, json_bytes, manifest_of, signature_of
from safelight.adapter.outputs.staging import staged, storage_errors
from safelight.model.codec import from_json
from safelight.model.comparison import MAX_INSTANTS, Compared, ComparedPictures, Comparison
from safelight.model.errors import InputError
from safelight.ports import Signer
from safelight.report import compare_html
from safelight.report.compare_pictures import mask_png

DATA, PAGE, PAPER, MASK, OVERLAY = "comparison.json", "report.html", "report.pdf", "mask.png", "overlay.png"
FRAME_MASKS = tuple(f"{what}-{n}.png" for n in range(1, MAX_INSTANTS + 1) for what in ("mask", "overlay"))
"""Masks of the frames of two videos that were held against each other, by the number of their instant."""
NAMES = (DATA, PAGE, PAPER, MASK, OVERLAY, *FRAME_MASKS, SIGNATURE, MANIFEST)
"""The files, in the order in which they appear; masks and signature are there only when they say something."""


class FileComparison:
    """`ports.ComparisonOutputs` in a folder, which is made when it is not there and holds nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self) -> None:
        """Raise InputError when the folder is a link or holds anything but a comparison."""
        folder = self._folder
        if folder.is_symlink():
            raise InputError(path=folder, cause="is a link; name the folder itself")
        ours = {*NAMES, *(f".{name}.part" for name in NAMES)}
        with storage_errors(folder):
            there = {path.name for path in folder.iterdir()} if folder.exists() else set()
        strange = sorted(there - ours)
        if strange or (there and DATA not in there and there & set(NAMES)):
            what = (strange or sorted(there))[0]
            raise InputError(path=folder, cause=f"holds {what!a}, which no comparison left there; choose a new folder")

    def write(self, comparison: Comparison, pictures: Compared, signer: Signer | None) -> dict[str, str]:
        """Write the files and return their paths by name; an earlier comparison of the same two files is replaced.

        Raises InputError when the folder holds anything else, StorageError; what was there before then stays whole.
        """
        self.check()
        self._check_same(comparison)
        files = _files(comparison, pictures)
        manifest = manifest_of(files)
        if signer is not None:
            files[SIGNATURE] = signature_of(manifest, signer)
        files[MANIFEST] = manifest
        folder = self._folder
        with storage_errors(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = [name for name in NAMES if name in files]
        with staged(folder, names) as streams:
            for name in names:
                with storage_errors(folder / name):
                    streams[name].write(files[name])
        for name in set(NAMES) - set(names):
            with storage_errors(folder / name):
                (folder / name).unlink(missing_ok=True)
        return {name: str(folder / name) for name in names}

    def _check_same(self, comparison: Comparison) -> None:
        """Raise InputError when the folder holds a comparison of other files."""
        path = self._folder / DATA
        try:
            held = from_json(path.read_bytes(), Comparison)
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(path=path, cause="is there and is no comparison; choose a new folder") from error
        if _pair(held) != _pair(comparison):
            cause = f"holds the comparison of {held.suspect.name!a} with {held.original.name!a}; choose a new folder"
            raise InputError(path=self._folder, cause=cause)


def _pair(comparison: Comparison) -> tuple[str, str]:
    return comparison.suspect.sha256, comparison.original.sha256


def _files(comparison: Comparison, pictures: Compared) -> dict[str, bytes]:
    from safelight.report import compare_pdf  # noqa: PLC0415 - the typesetter is large, and needed only here

    files = {
        DATA: json_bytes(comparison),
        PAGE: compare_html.render(comparison, pictures).encode(),
        PAPER: compare_pdf.render(comparison, pictures),
    }
    size = comparison.suspect.width, comparison.suspect.height
    if isinstance(pictures, ComparedPictures):
        return files | _masks(pictures, size, MASK, OVERLAY)
    for number, frames in enumerate(pictures.instants, start=1):
        files |= _masks(frames, size, f"mask-{number}.png", f"overlay-{number}.png")
    return files


def _masks(pictures: ComparedPictures, size: tuple[int, int], mask: str, overlay: str) -> dict[str, bytes]:
    """Both masks by name, none where there is no region."""
    if pictures.region is None:
        return {}
    return {mask: mask_png(pictures.region.replaced, size), overlay: mask_png(pictures.region.overlay, size)}
