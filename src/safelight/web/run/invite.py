"""Ways in, from the command line: whoever may run it there needs no admin's account."""

from collections.abc import Sequence

from safelight.model.access import SYSTEM
from safelight.model.errors import UsageError
from safelight.web.container import the_app
from safelight.web.run.prepare import make_ready


def invite(name: str, roles: Sequence[str], *, first_run: bool) -> str:
    """A link that works once: for a new person, for one who is there already, or for the first admin.

    Args:
        name: of the person; empty for the first admin.
        roles: of somebody new; none for somebody who is there, who loses password, second factor and sessions by it.
        first_run: whether it is for the first admin. Earlier links for that die.

    Raises:
        UsageError: there is an admin; a name that is taken, or is nobody's; roles that do not go together.
        StorageError: the database cannot be used.
    """
    if first_run == bool(name) or (first_run and roles):
        raise UsageError(detail="invite: name a person, with --role for a new one; or --first-run alone")
    make_ready()
    base = the_app().settings.service.url
    if not first_run:
        return base + (_new(name, roles) if roles else _again(name))
    from safelight.web.accounts.people import first_run_link  # noqa: PLC0415 (models need a configured Django)

    link = first_run_link(base, alone=True)
    if link is None:
        raise UsageError(detail="invite: there is an admin, who invites others; name a person in place of --first-run")
    return link


def _new(name: str, roles: Sequence[str]) -> str:
    from safelight.web.accounts.forms import PersonForm  # noqa: PLC0415 (models need a configured Django)
    from safelight.web.accounts.people import make_person  # noqa: PLC0415 (as above)

    form = PersonForm({"username": name, "roles": list(roles)})
    if not form.is_valid():
        why = next(str(message) for messages in form.errors.values() for message in messages)
        raise UsageError(detail=f"invite: {why}")
    return make_person(None, form.cleaned_data["username"], form.cleaned_data["roles"])[1]


def _again(name: str) -> str:
    from safelight.web.accounts.models import User  # noqa: PLC0415 (models need a configured Django)
    from safelight.web.accounts.people import invitation  # noqa: PLC0415 (as above)

    person = User.objects.filter(username=User.normalize_username(name), is_active=True).first()
    if person is None:
        raise UsageError(detail="invite: nobody who may come in has this name; for somebody new, say a --role")
    return invitation(person, SYSTEM)
