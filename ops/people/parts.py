"""Which part a seat plays: the one table from roles to what their people do.

Every part goes on from wherever the session stands, so that a seat can change hands at any moment: what was
done is seen in the view and left out.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from ops.people import agent, doing, expert, observer, tenderee, witness
from ops.people.course import PLAIN, Course
from ops.people.expert import Memory
from ops.people.person import Person
from ops.senses import Dice
from protocol.plan.case import Case
from protocol.session.phases import RULES
from protocol.views import SeatView


async def go_on(
    person: Person, seat: SeatView, case: Case, dice: Dice, memory: Memory, course: Course = PLAIN
) -> None:
    """Everything that a bound seat still has to do, to the end of the session.

    Args:
      person: who sits there.
      seat: the seat, for its role.
      case: what the people enter.
      dice: for nonces.
      memory: of the seat; kept by the caller while seats change hands.
      course: what goes otherwise than straight on; from rules version 3 on.

    Raises:
      ActRefused, TurnedDown: an act or a draft was refused.
      Trouble: the case lacks something, or the session ends before its time.
      SeatLeft: somebody else sits here now.
    """
    if RULES[await person.until(lambda view: view.rules_version)].grown:
        await _beside_voice(person, doing.go_on(person, seat, case, dice, memory, course))
        return
    if person.voice is not None:
        await person.voice(person)
    match seat.role:
        case "agent":
            await agent.conduct(person, case, patient=True)
        case "expert":
            await expert.go_on(person, case, dice, memory)
        case "tenderee":
            await tenderee.go_on(person)
        case "witness":
            await witness.go_on(person, dice)
    await observer.until_end(person)


async def _beside_voice(person: Person, part: Coroutine[Any, Any, None]) -> None:
    """A part, while its key is given a voice: whose seat it is, nobody may know before people check in."""
    task = asyncio.ensure_future(part)
    both: set[asyncio.Future[None]] = {task}
    if person.voice is not None:
        both.add(asyncio.ensure_future(person.voice(person)))
    waiting = both
    try:
        while not task.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
    finally:
        for one in both:
            one.cancel()
        await asyncio.gather(*both, return_exceptions=True)
