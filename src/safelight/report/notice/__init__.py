"""Notices to those who can act about a URL: plain text in their language, and X-ARF v4 beside it for their machines.

Nothing here takes media, notes or people's names but those of the operator's settings: `model.notice.NoticeFacts` has
no place for them.
"""

from safelight.report.notice.facts import facts_of, found_there, place_of
from safelight.report.notice.retraction import retraction
from safelight.report.notice.write import choose, language_of, notice, usual_form

__all__ = ["choose", "facts_of", "found_there", "language_of", "notice", "place_of", "retraction", "usual_form"]
