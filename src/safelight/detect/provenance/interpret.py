"""From what the SDK tells of a manifest store to the value that results carry: short, clean and bounded."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from safelight.detect.buffer import Buffer
from safelight.detect.provenance.checks import Checks
from safelight.detect.provenance.declared import most_telling
from safelight.detect.provenance.details import Details, Told
from safelight.detect.provenance.family import Family
from safelight.detect.provenance.fields import mapping, text
from safelight.detect.provenance.locate import Located
from safelight.detect.provenance.names import moment, title
from safelight.detect.provenance.words import CUT_WORDS, TOLD_NOTHING
from safelight.model.errors import MediaError
from safelight.model.provenance import CUT, Failure, ManifestState, Provenance

LONGEST = 24 << 10
"""Characters of all lists that are kept of a manifest."""

_MOST, _MOST_INGREDIENTS, _MOST_SOURCE_TYPES = 60, 40, 20  # the first: of actions and of failures
_T = TypeVar("_T")


def interpret(told: Told, blank: Provenance, data: Buffer, located: Located) -> Provenance:
    """The value for a store that was read.

    Args:
        told: the reader's JSON.
        blank: what is known without it: places, address, trust list.
        data: the whole file.
        located: where its store lies.

    Raises:
        MediaError: the JSON makes no sense.
    """
    try:
        store, details = mapping(json.loads(told.report)), Details(told)
    except (ValueError, RecursionError) as error:
        raise MediaError(TOLD_NOTHING) from error
    active = store.get("active_manifest")
    manifest = mapping(mapping(store.get("manifests")).get(active)) if isinstance(active, str) else {}
    if not isinstance(active, str) or not manifest:
        raise MediaError(TOLD_NOTHING)
    checks = Checks(store, active, details, data, located)
    family = Family(store, checks)
    declared, verdict = family.declared(active), checks.of_file()
    signature = mapping(manifest.get("signature_info"))
    actions = most_telling(declared.actions(), _MOST)
    room = _Room()
    provenance = replace(
        blank,
        state=ManifestState.EMBEDDED,
        says=family.says(active),
        claim_generator=declared.claim_generator,
        title=title(manifest.get("title")),
        signer=text(signature.get("common_name")),
        issuer=text(signature.get("issuer")),
        signed_at=moment(signature.get("time")) if checks.is_stamped() else "",
        valid=verdict.valid,
        trusted=verdict.trusted,
        source_types=room.take(declared.source_types, _MOST_SOURCE_TYPES),
        failures=room.take(checks.failures(family.subjects(active)), _MOST),
        actions=room.take(actions, _MOST),
        ingredients=room.take(family.ingredients(active), _MOST_INGREDIENTS),
    )
    if room.cut or len(actions) < declared.number_of_actions:
        provenance = replace(provenance, failures=(*provenance.failures, Failure(CUT, CUT_WORDS)))
    return provenance


class _Room:
    """Takes items as long as there is room for them; says when there was not."""

    def __init__(self) -> None:
        self._left = LONGEST
        self.cut = False

    def take(self, several: Iterable[_T], most: int) -> tuple[_T, ...]:
        """The first of several, at most `most`, as far as all together fit."""
        taken: list[_T] = []
        for one in several:
            size = len(repr(one))  # never less than its texts
            if len(taken) == most or size > self._left:
                self.cut = True
                break
            self._left -= size
            taken.append(one)
        return tuple(taken)
