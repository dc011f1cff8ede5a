"""Doing: a person carries out at a venue's socket what their role's rules say, deed after deed.

Owns what a refusal means: somebody else's act comes first (try again), the moment is over (look again), or a
mistake of the people's. Whoever takes the seat over goes on from the view as it then is. Rules version 3.
"""

import asyncio
from functools import partial
from typing import Final

from ops.people import expert, papers
from ops.people.course import PLAIN, Course
from ops.people.deed import Deed, Key, Scene
from ops.people.expert import Memory
from ops.people.listener import ActRefused
from ops.people.person import Person
from ops.people.roles.agent import UNAWAITED
from ops.people.roles.next import next_deed_of
from ops.people.sign_in import AGAIN_MS
from ops.senses import Dice
from protocol import wire
from protocol.plan.case import Case
from protocol.session.identity.rows import SIGNED
from protocol.views import SeatView, View

ENDED: Final = frozenset({"ARCHIVED", "FAILED"})
EARLY: Final = frozenset(
    {"GuardUnmet", "MilestoneAwaited", "StillOpen", "SharesAwaited", "VotesMissing", "EscrowAwaited",
     "PaperOther", "PaperMoved", "CustodiansTooFew", "DigestsUnequal"}
)  # fmt: skip
"""Refusals that mean: somebody else's act comes first."""
LATE: Final = frozenset({"WrongPhase", "WrongRound", "SessionSealed", "RecordSigned"})
"""Refusals that mean: the record has gone on meanwhile."""
DONE: Final = frozenset(
    {"AlreadyDone", "AlreadyReadOut", "AlreadySigned", "AlreadyVoted", "AlreadyProposed", "AlreadyAnswered",
     "AlreadySealed", "AlreadyCheckedIn", "BallotClosed", "VoteOver", "ClarificationOver", "BidRejected",
     "DrawClosed", "SuspendedTooLong"}
)  # fmt: skip
"""Refusals that mean: it is done already."""
TRIES_MAX: Final = 150
"""How often a deed is tried whose moment does not come."""


async def go_on(
    person: Person, seat: SeatView, case: Case, dice: Dice, memory: Memory, course: Course = PLAIN
) -> None:
    """Everything that a bound seat still has to do, to the end of the session.

    Raises:
      ActRefused, TurnedDown: an act or a draft was refused.
      Trouble: the case lacks something.
      SeatLeft: somebody else sits here now.
    """
    tries: dict[Key, int] = {}

    def next_or_end(view: View) -> Deed | bool | None:
        scene = Scene(
            view, seat.seat, seat.role, case, dice, person.now_ms(), memory.deeds, course, memory.guests()
        )
        deed = next_deed_of(scene)
        voiced = view.voice is None or view.voice.stands == "given"
        if deed is not None and deed.type in SIGNED and not voiced:
            return None
        return deed or (True if view.phase in ENDED and not _outstanding(view) else None)

    while True:
        deed = await person.until(next_or_end)
        if not isinstance(deed, Deed):
            return
        if deed.not_before_ms > person.now_ms():
            await asyncio.sleep(AGAIN_MS / 1000)
            continue
        try:
            answer = await _do(person, deed, course.case_now(case, person.view), dice, memory)
        except ActRefused as error:
            code = error.refused.code
            tries[deed.key] = tries.get(deed.key, 0) + 1
            if code not in EARLY | LATE | DONE or tries[deed.key] > TRIES_MAX:
                raise
            if code not in DONE:
                await asyncio.sleep(AGAIN_MS / 1000)
                continue
        else:
            await person.until(partial(_shows, answer.seq))
        if deed.about:
            memory.deeds.done.add(deed.key)


async def _do(person: Person, deed: Deed, case: Case, dice: Dice, memory: Memory) -> wire.Answer:
    if deed.content is not None:
        return await person.act(deed.stage, deed.content, deed.disclosures)
    if deed.type == "SealSheet":
        assert person.view is not None
        here = (deed.stage.lot, deed.stage.envelope)
        place = next(one for one in person.view.stages if (one.lot, one.envelope) == here)
        return await expert.score(person, case, dice, place, memory)
    if deed.type == "SignPaper":
        assert person.held is not None, "whoever is asked to sign has a certificate"
        return await papers.sign(person, await person.held(person))
    return await person.act_prepared(deed.type, deed.stage, deed.source)


def _shows(seq: int, view: View) -> bool | None:
    """Whether a view shows an entry."""
    return True if view.as_of.size > seq else None


def _outstanding(view: View) -> bool:
    return any(one.act not in UNAWAITED for one in view.outstanding)
