"""What the database knows of media in the vault."""

from django.db import models
from django.db.models import Q


class SealedMedia(models.Model):  # noqa: DJ008 (rows are never shown as such)
    """One blob, the media of which is sealed under the same id. A destroyed one has no wrapped key any more."""

    id = models.CharField(max_length=36, primary_key=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    mime = models.TextField()
    created = models.DateTimeField()
    key = models.TextField()
    wrapped = models.BinaryField()
    destroyed = models.DateTimeField(null=True)

    class Meta:
        """A content is there once; what was destroyed may come again, as another blob."""

        constraints = (models.UniqueConstraint(fields=("sha256",), condition=Q(destroyed=None), name="evidence_once"),)
