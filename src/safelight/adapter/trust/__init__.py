"""Trust lists in files: the official one that the program ships or that was updated, and the user's own anchors."""

from safelight.adapter.trust.folder import Official, OwnAnchor, TrustFolder, TrustState, load_trust

__all__ = ["Official", "OwnAnchor", "TrustFolder", "TrustState", "load_trust"]
