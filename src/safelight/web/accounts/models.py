"""People, API keys, one-time links, and the table of the cache that all processes share."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from safelight.model.access import Actor, ActorKind, Role, Scope


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(
        self, username: str, password: str | None = None, roles: Iterable[Role] = (), oidc: str = ""
    ) -> "User":
        """A new user with these roles; without a password, only other ways to sign in work."""
        name = self.model.normalize_username(username)
        user = self.model(username=name, roles=sorted(map(str, roles)), oidc=oidc)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who works with the service, under a name that need not be the one in the passport."""

    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(blank=True)  # django-allauth looks for it; never needed
    roles = models.JSONField(default=list)  # values of `Role`
    oidc = models.CharField(max_length=255, blank=True)  # `sub` or `preferred_username` at the OpenID Connect provider
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"

    objects = UserManager()

    class Meta:
        """One name at the provider is one person here."""

        constraints = (
            models.UniqueConstraint(fields=["oidc"], condition=~models.Q(oidc=""), name="accounts_user_oidc"),
        )

    def __str__(self) -> str:
        return str(self.username)

    @property
    def role_set(self) -> frozenset[Role]:
        """The roles."""
        return frozenset(map(Role, self.roles))

    @property
    def actor(self) -> Actor:
        """How the log names this person."""
        return Actor(ActorKind.USER, str(self.pk))


class ApiKey(models.Model):
    """A key for programs. Only its hash is kept; it is shown once. `last_used`: the day, and no closer."""

    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField()  # SHA-256 of the whole key
    name = models.CharField(max_length=200)
    scopes = models.JSONField(default=list)  # values of `Scope`
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)
    last_used = models.DateField(null=True)
    replaces = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)  # the key that this one takes over from

    def __str__(self) -> str:
        return str(self.name)

    @property
    def scope_set(self) -> frozenset[Scope]:
        """The scopes."""
        return frozenset(map(Scope, self.scopes))

    @property
    def actor(self) -> Actor:
        """How the log names this key."""
        return Actor(ActorKind.KEY, str(self.pk))


class Link(models.Model):
    """A link that works once: for a person to choose a password, or, without one, for the first admin.

    Only the hash of its token is kept.
    """

    digest = models.BinaryField(unique=True)  # SHA-256 of the token
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link {self.pk}"


class CacheEntry(models.Model):
    """An entry of the cache (`cache.py`): throttling is shared by all processes."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        """Its name."""

        db_table = "accounts_cache"

    def __str__(self) -> str:
        return str(self.cache_key)
