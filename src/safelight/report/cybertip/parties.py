"""Who is in a report, each account by what it has to do with the incident, in the order of the schema.

NCMEC takes one reported account but in its batch mode, which is not offered here: that mode takes no annotation
`generativeAi`, no place, no recipient and no victim. Further accounts of the same user are associated with that one.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from lxml import etree

from safelight.model.filing import Account, Role
from safelight.report.cybertip.elements import TRUE, captured, device, each, optional, text
from safelight.report.cybertip.limits import (
    DISPLAY_NAME,
    EMAIL,
    ESP_ID,
    ESP_SERVICE,
    PHONE,
    SCREEN_NAME,
    URL,
)

_TAGS: Final = {
    Role.REPORTED: ("personOrUserReported", "personOrUserReportedPerson"),
    Role.RECIPIENT: ("intendedRecipient", "intendedRecipientPerson"),
    Role.VICTIM: ("victim", "victimPerson"),
}
_LINK: Final = "Linked"


def says_something(account: Account) -> bool:
    """Whether anything is told by which the account, or who uses it, could be found."""
    emails = (email.address for email in account.emails)
    names = (account.esp_identifier, account.screen_name, *account.display_names, *account.profile_urls)
    texts = (*names, *emails, *account.phones, account.additional)
    return any(map(str.strip, texts)) or bool(account.ip_events or account.devices)


def parties(root: etree._Element, accounts: Sequence[Account], service: str) -> None:
    """All accounts. `service`: the name of the reporter's own. Raises DocumentError for a time without a zone."""
    told = [account for account in accounts if says_something(account)]
    linked = [account for account in told if account.role is Role.LINKED]
    for role in (Role.REPORTED, Role.RECIPIENT, Role.VICTIM):
        for account in told:
            if account.role is role:
                _party(root, account, service, linked if role is Role.REPORTED else ())
                linked = [] if role is Role.REPORTED else linked


def _party(root: etree._Element, account: Account, service: str, linked: Iterable[Account]) -> None:
    name, person = _TAGS[account.role]
    party = etree.SubElement(root, name)
    if account.role is Role.VICTIM or _contacts(account):
        _ways(etree.SubElement(party, person), account)
    optional(party, "espIdentifier", account.esp_identifier, ESP_ID)
    optional(party, "espService", account.esp_service.strip() or service, ESP_SERVICE)
    _compromised(party, account)
    optional(party, "screenName", account.screen_name, SCREEN_NAME)
    each(party, "displayName", account.display_names, DISPLAY_NAME)
    each(party, "profileUrl", account.profile_urls, URL)
    _used(party, account)
    for other in linked:
        _associated(party, other, service)
    optional(party, "additionalInfo", account.additional)


def _associated(party: etree._Element, account: Account, service: str) -> None:
    """Another account of the same user, whose parts have an order of their own."""
    element = etree.SubElement(party, "associatedAccount", type=_LINK)
    _ways(element, account)
    optional(element, "espService", account.esp_service.strip() or service, ESP_SERVICE)
    optional(element, "espIdentifier", account.esp_identifier, ESP_ID)
    each(element, "profileUrl", account.profile_urls, URL)
    optional(element, "screenName", account.screen_name, SCREEN_NAME)
    each(element, "displayName", account.display_names, DISPLAY_NAME)
    _compromised(element, account)
    _used(element, account)
    optional(element, "additionalInfo", account.additional)


def _contacts(account: Account) -> bool:
    return any(map(str.strip, (*account.phones, *(email.address for email in account.emails))))


def _ways(parent: etree._Element, account: Account) -> None:
    """How somebody can be reached."""
    each(parent, "phone", account.phones, PHONE)
    for email in account.emails:
        if email.address.strip():
            told = text(parent, "email", email.address, EMAIL)
            if email.verified:
                told.set("verified", TRUE)


def _compromised(parent: etree._Element, account: Account) -> None:
    if account.compromised:
        text(parent, "compromisedAccount", TRUE)


def _used(parent: etree._Element, account: Account) -> None:
    for event in account.ip_events:
        captured(parent, event)
    for used in account.devices:
        device(parent, used)
