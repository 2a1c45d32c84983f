"""The report of a comparison as one self-contained HTML page, without any script; safe for hostile names.

Style and content security policy are as in the report of a scan: nothing is asked of the network.
"""

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from safelight.model.comparison import ComparedPictures, Comparison
from safelight.report import text
from safelight.report.compare_view import is_alarming, view


def render(comparison: Comparison, pictures: ComparedPictures) -> str:
    """The page. All text is taken for hostile; pictures are blurred as `comparison.blur` says."""
    style = _source("report.css") + _source("compare.css")
    template = _environment().get_template("compare.html.j2")
    content = view(comparison, pictures)
    found = is_alarming(comparison)
    return template.render(view=content, style=style, policy=_policy(style), found=found, stamp=comparison.made)


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _source(name: str) -> Markup:
    """Our own style, as it is."""
    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), name)[0])  # noqa: S704 - a file of this package, not of a user


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("safelight.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever text a template shows goes through `visible`, so that none can be forgotten.
        finalize=lambda value: text.visible(value) if type(value) is str else value,
    )
    environment.filters["drawing"] = Markup  # for what compare_pictures makes, of numbers alone
    return environment
