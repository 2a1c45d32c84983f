"""Platforms that take notices by an interface of their own, as plug-ins."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelight.adapter.platforms import PlatformDirectory, PlatformMailer
from safelight.app import App
from safelight.model.errors import MailDownError, MailRefusedError, PluginError, UsageError
from safelight.model.plugin import PluginState
from safelight.model.takedown import Contact, Contacts, Form, Scope
from safelight.plugin.platforms import GROUP, list_plugins, load_platforms
from safelight.ports import Letter
from safelight.report.contacts.security_txt import read_security_txt
from safelight.report.notice import usual_form
from safelight.settings import read_settings
from tests.docs.pages import DOCS, fenced
from tests.plugin.packages import install, reachable

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GUESS = Contact(Scope.SITE, "gallery.example", "abuse@gallery.example", how="guess")
KNOWN = Contact(Scope.SITE, "gallery.example", "security@gallery.example", how="security.txt")
HOST = Contact(Scope.HOST, "Host", "abuse@host.example", how="rdap")
REPORT = ("xarf.json", "application/json", b'{"url": "https://gallery.example/1"}')
LETTER = Letter("n1@pictures.example.org", "gallery@platform.invalid", "Request", "Please.", (REPORT,))

BROKEN = {
    "raises": "raise RuntimeError('secret of the plug-in')",
    "none": "return None",
    "empty": "return ''",
    "long": "return 'x' * 201",
    "lines": "return 'a\\nb'",
    "later": "raise MailDownError(to='p', cause='later')",
    "never": "raise MailRefusedError(to='p', cause='never')",
}
SOURCE = """
from types import SimpleNamespace
from safelight.model.errors import MailDownError, MailRefusedError

def tell(letter):
    {}

def open_platform():
    return SimpleNamespace(takes=lambda host: {}, tell=tell)
"""


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package that docs/notices.md holds, and where it writes what it is told."""
    (source,) = fenced((DOCS / "notices.md").read_text(encoding="utf-8"), "python")
    offer(tmp_path, monkeypatch, source, "gallery")
    told = tmp_path / "told"
    told.mkdir()
    monkeypatch.setenv("GALLERY", str(told))
    return told


def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, name: str) -> None:
    install(tmp_path / "packages", f"safelight-{name}", source, name, group=GROUP, function="open_platform")
    reachable(monkeypatch, tmp_path / "packages")


class Found:
    """A directory that found these."""

    def __init__(self, *contacts: Contact) -> None:
        self.contacts = contacts

    def find(self, url: str) -> Contacts:
        return Contacts(url, NOW, self.contacts)


class Post:
    """Mail that is sent, if any is."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []

    def send(self, letter: Letter) -> bytes:
        self.sent.append(letter)
        return b"mail"


def test_a_platform_stands_where_a_site_would_be_guessed(gallery: Path) -> None:
    platforms = load_platforms(["gallery"])
    own = Contact(Scope.SITE, "gallery", "gallery@platform.invalid", how="platform", source="gallery")
    found = PlatformDirectory(Found(GUESS, HOST), platforms).find("https://WWW.gallery.example/1")
    assert found.contacts == (own, HOST)
    assert usual_form(own) is Form.PLATFORM
    assert PlatformDirectory(Found(KNOWN, HOST), platforms).find("https://gallery.example/").contacts == (
        own,
        KNOWN,
        HOST,
    )
    for url in ("https://other.example/", "https://192.0.2.1/", "https://xgallery.example/"):
        assert PlatformDirectory(Found(GUESS, HOST), platforms).find(url).contacts == (GUESS, HOST)


class Everything:
    """Takes whatever is handed to it."""

    def takes(self, host: str) -> bool:
        return host == "gallery.example"

    def tell(self, letter: Letter) -> str:
        return letter.id


def test_no_stranger_s_record_speaks_to_a_platform() -> None:
    """A site whose `security.txt` names a platform's address, or that says it is one, is told of as without."""
    said = read_security_txt(b"Contact: mailto:gallery@platform.invalid\nExpires: 2027-01-01T00:00:00Z\n", NOW)
    assert said.email == ""
    evil = [
        Contact(Scope.SITE, "evil", "gallery@Platform.Invalid", how="security.txt", source="x"),
        Contact(Scope.HOST, "gallery", "abuse@host.example", how="platform", source="x"),
    ]
    found = PlatformDirectory(Found(*evil, HOST), {"gallery": Everything()}).find("https://evil.example/x")
    assert found.contacts == (HOST,)


