"""What the API keeps for programs: answers to requests that may be repeated, and how many they have made."""

from django.db import models


class Answer(models.Model):
    """An answer under an idempotency key; without status while it is being worked on."""

    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()  # HMAC-SHA256 of the request: no digest of content is kept
    created = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    location = models.CharField(max_length=500, blank=True)
    body = models.BinaryField(default=bytes)

    class Meta:
        """What the database guards."""

        constraints = [  # noqa: RUF012 (Django's way to write it)
            models.UniqueConstraint(fields=["actor", "key"], name="api_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.status}"


class Bucket(models.Model):
    """The tokens that an actor had at a moment; each request takes one, and they come back with time."""

    actor = models.CharField(max_length=64, primary_key=True)
    tokens = models.FloatField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.actor)
