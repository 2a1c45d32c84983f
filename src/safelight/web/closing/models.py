"""How far the log was followed, and which alarms were given."""

from django.db import models


class Follower(models.Model):
    """How far the log was followed, in one row."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    seen = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return str(self.seen)


class Alarm(models.Model):
    """Somebody was told that a duty is due soon, or overdue."""

    case = models.CharField(max_length=64)
    duty = models.CharField(max_length=200)
    event = models.CharField(max_length=64)  # a name of `hooks.events.EVENTS`
    at = models.DateTimeField()

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=("case", "duty", "event"), name="following_alarm_once"),)

    def __str__(self) -> str:
        return f"{self.event} {self.case}"
