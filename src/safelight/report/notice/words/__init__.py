"""The sentences of notices, in the languages that they are written in."""

from safelight.report.notice.words.back import RETRACTIONS, BackWords
from safelight.report.notice.words.de import GERMAN
from safelight.report.notice.words.en import ENGLISH
from safelight.report.notice.words.es import SPANISH
from safelight.report.notice.words.fr import FRENCH
from safelight.report.notice.words.ja import JAPANESE
from safelight.report.notice.words.ko import KOREAN
from safelight.report.notice.words.words import Words

__all__ = ["RETRACTIONS", "WORDS", "BackWords", "Words"]

WORDS = {"en": ENGLISH, "fr": FRENCH, "es": SPANISH, "de": GERMAN, "ko": KOREAN, "ja": JAPANESE}
