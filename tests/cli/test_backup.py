"""`safelight backup` and `safelight restore`: a filled service comes back whole, on both databases."""

import hashlib
import io
import os
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.adapter.backup import keys as backup_keys
from safelight.adapter.backup.archive import read_archive
from safelight.app import App
from safelight.cli.backup import backup, restore
from safelight.flow.audit import verify_store
from safelight.model.access import SYSTEM
from safelight.model.bank import Bank, BankEntry, KnownHash
from safelight.model.case import Draft, Noted, Opened
from safelight.model.errors import InputError, SafelightError, StorageError, UsageError, VaultKeyError
from safelight.settings import read_settings
from tests import databases
from tests.databases import DATABASES, close_place, database

MEDIA = [b"media", bytes(range(256)) * 5000, b""]
KEEP = "a passphrase of some length"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the tests' server come first; what makes a passphrase dear is not the matter here."""
    monkeypatch.setenv("PATH", f"{databases._programs()}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(backup_keys, "_COST", 1 << 10)


def app_in(home: Path, target: Path | str = "", **settings: str) -> App:
    url = {"SAFELIGHT_DATABASE_URL": target} if isinstance(target, str) and target else {}
    return App(read_settings({"SAFELIGHT_HOME": str(home), **url, **settings}))


def fill(app: App) -> None:
    bank = app.store.create(Bank(0, "known", 31, 50))
    digests = (KnownHash("sha256", hashlib.sha256(b"known").hexdigest()),)
    app.store.add(bank, [BankEntry(f"entry {number}", digests if not number else ()) for number in range(3)])
    blobs = [app.evidence.put(io.BytesIO(plain), "image/png") for plain in MEDIA]
    case = app.ids.new()
    app.cases.append([Draft(case, SYSTEM, Opened("a test")), Draft(case, SYSTEM, Noted("words"))])
    app.evidence.destroy(blobs[2].id)
    features = app.settings.home / "features" / "1"
    features.mkdir(parents=True)
    (features / "manifest").write_bytes(b"of something encrypted")
    (features / "00000001.lists").write_bytes(bytes(5000))
    (features / "lock").touch()
    (app.settings.home / "trust").mkdir()
    (app.settings.home / "trust" / "own.pem").write_text("an anchor")
    (app.settings.home / "index").mkdir()
    (app.settings.home / "index" / "rebuildable").touch()


def state(app: App) -> object:
    bank = app.store.bank("known")
    return (
        list(app.store.entries(bank)),
        app.cases.log(-1, 100),
        app.cases.head().root,
        app.evidence.blobs(),
        app.evidence.status(),
    )


def run(app: App, command: str, *arguments: object) -> Result:
    done = CliRunner().invoke({"backup": backup, "restore": restore}[command], [*map(str, arguments), "-q"], obj=app)
    if isinstance(done.exception, SafelightError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(params=DATABASES)
def targets(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path | str, Path | str]]:
    """The database of a service, and an empty one for where it is restored to."""
    if request.param == "sqlite":
        yield tmp_path, tmp_path
        return
    with (
        database("postgresql", tmp_path, "store", "casework", "evidence") as filled,
        database("postgresql", tmp_path) as empty,
    ):
        yield filled, empty


def test_a_filled_service_comes_back_whole(targets: tuple[Path | str, Path | str], tmp_path: Path) -> None:
    app = app_in(tmp_path / "home", targets[0], SAFELIGHT_PASSPHRASE=KEEP)
    fill(app)
    told = run(app, "backup", tmp_path / "backup.tar", "--with-keys")
    assert told.output.startswith("7 files, ")
    new = app_in(tmp_path / "new", targets[1], SAFELIGHT_PASSPHRASE=KEEP)
    asked = app_in(tmp_path / "elsewhere", targets[1], SAFELIGHT_PASSPHRASE=KEEP)
    run(asked, "restore", tmp_path / "backup.tar", "--home", tmp_path / "new")
    assert state(new) == state(app)
    for blob, plain in zip(new.evidence.blobs()[:2], MEDIA, strict=False):
        with new.evidence.read(blob.id) as file:
            assert file.read() == plain
    report = verify_store(new.cases, new.evidence)
    assert (report.flaws, report.entries, report.cases) == ((), 2, 1)
    kept = {str(path.relative_to(tmp_path / "new")) for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert kept >= {"features/1/manifest", "features/1/00000001.lists", "trust/own.pem", "evidence.key"}
    assert not [name for name in kept if name.startswith("index") or name.endswith((".pgdump", ".part"))]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "new").rglob("*") if "lock" not in path.name)
    new.evidence.put(io.BytesIO(b"and it goes on"), "image/png")


