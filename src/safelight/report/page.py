"""What self-contained pages rest on: escaped templates, our own style and script, and a policy that allows no more.

All text is taken for hostile. Whatever a template shows goes through `visible`, so that none can be forgotten.
"""

import base64
import hashlib
from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from safelight.report import text


def environment(visible: Callable[[str], object] = text.visible) -> Environment:
    """Templates of this package. `visible`: what makes a text fit to be shown."""
    return Environment(
        loader=PackageLoader("safelight.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )


def source(name: str, templates: Environment) -> Markup:
    """Our own style or script, as it is; it goes into the page between its tags without a change."""
    assert templates.loader is not None
    return Markup(templates.loader.get_source(templates, name)[0])  # noqa: S704 - a file of this package, not of a user


def policy(style: str, script: str = "") -> str:
    """A content security policy that allows this style, this script and data: pictures, and nothing else."""
    scripts = f"script-src '{_digest(script)}'; " if script else ""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; {scripts}img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")
