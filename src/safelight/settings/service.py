"""Settings of the service (`safelight serve`), besides those of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from safelight.model.errors import UsageError
from safelight.model.scan import Depth
from safelight.model.service import GateFailure
from safelight.settings.closing import CLOSING_SETTINGS, ClosingSettings, read_closing_settings
from safelight.settings.reading import Reader

SERVICE_SETTINGS = (
    (
        "SAFELIGHT_DATABASE_URL",
        "`postgresql://user:password@host/name` for a server",
        "`store.sqlite3` in the data folder",
    ),
    ("SAFELIGHT_BLOBS", "folder of encrypted media, or `s3://bucket/prefix`", "`blobs` in the data folder"),
    ("SAFELIGHT_S3_ENDPOINT", "address of an S3-compatible store that is not Amazon's", "Amazon's"),
    ("SAFELIGHT_S3_REGION", "its region", "`us-east-1`"),
    ("SAFELIGHT_S3_ACCESS_KEY", "name of the account there", "as boto3 finds it"),
    ("SAFELIGHT_S3_SECRET_KEY", "its secret", "as boto3 finds it"),
    (
        "SAFELIGHT_EVIDENCE_KEY",
        "key-encryption key of media: a file, `env:NAME` for a variable with 64 hexadecimal digits, or `plugin:NAME`",
        "`evidence.key` in the data folder, made when needed",
    ),
    (
        "SAFELIGHT_EVIDENCE_OLD_KEYS",
        "earlier keys in the same form, with commas between, that media may still be wrapped with",
        "none",
    ),
    ("SAFELIGHT_SECRET_KEY", "secret that sessions are signed with", "`secret` in the data folder, made when needed"),
    ("SAFELIGHT_URL", "address under which people reach the service", "`http://127.0.0.1:8411`"),
    ("SAFELIGHT_HOSTS", "further host names it answers to, with commas between", "that of SAFELIGHT_URL"),
    ("SAFELIGHT_PROXIES", "reverse proxies in front whose `X-Forwarded-For` is believed: how many", "0"),
    ("SAFELIGHT_GATE_FAILURE", "what the gate answers when it cannot look: `open` allows, `closed` holds", "`closed`"),
    ("SAFELIGHT_GATE_DEPTH", "how closely the gate looks: `hashes`, or `full` with keypoints", "`hashes`"),
    (
        "SAFELIGHT_DECODERS",
        "confined decoders of each process that answers requests",
        "SAFELIGHT_PROCESSES divided by these",
    ),
    ("SAFELIGHT_GATE_SECONDS", "time after which the gate answers as if it could not look", "10"),
    ("SAFELIGHT_RATE", "requests to the API that one key may make in a second, on average over ten; 0: any", "1000"),
    ("SAFELIGHT_MAX_UPLOAD", "largest body of a request, in bytes", "104857600"),
    (
        "SAFELIGHT_SECOND_REVIEW",
        "decisions that a second person must approve: `confirmed`, `all` or `none`",
        "`confirmed`",
    ),
    ("SAFELIGHT_EXPOSURE_DAY", "seconds of unblurred media a person may see in a day", "1800"),
    ("SAFELIGHT_EXPOSURE_STRETCH", "seconds of it after which there is a break", "300"),
    ("SAFELIGHT_BREAK", "length of that break, in seconds", "600"),
    (
        "SAFELIGHT_HOOK_HOSTS",
        "hosts of your own that webhooks may reach though they are not public, with commas between",
        "none",
    ),
    ("SAFELIGHT_KNOWN_ANSWERS", "share of cases taken on, in percent, in place of which a known answer comes", "5"),
    ("SAFELIGHT_HMA", "`on`: answer as HMA 1.1 does, under `/h`, `/m`, `/c` and `/status`", "off"),
    ("SAFELIGHT_OIDC_ISSUER", "address of an OpenID Connect provider that people sign in with", "none"),
    ("SAFELIGHT_OIDC_CLIENT", "the client id there", "none"),
    ("SAFELIGHT_OIDC_SECRET", "its secret", "none"),
    ("SAFELIGHT_TIMESTAMP_URL", "time-stamp authority (RFC 3161) for tree heads", "none"),
    ("SAFELIGHT_LOG", "`json` or `text`: form of log lines", "`json`"),
    ("SAFELIGHT_LOG_LEVEL", "least level of log lines", "`info`"),
    *CLOSING_SETTINGS,
)
"""Each may also be given as NAME_FILE: the file that holds it, without its last line end."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The settings of the service in force; see SERVICE_SETTINGS. Secrets are in no representation."""

    database_url: str = field(default="", repr=False)
    blobs: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = field(default="", repr=False)
    s3_secret_key: str = field(default="", repr=False)
    evidence_key: str = ""
    evidence_old_keys: tuple[str, ...] = ()
    secret_key: str = field(default="", repr=False)
    url: str = "http://127.0.0.1:8411"
    hosts: tuple[str, ...] = ("127.0.0.1",)
    proxies: int = 0
    gate_failure: GateFailure = GateFailure.CLOSED
    gate_depth: Depth = Depth.HASHES
    gate_seconds: int = 10
    decoders: int = 0
    rate: int = 1000
    max_upload: int = 100 << 20
    second_review: str = "confirmed"
    exposure_day: int = 1800
    exposure_stretch: int = 300
    break_seconds: int = 600
    hook_hosts: tuple[str, ...] = ()
    hma: bool = False
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = field(default="", repr=False)
    timestamp_url: str = ""
    log: str = "json"
    log_level: str = "info"
    known_answers: int = 5
    closing: ClosingSettings = field(default_factory=ClosingSettings)


