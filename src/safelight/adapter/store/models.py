"""Tables of the store.

A bank's history is not a table of its own: the number of a hash is also the number of the step at which it came, and
removals take theirs from the same counter. So additions are stored once, as the hashes themselves.
"""

from django.db import models
from django.db.models import Q

from safelight.adapter.store.fields import GivenIdField

PDQ, MD5, SHA1, SHA256 = range(4)
KINDS = ("pdq", "md5", "sha1", "sha256")
"""Names of the values of `Hash.kind`, in their order."""


class Bank(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A bank. A nameless one is being deleted. Ids are never reused: index folders are named by them."""

    name = models.CharField(max_length=200, unique=True, null=True)  # noqa: DJ001 (nameless rows must not clash)
    threshold = models.PositiveSmallIntegerField()
    min_quality = models.PositiveSmallIntegerField()
    enabled = models.BooleanField()
    negative = models.BooleanField()
    description = models.TextField()
    entries = models.PositiveBigIntegerField(default=0)
    local = models.BooleanField()


class Entry(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """One known item.

    `name_key` stands for the name in the index that keeps names unique: names may be long paths, and an index in
    random order is what a large import waits for, so its size is what counts.
    """

    id = GivenIdField(primary_key=True)
    bank = models.ForeignKey(Bank, models.DO_NOTHING, db_index=False)
    name = models.TextField()
    name_key = models.BinaryField()  # BLAKE2b-128 of the name's UTF-8
    classification = models.TextField()
    source = models.TextField()
    expires = models.DateTimeField(null=True)
    metadata = models.TextField()  # a JSON object of texts; empty for none

    class Meta:
        """Names are unique in a bank; entries are listed in the order they came."""

        constraints = (models.UniqueConstraint(fields=("bank", "name_key"), name="store_entry_name"),)
        indexes = (models.Index(fields=("bank", "id"), name="store_entry_order"),)


class Hash(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """One hash of an entry.

    `bank` repeats the entry's bank for the history index. It is not a constraint of its own: the entry's is enough,
    and without an index over all rows a check would read the whole table.
    """

    id = GivenIdField(primary_key=True)
    bank = models.ForeignKey(Bank, models.DO_NOTHING, db_index=False, db_constraint=False)
    entry = models.ForeignKey(Entry, models.DO_NOTHING)
    kind = models.SmallIntegerField()
    value = models.BinaryField()
    quality = models.SmallIntegerField()

    class Meta:
        """PDQ hashes are found through the similarity index, so only digests are indexed by value here."""

        indexes = (
            models.Index(fields=("bank", "id"), condition=Q(kind=PDQ), name="store_hash_history"),
            models.Index(fields=("value",), condition=Q(kind__gt=PDQ), name="store_hash_digest"),
        )


class Removal(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """Hash `hash_id` went, of whatever kind: who follows the bank is told. `id` is the step's number."""

    id = GivenIdField(primary_key=True)
    bank = models.ForeignKey(Bank, models.DO_NOTHING, db_index=False, db_constraint=False)
    hash_id = models.BigIntegerField()

    class Meta:
        """Read in the order of the steps."""

        indexes = (models.Index(fields=("bank", "id"), name="store_removal_history"),)


class Counter(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """The last numbers given out, in one row. Updating it is the first act of every transaction that takes numbers.

    The row's lock is held until commit, so numbers become visible in their order: whoever has seen step n has seen
    all steps before it. SQLite has one writer anyway; on PostgreSQL this is what makes the history one total order.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    entry = models.BigIntegerField(default=0)
    step = models.BigIntegerField(default=0)


class Item(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """An entry of a bank, or a file that a scan saw, as something that has relations.

    It is known by its identity (see `model.family`), not by the number of the entry: matches tell names.
    """

    key = models.BinaryField(unique=True)  # `identity_key`; the id of a family is its first half
    identity = models.TextField()
    bank = models.CharField(max_length=200, null=True)  # noqa: DJ001 (files have none, and stay out of the index)

    class Meta:
        """Entries of a bank are found together, to be forgotten with it."""

        indexes = (models.Index(fields=("bank",), condition=Q(bank__isnull=False), name="store_item_bank"),)


class Link(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """An edge between two items, or, with the kind LEAD, a lead from a file to an entry."""

    child = models.ForeignKey(Item, models.DO_NOTHING, db_index=False, related_name="+")
    parent = models.ForeignKey(Item, models.DO_NOTHING, related_name="+")
    kind = models.SmallIntegerField()
    evidence = models.TextField()  # JSON of `model.family.Evidence`; empty for none

    class Meta:
        """Links are followed from either end."""

        constraints = (models.UniqueConstraint(fields=("child", "parent", "kind"), name="store_link_once"),)


class Sighting(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """A path under which a scan saw a file."""

    item = models.ForeignKey(Item, models.DO_NOTHING, db_index=False)
    path_key = models.BinaryField()  # stands for the path in the index, as `Entry.name_key` for the name
    path = models.TextField()
    scan = models.DateTimeField()  # start of the newest scan that saw it there

    class Meta:
        """A path is kept once for each file that was seen there."""

        constraints = (models.UniqueConstraint(fields=("item", "path_key"), name="store_sighting_once"),)
