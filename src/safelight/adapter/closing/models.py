"""Tables of what is on its way: one row for one value, as JSON, and the columns that it is found by."""

from django.db import models
from django.db.models import Q


class FilingRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A report. `kept`: what it tells of people was not erased."""

    id = models.CharField(max_length=64, primary_key=True)
    case = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    body = models.CharField(max_length=16)
    kept = models.BooleanField(default=True)
    value = models.TextField()  # JSON of `model.filing.Filing`

    class Meta:
        """Reports of a case, or of a state, are read oldest first; a case has one draft for a receiver."""

        db_table = "closing_filing"
        constraints = (
            models.UniqueConstraint(fields=("case", "body"), condition=Q(state="draft"), name="closing_filing_draft"),
        )
        indexes = (
            models.Index(fields=("case", "id"), name="closing_filing_case"),
            models.Index(fields=("state", "id"), name="closing_filing_state"),
            models.Index(fields=("id",), condition=Q(kept=True), name="closing_filing_kept"),
        )


class LocationRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A URL of a case.

    `look`: when it is looked at next. `notice`: when its last notice has run out of time, or is tried. `retract`: when
    word goes back of it. `as_of`: when it was changed last, if it is worked on.
    """

    id = models.CharField(max_length=64, primary_key=True)
    case = models.CharField(max_length=64)
    family = models.TextField()
    url_hash = models.CharField(max_length=64)  # SHA-256 of the URL as all its spellings have it: see `model.address`
    host = models.TextField()
    look = models.DateTimeField(null=True)
    notice = models.DateTimeField(null=True)
    retract = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    year = models.PositiveSmallIntegerField()  # in which it was added, UTC; this and the next two to be counted
    place = models.CharField(max_length=16)
    hours = models.FloatField(null=True)  # from the first notice to gone
    value = models.TextField()  # JSON of `model.takedown.Location`

    class Meta:
        """Those of a case or a family are read oldest first, of hosts each one's first; a case has a URL once.

        Those of a year are counted without reading them.
        """

        db_table = "closing_location"
        constraints = (models.UniqueConstraint(fields=("case", "url_hash"), name="closing_location_once"),)
        indexes = (
            models.Index(fields=("case", "id"), name="closing_location_case"),
            models.Index(fields=("family", "id"), name="closing_location_family"),
            models.Index(fields=("url_hash", "id"), name="closing_location_url"),
            models.Index(fields=("host", "look", "id"), condition=Q(look__isnull=False), name="closing_location_look"),
            models.Index(fields=("notice", "id"), condition=Q(notice__isnull=False), name="closing_location_notice"),
            models.Index(fields=("retract", "id"), condition=Q(retract__isnull=False), name="closing_location_retract"),
            models.Index(fields=("as_of", "id"), condition=Q(as_of__isnull=False), name="closing_location_as_of"),
            models.Index(fields=("year", "place", "hours"), name="closing_location_year"),
        )


class RequestRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A request of a person depicted: the one table that holds what such people say of themselves, while `kept`."""

    id = models.CharField(max_length=64, primary_key=True)
    case = models.CharField(max_length=64)
    item = models.CharField(max_length=64)
    kept = models.BooleanField(default=True)
    value = models.TextField()  # JSON of `model.removal.Received`

    class Meta:
        """Those of a case or about an item are read oldest first."""

        db_table = "closing_request"
        indexes = (
            models.Index(fields=("case", "id"), name="closing_request_case"),
            models.Index(fields=("item", "id"), name="closing_request_item"),
            models.Index(fields=("id",), condition=Q(kept=True), name="closing_request_kept"),
        )


class PolicyRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A version of the policy."""

    number = models.PositiveIntegerField(primary_key=True)
    state = models.CharField(max_length=16)
    value = models.TextField()  # JSON of `model.policy.PolicyVersion`

    class Meta:
        """Few rows: no index."""

        db_table = "closing_policy"
