"""From found to gone: law, policy, reports, takedown."""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.app.service import Service
from safelight.model.case import Case
from safelight.model.errors import UsageError
from safelight.model.filing import Filing, Reporter
from safelight.model.law import LawPack
from safelight.model.policy import Ruling
from safelight.model.scan import ScanRow
from safelight.model.takedown import Plan
from safelight.ports import (
    Directory,
    FilingStore,
    LawBook,
    Mailer,
    Platform,
    PolicyStore,
    Prober,
    RequestStore,
    TakedownStore,
)

if TYPE_CHECKING:
    from safelight.adapter.hotline.cybertip import CyberTipline
    from safelight.flow.ending import Endings
    from safelight.flow.filing import Document, Filings
    from safelight.flow.policy import Policies
    from safelight.flow.requests import RemovalRequests
    from safelight.flow.settle import Settle
    from safelight.flow.statements import Statements
    from safelight.flow.takedown import Takedowns
    from safelight.flow.takedown_retract import Retractions
    from safelight.flow.transparency import Yearly
    from safelight.model.dossier import Document as CaseDocument
    from safelight.model.statement import Figures


class Closing(Service):
    """From found to gone: law, policy, reports, takedown."""

    @cached_property
    def filings(self) -> FilingStore:
        """Reports on their way, in the store of banks."""
        from safelight.adapter.closing import open_filings

        return open_filings(self._database)

    @cached_property
    def takedowns(self) -> TakedownStore:
        """URLs that are worked on, in the store of banks."""
        from safelight.adapter.closing import open_takedowns

        return open_takedowns(self._database)

    @cached_property
    def request_store(self) -> RequestStore:
        """Requests of people depicted, in the store of banks."""
        from safelight.adapter.closing import open_requests

        return open_requests(self._database)

    @cached_property
    def requests(self) -> "RemovalRequests":
        """The acts about requests of people depicted. Raises as `settle` does."""
        from safelight.app.secrets import signing_secret
        from safelight.flow.requests import RemovalRequests

        secret = signing_secret(self.settings).encode()

        def mark(said: bytes) -> str:
            return hmac.new(secret, b"safelight.removal.request" + said, "sha256").hexdigest()

        return RemovalRequests(self.cases, self.request_store, self.takedowns, self.settle, self.clock, self.ids, mark)

    @cached_property
    def endings(self) -> "Endings":
        """When what is personal ends by itself. Raises as `settle` does."""
        from safelight.flow.ending import Endings, Keep

        closing, packs = self.settings.service.closing, {pack.id: pack for pack in self.jurisdictions}
        keep = Keep(closing.keep_requests, closing.keep_reports)
        stores = self.cases, self.filings, self.request_store, self.takedowns
        return Endings(*stores, self.requests, packs, keep, self.clock)

    @cached_property
    def policy_store(self) -> PolicyStore:
        """Versions of the policy, in the store of banks."""
        from safelight.adapter.closing import open_policies

        return open_policies(self._database)

    @cached_property
    def policies(self) -> "Policies":
        """The policy in force, and its history."""
        from safelight.flow.policy import Policies

        applying = [pack.id for pack in self.jurisdictions]
        return Policies(self.policy_store, self.cases, self.clock, applying)

    def file_rule(self, row: ScanRow, source: str) -> Ruling:
        """What the policy in force says of a file. Raises StorageError."""
        return self.policies.of_row(row, source)

    @cached_property
    def law(self) -> LawBook:
        """The law packs, with the operator's own."""
        from safelight.adapter.law import TomlLaw

        own = self.settings.service.closing.law
        return TomlLaw(Path(own) if own else None)

    def law_at(self, path: Path) -> Mapping[str, LawPack]:
        """The law packs of a folder, or of one file. Raises LawPackError."""
        from safelight.adapter.law import read_packs

        return read_packs(path)

    @property
    def jurisdictions(self) -> tuple[LawPack, ...]:
        """The law that applies here. Raises UsageError for a setting that names no pack, LawPackError."""
        from safelight.policy.duties import chosen

        return chosen(self.law.packs(), self.settings.service.closing.jurisdictions)

    @cached_property
    def settle(self) -> "Settle":
        """What follows for a case once people know. Raises as `jurisdictions` does."""
        from safelight.flow.settle import Settle

        closing, packs = self.settings.service.closing, self.law.packs()
        asked = self.policies.of_case
        production = closing.ncmec_production
        return Settle(self.cases, packs, closing.jurisdictions, asked, self.clock, production=production)

    @cached_property
    def directory(self) -> Directory:
        """Finds who can act about a URL."""
        from safelight.adapter.directory import open_directory

        closing = self.settings.service.closing
        found = open_directory(closing.rdap, closing.resolver, self.settings.home / "rdap", self.clock)
        if not self.platforms:
            return found
        from safelight.adapter.platforms import PlatformDirectory

        return PlatformDirectory(found, self.platforms)

    @cached_property
    def platforms(self) -> Mapping[str, Platform]:
        """Platforms with an interface of their own. Raises UsageError, PluginError."""
        from safelight.plugin.platforms import load_platforms

        closing = self.settings.service.closing
        if closing.platforms and not closing.smtp:
            raise UsageError(detail="SAFELIGHT_PLATFORMS needs SAFELIGHT_SMTP: others are still told by mail")
        return load_platforms(closing.platforms)

    @cached_property
    def mailer(self) -> Mailer | None:
        """Sends notices; None where no mail server is set. Raises UsageError for settings that cannot be used."""
        closing = self.settings.service.closing
        if not closing.smtp:
            return None
        from safelight.adapter.mail import SmtpMailer, read_dkim_key

        key = read_dkim_key(Path(closing.dkim_key), closing.dkim_selector) if closing.dkim_key else None
        sender = closing.mail_from or closing.contact
        mail = SmtpMailer(closing.smtp, sender, self.clock, name=closing.organisation, key=key)
        if not self.platforms:
            return mail
        from safelight.adapter.platforms import PlatformMailer

        return PlatformMailer(mail, self.platforms)

    @cached_property
    def reporter(self) -> Reporter:
        """Who reports and gives notice, as the settings say it."""
        closing = self.settings.service.closing
        first, _, last = closing.contact_name.rpartition(" ")
        domain = closing.contact.rpartition("@")[2]
        return Reporter(closing.organisation, closing.contact, first, last, terms=closing.terms, domain=domain)

    @cached_property
    def hotline(self) -> "CyberTipline | None":
        """NCMEC's CyberTipline; None without an account there. Raises UsageError."""
        closing = self.settings.service.closing
        if not closing.ncmec_user:
            return None
        from safelight.adapter.hotline.cybertip import CyberTipline

        account = closing.ncmec_user, closing.ncmec_password, self.settings.home / "hotline", self.clock
        return CyberTipline(*account, production=closing.ncmec_production, url=closing.ncmec_url)

    @cached_property
    def reports(self) -> "Filings":
        """Reports to hotlines and authorities. Raises UsageError."""
        from safelight.flow.filing import Filings

        stores = self.cases, self.filings, self.evidence
        return Filings(*stores, self.hotline, self.reporter, self.clock, self.ids, papers=self._papers)

    def _papers(self, filing: Filing, case: Case) -> "tuple[Document, ...]":
        """What people send, with the items of the report and no others. Raises DocumentError."""
        from safelight.flow.dossier import dossier
        from safelight.flow.filing import Document
        from safelight.report.closing.bundles import documents

        whole, wanted = dossier(case, self.cases, self.takedowns, self.reporter), {one.item for one in filing.items}
        items = tuple(item for item in whole.items if item.id in wanted)
        part = replace(whole, items=items, places=tuple(one for one in whole.places if one.item in wanted))
        at = (filing.confirmed or filing.created).replace(microsecond=0)  # so that a draft stays the same
        found = documents(filing.body, part, at, filing.told)
        return tuple(Document(one.name, one.mime, one.content) for one in found)

    def case_document(self, case: str, form: str) -> "CaseDocument":
        """A document about a case, or the one that it was merged into, as it is now.

        Args:
            case: its id.
            form: a format of `report.closing.case_documents.CASE_DOCUMENTS`.

        Raises:
            UnknownCaseError: there is no such case.
            DocumentError: the format cannot say what the case holds.
        """
        from safelight.flow.dossier import dossier
        from safelight.flow.merged import current
        from safelight.report.closing.case_documents import CASE_DOCUMENTS

        found = dossier(current(self.cases, case), self.cases, self.takedowns, self.reporter)
        return CASE_DOCUMENTS[form](found, self.clock.now().replace(microsecond=0))

    @cached_property
    def statements(self) -> "Statements":
        """Statements to uploaders. Raises LawPackError."""
        from safelight.flow.statements import Statements

        packs = self.law.packs().values()
        triggers = {f"{pack.id}/{rule.id}": rule.trigger for pack in packs for rule in pack.rules}
        language = self.settings.service.closing.language
        return Statements(self.cases, self.reporter, self.clock, self.ids, triggers=triggers, language=language)

    def transparency(self, year: int) -> "Figures":
        """The figures of a year, exact; see `report.closing.transparency` for what may be public."""
        return self._yearly.of(year)

    @cached_property
    def _yearly(self) -> "Yearly":
        from safelight.adapter.memo import FileMemo
        from safelight.flow.transparency import Yearly

        memo = FileMemo(self.settings.home / "figures.json")
        return Yearly(self.cases, self.takedowns, memo, self.settings.service.closing.organisation, self.clock)

    @cached_property
    def prober(self) -> Prober:
        """Looks at URLs."""
        from safelight.adapter.probe import SafeProber

        return SafeProber(self.settings.service.max_upload)

    @cached_property
    def takedown_plan(self) -> Plan:
        """Steps and waits of takedowns. Raises UsageError for a file that cannot be used."""
        from safelight.adapter.plan import read_plan
        from safelight.policy.takedown import DEFAULT_PLAN

        own = self.settings.service.closing.plan
        return read_plan(Path(own)) if own else DEFAULT_PLAN

    @cached_property
    def takedown(self) -> "Takedowns":
        """The acts of takedown. Raises as `directory`, `mailer` and `takedown_plan` do."""
        from safelight.flow.dossier import dossier
        from safelight.flow.notices import NoticeWriter
        from safelight.flow.takedown import Takedowns
        from safelight.flow.takedown_judge import FamilyJudge

        closing, plan = self.settings.service.closing, self.takedown_plan
        sender = (closing.mail_from or closing.contact).rpartition("@")[2]
        return Takedowns(
            self.cases,
            self.takedowns,
            self.directory,
            self.mailer,
            self.prober,
            FamilyJudge(self._look_closely, self.cases, self.store, self.families),
            plan,
            NoticeWriter(
                lambda case: dossier(case, self.cases, self.takedowns, self.reporter), plan, self.requests.to_pass_on
            ),
            self.clock,
            self.ids,
            domain=sender,
            asked=self.requests.asks,
        )

    @cached_property
    def retractions(self) -> "Retractions":
        """Taking back notices of what is no abuse. Raises as `mailer` does."""
        from safelight.flow.takedown_retract import Retractions

        closing = self.settings.service.closing
        sender = (closing.mail_from or closing.contact).rpartition("@")[2]
        stores = self.cases, self.takedowns
        return Retractions(*stores, self.mailer, self.reporter, self.clock, self.ids, domain=sender)
