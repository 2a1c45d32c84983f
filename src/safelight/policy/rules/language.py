"""The language of conditions: a part of CEL that always ends, always has a value, and is cheap.

Conditions compare facts with literals. There is no arithmetic, no access to a place of a list, no pattern, no
conversion and no nesting of `exists` and `all`, so that no condition can fail on facts of the right types, and its time
grows with the product of its length and that of the longest list. All of it is CEL (https://cel.dev), which checks the
types; what is refused here is what CEL would allow besides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from safelight.model.policy import PolicyFlaw
from safelight.policy.rules.facts import Fact

LONGEST = 2_000
"""Characters of a condition."""
MACROS = ("exists", "exists_one", "all")
METHODS = (*MACROS, "startsWith", "endsWith", "contains", "size")
FUNCTIONS = ("size",)
WORDS = ("true", "false", "in")


class Token(StrEnum):
    """Kinds of words of a condition."""

    REAL = "real"
    WHOLE = "whole"
    TEXT = "text"
    NAME = "name"
    MARK = "mark"


LITERALS = (Token.REAL, Token.WHOLE, Token.TEXT)
_PATTERN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<real>\d+\.\d+(?:[eE][+-]?\d+)?)|(?P<whole>\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"\\\r\n]*\"|'[^'\\\r\n]*')|(?P<mark>&&|\|\||==|!=|<=|>=|[<>!()\[\],.?:])",
    re.ASCII,
)
_OPENS, _CLOSES = {"(": ")", "[": "]"}, {")", "]"}
_INSTEAD = {
    "=": "`==` compares",
    "&": "`&&` is and",
    "|": "`||` is or",
    "\\": "texts have no escapes; use the other kind of quotes",
    '"': "a text ends in the line that it begins in",
    "'": "a text ends in the line that it begins in",
}
_NO_ARITHMETIC = "there is no arithmetic: write the number itself"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a condition, with its place."""

    token: Token
    text: str
    start: int
    end: int

    @property
    def literal(self) -> str:
        """The text between the quotes."""
        return self.text[1:-1]


@dataclass(slots=True)
class Parsed:
    """What a condition uses. `used`: facts by name. `compared`: each literal text with the fact it is held against."""

    words: list[Word] = field(default_factory=list)
    flaws: list[PolicyFlaw] = field(default_factory=list)
    used: dict[str, Word] = field(default_factory=dict)
    compared: list[tuple[str, Word]] = field(default_factory=list)


def parse(rule: str, condition: str, facts: Mapping[str, Fact]) -> Parsed:
    """The words of a condition and what is wrong with them, types aside; flaws are in order and name `rule`."""
    parsed = Parsed()
    if len(condition) > LONGEST:
        cause = f"a condition has at most {LONGEST:,} characters; this one has {len(condition):,}"
        parsed.flaws.append(PolicyFlaw(rule, cause, LONGEST, len(condition), "write several rules"))
        return parsed
    reader = _Reader(rule, facts, parsed)
    if reader.split(condition):
        reader.read()
    parsed.flaws.sort(key=lambda flaw: flaw.start)
    return parsed


def guess(word: str, known: Sequence[str]) -> str:
    """What may have been meant, as a hint; empty for no idea."""
    close = get_close_matches(word, known, 1, 0.6) or get_close_matches(word.lower(), known, 1, 0.6)
    return f"did you mean `{close[0]}`?" if close else ""


