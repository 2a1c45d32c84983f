"""Settings of what follows a find: law, reports, mail, takedown."""

from dataclasses import dataclass, field

from safelight.model.errors import UsageError
from safelight.report.closing.statement_words import LANGUAGES
from safelight.settings.reading import Reader

CLOSING_SETTINGS = (
    ("SAFELIGHT_JURISDICTIONS", "whose law applies to you: ids of law packs, with commas between", "none"),
    ("SAFELIGHT_LAW", "folder of your own law packs, which replace those of the same id", "none"),
    ("SAFELIGHT_ORGANISATION", "name under which you report and give notice", "none"),
    ("SAFELIGHT_CONTACT", "e-mail address that receivers of reports and notices answer to", "none"),
    ("SAFELIGHT_CONTACT_NAME", "the person there, first and last name", "none"),
    ("SAFELIGHT_TERMS", "your terms of service, as reports cite them, in a few words", "none"),
    ("SAFELIGHT_NCMEC", "CyberTipline that reports go to: `test` or `production`", "`test`"),
    (
        "SAFELIGHT_NCMEC_REAL",
        "must be `yes` besides `SAFELIGHT_NCMEC=production`, so that nobody reports for real by accident",
        "`no`",
    ),
    ("SAFELIGHT_NCMEC_USER", "your name there", "none"),
    ("SAFELIGHT_NCMEC_PASSWORD", "its password", "none"),
    ("SAFELIGHT_NCMEC_URL", "address of a test server of your own in place of NCMEC's", "NCMEC's"),
    (
        "SAFELIGHT_SMTP",
        "mail server for notices: `smtp://user:password@host:port`, with STARTTLS, or `smtps://`",
        "none: notices wait for a person to send them",
    ),
    ("SAFELIGHT_MAIL_FROM", "sender of notices", "SAFELIGHT_CONTACT"),
    ("SAFELIGHT_DKIM_KEY", "file with the private key that mail is signed with (RFC 6376)", "none: not signed"),
    ("SAFELIGHT_DKIM_SELECTOR", "its selector in the domain of the sender", "`safelight`"),
    ("SAFELIGHT_RDAP", "where IANA's lists of RDAP servers are", "`https://data.iana.org/rdap/`"),
    ("SAFELIGHT_RESOLVER", "address of the DNS server to ask", "the machine's"),
    (
        "SAFELIGHT_PLATFORMS",
        "plug-ins of platforms that take notices by an interface of their own, with commas between",
        "none",
    ),
    (
        "SAFELIGHT_REMIND",
        "hours after which you are reminded of an open duty whose law names no time: your own reminder, not the law's",
        "24",
    ),
    (
        "SAFELIGHT_LANGUAGE",
        f"language of statements to uploaders: {', '.join(f'`{one}`' for one in LANGUAGES)}",
        f"`{LANGUAGES[0]}`",
    ),
    (
        "SAFELIGHT_KEEP_REQUESTS",
        "days for which a request of a person depicted is kept once its takedown has ended; `off`: for ever",
        "90",
    ),
    (
        "SAFELIGHT_KEEP_REPORTS",
        "days for which a report that is over keeps what it tells of people, if no law has it kept; `off`: for ever",
        "184",
    ),
    ("SAFELIGHT_PLAN", "TOML file with your own steps and waits of takedowns", "the one in docs/takedown.md"),
)
"""Each may also be given as NAME_FILE, as those of the service."""
LONGEST_KEPT = 36_500
"""Days, of SAFELIGHT_KEEP_REQUESTS and SAFELIGHT_KEEP_REPORTS."""


@dataclass(frozen=True, slots=True)
class ClosingSettings:
    """The settings in force; see CLOSING_SETTINGS. Secrets are in no representation.

    `keep_requests`, `keep_reports`: days; None for no end.
    """

    jurisdictions: tuple[str, ...] = ()
    law: str = ""
    organisation: str = ""
    contact: str = ""
    contact_name: str = ""
    terms: str = ""
    ncmec_production: bool = False
    ncmec_user: str = ""
    ncmec_password: str = field(default="", repr=False)
    ncmec_url: str = ""
    smtp: str = field(default="", repr=False)
    mail_from: str = ""
    dkim_key: str = ""
    dkim_selector: str = "safelight"
    rdap: str = "https://data.iana.org/rdap/"
    resolver: str = ""
    platforms: tuple[str, ...] = ()
    plan: str = ""
    remind: int = 24
    language: str = "en"
    keep_requests: int | None = 90
    keep_reports: int | None = 184


def read_closing_settings(read: Reader) -> ClosingSettings:
    """These settings. Raises UsageError as `read_service_settings` does."""
    place = read.choice("NCMEC", "test", "production")
    real = read.choice("NCMEC_REAL", "no", "yes") == "yes"
    url = read.text("NCMEC_URL")
    if (place == "production") != real:
        raise UsageError(detail="real reports need both SAFELIGHT_NCMEC=production and SAFELIGHT_NCMEC_REAL=yes")
    if real and url:
        raise UsageError(detail="SAFELIGHT_NCMEC_URL is for tests; real reports go to NCMEC's own address")
    smtp = read.text("SMTP")
    if smtp and not smtp.startswith(("smtp://", "smtps://")):
        raise UsageError(detail="SAFELIGHT_SMTP takes smtp://user:password@host:port, or smtps://")
    return ClosingSettings(
        jurisdictions=read.names("JURISDICTIONS"),
        law=read.text("LAW"),
        organisation=read.text("ORGANISATION"),
        contact=read.text("CONTACT"),
        contact_name=read.text("CONTACT_NAME"),
        terms=read.text("TERMS"),
        ncmec_production=real,
        ncmec_user=read.text("NCMEC_USER"),
        ncmec_password=read.text("NCMEC_PASSWORD"),
        ncmec_url=url,
        smtp=smtp,
        mail_from=read.text("MAIL_FROM"),
        dkim_key=read.text("DKIM_KEY"),
        dkim_selector=read.text("DKIM_SELECTOR", "safelight"),
        rdap=read.text("RDAP", "https://data.iana.org/rdap/"),
        resolver=read.text("RESOLVER"),
        platforms=read.names("PLATFORMS"),
        plan=read.text("PLAN"),
        remind=read.number("REMIND", 24, 1),
        language=read.choice("LANGUAGE", *LANGUAGES),
        keep_requests=_days(read, "KEEP_REQUESTS", 90),
        keep_reports=_days(read, "KEEP_REPORTS", 184),
    )


def _days(read: Reader, name: str, default: int) -> int | None:
    """A number of days, None for `off`. Raises UsageError."""
    if read.text(name) == "off":
        return None
    if (days := read.number(name, default, 1)) > LONGEST_KEPT:
        raise UsageError(detail=f"SAFELIGHT_{name} takes at most {LONGEST_KEPT:,} days, or off")
    return days
