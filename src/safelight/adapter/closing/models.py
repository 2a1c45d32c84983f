"""Tables of what is on its way: one row for one value, as JSON, and the columns that it is found by."""

from django.db import models
from django.db.models import Q


class FilingRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A report."""

    id = models.CharField(max_length=64, primary_key=True)
    case = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    body = models.CharField(max_length=16)
    value = models.TextField()  # JSON of `model.filing.Filing`

    class Meta:
        """Reports of a case, or of a state, are read oldest first."""

        db_table = "closing_filing"
        indexes = (
            models.Index(fields=("case", "id"), name="closing_filing_case"),
            models.Index(fields=("state", "id"), name="closing_filing_state"),
        )


class LocationRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A URL of a case. `due`: when something is to be done about it by itself."""

    id = models.CharField(max_length=64, primary_key=True)
    case = models.CharField(max_length=64)
    family = models.TextField()
    url_hash = models.CharField(max_length=64)  # SHA-256 of the URL, which may be long
    due = models.DateTimeField(null=True)
    value = models.TextField()  # JSON of `model.takedown.Location`

    class Meta:
        """Those of a case or a family are read oldest first; a case has a URL once."""

        db_table = "closing_location"
        constraints = (models.UniqueConstraint(fields=("case", "url_hash"), name="closing_location_once"),)
        indexes = (
            models.Index(fields=("case", "id"), name="closing_location_case"),
            models.Index(fields=("family", "id"), name="closing_location_family"),
            models.Index(fields=("url_hash", "id"), name="closing_location_url"),
            models.Index(fields=("due", "id"), condition=Q(due__isnull=False), name="closing_location_due"),
        )


class PolicyRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A version of the policy."""

    number = models.PositiveIntegerField(primary_key=True)
    state = models.CharField(max_length=16)
    value = models.TextField()  # JSON of `model.policy.PolicyVersion`

    class Meta:
        """Few rows: no index."""

        db_table = "closing_policy"
