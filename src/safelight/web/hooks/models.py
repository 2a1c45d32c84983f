"""Where integrators want to be told, what they are told, and how telling went."""

from django.db import models


class Endpoint(models.Model):
    """A server that is told. Its secrets are sealed (`secrets.py`); the old one still signs until it expires."""

    url = models.CharField(max_length=2_048)
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField(default=list)  # names of `events.EVENTS`; none for all that it may hear
    cases = models.BooleanField(default=False)  # it may hear of cases: somebody who may read them has said so
    secret = models.BinaryField()
    old_secret = models.BinaryField(null=True)
    old_expires = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    disabled = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)  # why it was disabled

    def __str__(self) -> str:
        return f"endpoint {self.pk}"


class Message(models.Model):
    """Something that happened. `id` is `webhook-id`: receivers that were told twice know it by that."""

    id = models.CharField(max_length=64, primary_key=True)
    event = models.CharField(max_length=64)
    data = models.JSONField()  # ids alone
    created = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Delivery(models.Model):
    """One message for one endpoint."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE)
    message = models.ForeignKey(Message, models.CASCADE)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)  # the last answer's, None when there was none
    done = models.DateTimeField(null=True)
    failed = models.DateTimeField(null=True)  # it will not be tried again

    class Meta:
        """What the database guards."""

        constraints = (models.UniqueConstraint(fields=("endpoint", "message"), name="hooks_delivery_once"),)
        indexes = (models.Index(fields=("endpoint", "-id"), name="hooks_delivery_recent"),)

    def __str__(self) -> str:
        return f"{self.message_id} to endpoint {self.endpoint_id}"


class Position(models.Model):
    """How far the log has been told, in one row, with its seal; see `safelight.web.followed`."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    told = models.BigIntegerField(default=-1)
    seal = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return str(self.told)
