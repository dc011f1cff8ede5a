"""Which part a seat plays: the one table from roles to what their people do.

Every part goes on from wherever the session stands, so that a seat can change hands at any moment: what was
done is seen in the view and left out.
"""

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
    if person.voice is not None:
        await person.voice(person)
    if RULES[await person.until(lambda view: view.rules_version)].grown:
        await doing.go_on(person, seat, case, dice, memory, course)
        return
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
