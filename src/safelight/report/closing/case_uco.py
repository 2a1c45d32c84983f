"""CASE/UCO as JSON-LD, with the CAC ontology's terms for how a file was made.

Sources: CASE 1.4.0 and UCO 1.4.0; Project-VIC-International/CAC-Ontology a923beb (2026-03-20), module ai-csam 3.0.0.
Every node's name is made from the case, so that the same dossier gives the same document.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from safelight import __version__
from safelight.model.case_events import Answer
from safelight.model.dossier import Document, Dossier, DossierItem, DossierPlace
from safelight.report.closing.common import automated, pretty, stamp, uri
from safelight.report.closing.crosswalk import Target, of

CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "cac": "https://cacontology.projectvic.org/ai-csam#",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes of the terms that are used."""

_SPACE = UUID("5afe1167-0000-5000-8000-000000000001")  # names are made in it; any fixed UUID does
_Node = dict[str, object]


def case_uco(dossier: Dossier, at: datetime) -> dict[str, object]:
    """The case as a graph: the investigation, its files, where they are, and the comparing that found them."""
    nodes = [*_files(dossier), *_places(dossier)]
    names = [{"@id": node["@id"]} for node in nodes]
    actions = [*_actions(dossier)]
    investigation = {
        "@id": _name(dossier, "investigation"),
        "@type": "case-investigation:Investigation",
        "uco-core:name": f"Safelight case {dossier.case}",
        "uco-core:objectCreatedTime": _time(at),
        "case-investigation:investigationForm": "case",
        "case-investigation:investigationStatus": str(dossier.verdict or "open"),
        "uco-core:startTime": _time(dossier.opened),
        "uco-core:object": [*names, *({"@id": action["@id"]} for action in actions)],
    }
    if not investigation["uco-core:object"]:
        del investigation["uco-core:object"]
    return {"@context": CONTEXT, "@graph": [investigation, _organisation(dossier), _tool(dossier), *actions, *nodes]}


def case_document(dossier: Dossier, at: datetime) -> Document:
    """The same as a file."""
    return Document("case.jsonld", "application/ld+json", pretty(case_uco(dossier, at)))


def _organisation(dossier: Dossier) -> _Node:
    return {
        "@id": _name(dossier, "organisation"),
        "@type": "uco-identity:Organization",
        "uco-core:name": dossier.reporter.organisation or "not named",
    }


def _tool(dossier: Dossier) -> _Node:
    return {
        "@id": _name(dossier, "tool"),
        "@type": "uco-tool:Tool",
        "uco-core:name": "Safelight",
        "uco-tool:version": __version__,
    }


def _actions(dossier: Dossier) -> Iterator[_Node]:
    """The comparing that found what was found by it, and the decision: done by the organisation, by nobody named."""
    found = [item for item in dossier.items if automated(item.found)]
    if found:
        yield _action(dossier, "comparison", "Comparison with known items", min(item.added for item in found), found)
    if dossier.decided is not None and dossier.items:
        yield _action(dossier, "decision", "Decision on the case", dossier.decided, dossier.items)


def _action(dossier: Dossier, key: str, words: str, at: datetime, items: Sequence[DossierItem]) -> _Node:
    return {
        "@id": _name(dossier, f"action-{key}"),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": words,
        "uco-action:startTime": _time(at),
        "uco-action:performer": {"@id": _name(dossier, "organisation")},
        "uco-action:instrument": {"@id": _name(dossier, "tool")},
        "uco-action:object": [{"@id": _name(dossier, item.id)} for item in items],
    }


def _files(dossier: Dossier) -> Iterator[_Node]:
    for item in dossier.items:
        kind, level = of(dossier, item, Target.CAC_CLASS), of(dossier, item, Target.CAC_LEVEL)
        node: _Node = {
            "@id": _name(dossier, item.id),
            "@type": ["uco-observable:File", f"cac:{kind}"] if kind else "uco-observable:File",
            "uco-core:name": f"Safelight item {item.id}",
            "uco-core:hasFacet": {
                "@id": _name(dossier, f"content-{item.id}"),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:hash": [*_hashes(dossier, item)],
                "uco-observable:sizeInBytes": item.size,
                **({"uco-observable:mimeType": item.mime} if item.mime else {}),
            },
        }
        if level:
            node["cac:artificialnessLevel"] = level
        if kind and dossier.real_victim is not Answer.UNKNOWN:
            node["cac:realVictimDepicted"] = dossier.real_victim is Answer.YES
        yield node


def _hashes(dossier: Dossier, item: DossierItem) -> Iterator[_Node]:
    for method, value in (("MD5", item.md5), ("SHA1", item.sha1), ("SHA256", item.sha256)):
        if value:
            yield {
                "@id": _name(dossier, f"{method}-{item.id}"),
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": method,
                "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value.upper()},
            }


def _places(dossier: Dossier) -> Iterator[_Node]:
    known = {item.id for item in dossier.items}
    for place in dossier.places:
        yield {
            "@id": _name(dossier, place.location),
            "@type": "uco-observable:URL",
            "uco-core:hasFacet": {
                "@id": _name(dossier, f"url-{place.location}"),
                "@type": "uco-observable:URLFacet",
                "uco-observable:fullValue": uri(place.url),
            },
        }
        if place.item in known:
            yield _located(dossier, place)


def _located(dossier: Dossier, place: DossierPlace) -> _Node:
    return {
        "@id": _name(dossier, f"located-{place.location}"),
        "@type": "uco-observable:ObservableRelationship",
        "uco-core:source": {"@id": _name(dossier, place.item)},
        "uco-core:target": {"@id": _name(dossier, place.location)},
        "uco-core:kindOfRelationship": "Located_At",
        "uco-core:isDirectional": True,
        "uco-core:startTime": _time(place.added),
        **({"uco-core:endTime": _time(place.gone)} if place.gone else {}),
    }


def _name(dossier: Dossier, key: str) -> str:
    return f"urn:uuid:{uuid5(_SPACE, f'{dossier.case} {key}')}"


def _time(at: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": stamp(at)}
