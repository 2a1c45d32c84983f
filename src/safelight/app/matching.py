"""What files are examined and compared by."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.app.stores import Stores
from safelight.model.bank import Bank
from safelight.model.local import LocalExamination, Sketch
from safelight.model.media import Limits
from safelight.model.plugin import Plugin
from safelight.model.provenance import TrustList
from safelight.model.scan import Depth
from safelight.model.signal import SignalRequest
from safelight.ports import (
    Examiner,
    Shortlist,
)

if TYPE_CHECKING:
    from safelight.adapter.trust import TrustFolder
    from safelight.flow.clips import ClipMatcher
    from safelight.flow.lookup import Lookup
    from safelight.flow.matching import Matcher
    from safelight.flow.trace import Tracer
    from safelight.match.local.quantise import Quantiser


TRUST = "trust"
"""Folder of the user's trust lists, under the data folder."""


class Matching(Stores):
    """What files are examined and compared by."""

    @cached_property
    def quantiser(self) -> "Quantiser":
        """The codebook, made ready for use."""
        from safelight.match.local.quantise import Quantiser

        return Quantiser(self.codebook)

    def sketcher(self, examination: LocalExamination) -> Sketch:
        """What a bank keeps of a picture's local features."""
        from safelight.match.local.sketch import make_sketch

        return make_sketch(examination, self.quantiser)

    def plugins(self) -> list[Plugin]:
        """The plug-ins that are installed; each is imported."""
        from safelight.plugin import detectors, keys, markers, platforms, shortlists

        kinds = shortlists, markers, detectors, keys, platforms
        return [plugin for kind in kinds for plugin in kind.list_plugins()]

    @cached_property
    def shortlist(self) -> Shortlist | None:
        """The plug-in that the settings name, if any. Raises UsageError, PluginError."""
        return self._load_shortlist(self.settings.shortlist) if self.settings.shortlist else None

    def kept_shortlists(self) -> list[Shortlist]:
        """All plug-ins that keep something of banks, also ones no longer named by the settings: they must forget, too.

        Raises UsageError, PluginError.
        """
        names = sorted(folder.name for folder in self._shortlists.glob("*") if folder.is_dir())
        return [self._load_shortlist(name) for name in names]

    @property
    def _shortlists(self) -> Path:
        return self.settings.home / "shortlists"

    def _load_shortlist(self, name: str) -> Shortlist:
        from safelight.plugin.shortlists import load_shortlist

        return load_shortlist(name, self._shortlists)

    def tracer(
        self, banks: Sequence[Bank], depth: Depth, out: Path | None = None
    ) -> AbstractContextManager["Tracer | None"]:
        """Traces altered pictures in those of these banks that keep local features; masks go under `out`.

        None where none does: OpenCV and the codebook are then not loaded.
        """
        shortlist = self.shortlist if depth is Depth.FULL else None
        folder = self.settings.home / "features"
        if not any((folder / str(bank.id)).exists() for bank in banks if bank.local):
            return nullcontext()
        import cv2

        from safelight.adapter.outputs.masks import FileMasks
        from safelight.flow.trace import Tracer

        cv2.setNumThreads(1)  # scans trace in threads of their own

        masks = FileMasks(out) if out else None
        return Tracer(self.store, self.features, banks, lambda: self.quantiser, depth, masks, shortlist)

    @contextmanager
    def matcher(
        self, banks: Sequence[str], depth: Depth, threads: int = 1, out: Path | None = None, *, videos: bool = True
    ) -> Iterator["Matcher"]:
        """Compares files with these banks; masks go under `out`. Raises UnknownBankError.

        `videos`: whether any may come; what these take is not loaded otherwise.
        """
        from safelight.flow.lookup import Lookup
        from safelight.flow.matching import Matcher

        with (
            Lookup(self.store, self.room, banks) as lookup,
            self.tracer(lookup.banks, depth, out) as tracer,
            self._clip_matcher(lookup, tracer, out) if videos else nullcontext() as clips,
            Matcher(lookup, tracer, threads, clips) as matcher,
        ):
            yield matcher

    def _clip_matcher(self, lookup: "Lookup", tracer: "Tracer | None", out: Path | None) -> "ClipMatcher":
        from safelight.adapter.outputs.masks import FileMasks
        from safelight.flow.clips import ClipMatcher

        return ClipMatcher(self.store, self.clips, lookup, tracer, FileMasks(out) if out else None)

    @property
    def trust_folder(self) -> "TrustFolder":
        """The trust lists under the data folder, and those that the program ships."""
        from safelight.adapter.trust import TrustFolder

        return TrustFolder(self.settings.home / TRUST)

    @cached_property
    def trust(self) -> TrustList:
        """Who vouches for signers of provenance: the official list and the user's own. Raises InputError."""
        return self.trust_folder.load()

    def _check_detector(self) -> None:
        """Raise UsageError, PluginError for a detector that cannot be used, where a worker would only fail to start."""
        if self.settings.detector:
            from safelight.plugin.detectors import check_name

            check_name(self.settings.detector)
        else:
            from safelight.adapter.hint import check_detector

            check_detector()

    def examiner(
        self,
        processes: int | None = None,
        limits: Limits | None = None,
        *,
        local: bool = False,
        signals: SignalRequest | None = None,
        clips: bool = False,
    ) -> Examiner:
        """Confined decoders: `processes` of them, by default as many as the settings say.

        `local`: whether jobs will ask for local features or pixels; `clips`: for clips of videos. `signals`: what they
        will ask for of how files were made. Raises InputError for a broken trust list, UsageError for a plug-in or
        detector that is not installed, PluginError for a detector that cannot be used.
        """
        from safelight.adapter.sandbox import SandboxExaminer

        return SandboxExaminer(
            self._decoder(signals),
            limits or Limits(),
            processes or self.settings.processes,
            local=local,
            signals=signals is not None,
            clips=clips,
        )

    def _decoder(self, signals: SignalRequest | None) -> list[str]:
        """The command of a confined decoder that can be asked for these signals; raises as `examiner` does."""
        command = [sys.executable, "-m", "safelight.worker.decoder"]
        if signals is not None:
            # Read here first: a broken file is told with its name, where a worker would only fail to start.
            command += [f"--trust={self.settings.home / TRUST}", f"--trusted={self.trust.sha256}"]
        if signals is not None and self.settings.markers:
            from safelight.plugin.markers import check_names

            check_names(self.settings.markers)
            command.append(f"--markers={','.join(self.settings.markers)}")
        if signals is not None and signals.hint:
            self._check_detector()
            command.append(f"--hint={self.settings.detector}")
        return command
