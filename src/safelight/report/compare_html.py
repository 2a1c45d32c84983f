"""The report of a comparison as one self-contained HTML page, without any script; safe for hostile names.

Style and content security policy are as in the report of a scan: nothing is asked of the network.
"""

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from safelight.model.comparison import Compared, Comparison
from safelight.report import page, timeline
from safelight.report.compare_view import is_alarming, view


def render(comparison: Comparison, pictures: Compared) -> str:
    """The page. All text is taken for hostile; pictures are blurred as `comparison.blur` says."""
    style = page.source("report.css", _environment()) + page.source("compare.css", _environment())
    template = _environment().get_template("compare.html.j2")
    content = view(comparison, pictures)
    found = is_alarming(comparison)
    return template.render(view=content, style=style, policy=page.policy(style), found=found, stamp=comparison.made)


@cache
def _environment() -> Environment:
    environment = page.environment()
    environment.filters["drawing"] = Markup  # for what compare_pictures makes, of numbers alone
    environment.filters["drawn"] = timeline.draw
    return environment
