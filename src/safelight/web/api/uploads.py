"""Files that come with a request, in anonymous memory: plain media never touches a disk."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import BinaryIO, Final

from django.http import HttpRequest

from safelight.model.errors import BusyError
from safelight.web.access import principal_of
from safelight.web.api.problem import BAD_REQUEST, INVALID, ProblemError
from safelight.web.bodies import Body, body_of
from safelight.web.container import the_app

FORM, JSON = "multipart/form-data", "application/json"
FETCHES: Final = 8
"""Files that one process fetches from elsewhere at a time, half of them for one key.

More are refused, not kept waiting: a key that names many slow servers holds up nobody else.
"""
_PART = 1 << 20
_BUSY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Upload:
    """What came: a file, or none where the body is JSON, and what else the form or the address says."""

    file: BinaryIO | None
    fields: dict[str, str]


def uploaded(request: HttpRequest) -> Upload:
    """The upload of a request, read once; each caller finds the file at its beginning.

    Raises:
        ProblemError: a form without a file, or an empty body.
        RequestDataTooBig: it is larger than the service takes.
        BusyError: too many large bodies are being held.
    """
    held: Upload | None = getattr(request, "upload", None)
    if held is None:
        held = _read(request)
        request.upload = held  # type: ignore[attr-defined]
    if held.file is not None:
        held.file.seek(0)
    return held


def fetched(request: HttpRequest, url: str) -> Upload:
    """The upload of a request that names a URL, as if it had come with it. Raises as `of_url` and `uploaded`."""
    with of_url(request, url) as file:
        body = body_of(iter(lambda: file.read(_PART), b""), the_app().settings.service.max_upload)
    held = Upload(_whole(body), uploaded(request).fields)
    request.upload = held  # type: ignore[attr-defined]
    return held


@contextmanager
def of_url(request: HttpRequest, url: str) -> Iterator[BinaryIO]:
    """The file that a request names. Raises FetchError, and BusyError when too many are being fetched."""
    with ExitStack() as stack:
        with _turns.taken(str(principal.actor) if (principal := principal_of(request)) else ""):
            file = stack.enter_context(the_app().fetcher.fetch(url))
        yield file


@dataclass(slots=True)
class _Turns:
    """Who is fetching in this process, in any thread."""

    now: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def taken(self, actor: str) -> Iterator[None]:
        """One of the turns. Raises BusyError."""
        with self.lock:
            if self.now.total() >= FETCHES or self.now[actor] >= FETCHES // 2:
                raise BusyError(seconds=_BUSY_SECONDS)
            self.now[actor] += 1
        try:
            yield
        finally:
            with self.lock:
                self.now -= Counter([actor])


_turns = _Turns()


def _read(request: HttpRequest) -> Upload:
    fields = {name: str(value) for name, value in request.GET.items()}
    if request.content_type == JSON:
        return Upload(None, fields)
    if request.content_type == FORM:
        fields |= {name: str(value) for name, value in request.POST.items()}
        return Upload(_whole(_of_form(request)), fields)
    return Upload(_whole(getattr(request, "body_file", None) or _of_body(request)), fields)


def _of_form(request: HttpRequest) -> Body:
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise _refused("no file came")
    return body_of(file.chunks(_PART), the_app().settings.service.max_upload)


def _of_body(request: HttpRequest) -> Body:
    """The body where the server has not put it into memory already."""
    try:
        return body_of(iter(lambda: request.read(_PART), b""), the_app().settings.service.max_upload)
    except OSError as error:  # Django's UnreadablePostError is one: the connection broke
        raise ProblemError(BAD_REQUEST, "the body ended early") from error


def _whole(body: Body) -> Body:
    if not body.size:
        body.close()
        raise _refused("the file is empty")
    return body


def _refused(what: str) -> ProblemError:
    where = {"where": ["body", "file"], "what": what}
    return ProblemError(INVALID, "something in the request cannot be used", [where])
