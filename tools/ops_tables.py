"""Tables of docs/operations.md, from the code that they are about."""

import os
import tempfile
from pathlib import Path

from tools.docs_tables import table


def _set_up() -> None:
    """Django with the service's settings and an empty data folder: the tables come from its models' modules."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.web.settings")
    os.environ.setdefault("SAFELIGHT_HOME", str(Path(tempfile.gettempdir()) / "safelight-docs"))  # never made
    import django  # noqa: PLC0415 (not before the settings are named)

    django.setup()


def metrics_table() -> str:
    """The figures of /metrics."""
    _set_up()
    from safelight.web.ops.metrics import listed  # noqa: PLC0415 (needs a configured Django)

    rows = [(f"`{one.name}`", one.kind, ", ".join(f"`{label}`" for label in one.labels), one.text) for one in listed()]
    return table(("name", "type", "labels", "meaning"), rows)


def jobs_table() -> str:
    """The kinds of jobs."""
    _set_up()
    from safelight.web.jobs.kinds import KINDS  # noqa: PLC0415 (as above)

    rows = []
    for name, kind in sorted(KINDS.items()):
        text = (kind.work.__doc__ or "").partition("\n")[0]
        rows.append((f"`{name}`", str(kind.every or "when asked for"), str(kind.attempts), text))
    return table(("kind", "every", "attempts", "what it does"), rows)


def parts_table() -> str:
    """The parts that /readyz looks at."""
    _set_up()
    from safelight.web.ops.health import PARTS  # noqa: PLC0415 (as above)

    return table(("part", "ready when"), [(f"`{name}`", part.__doc__ or "") for name, part in PARTS.items()])
