"""Plug-ins as they are told of."""

from dataclasses import dataclass
from enum import StrEnum


class PluginState(StrEnum):
    """Whether a plug-in can be used."""

    LOADED = "loaded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plug-in that an installed package offers. `error`: why it failed, empty when it did not.

    `kind`: what it plugs into, `shortlist`, `marker`, `detector`, `key` or `platform`.
    """

    name: str
    package: str
    version: str
    state: PluginState
    error: str
    kind: str = "shortlist"