class _Reader:
    """Goes through the words of one condition, once."""

    def __init__(self, rule: str, facts: Mapping[str, Fact], parsed: Parsed) -> None:
        self._rule = rule
        self._facts = facts
        self._parsed = parsed
        self._words = parsed.words
        self._pairs: dict[int, int] = {}  # place of an opening bracket to that of its closing one
        self._bound: list[tuple[int, str, str]] = []  # until which place, name, the fact that it is taken from

    def _flaw(self, word: Word, cause: str, hint: str = "", to: Word | None = None) -> None:
        self._parsed.flaws.append(PolicyFlaw(self._rule, cause, word.start, (to or word).end, hint))

    def split(self, condition: str) -> bool:
        """Find the words; False when that was not possible."""
        place = 0
        while place < len(condition):
            found = _PATTERN.match(condition, place)
            if found is None:
                sign = condition[place]
                hint = _INSTEAD.get(sign, _NO_ARITHMETIC if sign in "+-*/%" else "")
                cause = f"{sign!r} is not a sign of this language"
                self._parsed.flaws.append(PolicyFlaw(self._rule, cause, place, place + 1, hint))
                return False
            if found.lastgroup != "space":
                self._words.append(Word(Token(found.lastgroup or ""), found[0], place, found.end()))
            place = found.end()
        if not self._words:
            self._parsed.flaws.append(PolicyFlaw(self._rule, "the condition is empty", 0, len(condition)))
        return bool(self._words) and self._paired()

    def _paired(self) -> bool:
        stack: list[int] = []
        for place, word in enumerate(self._words):
            if word.token is not Token.MARK:
                continue
            if word.text in _OPENS:
                stack.append(place)
            elif word.text in _CLOSES:
                if not stack or _OPENS[self._words[stack[-1]].text] != word.text:
                    self._flaw(word, f"`{word.text}` closes nothing")
                    return False
                self._pairs[stack.pop()] = place
        if stack:
            self._flaw(self._words[stack[-1]], f"`{self._words[stack[-1]].text}` is never closed")
        return not stack

    def _at(self, place: int) -> Word | None:
        return self._words[place] if 0 <= place < len(self._words) else None

    def _is(self, place: int, *marks: str) -> bool:
        word = self._at(place)
        return word is not None and word.token is Token.MARK and word.text in marks

    def read(self) -> None:
        """Look at each word where it stands."""
        for place, word in enumerate(self._words):
            self._bound = [bound for bound in self._bound if bound[0] > place]
            before = self._at(place - 1)
            if before and before.end == word.start and Token.MARK not in {before.token, word.token}:
                self._flaw(before, "two words stand together", "texts and numbers have no prefix and no suffix", word)
            if word.token is Token.NAME:
                self._name(place, word)
            elif word.token is Token.TEXT:
                self._compared(place, word)
            elif self._is(place, "["):
                self._list(place, word)
            elif self._is(place, ".") and not self._names_method(place + 1):
                self._flaw(word, "`.` begins a question to a text or list", f"one of {', '.join(METHODS)}")

    def _names_method(self, place: int) -> bool:
        word = self._at(place)
        return word is not None and word.token is Token.NAME

    def _name(self, place: int, word: Word) -> None:
        if self._is(place - 1, "."):
            self._method(place, word)
        elif self._is(place + 1, "("):
            if word.text not in {*FUNCTIONS, "in"}:
                self._flaw(word, f"there is no function `{word.text}`", guess(word.text, [*FUNCTIONS, *METHODS]))
        elif word.text in self._facts:
            self._parsed.used.setdefault(word.text, word)
        elif word.text not in WORDS and all(word.text != name for _, name, _ in self._bound):
            names = [*self._facts, *(name for _, name, _ in self._bound), *WORDS]
            hint = guess(word.text, names) or "texts are in quotes; `safelight policy facts` lists all facts"
            self._flaw(word, f"there is no fact `{word.text}`", hint)

    def _method(self, place: int, word: Word) -> None:
        if word.text not in METHODS or not self._is(place + 1, "("):
            self._flaw(word, f"texts and lists do not know `{word.text}`", guess(word.text, METHODS))
        elif word.text in MACROS:
            self._macro(place, word)

    def _macro(self, place: int, word: Word) -> None:
        name = self._at(place + 2)
        if self._bound:
            self._flaw(word, f"`{word.text}` cannot stand inside another one", "write several rules")
        if name is None or name.token is not Token.NAME or not self._is(place + 3, ","):
            self._flaw(word, f"`{word.text}` is given a name and a condition", 'as `banks.exists(b, b == "mine")`')
        elif name.text in self._facts or name.text in (*WORDS, *METHODS):
            self._flaw(name, f"`{name.text}` has a meaning already", "take another name, as `x`")
        else:
            receiver = self._at(place - 2)
            fact = receiver.text if receiver and receiver.token is Token.NAME else ""
            self._bound.append((self._pairs[place + 1], name.text, fact))

    def _list(self, place: int, word: Word) -> None:
        before, end = self._at(place - 1), self._pairs[place]
        last = self._words[end]
        of_something = before is not None and (before.token in {*LITERALS, Token.NAME} or before.text in _CLOSES)
        if before is not None and of_something and before.text != "in":
            self._flaw(word, "no place of a list or text can be asked for", "use `exists`", last)
        inside = self._words[place + 1 : end]
        kinds = {one.token for one in inside[::2]}
        commas = all(one.text == "," for one in inside[1::2])
        if len(inside) % 2 == 0 or not commas or len(kinds) != 1 or not kinds <= set(LITERALS):
            self._flaw(word, "a list holds literals of one kind, with commas between", to=last)

    def _compared(self, place: int, word: Word) -> None:
        """Note the fact that a text is held against, so that it can be looked up among that fact's words."""
        for side, other in ((place - 1, place - 2), (place + 1, place + 2)):
            if self._is(side, "==", "!="):
                self._hold(other, word)
        after = self._at(place + 1)
        if after and after.token is Token.NAME and after.text == "in":
            self._hold(place + 2, word)
        around = [a for a, b in self._pairs.items() if a < place < b and self._is(a, "[")]
        before = self._at(around[-1] - 1) if around else None
        if before and before.token is Token.NAME and before.text == "in":
            self._hold(around[-1] - 2, word)

    def _hold(self, place: int, word: Word) -> None:
        other = self._at(place)
        if other is None or other.token is not Token.NAME:
            return
        bound = {name: fact for _, name, fact in self._bound}
        self._parsed.compared.append((bound.get(other.text, other.text), word))


def unknown_words(rule: str, parsed: Parsed, facts: Mapping[str, Fact]) -> Iterator[PolicyFlaw]:
    """Literal texts that the fact they are held against can never be."""
    for name, word in parsed.compared:
        allowed = facts[name].allowed if name in facts else ()
        if allowed and word.literal not in allowed:
            hint = guess(word.literal, allowed) or f"one of {', '.join(allowed)}"
            yield PolicyFlaw(rule, f"`{name}` is never {word.literal!r}", word.start, word.end, hint)
