"""Nothing that could tell of content, a person or a secret gets into a line of the log."""

import json
import logging
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from safelight.web.ops import logs
from safelight.web.ops.redact import mask, redact

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
KEY = "slk_7Gd2kQpZ1xWv9TnB3mRy5HcJ"
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0"

NASTY = (
    # what a line might say, and what must not be in it any more
    (f"matched {SHA256}", SHA256),
    (f"matched {SHA256.upper()}", SHA256.upper()),
    (f"pdq={PDQ} distance=3", PDQ),
    ("md5 d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204"),
    (f"key {KEY} refused", KEY),
    (f"Authorization: Bearer {TOKEN}", TOKEN),
    ("Authorization: Bearer short", "short"),
    ("password: hunter2", "hunter2"),
    ("Cookie: sessionid=abc", "sessionid"),
    ("GET /cases?account=anna&q=beach", "anna"),
    ("https://example.org/private/holiday", "holiday"),
    ("s3://bucket/secret/object", "bucket"),
    ("cannot read beach_2024.jpg", "beach_2024"),
    ("cannot read 'our summer holiday.mov'", "summer"),
    ('invalid literal: "whatever was sent"', "whatever"),
    ("b'\\x89PNG\\r\\n' is no JPEG", "PNG"),
    ("/srv/uploads/anna/picture.dat", "anna"),
    ("mail to anna.b@example.org", "anna"),
    ("from 203.0.113.77 again", "203.0.113.77"),
    ("bits " + "01" * 128, "01" * 16),
    ("line one\nline two \x1b[31m", "\n"),
    ("x" * 100_000, "x" * 1_000),
)


@pytest.mark.parametrize(("text", "secret"), NASTY)
def test_nasty_texts_are_masked(text: str, secret: str) -> None:
    assert secret not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "request failed",
        "api/v1/cases/{case}/events",
        "queue.py:123 < keeper.py:7",
        "0192f3a4-5b6c-7d8e-9f00-112233445566",  # the id of a case
        "user:7",
        "OperationalError",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text("0123456789abcdef", min_size=16, max_size=80))
def test_no_hash_of_any_length_gets_through(digits: str) -> None:
    assert digits not in mask(f"matched {digits} in bank")


def test_fields_that_are_not_listed_are_dropped() -> None:
    line = {"event": "request", "body": "bytes", "file_name": "a.jpg", "query": "q=1", "sha256": SHA256, "status": 200}
    assert redact(None, "", line) == {"event": "request", "status": 200}


def test_our_own_ids_stay_and_nothing_else_in_their_place() -> None:
    drawn = "0af7651916cd43dd8448eb211c80319c"
    assert redact(None, "", {"request": drawn})["request"] == drawn
    assert redact(None, "", {"request": SHA256})["request"] == "[hash]"
    assert redact(None, "", {"event": drawn})["event"] == "[hash]"


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What is written to standard error, with logging set up as in the service."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("test")
    yield written
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_exceptions_lose_their_words(stream: StringIO) -> None:
    try:
        int(f"bad hash {SHA256} of beach.jpg")
    except ValueError:
        structlog.get_logger("safelight.test").exception("job failed", exc_info=True, body=b"plain")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["error"], line["process"], line["level"]) == (
        "job failed",
        "ValueError",
        "test",
        "error",
    )
    assert line["cause"].startswith("test_redact.py:")
    assert SHA256 not in stream.getvalue()
    assert "beach" not in stream.getvalue()
    assert "plain" not in stream.getvalue()


def test_of_foreign_messages_the_template_alone_is_kept(stream: StringIO) -> None:
    foreign = logging.getLogger("django.security")
    foreign.warning("Not Found: %s", "/cases/anna")
    try:
        int("the caller sent anna")
    except ValueError:
        foreign.exception("Internal Server Error: %s", "/cases/anna", extra={"request": "anna's"})
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first["event"] == "Not Found: %s"
    assert second["error"] == "ValueError"
    assert "anna" not in stream.getvalue()


def test_what_says_only_a_status_is_left_out(stream: StringIO) -> None:
    logging.getLogger("django.request").error("%s: %s", "Service Unavailable", "/readyz")
    assert not stream.getvalue()


def test_quiet_libraries_are_quiet(stream: StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://example.org/secret")
    assert not stream.getvalue()


def test_bound_ids_are_on_every_line(stream: StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request="0af7651916cd43dd8448eb211c80319c"):
        logging.getLogger("django").warning("hm")
    assert json.loads(stream.getvalue())["request"] == "0af7651916cd43dd8448eb211c80319c"