def test_a_backup_of_a_service_at_work_is_of_one_moment(targets: tuple[Path | str, Path | str], tmp_path: Path) -> None:
    app = app_in(tmp_path / "home", targets[0], SAFELIGHT_PASSPHRASE=KEEP)
    fill(app)
    done = threading.Event()
    put: list[str] = []

    def work() -> None:
        while not done.is_set():
            blob = app.evidence.put(io.BytesIO(b"%d" % len(put)), "image/png")
            if len(put) % 3 == 2:
                app.evidence.destroy(blob.id)
            app.cases.append([Draft(app.ids.new(), SYSTEM, Opened(f"case {len(put)}"))])
            put.append(blob.id)
        close_place(app.evidence._using)  # type: ignore[attr-defined]

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while len(put) < 5:
            time.sleep(0.01)
        run(app, "backup", tmp_path / "b", "--with-keys")
    finally:
        done.set()
        worker.join()
    new = app_in(tmp_path / "new", targets[1], SAFELIGHT_PASSPHRASE=KEEP)
    with read_archive(tmp_path / "b") as reader:
        absent = reader.manifest.absent
    run(new, "restore", tmp_path / "b", "--home", tmp_path / "new")
    blobs = [blob.id for blob in new.evidence.blobs(limit=10_000)]
    assert len(blobs) > 5
    assert set(blobs) <= {*put, *(blob.id for blob in app.evidence.blobs(limit=10_000))}
    for blob in set(blobs) - set(absent):
        new.evidence.check(blob)
    assert verify_store(new.cases, new.evidence).flaws == ()
    assert new.cases.head().size > 2


