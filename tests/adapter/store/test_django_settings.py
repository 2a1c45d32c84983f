"""Databases from a folder or from an address."""

from pathlib import Path

from safelight.adapter.store import django_settings


def test_sqlite() -> None:
    database = django_settings.sqlite(Path("folder") / "store.sqlite3")
    assert database["NAME"] == "folder/store.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql() -> None:
    database = django_settings.postgresql("postgresql://us%40er:p%2Fw@db.example:5433/banks")
    assert database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "banks",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
    }


def test_postgresql_by_its_socket() -> None:
    database = django_settings.postgresql("postgresql://%2Frun%2Fpostgresql/banks")
    assert (database["HOST"], database["USER"], database["PORT"]) == ("/run/postgresql", "", "")
    database = django_settings.postgresql("postgresql://Me:x%40y@%2fsrv%2FData:5433/banks")
    assert (database["HOST"], database["USER"], database["PORT"]) == ("/srv/Data", "Me", "5433")


def test_only_our_own_tables_are_installed() -> None:
    ours = [f"safelight.adapter.{name}" for name in ("store", "casework", "evidence", "closing")]
    assert ours == django_settings.INSTALLED_APPS
