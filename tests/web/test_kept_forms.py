"""Every form that leads to a view behind `step_up` says beforehand that the second factor will be asked for."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver

import safelight.web
from safelight.web.access import View

TEMPLATES = Path(safelight.web.__file__).with_name("templates")
SAID = '{% include "accounts/_again.html" %}'
FORM = re.compile(r"<form\b[^>]*?method=\"post\".*?</form>", re.DOTALL)
ACTION = re.compile(r"action=\"{% url '([\w:-]+)'")
LINK = re.compile(r"<a\b[^>]*href=\"{% url '([\w:-]+)'")
BY_SCRIPT = {"console:reveal"}
"""Asked for by scripts while something is held; nothing is typed there."""


def walk(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, View]]:
    """Names of routes, with what they lead to."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif entry.name:
            yield f"{namespace}{entry.name}", entry.callback


BEHIND = {name: view for name, view in walk(get_resolver()) if hasattr(view, "step_up")}


def own_pages(view: View) -> set[str]:
    """Templates that a view shows: a form in them without an action is sent to it."""
    return set(re.findall(r"\"([\w/]+\.html)\"", inspect.getsource(inspect.unwrap(view))))


OWN = {page: name for name, view in BEHIND.items() for page in own_pages(view)}
FORMS = [
    (path.relative_to(TEMPLATES).as_posix(), found[0])
    for path in sorted(TEMPLATES.rglob("*.html"))
    for found in FORM.finditer(path.read_text())
]

LINKED = {name for path in TEMPLATES.rglob("*.html") for name in LINK.findall(path.read_text())}
"""Pages that are behind it themselves: a link leads there, and nothing is typed before."""


def leads_to(page: str, form: str) -> str:
    """The name of the route that a form is sent to, as far as it can be read here."""
    action = ACTION.search(form.split(">", 1)[0])
    return action[1] if action else OWN.get(page, "")


def test_the_views_are_there() -> None:
    assert {"console:destroy", "console:filing-send", "accounts_keys", "hooks:grant"} | BY_SCRIPT <= set(BEHIND)
    assert {"accounts/people.html", "accounts/person.html", "accounts/keys.html"} <= set(OWN)


@pytest.mark.parametrize("name", sorted(set(BEHIND) - BY_SCRIPT))
def test_forms_say_beforehand_that_one_will_be_asked(name: str) -> None:
    forms = [(page, form) for page, form in FORMS if leads_to(page, form) == name]
    assert forms or name in LINKED, "no form leads there"
    for page, form in forms:
        assert SAID in form, page


def test_no_other_form_says_so() -> None:
    for page, form in FORMS:
        if SAID in form and page != "accounts/_again.html":
            assert leads_to(page, form) in BEHIND, page
