"""The secret that sessions and links are signed with."""

from secrets import token_urlsafe

from safelight.settings import Settings


def signing_secret(settings: Settings) -> str:
    """The operator's own, or the one in the data folder; before that is made, one that nobody else will ever have."""
    if settings.service.secret_key:
        return settings.service.secret_key
    try:
        return (settings.home / "secret").read_text(encoding="ascii")
    except FileNotFoundError:
        return token_urlsafe(48)


def make_secret(settings: Settings) -> None:
    """Draw the secret of the data folder, when there is none and the operator has none."""
    path = settings.home / "secret"
    if settings.service.secret_key or path.exists():
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"secret.{token_urlsafe(8)}")
    new.touch(mode=0o600)
    new.write_text(token_urlsafe(48), encoding="ascii")
    try:
        path.hardlink_to(new)  # whole or not there, and never in the place of another process's
    except FileExistsError:
        pass
    finally:
        new.unlink()
