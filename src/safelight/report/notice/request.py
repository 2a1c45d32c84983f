"""The request of a person who is depicted, under the TAKE IT DOWN Act (United States, S. 146, 2025).

A valid one is in writing and has a signature, what identifies and locates the depiction, a statement of good faith, and
a way to reach whoever asks. All four are theirs to say: we only put them in order, with the digests that we know.
"""

from collections.abc import Iterator

from safelight.model.errors import DocumentError
from safelight.model.notice import NoticeFacts, RemovalRequest, Written

_BLANK = "_" * 40
_NEEDED = {
    "signature": "signature",
    "identification": "identification of the depiction",
    "belief": "statement of good faith",
    "contact": "contact information",
}
"""Fields that the Act asks for, as a person reads them."""
MAX_FIELD = 2_000


def removal_request(facts: NoticeFacts, said: RemovalRequest) -> Written:
    """The request, with blanks for what was not said. Raises DocumentError for a field that is too long."""
    values = {name: getattr(said, name) for name in ("name", "acting_for", *_NEEDED)}
    if any(len(value) > MAX_FIELD for value in values.values()):
        raise DocumentError(what="the request", cause=f"a field is longer than {MAX_FIELD} characters")
    clean = {name: " ".join(value.split()) for name, value in values.items()}
    missing = tuple(words for name, words in _NEEDED.items() if not clean[name])
    text = "\n\n".join("\n".join(lines) for lines in _paragraphs(facts, clean))
    return Written(f"Request for removal under the TAKE IT DOWN Act [{facts.reference}]", text + "\n", missing=missing)


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
