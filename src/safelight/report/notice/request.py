"""The request of a person who is depicted, under the TAKE IT DOWN Act (United States, S. 146, 2025).

A valid one is in writing and has a signature, what identifies and locates the depiction, a statement of good faith, and
a way to reach whoever asks. All four are theirs to say: we only put them in order, with the digests that we know.
"""

from collections.abc import Iterator

from safelight.model.errors import DocumentError
from safelight.model.notice import NoticeFacts, RemovalRequest, Written
from safelight.model.removal import LONGEST_FIELD, NEEDED, lacking

_BLANK = "_" * 40
_COVERED = "[in the person's own words; not shown here]"


def removal_request(facts: NoticeFacts, said: RemovalRequest) -> Written:
    """The request, with blanks for what was not said. Raises DocumentError for a field that is too long.

    What people read of it here (`Written.text`) has none of the person's words, only that they are there; they are in
    `Written.outgoing` alone, for the recipient.
    """
    values = {name: getattr(said, name) for name in ("name", "acting_for", *NEEDED)}
    if any(len(value) > LONGEST_FIELD for value in values.values()):
        raise DocumentError(what="the request", cause=f"a field is longer than {LONGEST_FIELD} characters")
    clean = {name: " ".join(value.split()) for name, value in values.items()}
    covered = {name: _COVERED if value else "" for name, value in clean.items()}
    subject = f"Request for removal under the TAKE IT DOWN Act [{facts.reference}]"
    in_full = _text(facts, clean) if any(clean.values()) else ""
    return Written(subject, _text(facts, covered), missing=lacking(said), in_full=in_full)


def _text(facts: NoticeFacts, said: dict[str, str]) -> str:
    return "\n\n".join("\n".join(lines) for lines in _paragraphs(facts, said)) + "\n"


def _paragraphs(facts: NoticeFacts, said: dict[str, str]) -> Iterator[list[str]]:
    def filled(name: str) -> str:
        return said[name] or _BLANK

    yield ["Request for removal of an intimate visual depiction", "TAKE IT DOWN Act (United States, S. 146, 2025)"]
    yield [
        "1. What is to be removed, and where it is",
        f"  {filled('identification')}",
        *(f"  {url}" for url in facts.urls),
        *(f"  {line}" for item in facts.items for line in _digests(item.sha256, item.md5)),
    ]
    yield ["2. Statement of good faith", "  I believe in good faith that this was published without consent, because:"]
    yield [f"  {filled('belief')}"]
    yield ["3. How I can be reached", f"  {filled('contact')}"]
    yield [
        "4. Signature (physical or electronic) of the person depicted, or of somebody authorised to act for them",
        f"  Signed: {filled('signature')}",
        f"  Name: {filled('name')}",
        *([f"  Acting for: {said['acting_for']}"] if said["acting_for"] else []),
    ]
    yield [
        "A covered platform has to remove it within 48 hours of a valid request,",
        "and to make reasonable efforts to remove known identical copies.",
        f"Reference: {facts.reference}",
    ]


def _digests(sha256: str, md5: str) -> list[str]:
    return [f"SHA-256: {sha256}", *([f"MD5: {md5}"] if md5 else [])]
