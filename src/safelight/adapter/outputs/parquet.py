"""results.parquet: the rows as typed columns, for pandas, DuckDB, Polars and Spark. Columns: docs/results.md."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from pyarrow import parquet

from safelight.model.scan import ScanRow
from safelight.report.order import best_match

RULE = pa.struct({"rule": pa.string(), "matched": pa.bool_(), "reason": pa.string(), "failed": pa.bool_()})
PLACE = pa.struct({"label": pa.string(), "start": pa.int64(), "end": pa.int64()})
SIGNAL_RULE = pa.struct({"id": pa.string(), "source": pa.string(), "as_of": pa.string(), "status": pa.string()})
SIGNAL = pa.struct(
    {
        "name": pa.string(),
        "detail": pa.string(),
        "kind": pa.string(),
        "says": pa.string(),
        "generator": pa.string(),
        "places": pa.list_(PLACE),
        "forgeable": pa.string(),
        "rule": SIGNAL_RULE,
        "figures": pa.map_(pa.string(), pa.float64()),
        "withheld": pa.struct({"sha256": pa.string(), "characters": pa.int64()}),
    }
)
ACTION = pa.struct(
    {
        "name": pa.string(),
        "source_type": pa.string(),
        "agent": pa.string(),
        "when": pa.string(),
        "description": pa.string(),
    }
)
INGREDIENT = pa.struct(
    {
        "title": pa.string(),
        "media_type": pa.string(),
        "relationship": pa.string(),
        "depth": pa.int32(),
        "says": pa.string(),
        "source_types": pa.list_(pa.string()),
        "actions": pa.list_(ACTION),
        "claim_generator": pa.string(),
        "valid": pa.bool_(),
        "trusted": pa.bool_(),
    }
)
PROVENANCE = pa.struct(
    {
        "state": pa.string(),
        "says": pa.string(),
        "source_types": pa.list_(pa.string()),
        "actions": pa.list_(ACTION),
        "claim_generator": pa.string(),
        "title": pa.string(),
        "signer": pa.string(),
        "issuer": pa.string(),
        "signed_at": pa.string(),
        "valid": pa.bool_(),
        "trusted": pa.bool_(),
        "failures": pa.list_(pa.struct({"code": pa.string(), "words": pa.string(), "subject": pa.string()})),
        "ingredients": pa.list_(INGREDIENT),
        "remote": pa.string(),
        "cause": pa.string(),
        "trust_list": pa.string(),
        "trust_as_of": pa.string(),
        "places": pa.list_(PLACE),
    }
)
HINT = pa.struct(
    {
        "detector": pa.string(),
        "card": pa.string(),
        "verdict": pa.string(),
        "score": pa.float64(),
        "reason": pa.string(),
    }
)
REASON = pa.struct({"source": pa.string(), "points_to": pa.string(), "strength": pa.string(), "text": pa.string()})
PART = pa.struct({"name": pa.string(), "value": pa.float64(), "nats": pa.float64(), "text": pa.string()})
REGION = pa.struct(
    {
        "area": pa.float64(),
        "bbox": pa.list_(pa.int32()),
        "basis": pa.string(),
        "overlay": pa.float64(),
        "outside": pa.float64(),
        "confidence": pa.float64(),
        "mask": pa.string(),
        "face": pa.bool_(),
    }
)
SEGMENT = pa.struct(
    {
        "query_start": pa.float64(),
        "query_end": pa.float64(),
        "source_start": pa.float64(),
        "source_end": pa.float64(),
        "speed": pa.float64(),
        "mirrored": pa.bool_(),
        "frames": pa.int32(),
        "agreeing": pa.int32(),
        "distance": pa.int32(),
        "evidence": pa.list_(pa.string()),
        "track": pa.list_(pa.struct({"time": pa.float64(), "region": REGION})),
    }
)
STILL = pa.struct({"time": pa.float64(), "mosaic": pa.string()})
MATCH = pa.struct(
    {
        "bank": pa.string(),
        "entry": pa.string(),
        "kind": pa.string(),
        "algorithm": pa.string(),
        "distance": pa.int32(),
        "query": pa.string(),
        "known": pa.string(),
        "frame": pa.int32(),
        "view": pa.string(),
        "dihedral": pa.string(),
        "classification": pa.string(),
        "negative": pa.bool_(),
        "expected_false_matches": pa.float64(),
        "p_false_match": pa.float64(),
        "suppressed_by": pa.string(),
        "inliers": pa.int32(),
        "affine": pa.list_(pa.float64()),
        "mirrored": pa.bool_(),
        "looked_for": pa.int32(),
        "found": pa.int32(),
        "tiles": pa.int32(),
        "tiles_agree": pa.int32(),
        "log_ratio": pa.float64(),
        "parts": pa.list_(PART),
        "altered_region": REGION,
        "time": pa.float64(),
        "source_time": pa.float64(),
        "segments": pa.list_(SEGMENT),
        "share": pa.float64(),
        "source_share": pa.float64(),
    }
)
SCHEMA = pa.schema(
    {
        "schema": pa.int32(),
        "path": pa.string(),
        "sha256": pa.string(),
        "md5": pa.string(),
        "sha1": pa.string(),
        "size": pa.int64(),
        "status": pa.string(),
        "mime": pa.string(),
        "width": pa.int32(),
        "height": pa.int32(),
        "pdq": pa.string(),
        "pdq_quality": pa.int32(),
        "outcome": pa.string(),
        "actions": pa.list_(pa.string()),
        "reason": pa.string(),
        "rules": pa.list_(RULE),
        "degraded": pa.bool_(),
        "best_bank": pa.string(),
        "best_entry": pa.string(),
        "best_kind": pa.string(),
        "best_distance": pa.int32(),
        "best_inliers": pa.int32(),
        "best_p_false_match": pa.float64(),
        "matches": pa.list_(MATCH),
        "signal_names": pa.list_(pa.string()),
        "signals": pa.list_(SIGNAL),
        "error": pa.string(),
        "duplicate_of": pa.string(),
        "family": pa.string(),
        "thumbnail": pa.string(),
        "provenance": PROVENANCE,
        "hint": HINT,
        "artificialness": pa.string(),
        "strength": pa.string(),
        "assessment_reasons": pa.list_(REASON),
        "conflicts": pa.list_(pa.string()),
        "duration": pa.float64(),
        "strip": pa.list_(STILL),
    }
)
"""Columns of results.parquet: a row's fields, those of its decision and its assessment beside them, and the best match
in six columns."""

BATCH_ROWS = 4096
"""Rows that are held as Python objects at a time."""

GROUP_ROWS, GROUP_BYTES = 1 << 17, 32 << 20
"""A row group is written when it has this many rows or bytes, whichever comes first."""


def write_parquet(file: BinaryIO, rows: Iterator[ScanRow]) -> None:
    """Write all rows, in their order, compressed with Zstandard. Memory is bounded by one row group."""
    with parquet.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        group: list[pa.RecordBatch] = []
        while batch := [_columns(row) for row in islice(rows, BATCH_ROWS)]:
            group.append(pa.RecordBatch.from_pylist(batch, schema=SCHEMA))
            if sum(part.num_rows for part in group) >= GROUP_ROWS or sum(part.nbytes for part in group) >= GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(group))
                group.clear()
        writer.write_table(pa.Table.from_batches(group, schema=SCHEMA))


def _columns(row: ScanRow) -> dict[str, Any]:
    """A row as the columns of `SCHEMA`."""
    values: dict[str, Any] = msgspec.to_builtins(row)
    values |= values.pop("decision")
    assessment = values.pop("assessment")
    values["assessment_reasons"] = assessment.pop("reasons")
    values |= assessment
    values["signal_names"] = sorted({signal.name for signal in row.signals})
    best = best_match(row)
    if best:
        values |= {
            "best_bank": best.bank,
            "best_entry": best.entry,
            "best_kind": best.kind.value,
            "best_distance": best.distance,
            "best_inliers": best.inliers,
            "best_p_false_match": best.p_false_match,
        }
    return values