def test_media_goes_to_where_the_settings_say(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home", SAFELIGHT_BLOBS=str(tmp_path / "media"))
    fill(app)
    run(app, "backup", tmp_path / "b")
    moved = app_in(tmp_path / "elsewhere", SAFELIGHT_BLOBS=str(tmp_path / "moved"))
    run(moved, "restore", tmp_path / "b", "--home", tmp_path / "new")
    assert sorted(moved.blobs.names()) == sorted(app.blobs.names())
    assert not (tmp_path / "new" / "blobs").exists()


def test_nothing_is_left_beside_and_nothing_is_readable_for_others(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home")
    fill(app)
    run(app, "backup", tmp_path / "backup.tar")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "home"]
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600
    data = (tmp_path / "backup.tar").read_bytes()
    assert (tmp_path / "home" / "evidence.key").read_bytes() not in data
    assert MEDIA[1][:64] not in data
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert "keys" not in tar.getnames()
        assert tar.getnames()[-2:] == ["manifest.json", "manifest.sha256"]


def test_without_keys_media_cannot_be_read_until_they_are_put_back(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home")
    fill(app)
    assert "keys are not in it" in run(app, "backup", tmp_path / "b").output
    assert "keys were not in it" in run(app, "restore", tmp_path / "b", "--home", tmp_path / "new").output
    new = app_in(tmp_path / "new")
    blob = new.evidence.blobs()[0].id
    with pytest.raises(VaultKeyError):
        new.evidence.check(blob)
    (tmp_path / "new" / "evidence.key").write_bytes((tmp_path / "home" / "evidence.key").read_bytes())
    app_in(tmp_path / "new").evidence.check(blob)


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home")
    fill(app)
    run(app, "backup", tmp_path / "b")
    with pytest.raises(InputError, match="is there already; a backup is never written over another"):
        run(app, "backup", tmp_path / "b")
    with pytest.raises(InputError, match="is there already; a backup is restored where nothing is"):
        run(app, "restore", tmp_path / "b", "--home", tmp_path / "home")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is there already"):
        run(app, "restore", tmp_path / "b", "--home", tmp_path / "file")
    (tmp_path / "empty").mkdir()
    run(app, "restore", tmp_path / "b", "--home", tmp_path / "empty")
    other = app_in(tmp_path / "other", SAFELIGHT_BLOBS=str(tmp_path / "media"))
    other.blobs.put("of-another-service", [b""])
    with pytest.raises(InputError, match="holds other media already"):
        run(other, "restore", tmp_path / "b", "--home", tmp_path / "third")
    assert not (tmp_path / "third").exists()


def test_any_damage_is_found_before_anything_is_in_place(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home")
    fill(app)
    run(app, "backup", tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    with tarfile.open(tmp_path / "b") as tar:
        places = [member.offset_data for member in tar] + [member.offset for member in tar]
    created = whole.index(b'"created"') + 15
    for number, at in enumerate([*places, len(whole) // 2, created]):
        (tmp_path / "broken").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(InputError, match="broken: "):
            run(app, "restore", tmp_path / "broken", "--home", tmp_path / f"new{number}")
    for end in (0, 512, len(whole) // 2, whole.index(b"manifest.json"), whole.index(b"manifest.sha256")):
        (tmp_path / "broken").write_bytes(whole[:end])
        with pytest.raises(InputError, match="broken: "):
            run(app, "restore", tmp_path / "broken", "--home", tmp_path / "cut")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "broken", "home"]


def test_another_passphrase_restores_nothing(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home", SAFELIGHT_PASSPHRASE=KEEP)
    fill(app)
    run(app, "backup", tmp_path / "b", "--with-keys")
    with pytest.raises(VaultKeyError, match="another passphrase"):
        run(app_in(tmp_path, SAFELIGHT_PASSPHRASE="other"), "restore", tmp_path / "b", "--home", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_kind_of_database_must_fit(tmp_path: Path) -> None:
    app = app_in(tmp_path / "home")
    fill(app)
    run(app, "backup", tmp_path / "b")
    elsewhere = app_in(tmp_path, "postgresql://nobody@127.0.0.1/nothing")
    with pytest.raises(UsageError, match="of a store on SQLite: unset SAFELIGHT_DATABASE_URL"):
        run(elsewhere, "restore", tmp_path / "b", "--home", tmp_path / "new")
    with pytest.raises(InputError, match="there is nothing to back up"):
        run(app_in(tmp_path / "nowhere"), "backup", tmp_path / "c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "home"]


def test_a_database_with_tables_is_not_written_to_and_programs_that_miss_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database("postgresql", tmp_path, "store", "casework", "evidence") as url:
        app = app_in(tmp_path / "home", url)
        app.evidence.put(io.BytesIO(b"media"), "image/png")
        run(app, "backup", tmp_path / "b")
        with pytest.raises(InputError, match="has tables already"):
            run(app, "restore", tmp_path / "b", "--home", tmp_path / "new")
        with pytest.raises(StorageError, match="does not exist"):
            run(app_in(tmp_path, f"{url}x"), "restore", tmp_path / "b", "--home", tmp_path / "new")
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UsageError, match="`pg_dump`, which is not installed"):
            run(app, "backup", tmp_path / "c")
        close_place(app.evidence._using)  # type: ignore[attr-defined]
    assert not (tmp_path / "c").exists()
    assert not (tmp_path / "new").exists()


def test_what_is_not_encrypted_stays_out_and_is_named(tmp_path: Path) -> None:
    from safelight.adapter.vault.manifest import Manifest, write

    app = app_in(tmp_path / "home")
    fill(app)
    (tmp_path / "home" / "clips" / "4").mkdir(parents=True)
    write(tmp_path / "home" / "clips" / "4", Manifest(4, 1, 0, ""), None, "clips")
    assert "left out, since it is not encrypted: clips/4" in run(app, "backup", tmp_path / "b").output
    with tarfile.open(tmp_path / "b") as tar:
        assert not [name for name in tar.getnames() if name.startswith("clips")]
