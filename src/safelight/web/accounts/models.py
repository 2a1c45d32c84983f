"""People and API keys."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from safelight.model.access import Role


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, username: str, password: str | None = None, roles: tuple[Role, ...] = ()) -> "User":
        """A new user with these roles; without a password, only other ways to sign in work."""
        user = self.model(username=self.model.normalize_username(username), roles=[str(role) for role in roles])
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who works with the service, under a name that need not be the one in the passport."""

    username = models.CharField(max_length=150, unique=True)
    email = models.EmailField(blank=True)  # django-allauth looks for it; never needed
    roles = models.JSONField(default=list)  # values of `Role`
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"

    objects = UserManager()

    def __str__(self) -> str:
        return str(self.username)


class ApiKey(models.Model):
    """A key for programs. Only its hash is kept; it is shown once."""

    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField()  # SHA-256 of the whole key
    name = models.CharField(max_length=200)
    scopes = models.JSONField(default=list)  # values of `Scope`
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.name)
