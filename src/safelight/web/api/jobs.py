"""Items are examined by workers: the job, and the intake that asks for it."""

from safelight.flow.intake import Intake
from safelight.model.service import Item
from safelight.web.closing.wiring import RETURNED
from safelight.web.container import the_app
from safelight.web.hooks.models import Endpoint
from safelight.web.hooks.sending import emit
from safelight.web.jobs.queue import enqueue, job

EXAMINE = "item.examine"


def the_intake() -> Intake:
    """The way in for files: what it takes is examined by a worker, and webhooks are told when that is done."""
    return the_app().intake(_waiting, _done)


def _waiting(item: Item) -> None:
    enqueue(EXAMINE, item.id)


def _done(item: Item) -> None:
    told = {"item": item.id}
    if not item.callback:
        emit("item.done", told)
    elif endpoint := Endpoint.objects.filter(pk=int(item.callback)).first():
        emit("item.done", told, only=endpoint)
    if item.url:  # whether it matched is for the job to see: that there is one tells nobody anything
        enqueue(RETURNED, item.id)


def _give_up(item: str) -> None:
    the_intake().fail(item)


@job(EXAMINE, dead=_give_up)
def examine_item(item: str) -> None:
    """Examine an item, and put what was found into its case."""
    the_intake().process(item)
