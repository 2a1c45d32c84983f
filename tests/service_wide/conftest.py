"""What the tests of the web's parts have, for tests of the whole."""

from tests.web.api.conftest import listed, seen, take
from tests.web.conftest import client_of, committed_db, db, key, user

__all__ = ["client_of", "committed_db", "db", "key", "listed", "seen", "take", "user"]
