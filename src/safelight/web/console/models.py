"""What the console keeps besides the log: claims, looks at media, preferences, and known answers.

People are named by their actors' texts (`user:7`), as in the log.
"""

from typing import Final

from django.db import models

PERSON: Final = 40
CASE: Final = 64


class Claim(models.Model):
    """Who works on a case, until when."""

    case = models.CharField(max_length=CASE, primary_key=True)
    person = models.CharField(max_length=PERSON, db_index=True)
    since = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.case)


class Look(models.Model):
    """One look of a person at media. `seconds`: None while it goes on."""

    id = models.CharField(max_length=43, primary_key=True)
    person = models.CharField(max_length=PERSON)
    case = models.CharField(max_length=CASE)
    item = models.CharField(max_length=CASE)
    started = models.DateTimeField()
    seconds = models.FloatField(null=True)

    class Meta:
        """Read by person, within a day."""

        indexes = (models.Index(fields=("person", "started"), name="console_look_person"),)

    def __str__(self) -> str:
        return f"{self.person} {self.started}"


class Pause(models.Model):
    """Somebody wants to see nothing now."""

    person = models.CharField(max_length=PERSON, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person)


class Preference(models.Model):
    """How somebody wants to be shown media, and whether single keys act."""

    person = models.CharField(max_length=PERSON, primary_key=True)
    blur = models.PositiveSmallIntegerField(default=1)
    grey = models.BooleanField(default=True)
    sepia = models.BooleanField(default=False)
    plain = models.BooleanField(default=False)
    warnings = models.BooleanField(default=True)
    keys = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.person)


class SecondDecision(models.Model):
    """What two people found of one case, the second without knowing the first: `VERDICT CLASSIFICATION` each."""

    case = models.CharField(max_length=CASE)
    proposal = models.PositiveIntegerField()
    first = models.CharField(max_length=40)
    second = models.CharField(max_length=40)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """One for each proposal."""

        constraints = (models.UniqueConstraint(fields=("case", "proposal"), name="console_second_once"),)

    def __str__(self) -> str:
        return f"{self.case}: {self.first}, {self.second}"


class KnownAnswer(models.Model):
    """A case that was decided, as facts without media, to be decided again by others. `facts`: pairs of texts."""

    case = models.CharField(max_length=CASE, unique=True)
    facts = models.JSONField()
    answer = models.CharField(max_length=40)
    active = models.BooleanField(default=True)
    made = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.case)


class GivenAnswer(models.Model):
    """How somebody decided a known answer, once."""

    question = models.ForeignKey(KnownAnswer, on_delete=models.CASCADE, related_name="given")
    person = models.CharField(max_length=PERSON)
    answer = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        """The first answer counts."""

        constraints = (models.UniqueConstraint(fields=("question", "person"), name="console_answer_once"),)

    def __str__(self) -> str:
        return f"{self.person}: {self.answer}"
