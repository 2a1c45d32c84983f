"""The generated parts of the documentation; docs/*.md call these by cog (`make docs` writes, `make check` compares)."""

import dataclasses
import inspect
from collections.abc import Iterable, Iterator, Sequence

import click

from safelight.cli import main as cli_main
from safelight.detect.coding.encoders import SOURCES as ENCODER_SOURCES
from safelight.detect.generators import RULES as GENERATOR_RULES
from safelight.detect.markers.dwt_dct import Writer, chance
from safelight.detect.markers.payloads import PAYLOADS
from safelight.match import chance_table
from safelight.match.chance import expected_false_matches
from safelight.model import errors
from safelight.model.media import Limits
from safelight.model.source_types import SOURCE_TYPES, STRENGTH
from safelight.settings import SERVICE_SETTINGS, SETTINGS
from tools import assessment_tables

HELP_WIDTH = 100

SEARCH_EXITS = (
    (
        cli_main.NOTHING,
        (
            "done; a search (`scan`, `match`, `family`) found nothing, or leads only; `compare`: not derived, or a "
            "shared scene; `verify`: intact and signed by a key that you named"
        ),
    ),
    (
        cli_main.FOUND,
        (
            "a search found at least one match that is not suppressed, or a family; `compare`: derived, or the same "
            "bytes; `verify`: altered; `bench`: a bar did not hold"
        ),
    ),
    (
        cli_main.UNCHECKED,
        (
            "a search found nothing, but some files could not be checked; each is named with its cause; `compare`: too "
            "little detail to tell; `verify`: intact, but nothing proves whose it is"
        ),
    ),
    (cli_main.INTERRUPTED, "interrupted from the keyboard; a scan is taken up again by the same command"),
    (141, "the program that read our output closed the pipe (`safelight ... | head`)"),
)
"""Exit codes that are no errors of `model.errors`."""


BOUNDS = {
    "max_pixels": "width x height of one frame",
    "max_frames": "frames examined of one file",
    "max_depth": "archives inside archives",
    "max_members": "members examined of one file, those of inner archives included",
    "max_member_bytes": "unpacked size of one member",
    "max_archive_bytes": "unpacked size of all members of one file together",
    "max_file_bytes": "size of a media file that is decoded; larger ones are compared by digest",
    "cpu_seconds": "processor time for one file or archive member; more for large ones",
    "wall_seconds": "time by the clock for one file or archive member; more for large ones",
    "memory_bytes": "memory a worker may take beyond what it needs at rest",
    "video_seconds": "seconds of a video that are read; its length earns it CPU time, no more than its bytes make "
    "believable",
    "video_frames": "frames decoded of one video",
}


