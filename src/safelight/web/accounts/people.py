"""People of the service: made by an admin, let in by a link that works once, changed by others than themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from safelight.model.access import SYSTEM, Actor, Role, apart
from safelight.model.errors import ForbiddenError, UsageError
from safelight.web.accounts import sessions
from safelight.web.accounts.events import log
from safelight.web.accounts.models import Link, User

LINK_LIFE: Final = timedelta(hours=24)


def has_admin() -> bool:
    """Whether anyone can manage people."""
    return any(Role.ADMIN in user.role_set for user in User.objects.filter(is_active=True))


def first_run_link(base_url: str, *, alone: bool = False) -> str | None:
    """A link that makes the first admin: works once, for `LINK_LIFE`, while there is none. None when there is one.

    `base_url`: address under which people reach the service. `alone`: earlier ones die.
    """
    if has_admin():
        return None
    with transaction.atomic():
        if alone:
            Link.objects.filter(user=None).delete()
        return f"{base_url.rstrip('/')}{_new_link(None)}"


def invitation(user: User, by: Actor) -> str:
    """The path of a link by which this person chooses a password; earlier ones die. Works once, for `LINK_LIFE`."""
    with transaction.atomic():
        Link.objects.filter(user=user).delete()
        log(by, "user.invited", user=str(user.actor))
        return _new_link(user)


def _new_link(user: User | None) -> str:
    token = token_urlsafe(32)
    Link.objects.filter(expires__lt=timezone.now()).delete()
    Link.objects.create(digest=_digest(token), user=user, expires=timezone.now() + LINK_LIFE)
    return reverse("accounts_link", args=[token])


def find_link(token: str) -> Link | None:
    """The link of this token, if it still works."""
    link = Link.objects.select_related("user").filter(digest=_digest(token)).first()
    return link if link is not None and _works(link, timezone.now()) else None


def _works(link: Link, now: datetime) -> bool:
    if link.used is not None or link.expires <= now:
        return False
    return bool(link.user.is_active) if link.user is not None else not has_admin()


def redeem_first_run(link: Link, username: str, password: str) -> User:
    """The first admin. Raises ForbiddenError when the link was used meanwhile, or somebody else became admin."""
    with transaction.atomic():
        _use(link)
        user = User.objects.create_user(username, password, (Role.ADMIN,))
        log(SYSTEM, "user.first_admin", user=str(user.actor))
    return user


def redeem_invitation(link: Link, password: str) -> User:
    """Give the person of the link this password, in place of any that was, without the second factors of before.

    Raises ForbiddenError when the link was used meanwhile.
    """
    with transaction.atomic():
        _use(link)
        user = link.user
        assert user is not None
        user.set_password(password)
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        sessions.end_all(user)
        log(user.actor, "user.joined", user=str(user.actor))
    return user


def _use(link: Link) -> None:
    """Mark a link used. All first-run links are locked, so that of two used at a time one comes too late."""
    same = Q(user=link.user) if link.user is not None else Q(user=None)
    now = timezone.now()
    locked = {found.pk: found for found in Link.objects.select_for_update().filter(same).order_by("pk")}
    current = locked.get(link.pk)
    if current is None or not _works(current, now):
        raise ForbiddenError
    current.used = now
    current.save(update_fields=["used"])


def make_person(by: User | None, username: str, roles: Iterable[Role], oidc: str = "") -> tuple[User, str]:
    """A new person and the path of the link that lets him in. Raises UsageError for roles that do not go together.

    `by`: None for who runs the service, from its command line.
    """
    roles, actor = frozenset(roles), by.actor if by else SYSTEM
    _check(roles)
    with transaction.atomic():
        user = User.objects.create_user(username, None, roles, oidc)
        log(actor, "user.made", user=str(user.actor), roles=_text(roles))
        return user, invitation(user, actor)


def change_roles(by: User, user: User, roles: Iterable[Role]) -> None:
    """Give a person these roles and no others; at once, also in sessions that are open.

    Raises ForbiddenError for one's own roles, UsageError for roles that do not go together.
    """
    roles = frozenset(roles)
    _check_other(by, user)
    _check(roles)
    if roles == user.role_set:
        return
    before = _text(user.role_set)
    with transaction.atomic():  # the row before the log, as at the terminal, so that nobody waits for the other
        user.roles = sorted(map(str, roles))
        user.save(update_fields=["roles"])
        log(by.actor, "user.roles_changed", user=str(user.actor), before=before, after=_text(roles))


def set_active(by: User, user: User, active: bool) -> None:
    """Shut a person out, ending every session, or let one in again. Raises ForbiddenError for oneself."""
    _check_other(by, user)
    if active == user.is_active:
        return
    with transaction.atomic():  # as in `change_roles`
        user.is_active = active
        user.save(update_fields=["is_active"])
        log(by.actor, "user.activated" if active else "user.deactivated", user=str(user.actor))
        if not active:
            Link.objects.filter(user=user).delete()
            sessions.end_all(user)


def _check_other(by: User, user: User) -> None:
    """Nobody changes his own rights; thereby the last admin stays one, too."""
    if by.pk == user.pk:
        raise ForbiddenError


def _check(roles: frozenset[Role]) -> None:
    if not roles:
        raise UsageError(detail="a person needs a role")
    if why := apart(roles):
        raise UsageError(detail=why)


def _text(roles: Iterable[Role]) -> str:
    return " ".join(sorted(roles))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
