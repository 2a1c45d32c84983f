"""Spans of requests, stripped of what could tell of content before they leave the process. Needs extra `otel`."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from safelight.web.ops.traces import KEPT


def start(process: str, version: str, exporter: SpanExporter | None = None) -> TracerProvider:
    """Trace Django's requests; spans go to `exporter`, by default the collector that the environment names."""
    resource = Resource.create({"service.name": "safelight", "service.version": version, "safelight.process": process})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(Stripped(BatchSpanProcessor(exporter or OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(tracer_provider=provider)
    return provider


class Stripped(SpanProcessor):
    """Hands spans on without events (which quote exceptions), and with the attributes of `KEPT` alone."""

    def __init__(self, further: SpanProcessor) -> None:
        self._further = further

    def on_start(self, span: Span, parent_context: object = None) -> None:
        """Nothing to do."""

    def on_end(self, span: ReadableSpan) -> None:
        """See the class."""
        kept = {name: value for name, value in (span.attributes or {}).items() if name in KEPT}
        route = kept.get("http.route")
        self._further.on_end(
            ReadableSpan(
                name=f"{kept.get('http.method') or kept.get('http.request.method') or ''} {route or ''}".strip()
                or "span",
                context=span.get_span_context(),
                parent=span.parent,
                resource=span.resource,
                attributes=kept,
                kind=span.kind,
                status=trace.Status(span.status.status_code),
                start_time=span.start_time,
                end_time=span.end_time,
                instrumentation_scope=span.instrumentation_scope,
            )
        )

    def shutdown(self) -> None:
        """Send what is left."""
        self._further.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what is left, within so many milliseconds."""
        return self._further.force_flush(timeout_millis)
