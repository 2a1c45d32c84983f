"""Jobs, when periodic ones are due, and how often jobs ended in which way."""

from django.db import models


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"  # it failed too often; somebody has to look


UNFINISHED = (JobState.WAITING.value, JobState.RUNNING.value)


class Job(models.Model):
    """A piece of work: a kind of job, and the id of what it is about. There is one of both at a time."""

    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=128)
    state = models.CharField(max_length=8, default=JobState.WAITING.value)
    attempts = models.PositiveIntegerField(default=0)  # begun, with the one that runs
    again = models.BooleanField(default=False)  # asked for once more while it ran
    due = models.DateTimeField()
    task = models.UUIDField(null=True)  # the django-tasks task that will run it, or does
    holder = models.CharField(max_length=32, blank=True)  # the worker that runs it
    started = models.DateTimeField(null=True)
    lease = models.DateTimeField(null=True)  # until when the holder is believed to be alive
    error = models.CharField(max_length=200, blank=True)  # class of the last error
    message = models.CharField(max_length=300, blank=True)  # fixed texts and places in our code alone
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        """What the database guards."""

        constraints = [  # noqa: RUF012 (Django's way to write it)
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(state__in=UNFINISHED), name="job_once_unfinished"
            )
        ]
        indexes = [models.Index(fields=["state", "due"])]  # noqa: RUF012 (as above)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Schedule(models.Model):
    """When a periodic job is due next."""

    kind = models.CharField(max_length=64, primary_key=True)
    due = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.kind)


class Tally(models.Model):
    """How often jobs of a kind ended so, since the service was set up: exact over all workers, for the metrics."""

    kind = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8)  # done, failed, dead, lost
    total = models.PositiveBigIntegerField(default=0)

    class Meta:
        """What the database guards."""

        constraints = [  # noqa: RUF012 (Django's way to write it)
            models.UniqueConstraint(fields=["kind", "outcome"], name="tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"
