"""Tables of cases: the log, which is only ever added to, and what is made from it to find and prove things quickly.

docs/case-log.md describes them for those who read the database without this program.
"""

from django.db import models
from django.db.models import Q

from safelight.adapter.store.fields import GivenIdField


class LogState(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """The end of the log, in one row. Locking it is the first act of every append.

    The lock is held until commit, so positions become visible in their order: whoever has seen entry n has seen all
    before it. SQLite has one writer anyway; on PostgreSQL this is what makes the log one total order.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    log = models.CharField(max_length=36)  # id of the log, random: heads of two logs are not mixed
    size = models.BigIntegerField(default=0)
    peaks = models.BinaryField(default=b"")  # the hashes of `case.merkle.Peaks`, one after the other


class Event(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """An entry of the log. Triggers refuse to change or remove one (see the migration)."""

    position = GivenIdField(primary_key=True)
    case = models.CharField(max_length=64)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    entry = models.BinaryField()  # exactly the bytes that are hashed
    hash = models.BinaryField()
    told = models.DateTimeField(null=True)  # of reasons that an uploader was told, when; none for all else

    class Meta:
        """Entries of a case are found in their order; so is what was told in a time, without reading the others."""

        constraints = (models.UniqueConstraint(fields=("case", "seq"), name="casework_event_once"),)
        indexes = (
            models.Index(fields=("position", "told"), condition=Q(told__isnull=False), name="casework_event_told"),
        )


class Node(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """The root of a complete subtree of two leaves or more: it never changes again. Leaves are the entries' hashes.

    `id` is the node's place when the tree is read from left to right: node `index` of level `level` has the number
    `index * 2**(level + 1) + 2**level - 1`, so that what is written together stays together.
    """

    id = GivenIdField(primary_key=True)
    hash = models.BinaryField()


class CaseRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A case as its events leave it, as JSON, but for its items; and the columns that cases are found by."""

    id = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=16)
    priority = models.IntegerField()
    queue = models.TextField()
    family = models.TextField(null=True)  # noqa: DJ001 (those without one stay out of the index)
    opened = models.DateTimeField()
    updated = models.DateTimeField()
    length = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    case = models.TextField()  # JSON of `model.case.Case` without items
    items = models.PositiveIntegerField()  # how many
    agreed = models.PositiveIntegerField(null=True)  # how many things two people agreed on are to be done, or none
    due = models.DateTimeField(null=True)  # what `case.fold.first_due` says of it, or none

    class Meta:
        """Queues are read from their front. No condition on the state: SQLite does not see that a query fulfils it."""

        db_table = "casework_case"
        indexes = (
            models.Index(fields=("state", "-priority", "opened", "id"), name="casework_case_waiting"),
            models.Index(fields=("state", "queue", "-priority", "opened", "id"), name="casework_case_queue"),
            models.Index(fields=("state", "id"), name="casework_case_state"),
            models.Index(fields=("queue", "id"), name="casework_case_in_queue"),
            models.Index(fields=("family", "id"), condition=Q(family__isnull=False), name="casework_case_family"),
            models.Index(fields=("id",), condition=Q(agreed__isnull=False), name="casework_case_agreed"),
            models.Index(fields=("due", "id"), condition=Q(due__isnull=False), name="casework_case_due"),
        )


class CaseItemRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """Item `number` of a case, from 0. Apart, so that the ten-thousandth copy costs no more than the first."""

    case = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    item = models.TextField()  # JSON of `model.case.CaseItem`

    class Meta:
        """Items of a case are read in their order."""

        db_table = "casework_case_item"
        constraints = (models.UniqueConstraint(fields=("case", "number"), name="casework_case_item_once"),)


class ItemRow(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A file that came to the service. Not made from the log: items that matched nothing are in none of its entries."""

    id = models.CharField(max_length=64, primary_key=True)
    sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001 (those without one stay out of the index)
    year = models.PositiveSmallIntegerField()  # in which it came, UTC
    source = models.TextField()
    outcome = models.CharField(max_length=16, null=True)  # noqa: DJ001 (nobody has compared it yet)
    item = models.TextField()  # JSON of `model.service.Item`

    class Meta:
        """Items of the same bytes are found together; those of a year are counted without reading them."""

        db_table = "casework_item"
        indexes = (
            models.Index(fields=("sha256", "id"), condition=Q(sha256__isnull=False), name="casework_item_sha256"),
            models.Index(fields=("year", "source", "outcome"), name="casework_item_year"),
        )


class Head(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A signed head of the tree, once for each signature."""

    signature = models.CharField(max_length=200, unique=True)
    head = models.TextField()  # JSON of `model.audit.SignedHead`
