"""What the flows ask of the outside world. Adapters implement these; tests/contract runs one suite over each."""

from safelight.ports.casework import BlobStore, CaseStore, EvidenceVault, Ids, KeyWrap, StandingExaminer
from safelight.ports.examining import Examined, ExamineJob, Examiner, Known, Wanted
from safelight.ports.exports import BundleReader, Bundles, ExportPart, LastHead, StampCheck, Stamper
from safelight.ports.fetching import Fetcher, Posted, Poster
from safelight.ports.hinting import Detector, Encoder
from safelight.ports.indexes import ClipIndex, ClipRoom, FeatureIndex, FeatureRoom, HashIndex, Hits, IndexRoom
from safelight.ports.markers import MarkerDecoder, MarkerReader, MarkerReading, MarkerState
from safelight.ports.outputs import (
    ComparisonOutputs,
    ExaminerPage,
    ListReader,
    ListWriter,
    Masks,
    Progress,
    Prompts,
    ScanJournal,
    ScanOutputs,
    Signer,
)
from safelight.ports.shortlists import Shortlist
from safelight.ports.stores import BankStore, Clock, FamilyStore

__all__ = [
    "BankStore",
    "BlobStore",
    "BundleReader",
    "Bundles",
    "CaseStore",
    "ClipIndex",
    "ClipRoom",
    "Clock",
    "ComparisonOutputs",
    "Detector",
    "Encoder",
    "EvidenceVault",
    "ExamineJob",
    "Examined",
    "Examiner",
    "ExaminerPage",
    "ExportPart",
    "FamilyStore",
    "FeatureIndex",
    "FeatureRoom",
    "Fetcher",
    "HashIndex",
    "Hits",
    "Ids",
    "IndexRoom",
    "KeyWrap",
    "Known",
    "LastHead",
    "ListReader",
    "ListWriter",
    "MarkerDecoder",
    "MarkerReader",
    "MarkerReading",
    "MarkerState",
    "Masks",
    "Posted",
    "Poster",
    "Progress",
    "Prompts",
    "ScanJournal",
    "ScanOutputs",
    "Shortlist",
    "Signer",
    "StampCheck",
    "Stamper",
    "StandingExaminer",
    "Wanted",
]
