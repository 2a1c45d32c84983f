"""How far the log was followed, which alarms were given, and what was found to be over."""

from django.db import models


class Follower(models.Model):
    """How far the log was followed, in one row, with its seal; see `safelight.web.followed`."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    seen = models.BigIntegerField(default=-1)
    seal = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return str(self.seen)


class Alarm(models.Model):
    """Somebody was told that a duty is due soon, or overdue; or of a row that the log does not bear out.

    `duty`: its id, or that of the row, which is a `what`; no `case` for a job and how far it has read the log.
    """

    case = models.CharField(max_length=64)
    duty = models.CharField(max_length=200)
    what = models.CharField(max_length=16, default="duty")
    event = models.CharField(max_length=64)  # a name of `hooks.events.EVENTS`
    at = models.DateTimeField()

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=("case", "duty", "event"), name="following_alarm_once"),)

    def __str__(self) -> str:
        return f"{self.event} {self.case}"


class Over(models.Model):
    """The time of what a row tells of people was found over, `since` then, at `seen` last; see `policy.ending`."""

    of = models.CharField(max_length=80, primary_key=True)  # `filing:ID`, `request:ID`
    case = models.CharField(max_length=64)
    since = models.DateTimeField()
    seen = models.DateTimeField()

    def __str__(self) -> str:
        return self.of
