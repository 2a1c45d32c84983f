"""Elements with texts that XML can hold, and what stands in several places: addresses and devices that were used."""

from collections.abc import Iterable
from typing import Final

from lxml import etree

from safelight.model.filing import Device, IpEvent
from safelight.report.cybertip.limits import DEVICE
from safelight.report.cybertip.words import clean, moment

TRUE: Final = "true"


def text(parent: etree._Element, name: str, content: str, limit: int | None = None) -> etree._Element:
    """An element with a text, which is cut and marked where it is longer than `limit`."""
    element = etree.SubElement(parent, name)
    element.text = clean(content, limit)
    return element


def optional(parent: etree._Element, name: str, content: str, limit: int | None = None) -> None:
    """The same; nothing for a blank text."""
    if content.strip():
        text(parent, name, content, limit)


def each(parent: etree._Element, name: str, contents: Iterable[str], limit: int | None = None) -> None:
    """An element for each text that is not blank."""
    for content in contents:
        optional(parent, name, content, limit)


def captured(parent: etree._Element, event: IpEvent) -> None:
    """An address that was used. Raises DocumentError for a time without a zone."""
    element = etree.SubElement(parent, "ipCaptureEvent")
    text(element, "ipAddress", event.address)
    if event.kind is not None:
        text(element, "eventName", event.kind)
    if event.at is not None:
        text(element, "dateTime", moment(event.at))
    if event.possible_proxy:
        text(element, "possibleProxy", TRUE)
    if event.port is not None:
        text(element, "port", str(event.port))


def device(parent: etree._Element, used: Device) -> None:
    """A device that was used. Raises DocumentError for a time without a zone."""
    element = etree.SubElement(parent, "deviceId")
    text(element, "idType", used.kind, DEVICE)
    text(element, "idValue", used.value, DEVICE)
    if used.event is not None:
        text(element, "eventName", used.event)
    if used.at is not None:
        text(element, "dateTime", moment(used.at))