def test_a_platform_is_handed_what_is_its_own_and_nothing_else(gallery: Path) -> None:
    post = Post()
    mailer = PlatformMailer(post, load_platforms(["gallery"]))
    raw = json.loads(mailer.send(LETTER))
    assert (raw["platform"], raw["number"], raw["id"]) == ("gallery", "G-n1@pictures.example.org", LETTER.id)
    [file] = gallery.iterdir()
    assert json.loads(file.read_text())["url"] == "https://gallery.example/1"
    assert post.sent == []
    assert mailer.send(Letter("n2@a.example", "abuse@host.example", "s", "t")) == b"mail"
    assert len(post.sent) == 1
    with pytest.raises(MailRefusedError, match="not set up"):
        mailer.send(Letter("n3@a.example", "gone@platform.invalid", "s", "t"))
    assert len(post.sent) == 1


def test_a_platform_that_does_not_answer_is_told_later(gallery: Path) -> None:
    gallery.rmdir()
    with pytest.raises(MailDownError, match="does not answer") as error:
        PlatformMailer(Post(), load_platforms(["gallery"])).send(LETTER)
    assert error.value.details["theirs"] is True


@pytest.mark.parametrize("how", BROKEN)
def test_whatever_a_plug_in_does_is_one_of_two_errors(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(tmp_path, monkeypatch, SOURCE.format(BROKEN[how], "1 / 0"), f"p-{how}")
    platform = load_platforms([f"p-{how}"])[f"p-{how}"]
    with pytest.raises(MailRefusedError if how == "never" else MailDownError) as error:
        platform.tell(LETTER)
    assert "secret" not in str(error.value)
    assert platform.takes("gallery.example") is False


def test_only_what_is_installed_and_a_platform_can_be_named(
    gallery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="no platform plug-in 'nobody' is installed; installed: gallery"):
        load_platforms(["gallery", "nobody"])
    offer(tmp_path, monkeypatch, "def open_platform():\n    return object()\n", "nothing")
    with pytest.raises(PluginError, match="no Platform"):
        load_platforms(["nothing"])
    assert [(one.name, one.kind, one.state) for one in list_plugins()] == [
        ("gallery", "platform", PluginState.LOADED),
        ("nothing", "platform", PluginState.FAILED),
    ]


def test_the_settings_decide_who_is_told_how(gallery: Path, tmp_path: Path) -> None:
    own = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_CONTACT": "safety@pictures.example.org"}
    assert App(read_settings(own)).mailer is None
    smtp = {**own, "SAFELIGHT_SMTP": "smtp://mail.example"}
    assert type(App(read_settings(smtp)).mailer).__name__ == "SmtpMailer"
    assert type(App(read_settings(smtp)).directory).__name__ == "WebDirectory"
    both = App(read_settings({**smtp, "SAFELIGHT_PLATFORMS": "gallery"}))
    assert isinstance(both.mailer, PlatformMailer)
    assert isinstance(both.directory, PlatformDirectory)
    with pytest.raises(UsageError, match="needs SAFELIGHT_SMTP"):
        _ = App(read_settings({**own, "SAFELIGHT_PLATFORMS": "gallery"})).directory
    with pytest.raises(UsageError, match="SAFELIGHT_DKIM_KEY"):
        _ = App(read_settings({**smtp, "SAFELIGHT_DKIM_KEY": str(tmp_path / "none")})).mailer
    with pytest.raises(UsageError, match="SAFELIGHT_MAIL_FROM"):
        _ = App(read_settings({"SAFELIGHT_HOME": str(tmp_path), "SAFELIGHT_SMTP": "smtp://mail.example"})).mailer
