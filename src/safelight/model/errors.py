"""One tree of errors. Each class carries what every face needs to answer with.

`code` is a stable string for programs, `http` the status a web face answers with, `exit` the exit code of the
command line, `template` the one-line message. The table in docs/errors.md is generated from this tree.
"""

from typing import ClassVar


class SafelightError(Exception):
    """Base of every error a user can meet; its message is one line and names the thing and the cause."""

    code: ClassVar[str] = "internal"
    http: ClassVar[int] = 500
    exit: ClassVar[int] = 70
    template: ClassVar[str] = "{detail}"

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(self.template.format(**details))


class UsageError(SafelightError):
    """The request itself is wrong: an option, an argument or a combination of them."""

    code = "usage"
    http = 400
    exit = 2


class BadHashError(UsageError):
    """A text that should be a hash is not one."""

    code = "bad-hash"
    template = "not a hash: {value!r}: {cause}"


class UnknownBankError(SafelightError):
    """No bank has that name."""

    code = "unknown-bank"
    http = 404
    exit = 10
    template = "no bank is called {name!r}; known banks: {known}"


class BankExistsError(SafelightError):
    """A bank of that name is there already."""

    code = "bank-exists"
    http = 409
    exit = 11
    template = "a bank called {name!r} exists already"


class UnknownEntryError(SafelightError):
    """The bank has no entry of that name."""

    code = "unknown-entry"
    http = 404
    exit = 12
    template = "bank {bank!r} has no entry called {entry!r}"


class InputError(SafelightError):
    """A path given by the user cannot be read, or holds nothing to work on."""

    code = "input"
    http = 422
    exit = 13
    template = "{path}: {cause}"


class ImportFormatError(SafelightError):
    """A hash list as a whole cannot be read (single bad rows are reported and passed over instead)."""

    code = "import-format"
    http = 422
    exit = 14
    template = "{path}: {cause}"


class StorageError(SafelightError):
    """The data folder, the store or the index could not be written or read; what was there before stays whole."""

    code = "storage"
    http = 507
    exit = 15
    template = "{path}: {cause}"


class IndexCorruptError(StorageError):
    """An index file does not hold what its manifest says; `safelight bank reindex` builds one of hashes again."""

    code = "index-corrupt"
    exit = 16


class VaultKeyError(StorageError):
    """The key that the data at rest is encrypted with is missing, unreadable or another one."""

    code = "vault-key"
    exit = 20


class ScanStateError(SafelightError):
    """The output folder holds a scan that does not fit the one asked for."""

    code = "scan-state"
    http = 409
    exit = 17
    template = "{path}: {cause}"


class SandboxError(SafelightError):
    """The confined decoder cannot be started at all (a single bad file is a result, not an error)."""

    code = "sandbox"
    http = 503
    exit = 18
    template = "the confined decoder did not start: {cause}"


class MissingPeerError(SafelightError):
    """A benchmark needs a package that is not installed."""

    code = "missing-peer"
    exit = 19
    template = "this benchmark measures beside {package}, which is not installed: pip install 'safelight[bench]'"


class PluginError(SafelightError):
    """A plug-in cannot be loaded, or failed in use; `safelight plugins` lists what is installed."""

    code = "plugin"
    exit = 21
    template = "plug-in {name!r}: {cause}"


class UnknownCaseError(SafelightError):
    """There is no case of that id."""

    code = "unknown-case"
    http = 404
    exit = 22
    template = "no case has the id {case!r}"


class UnknownItemError(SafelightError):
    """There is no item of that id."""

    code = "unknown-item"
    http = 404
    exit = 23
    template = "no item has the id {item!r}"


class UnknownBlobError(SafelightError):
    """There is no media of that id, or it was destroyed."""

    code = "unknown-blob"
    http = 404
    exit = 24
    template = "there is no media {blob!r}"


class ConflictError(SafelightError):
    """Somebody else has changed it meanwhile: look again, then act."""

    code = "conflict"
    http = 409
    exit = 25
    template = "{what} was changed meanwhile"


class TransitionError(SafelightError):
    """What was asked for is not possible in the state the case is in."""

    code = "transition"
    http = 409
    exit = 26
    template = "case {case!r}: {cause}"