def read_service_settings(environ: Mapping[str, str]) -> ServiceSettings:
    """Settings of the service from an environment.

    Raises:
        UsageError: a value that cannot be used, or a file that cannot be read, naming the variable.
    """
    read = Reader(environ)
    url = read.text("URL", "http://127.0.0.1:8411").rstrip("/")
    host = urlsplit(url).hostname
    if not url.startswith(("http://", "https://")) or not host:
        raise UsageError(detail=f"SAFELIGHT_URL is {url!r}; it takes http://HOST or https://HOST")
    return ServiceSettings(
        database_url=read.url("DATABASE_URL", "postgresql"),
        blobs=read.text("BLOBS"),
        s3_endpoint=read.text("S3_ENDPOINT"),
        s3_region=read.text("S3_REGION", "us-east-1"),
        s3_access_key=read.text("S3_ACCESS_KEY"),
        s3_secret_key=read.text("S3_SECRET_KEY"),
        evidence_key=read.text("EVIDENCE_KEY"),
        evidence_old_keys=read.names("EVIDENCE_OLD_KEYS"),
        secret_key=read.text("SECRET_KEY"),
        url=url,
        hosts=tuple(dict.fromkeys((host, *read.names("HOSTS")))),
        proxies=read.number("PROXIES", 0, 0),
        gate_failure=GateFailure(read.choice("GATE_FAILURE", "closed", "open")),
        gate_depth=Depth(read.choice("GATE_DEPTH", "hashes", "full")),
        gate_seconds=read.number("GATE_SECONDS", 10, 1),
        decoders=read.number("DECODERS", 0, 0),
        rate=read.number("RATE", 1000, 0),
        max_upload=read.number("MAX_UPLOAD", 100 << 20, 1 << 10),
        second_review=read.choice("SECOND_REVIEW", "confirmed", "all", "none"),
        exposure_day=read.number("EXPOSURE_DAY", 1800, 0),
        exposure_stretch=read.number("EXPOSURE_STRETCH", 300, 0),
        break_seconds=read.number("BREAK", 600, 0),
        hook_hosts=read.names("HOOK_HOSTS"),
        hma=read.choice("HMA", "off", "on") == "on",
        oidc_issuer=read.text("OIDC_ISSUER"),
        oidc_client=read.text("OIDC_CLIENT"),
        oidc_secret=read.text("OIDC_SECRET"),
        timestamp_url=read.text("TIMESTAMP_URL"),
        log=read.choice("LOG", "json", "text"),
        known_answers=read.number("KNOWN_ANSWERS", 5, 0),
        log_level=read.choice("LOG_LEVEL", "info", "debug", "warning", "error"),
        closing=read_closing_settings(read),
    )
