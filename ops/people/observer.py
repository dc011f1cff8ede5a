"""Those who follow (监督人员、场所管理员): they bind their seat and watch to the end."""

from ops.people.person import Person
from ops.people.sign_in import Codes
from protocol.views import View

ENDS = ("ARCHIVED", "FAILED")


async def play(person: Person, codes: Codes) -> None:
    """Bind the seat and follow the session, verifying every head, until it has ended."""
    await person.bind(codes)
    await until_end(person)


async def until_end(person: Person) -> View:
    """Follow until the session is archived or has failed; the last view."""
    return await person.until(lambda view: view if view.phase in ENDS else None)
