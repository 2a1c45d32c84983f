"""Traces are off by default, and say nothing of content when they are on."""

import subprocess
import sys
from contextlib import suppress

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from safelight.model.errors import UsageError
from safelight.web.ops import traces
from safelight.web.ops.spans import Stripped


def test_nothing_is_loaded_without_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in traces.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    program = (
        "import sys; from safelight.web.ops.traces import configure; configure('web'); "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_collector_without_the_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(traces.ENDPOINTS[0], "http://collector.example.org")
    monkeypatch.setitem(sys.modules, "safelight.web.ops.spans", None)
    with pytest.raises(UsageError, match=r"safelight\[otel\]"):
        traces.configure("web")


def test_spans_lose_all_but_what_is_listed() -> None:
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(Stripped(SimpleSpanProcessor(kept)))
    tracer = provider.get_tracer("test")
    with suppress(ValueError), tracer.start_as_current_span("GET /cases/anna?q=beach") as span:
        span.set_attributes({"http.method": "GET", "http.route": "cases/<case>", "http.url": "http://x/anna?q=beach"})
        span.set_attribute("user.name", "anna")
        int("beach.jpg of anna")
    (exported,) = kept.get_finished_spans()
    text = exported.to_json()
    assert exported.name == "GET cases/<case>"
    assert dict(exported.attributes or {}) == {"http.method": "GET", "http.route": "cases/<case>"}
    assert "anna" not in text
    assert "beach" not in text
    provider.shutdown()