class EvidenceDamagedError(StorageError):
    """Media in the vault is not what was put there."""

    code = "evidence-damaged"
    http = 500
    exit = 27


class BusyError(SafelightError):
    """Too much waits already; try again later."""

    code = "busy"
    http = 503
    exit = 28
    template = "too many files wait already; try again in {seconds} s"


class ForbiddenError(SafelightError):
    """The caller may not do this. It says the same whatever there is."""

    code = "forbidden"
    http = 403
    exit = 29
    template = "not permitted"


class FetchError(SafelightError):
    """What a URL names could not be fetched, or may not be."""

    code = "fetch"
    http = 422
    exit = 30
    template = "the URL could not be fetched: {cause}"


class AuditError(SafelightError):
    """A file that should be an export is none; flaws of one that is are results, not errors."""

    code = "audit"
    http = 422
    exit = 31
    template = "{path}: {cause}"


class LogRewrittenError(SafelightError):
    """The log does not go on from what was signed last, so nothing was signed: it was changed, or cut off."""

    code = "log-rewritten"
    http = 500
    exit = 32
    template = "the log does not go on from the head of {size} entries that was signed last: {cause}"


class SignInError(SafelightError):
    """Who acts at a terminal did not prove who they are."""

    code = "sign-in"
    http = 401
    exit = 33
    template = "nothing was done: {cause}"


class NotNowError(SafelightError):
    """A person may not do this now: a break, somebody else's claim, media that is not shown to them."""

    code = "not-now"
    http = 409
    exit = 40
    template = "{cause}"


class LawPackError(SafelightError):
    """A law pack cannot be used."""

    code = "law-pack"
    http = 500
    exit = 41
    template = "{path}: {place}: {cause}"


class PolicyError(SafelightError):
    """A policy cannot be used; `flaws` says why, one per line."""

    code = "policy"
    http = 422
    exit = 42
    template = "the policy cannot be used: {flaws}"


class DocumentError(SafelightError):
    """A document that was made for others is not valid; nothing was sent."""

    code = "document"
    http = 422
    exit = 43
    template = "{what} is not valid: {cause}"


class UnknownFilingError(SafelightError):
    """No report of ours has this id."""

    code = "unknown-filing"
    http = 404
    exit = 44
    template = "there is no report {filing!r}"


class UnknownLocationError(SafelightError):
    """No location has this id."""

    code = "unknown-location"
    http = 404
    exit = 45
    template = "there is no location {location!r}"


class HotlineDownError(SafelightError):
    """A hotline's interface does not answer, or not well, for now; what was asked may have taken effect."""

    code = "hotline-down"
    http = 502
    exit = 46
    template = "{call}: {cause}"


class HotlineNotDoneError(HotlineDownError):
    """A hotline's interface could not be reached, or says that it could not do it: what was asked had no effect."""

    code = "hotline-not-done"
    exit = 50


class HotlineAccountError(HotlineNotDoneError):
    """A hotline's interface does not take our name and password; what was asked had no effect."""

    code = "hotline-account"
    exit = 51


class HotlineRefusedError(SafelightError):
    """A hotline's interface refused, for good. `answer`: its own code."""

    code = "hotline-refused"
    http = 502
    exit = 47
    template = "{call}: {answer}: {cause}"


class MailDownError(SafelightError):
    """Mail cannot be handed over for now."""

    code = "mail-down"
    http = 502
    exit = 48
    template = "mail to {to}: {cause}"


class MailRefusedError(SafelightError):
    """A mail server refused a letter for good."""

    code = "mail-refused"
    http = 502
    exit = 49
    template = "mail to {to}: {cause}"


class MediaError(Exception):
    """One media file or archive member cannot be read; carried as that file's result, never out of the program.

    `cause` is one line fit for a report; it never holds pixel data or text taken from the file.
    """

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class TraceError(MediaError):
    """A picture was decoded, but could not be traced; its hashes were compared all the same."""


class UnsupportedMediaError(MediaError):
    """The bytes are of a known type that this version does not decode."""


class LimitExceededError(MediaError):
    """Decoding stopped because a limit (pixels, bytes, frames, depth, members) was reached."""
