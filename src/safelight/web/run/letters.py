"""Dead letters on the command line."""

import click
import django
import msgspec

from safelight.model.errors import UsageError


def letters(action: str, numbers: tuple[int, ...], *, as_json: bool) -> None:
    """List dead letters, or ask for them anew, or drop them. Raises UsageError without numbers for the latter two."""
    django.setup()
    from safelight.web.jobs import letters as book  # noqa: PLC0415 (models need a configured Django)

    if action != "list":
        if not numbers:
            raise UsageError(detail=f"jobs {action}: say which, by their numbers; `safelight jobs list` shows them")
        done = book.retry(numbers) if action == "retry" else book.drop(numbers)
        click.echo(f"{done} of {len(numbers)} {'asked for anew' if action == 'retry' else 'dropped'}")
        return
    for one in book.dead():
        row = {
            name: getattr(one, name) for name in ("id", "kind", "subject", "attempts", "error", "message", "finished")
        }
        if as_json:
            click.echo(msgspec.json.encode(row))
        else:
            click.echo(f"{one.pk}\t{one.kind}\t{one.subject}\t{one.attempts} attempts\t{one.error}\t{one.message}")
    if not as_json:
        click.echo(", ".join(f"{count} {state}" for state, count in book.depth().items()), err=True)
