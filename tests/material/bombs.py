"""Files, names and folders that are dangerous to read: each is cheap to make, small on disk and harmless by itself."""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from safelight.demo.draw import draw
from safelight.demo.variants import jpeg
from safelight.model.scan import Status
from tests.material import archive_bombs, picture_bombs

OK, DEGRADED, UNREADABLE = Status.OK, Status.DEGRADED, Status.UNREADABLE
UNSUPPORTED, SKIPPED = Status.UNSUPPORTED, Status.SKIPPED


@dataclass(frozen=True, slots=True)
class Bomb:
    """One dangerous thing on disk.

    `expect`: the statuses that the row of `path` may have; for a folder, that every row under it may have. `heavy`:
    takes seconds of CPU or writes many rows even when read well.
    """

    name: str
    path: Path
    expect: frozenset[Status]
    note: str
    heavy: bool = False


def make_bombs(folder: Path, *, heavy: bool = False) -> list[Bomb]:
    """Write the bombs into `folder`, which exists; `heavy` also those that cost a scan seconds.

    What the system does not permit (device nodes without the right to make them) is left out.
    """
    made = [*_files(folder, picture_bombs.BOMBS), *_files(folder, archive_bombs.BOMBS), *_odd_names(folder)]
    made += [*_odd_nodes(folder), *_odd_folders(folder)]
    if heavy:
        made += [*_files(folder, picture_bombs.HEAVY, heavy=True), *_files(folder, archive_bombs.HEAVY, heavy=True)]
        made.append(_sparse(folder))
    return made


Recipe = tuple[str, Callable[[], bytes], set[Status], str]
"""(file name, maker, expected statuses, note)."""


def _files(folder: Path, recipes: Iterable[Recipe], *, heavy: bool = False) -> list[Bomb]:
    made = []
    for name, make, expect, note in recipes:
        (folder / name).write_bytes(make())
        made.append(Bomb(name.partition(".")[0], folder / name, frozenset(expect), note, heavy))
    return made


def _picture() -> bytes:
    return jpeg(draw(1, 160, 120), 70)


def _odd_names(folder: Path) -> list[Bomb]:
    """Sound pictures under names that break programs."""
    names = {
        "name-255-bytes": (b"n" * 251 + b".jpg", "as long as a name may be"),
        "name-not-utf8": (b"caf\xe9-\xff\xfe.jpg", "bytes that are no UTF-8"),
        "name-newline": (b"two\nlines.jpg", "a line break, to forge a row"),
        "name-escape": (b"\x1b[2J\x1b[31mred\x07.jpg", "terminal escapes: clear the screen, turn red, ring"),
        "name-markup": (b"<img src=x onerror=alert(1)>.jpg", "markup, for the report"),
        "name-bidi": ("photo\u202egpj.exe.jpg".encode(), "a right-to-left override, to hide the ending"),
        "name-archive-like": (b"outer.zip!", "looks like a path into an archive"),
    }
    made = []
    for name, (raw, note) in names.items():
        path = folder / os.fsdecode(raw)
        path.write_bytes(_picture())
        made.append(Bomb(name, path, frozenset({OK}), note))
    return made


def _odd_nodes(folder: Path) -> list[Bomb]:
    """What is no regular file, is empty, or must not be read."""
    link, fifo, socket = folder / "dangling-link.jpg", folder / "fifo.jpg", folder / "socket.jpg"
    link.symlink_to("nowhere.jpg")
    os.mkfifo(fifo)
    os.mknod(socket, stat.S_IFSOCK | 0o600)
    (folder / "empty.jpg").touch()
    closed = folder / "no-permission.jpg"
    closed.write_bytes(_picture())
    closed.chmod(0)
    made = [
        Bomb("dangling-link", link, frozenset({SKIPPED}), "a link to nothing"),
        Bomb("fifo", fifo, frozenset({SKIPPED}), "opening it for reading would wait for ever"),
        Bomb("socket", socket, frozenset({SKIPPED}), "a Unix socket"),
        Bomb("empty", folder / "empty.jpg", frozenset({UNREADABLE}), "no bytes at all"),
        Bomb("no-permission", closed, frozenset({OK, UNREADABLE}), "mode 000: only root reads it"),
    ]
    device = folder / "device.jpg"
    try:
        os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        return made
    return [*made, Bomb("device", device, frozenset({SKIPPED}), "a copy of /dev/zero: endless")]


def _odd_folders(folder: Path) -> list[Bomb]:
    loop = folder / "loop"
    loop.mkdir()
    (loop / "again").symlink_to(".")
    (loop / "up").symlink_to("..")
    deep = folder / "deep"
    bottom = deep.joinpath(*["folder"] * 200)
    bottom.mkdir(parents=True)
    (bottom / "bottom.jpg").write_bytes(_picture())
    return [
        Bomb("symlink-loop", loop, frozenset({SKIPPED}), "links to the folder itself and to its parent"),
        Bomb("deep-folders", deep, frozenset({OK}), "a sound picture 200 folders down"),
    ]


def _sparse(folder: Path) -> Bomb:
    path = folder / "sparse-5gb.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(5 << 30)
    return Bomb("sparse-5gb", path, frozenset({UNREADABLE}), "5 GiB that take no room: over the size limit", heavy=True)
