"""`safelight hash`, `safelight match` and `safelight explain`: one thing at a time, for people and scripts."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import click
import msgspec

from safelight.app import App
from safelight.cli.main import FOUND, NOTHING, UNCHECKED
from safelight.cli.scan import DEPTH, need_banks
from safelight.flow.allowance import stored_bytes
from safelight.flow.matching import Matcher
from safelight.flow.scan import judge
from safelight.flow.walk import display
from safelight.match.queries import Query, queries_of
from safelight.model.errors import BadHashError, InputError
from safelight.model.fingerprint import Digests
from safelight.model.match import Match, MatchKind, moments
from safelight.model.scan import Depth, Examination, Status
from safelight.model.segment import clock
from safelight.model.signal import SignalRequest
from safelight.ports import Examined, ExamineJob
from safelight.report.compare_words import percent
from safelight.report.evidence import figures, replaced
from safelight.report.segment_words import segment_line
from safelight.report.words import KINDS

_DIGEST_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256"}


@click.command("hash")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def hash_files(app: App, files: tuple[str, ...], as_json: bool) -> None:
    """Print the fingerprints of FILES; archives are looked into."""
    failed = False
    for examination in (result.examination for result in _examine(app, files)):
        failed = failed or examination.status in {Status.UNREADABLE, Status.SKIPPED}
        click.echo(json.dumps(_hash_object(examination)) if as_json else display(_hash_line(examination)))
    raise SystemExit(UNCHECKED if failed else NOTHING)


@click.command()
@click.argument("things", metavar="HASH|FILE...", nargs=-1, required=True)
@click.option("--bank", "-b", "banks", multiple=True, help="Bank to look in; repeatable. Default: all enabled banks.")
@DEPTH
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def match(app: App, things: tuple[str, ...], banks: tuple[str, ...], depth: str, as_json: bool) -> None:
    """Look hashes or files up in banks.

    A hash is hexadecimal: PDQ or SHA-256 (64 digits, looked up as both), SHA-1 (40) or MD5 (32). Anything that is the
    path of a file is examined first, and compared as a scan does.
    """
    any_match = failed = False
    with _matcher(app, banks, depth, videos=any(map(os.path.lexists, things))) as matcher:
        need_banks(matcher.lookup, banks)
        for query, matches, error in _look_up(app, matcher, things):
            any_match = any_match or any(map(is_find, matches))
            failed = failed or error is not None
            if as_json:
                row = {"query": query, "matches": [msgspec.to_builtins(m) for m in matches]}
                click.echo(json.dumps(row | ({"error": error} if error else {})))
            else:
                click.echo(display(f"{query}: {error or ('no match' if not matches else '')}".rstrip()))
                for found in matches:
                    click.echo(f"  {display(match_line(found))}")
                    for segment in found.segments:
                        click.echo(f"    {segment_line(segment)}")
    raise SystemExit(FOUND if any_match else UNCHECKED if failed else NOTHING)


@click.command()
@click.argument("file", type=click.Path())
@click.option("--bank", "-b", "banks", multiple=True, help="Bank to look in; repeatable. Default: all enabled banks.")
@DEPTH
@click.option("--hint", is_flag=True, help="Also ask the detector of AI-made pictures, for a hint.")
@click.option("--prompts", is_flag=True, help="Print prompts that the file carries: they can be hard to read.")
@click.pass_obj
def explain(app: App, file: str, banks: tuple[str, ...], depth: str, hint: bool, prompts: bool) -> None:
    """Print every stage's value for one FILE as JSON: examination, queries, matches, decision, surroundings.

    Of keypoints only their number is told: they could be turned back into something like the picture. Of prompts, too,
    unless they are asked for. What a video shows of known ones is told stretch by stretch, one line each.
    """
    wanted = SignalRequest(hint=hint, lossy=True)
    with _matcher(app, banks, depth) as matcher:
        examiner = app.examiner(1, local=matcher.request is not None, signals=wanted, clips=True)
        stages = []
        with examiner.run(_jobs([file], matcher, wanted), None, matcher.wanted) as results:
            for result in results:
                examination, matches = result.examination, _matches(matcher, result)
                fingerprint, local = examination.fingerprint, examination.local
                row = judge(examination, matches)
                stages.append(
                    {
                        "examination": replace(
                            examination,
                            local=None,
                            maps=None,
                            clip=None,
                            key_frames=(),
                            prompts=examination.prompts if prompts else (),
                        ),
                        "keypoints": len(local.features.x) if local else None,
                        "prompts_found": len(examination.prompts),
                        "queries": queries_of(fingerprint) if fingerprint else (),
                        "matches": matches,
                        "segments": [
                            f"{found.bank}/{found.entry}: {segment_line(segment)}"
                            for found in matches
                            for segment in found.segments
                        ],
                        "decision": row.decision,
                        "assessment": row.assessment,
                    }
                )
        whole = {"banks": matcher.uses(), "confinement": examiner.confinement, "files": stages}
    click.echo(json.dumps(msgspec.to_builtins(whole), indent=2))


@contextmanager
def _matcher(app: App, banks: Sequence[str], depth: str, *, videos: bool = True) -> Iterator[Matcher]:
    with app.matcher(banks or [b.name for b in app.store.banks()], Depth(depth), videos=videos) as matcher:
        yield matcher


def _matches(matcher: Matcher, result: Examined) -> tuple[Match, ...]:
    return matcher.matches([(result.key, matcher.start(result.key, result.examination))])[0]


def _examine(app: App, files: Sequence[str], matcher: Matcher | None = None) -> Iterator[Examined]:
    """The examinations of `files` and of what is in them, in the order given. Raises InputError for missing ones."""
    for path in files:
        if not os.path.lexists(path):
            raise InputError(path=display(path), cause="no such file")
    local = matcher is not None and matcher.request is not None
    examiner = app.examiner(min(app.settings.processes, len(files)), local=local, clips=matcher is not None)
    with examiner.run(_jobs(files, matcher), None, matcher.wanted if matcher else None) as results:
        waiting: dict[int, list[Examined]] = {}
        done: set[int] = set()
        turn = 0
        for result in results:
            waiting.setdefault(result.key, []).append(result)
            if result.last:
                done.add(result.key)
            while turn in done:
                yield from waiting.pop(turn)
                turn += 1


def _jobs(
    files: Sequence[str], matcher: Matcher | None = None, signals: SignalRequest | None = None
) -> Iterator[ExamineJob]:
    local, clip = (matcher.request, matcher.clip_request) if matcher else (None, None)
    for key, path in enumerate(files):
        if matcher is not None:
            matcher.expect(key, stored_bytes(path))
        yield ExamineJob(key, path, display(path), local=local, signals=signals, clip=clip)


def _look_up(app: App, matcher: Matcher, things: Sequence[str]) -> Iterator[tuple[str, tuple[Match, ...], str | None]]:
    paths = [thing for thing in things if os.path.lexists(thing)]
    hashes = [thing for thing in things if not os.path.lexists(thing)]
    parsed = [parse_hash(text) for text in hashes]
    found = matcher.lookup.search([[q] if q else [] for q, _ in parsed], [d for _, d in parsed])
    by_hash = dict(zip(hashes, found, strict=True))
    examined: dict[str, list[tuple[Examination, tuple[Match, ...]]]] = {}
    if paths:
        for result in _examine(app, paths, matcher):
            root = display(paths[result.key])
            examined.setdefault(root, []).append((result.examination, _matches(matcher, result)))
    for thing in things:
        if thing in by_hash:
            yield thing, by_hash[thing], None
            continue
        for examination, matches in examined[display(thing)]:
            yield examination.path, matches, examination.error


def parse_hash(text: str) -> tuple[Query | None, Digests | None]:
    """A typed hash as a PDQ query and as digests; 64 digits can be either and give both.

    Raises:
        BadHashError: not hexadecimal, or of a length that no hash has.
    """
    value = text.strip().lower()
    if not value or set(value) - set("0123456789abcdef"):
        raise BadHashError(value=text, cause="neither hexadecimal nor the path of a file")
    if len(value) not in _DIGEST_LENGTHS:
        cause = f"{len(value)} hexadecimal digits; MD5 has 32, SHA-1 has 40, PDQ and SHA-256 have 64"
        raise BadHashError(value=text, cause=cause)
    kind = _DIGEST_LENGTHS[len(value)]
    fields = {name: value if name == kind else "" for name in _DIGEST_LENGTHS.values()}
    digests = Digests(size=0, **fields)
    return (Query(value, 100) if kind == "sha256" else None), digests


def _hash_object(examination: Examination) -> dict[str, object]:
    fingerprint, facts = examination.fingerprint, examination.facts
    digests = fingerprint.digests if fingerprint else None
    main = fingerprint.main if fingerprint else None
    return {
        "path": examination.path,
        "sha256": digests.sha256 if digests else None,
        "md5": digests.md5 if digests else None,
        "sha1": digests.sha1 if digests else None,
        "pdq": main.pdq.hash if main else None,
        "pdq_quality": main.pdq.quality if main else 0 if facts else None,
        "dihedral": list(main.pdq.dihedral) if main else None,
        "width": facts.width if facts else None,
        "height": facts.height if facts else None,
        "error": examination.error,
        "status": examination.status,
        "mime": examination.mime,
        "size": digests.size if digests else None,
        "prints": [msgspec.to_builtins(p) for p in fingerprint.prints] if fingerprint else [],
        "signals": [msgspec.to_builtins(s) for s in examination.signals],
    }


def _hash_line(examination: Examination) -> str:
    main = examination.fingerprint.main if examination.fingerprint else None
    if main:
        return f"{main.pdq.hash},{main.pdq.quality}  {examination.path}"
    notes = [examination.error, *(signal.detail for signal in examination.signals), examination.mime]
    return f"{'-' * 64}    {examination.path}: {next(note for note in notes if note)}"


def is_find(match: Match) -> bool:
    """Whether a match makes the command end with FOUND; a shared scene, being a lead, does not."""
    return match.kind is not MatchKind.SHARED_SCENE and match.counts


def match_line(match: Match) -> str:
    """One match for people: how it agrees, then which entry."""
    where = f"{match.bank}/{match.entry}"
    if match.kind is MatchKind.EXACT:
        return f"exact by {match.algorithm}: {where}"
    chance = f", p_false_match {match.p_false_match:.1e}" if match.p_false_match is not None else ""
    note = f", suppressed by {match.suppressed_by}" if match.suppressed_by else ""
    if match.kind is not MatchKind.NEAR:
        mirrored = ", mirrored" if match.mirrored else ""
        at = () if match.time is None else (f"at {clock(match.time)}",)
        told = ", ".join((KINDS[match.kind], *at, *replaced(match), *figures(match)))
        return f"{told}{mirrored}{chance}{note}: {where}"
    form = "" if match.dihedral in {None, "original"} else f", as {match.dihedral}"
    view = f", {match.view}" if match.view else ""
    when = "".join(f", {moment}" for moment in moments(match, percent))
    return f"PDQ distance {match.distance}{when}{view}{form}{chance}{note}: {where}"
