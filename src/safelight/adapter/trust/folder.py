"""The trust list in force: what the program ships, a newer official list, and the user's own anchors.

A folder `trust` in the data folder holds `official.pem`, `official-tsa.pem` and `official.toml` after an update, and
`own/NAME.pem` for each anchor of the user's own. Nothing here ever uses a network.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from safelight.adapter import disk
from safelight.adapter.trust.certificates import Anchor, parse_anchors, read_file
from safelight.model.errors import InputError, UsageError
from safelight.model.provenance import TrustList

SHIPPED = Path(__file__).parent / "official"

_ANCHORS, _TIME_ANCHORS, _ABOUT, _USAGES, _OWN = (
    "official.pem",
    "official-tsa.pem",
    "official.toml",
    "usages.cfg",
    "own",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Official:
    """An official list. `forced`: put in force although an older one than what was in force."""

    name: str
    as_of: date
    source: str
    anchors: tuple[Anchor, ...]
    time_anchors: tuple[Anchor, ...]
    forced: bool = False


@dataclass(frozen=True, slots=True)
class OwnAnchor:
    """Certificates that the user added under a name."""

    name: str
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class TrustState:
    """What is in force, for people. `shipped`: the official list is the one that came with the program."""

    official: Official
    shipped: bool
    own: tuple[OwnAnchor, ...]


class TrustFolder:
    """The trust list in force, and changes to it."""

    def __init__(self, folder: Path | None) -> None:
        """`folder`: of the user's lists; it need not be there. None: only what the program ships."""
        self._folder = folder

    def state(self) -> TrustState:
        """What is in force. Raises InputError naming a file that cannot be used."""
        updated = self._read_updated()
        if updated is not None and (updated.forced or updated.as_of > self._shipped.as_of):
            return TrustState(updated, shipped=False, own=self._read_own())
        return TrustState(self._shipped, shipped=True, own=self._read_own())

    def load(self) -> TrustList:
        """What is in force, as the provenance reader takes it. Raises InputError naming a file that cannot be used."""
        state = self.state()
        own = [anchor for one in state.own for anchor in one.anchors]
        anchors, times = _joined([*state.official.anchors, *own]), _joined(state.official.time_anchors)
        usages = (SHIPPED / _USAGES).read_text(encoding="ascii")
        name = f"{state.official.name} of {state.official.as_of}"
        if own:
            name += f" and {len(own)} own {'certificate' if len(own) == 1 else 'certificates'}"
        whole = f"{name}\0{anchors}\0{times}\0{usages}"
        return TrustList(
            name=name,
            as_of=state.official.as_of.isoformat(),
            sha256=hashlib.sha256(whole.encode()).hexdigest(),
            anchors=anchors,
            time_anchors=times,
            usages=usages,
        )

    def update(self, pem: Path, as_of: date, time_pem: Path | None = None, *, force: bool = False) -> TrustState:
        """Put another official list in force; the whole of it is checked before anything is written.

        Args:
            pem: anchors of signers.
            as_of: of which day the list is.
            time_pem: anchors of time stamps; those in force are kept without it.
            force: also one that is older than what is in force.

        Raises:
            InputError: a file that cannot be read or holds what is no list.
            UsageError: an older list without `force`.
            StorageError: it cannot be written.
        """
        folder = self._own_folder()
        before = self._in_force_or_shipped()
        if as_of < before.as_of and not force:
            raise UsageError(
                detail=f"the list in force is of {before.as_of}, newer than {as_of}; --force takes it back"
            )
        anchors = parse_anchors(read_file(pem), pem)
        times = before.time_anchors if time_pem is None else parse_anchors(read_file(time_pem), time_pem)
        files = {_ANCHORS: _joined(anchors).encode(), _TIME_ANCHORS: _joined(times).encode()}
        about = [
            f"name = {json.dumps(self._shipped.name)}",
            f'as_of = "{as_of}"',
            f"source = {json.dumps(_plain(pem.name))}",
            f"forced = {'true' if force else 'false'}",
            "",
            "[sha256]",
            *(f'"{name}" = "{hashlib.sha256(data).hexdigest()}"' for name, data in files.items()),
            "",
        ]
        with disk.naming(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                disk.publish(folder / name, data)
            disk.publish(folder / _ABOUT, "\n".join(about).encode())  # last: it names the bytes of the others
        return self.state()

    def add(self, pem: Path) -> OwnAnchor:
        """Trust the certificates of a file, under the file's name without `.pem`.

        Raises:
            InputError: they cannot be read, are of no authority, or the name is taken or unfit.
            StorageError: they cannot be written.
        """
        folder = self._own_folder() / _OWN
        name = pem.name.removesuffix(".pem")
        if not _NAME.fullmatch(name):
            raise InputError(path=pem, cause="name the file with letters, digits, '.', '_' and '-' only")
        anchors = parse_anchors(read_file(pem), pem)
        path = folder / f"{name}.pem"
        if path.exists():
            raise InputError(path=path, cause="is there already; remove it first")
        with disk.naming(path):
            folder.mkdir(parents=True, exist_ok=True)
            disk.publish(path, _joined(anchors).encode())
        return OwnAnchor(name, anchors)

    def remove(self, name: str) -> None:
        """Trust the certificates of that name no longer. Raises InputError, StorageError."""
        folder = self._own_folder() / _OWN
        path = folder / f"{name}.pem"
        if not _NAME.fullmatch(name) or not path.is_file():
            known = ", ".join(one.stem for one in self._own_files()) or "none"
            raise InputError(path=name, cause=f"no own certificate has that name; known names: {known}")
        with disk.naming(path):
            path.unlink()
            disk.sync_folder(folder)

    @cached_property
    def _shipped(self) -> Official:
        return _read_official(SHIPPED)

    def _own_folder(self) -> Path:
        if self._folder is None:
            raise UsageError(detail="there is no data folder to keep a trust list in")
        return self._folder

    def _read_updated(self) -> Official | None:
        if self._folder is None or not (self._folder / _ABOUT).exists():
            return None
        return _read_official(self._folder)

    def _in_force_or_shipped(self) -> Official:
        """What is in force; where that cannot be read, what the program ships: an update is how it is mended."""
        try:
            return self.state().official
        except InputError:
            return self._shipped

    def _own_files(self) -> list[Path]:
        return sorted((self._folder / _OWN).glob("*.pem")) if self._folder is not None else []

    def _read_own(self) -> tuple[OwnAnchor, ...]:
        return tuple(OwnAnchor(path.stem, parse_anchors(read_file(path), path)) for path in self._own_files())


def load_trust(folder: Path | None) -> TrustList:
    """The trust list in force, of what the program ships and a user's folder. Raises InputError naming a bad file."""
    return TrustFolder(folder).load()


def _read_official(folder: Path) -> Official:
    about = folder / _ABOUT
    try:
        told = tomllib.loads(read_file(about).decode())
        name, source, as_of = str(told["name"]), str(told["source"]), date.fromisoformat(told["as_of"])
        sums = {file: str(told["sha256"][file]) for file in (_ANCHORS, _TIME_ANCHORS)}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(path=about, cause="cannot be read; `safelight trust update` writes it anew") from error
    anchors, times = (_read_sealed(folder / file, sums[file]) for file in (_ANCHORS, _TIME_ANCHORS))
    return Official(name, as_of, source, anchors, times, forced=told.get("forced") is True)


def _read_sealed(path: Path, sha256: str) -> tuple[Anchor, ...]:
    data = read_file(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        cause = f"is not the file that {_ABOUT} was written for; `safelight trust update` writes both anew"
        raise InputError(path=path, cause=cause)
    return parse_anchors(data, path)


def _plain(name: str) -> str:
    """A file's name in printable ASCII, which TOML takes as JSON writes it."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in name)


def _joined(anchors: Iterable[Anchor]) -> str:
    """PEM of the certificates, each once."""
    return "".join({anchor.sha256: anchor.pem for anchor in anchors}.values())