def error_classes() -> list[type[errors.SafelightError]]:
    """The whole tree, the base first, then by exit code and name."""

    def below(kind: type[errors.SafelightError]) -> Iterator[type[errors.SafelightError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    found = set(below(errors.SafelightError))
    return sorted(found, key=lambda kind: (kind is not errors.SafelightError, kind.exit, kind.code))


def error_table() -> str:
    """One row for each error: code, exit code, HTTP status, message, meaning."""
    rows = ((f"`{kind.code}`", kind.exit, kind.http, f"`{kind.template}`", _meaning(kind)) for kind in error_classes())
    return table(("code", "exit", "HTTP", "message", "when"), rows)


def exit_table() -> str:
    """Every exit code with its meaning, ascending; errors that share one are listed together."""
    meanings = dict(SEARCH_EXITS)
    for kind in error_classes():
        word = f"error `{kind.code}`"
        meanings[kind.exit] = f"{meanings[kind.exit]}, {word}" if kind.exit in meanings else word
    return table(("exit code", "meaning"), sorted(meanings.items()))


def settings_table() -> str:
    """Every setting with its meaning and default."""
    return table(("variable", "what it sets", "default"), ((f"`{name}`", *rest) for name, *rest in SETTINGS))


def service_settings_table() -> str:
    """Every setting of the service."""
    return table(("variable", "what it sets", "default"), ((f"`{name}`", *rest) for name, *rest in SERVICE_SETTINGS))


def limits_table() -> str:
    """Every bound on one file, with its default and meaning."""
    fields = dataclasses.fields(Limits)
    return table(("bound", "value", "of what"), ((f"`{f.name}`", f"{f.default:,}", BOUNDS[f.name]) for f in fields))


def calibration() -> str:
    """What the chance level was measured on, as the tool that measured it wrote it down."""
    lines = inspect.cleandoc(chance_table.__doc__ or "").split("\n\n")[1].splitlines()
    text = " ".join(line for line in lines if not line.startswith("  "))
    return "\n".join([text, "", *(f"- {line.strip()}" for line in lines if line.startswith("  "))]) + "\n"


def chance_examples() -> str:
    """Expected chance hits for one picture without a border (eight forms) by distance, quality and bank size."""
    sizes = (10_000, 1_000_000, 10_000_000)
    rows = [
        (distance, quality, *(f"{expected_false_matches(distance, size, 8, quality):.0e}" for size in sizes))
        for quality in (100, 50)
        for distance in (0, 10, 20, 31, 40)
    ]
    return table(("distance", "lower quality", *(f"{size:,} hashes" for size in sizes)), rows)


def commands() -> Iterator[click.Context]:
    """A context for each command, depth first in the order of the help."""

    def below(context: click.Context) -> Iterator[click.Context]:
        yield context
        if isinstance(context.command, click.Group):
            for name in context.command.list_commands(context):
                child = context.command.get_command(context, name)
                assert child is not None
                yield from below(child.make_context(name, [], parent=context, resilient_parsing=True))

    root = cli_main.cli.make_context("safelight", [], resilient_parsing=True)
    root.terminal_width = root.max_content_width = HELP_WIDTH
    yield from below(root)


def cli_reference() -> str:
    """The `--help` of every command, each under a heading."""
    parts = []
    for context in commands():
        parts += [f"## `{context.command_path}`", "", "```text", context.get_help(), "```", ""]
    return "\n".join(parts)


def _meaning(kind: type[errors.SafelightError]) -> str:
    if kind is errors.SafelightError:
        return "A fault in Safelight itself. Please report it."
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def generator_rules() -> str:
    """Every rule that names a generator, an editor, a label or a camera, in the order in which they are read."""
    rows = (
        (
            f"`{known.rule.id}`",
            known.generator or "-",
            known.where,
            ", ".join(f"`{says}`" for says in known.says),
            known.forgeable,
            known.rule.source,
            known.rule.as_of,
            known.rule.status,
        )
        for known in GENERATOR_RULES
    )
    return table(("rule", "generator", "where", "may say", "forgeable by", "source", "as of", "status"), rows)


def encoder_sources() -> str:
    """One row for each rule by which an encoder is named."""
    return table(("rule", "rests on", "as of"), ((f"`{rule.id}`", rule.source, rule.as_of) for rule in ENCODER_SOURCES))


def assessment_voices() -> str:
    """Who can say how a file was made, and what that is worth."""
    return table(("who says it", "source", "strength"), assessment_tables.voices())


def assessment_claims() -> str:
    """What can be said of how a file was made, and what it points to."""
    return table(("what is said", "points to"), assessment_tables.claims())


def assessment_outcomes() -> str:
    """The assessment of every combination of evidence, as the code gives it."""
    return table(assessment_tables.HEADER, assessment_tables.outcomes())


def assessment_conflicts() -> str:
    """What cannot both be true of one file."""
    return table(("this", "and any of these"), assessment_tables.conflicts())


def source_types() -> str:
    """What each digitalSourceType of C2PA and IPTC says."""
    known = {uri.removeprefix("http://"): says for uri, says in SOURCE_TYPES.items() if uri.startswith("http://")}
    strongest_first = sorted(known.items(), key=lambda entry: -STRENGTH.index(entry[1]))
    return table(("source type", "says"), ((f"`{uri}`", f"`{says}`") for uri, says in strongest_first))


def markers_table() -> str:
    """The watermarks that are looked for, and what it takes to call one present."""
    rows = (
        (
            f"`{payload.name}`",
            payload.generator,
            len(payload.message),
            f"{payload.needed:.2f}",
            f"{len(Writer) * len(PAYLOADS) * chance(payload.needed, len(payload.message)):.0e}",
            f"{payload.seen:.2f}",
            payload.bits_seen,
            f"`{payload.says}`",
            payload.rule.source,
        )
        for payload in PAYLOADS
    )
    header = (
        "signal", "programs of", "bits", "likeness needed", "chance", "largest seen unmarked", "most bits seen", "says",
        "source",
    )  # fmt: skip
    return table(header, rows)
