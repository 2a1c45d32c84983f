"""`safelight verify` and `safelight keygen`: is a comparison still what it was, and whose is it?"""

from pathlib import Path

import click

from safelight.app import App
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.flow.walk import display
from safelight.model.errors import InputError
from safelight.model.seal import SealCheck, Signed

_SHOWN = 20


@click.command()
@click.argument("path", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option(
    "--key", "-k", "keys", multiple=True, type=click.Path(path_type=Path), help="Public key you trust; repeatable."
)
@click.pass_obj
def verify(app: App, path: Path, keys: tuple[Path, ...]) -> None:
    """Check that a comparison's folder (or the one that FILE is in) is as it was made, and who signed it.

    Exit codes: 0 intact and signed by a key given with --key; 1 altered; 3 intact, but nothing proves whose it is:
    it is not signed, or by a key that you did not name.
    """
    if not path.exists():
        raise InputError(path=path, cause="no such file or folder")
    check = app.check_seal(path, keys)
    for line in lines(check):
        click.echo(display(line))
    raise SystemExit(exit_code(check))


def exit_code(check: SealCheck) -> int:
    """0 when whole and by a named key, 1 when not whole, 3 when whole but by nobody known."""
    if not check.is_intact:
        return FOUND
    return NOTHING if check.signed is Signed.BY_NAMED_KEY else UNCHECKED


def lines(check: SealCheck) -> list[str]:
    """What to say of a check."""
    files = "1 file is" if check.files == 1 else f"{check.files} files are"
    said = ["INTACT: all " + f"{files} as the manifest lists them." if check.is_intact else "ALTERED:"]
    for word, names in (("changed", check.changed), ("missing", check.missing), ("added", check.added)):
        said += [f"  {word}: {name}" for name in names[:_SHOWN]]
        if len(names) > _SHOWN:
            said.append(f"  {word}: and {len(names) - _SHOWN} more")
    said.append(_MEANING[check.signed])
    if check.fingerprint:
        said.append(f"  fingerprint of the key: {check.fingerprint}")
    return said


_MEANING = {
    Signed.BY_NAMED_KEY: "SIGNED by a key that you named. The manifest is what the holder of that key signed.",
    Signed.BY_OTHER_KEY: "SIGNED, but by none of the keys that you named. Nothing was changed since that unknown key "
    "signed; whose it is, nothing here proves.",
    Signed.BY_UNNAMED_KEY: "SIGNED by a key that you did not name. Nothing was changed since that key signed; whose "
    "it is, nothing here proves. Get the public key from its owner, by another way, and name it with --key.",
    Signed.NOT_SIGNED: "NOT SIGNED. Whoever could change these files could also have made a manifest that fits.",
    Signed.BROKEN: "THE SIGNATURE DOES NOT HOLD for this manifest.",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--no-passphrase", is_flag=True, help="Keep the private key unencrypted; do not ask.")
@click.pass_obj
def keygen(app: App, file: Path, no_passphrase: bool) -> None:
    """Make a key to sign comparisons with: the private key FILE, and its public key beside it.

    The passphrase is SAFELIGHT_PASSPHRASE, or asked for; an empty one leaves the key unencrypted. Nothing is ever
    overwritten. Give the public key and its fingerprint to those who are to verify; keep the private key to yourself.
    """
    passphrase = "" if no_passphrase else app.settings.passphrase or _new_passphrase()
    public, fingerprint = app.make_key(file, passphrase)
    click.echo(f"private key: {display(str(file))} ({'encrypted' if passphrase else 'not encrypted'})")
    click.echo(f"public key: {display(str(public))}")
    click.echo(f"fingerprint: {fingerprint}")


def _new_passphrase() -> str:
    return str(
        click.prompt(
            "Passphrase (empty for none)",
            default="",
            show_default=False,
            hide_input=True,
            confirmation_prompt=True,
            err=True,
        )
    )
