"""How a played person signs the report by certificate, as a page does with a key beside it (SPEC 29.7).

Owns the way from the wish to the act in the record, however often an answer is lost. The key stays here; what
it signs comes from the main venue.
"""

import asyncio
from typing import Final

from ops.certifying import Held
from ops.people.desk import TurnedDown
from ops.people.listener import ActRefused
from ops.people.person import Person
from protocol import canonical, limits, papers, wire
from protocol.commands_signatures import SignPaper
from protocol.papers import PaperAnswer, PaperAsk, PaperStands, PaperWish
from protocol.words import SESSION_STAGE

_AGAIN_S: Final = 0.2


async def sign(person: Person, held: Held) -> wire.Answer:
    """Sign the prepared report in one's own place, and hand the act in.

    Raises:
      ActRefused: the report is not prepared yet, somebody was faster, or the certificate does not count.
      SeatLeft: somebody else sits here now.
    """
    who = (person.session, person.seat, person.key_text)
    wish = PaperWish(*who, (held.certificate, *held.others))
    stands = await _told(person, papers.PAPER_WISH, wish)
    while True:
        if stands.stands == "made":
            content = canonical.decode(stands.content.encode(), SignPaper, limits.COMMAND_BYTES_MAX)
            assert stands.disclosure is not None, "what was made comes with its certificate"
            return await person.act(SESSION_STAGE, content, (stands.disclosure,))
        if stands.refused is not None:
            raise ActRefused(person.seat, "SignPaper", stands.refused)
        if stands.stands == "question":
            signature = await asyncio.to_thread(held.key.sign, stands.question)
            stands = await _told(person, papers.PAPER_ANSWER, PaperAnswer(*who, signature))
        elif stands.stands == "none":
            stands = await _told(person, papers.PAPER_WISH, wish)
        else:
            await asyncio.sleep(_AGAIN_S)
            stands = await _told(person, papers.PAPER_ASK, PaperAsk(*who))


async def _told(person: Person, event: str, message: PaperWish | PaperAsk | PaperAnswer) -> PaperStands:
    try:
        return await person.ask(event, message, PaperStands)
    except TurnedDown as error:
        raise ActRefused(person.seat, "SignPaper", error.refused) from error
