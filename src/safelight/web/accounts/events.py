"""What is done to people and keys goes into the log, by numbers that name nobody."""

from safelight.model.access import Actor
from safelight.model.case import SERVICE_CASE, TOOL, Draft, ServiceEvent
from safelight.web.container import the_app


def log(actor: Actor, what: str, **details: str) -> None:
    """Append a service event; within a transaction, it is there if and only if the change is."""
    draft = Draft(SERVICE_CASE, actor, ServiceEvent(what, details), TOOL)
    the_app().cases.append([draft])
