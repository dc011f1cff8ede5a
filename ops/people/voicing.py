"""How a played person gives their voice to their seat's key: by certificate, as a page does (SPEC 19.3).

Owns the way from the challenge to the act in the record, however often an answer is lost or a minute runs
out. A certificate is of a person: whose seat it is, the main venue's copy tells, which lies on the machine of
the operator whose stand-ins these are. Rules without delegations ask for nothing.
"""

import asyncio
from typing import Final

from ops.certifying import Certifying, Held, delegated
from ops.installation import Installation
from ops.people.desk import TurnedDown
from ops.people.listener import ActRefused
from ops.people.person import Person
from ops.people.roles import confirming
from ops.senses import Dice
from protocol import canonical, entry, voices
from protocol.commands_identity import DelegateSeatKey
from protocol.hidden import Disclosed
from protocol.session.apply import apply
from protocol.session.phases import SESSION_ORDER, reached
from protocol.session.state import State
from protocol.views import View
from protocol.views_identity import VoiceView
from protocol.words import SESSION_STAGE
from sub_venue.journal.replica import read_copy

TRIES_MAX: Final = 5
"""How often a person signs anew because the answer was lost or the minute was over."""
_AGAIN_S: Final = 0.2
_ANEW: Final = frozenset({"ChallengeStale", "EvidenceUnreadable"})
"""Refusals after which a person signs anew; an authority answers in the end."""


async def confirm(officer: Person, seat: str, key: str, name: str, dice: Dice) -> None:
    """Have an officer confirm who holds a seat's key, as if a document had been shown (现场确认).

    Args:
      officer: a witness, or a keeper, of the seat's venue, whose own key is known by certificate or passkey.
      seat: whose key.
      key: as the officer's view names it.
      name: as on the document.
      dice: for the evidence's salt and the document's number.

    Raises:
      ActRefused, SeatLeft: it cannot be.
    """
    until = officer.now_ms() + confirming.CONFIRMED_MS
    content, made = confirming.seen(officer.session, seat, key, name, until, dice)
    answer = await officer.act(SESSION_STAGE, content, (made,))
    await officer.until(lambda view: True if view.as_of.size > answer.seq else None)


class Voicing:
    """Gives voices to the seats of one session's stand-ins."""

    def __init__(self, found: Installation, session: str, main: str) -> None:
        """Prepare; `main` is the main venue's node."""
        self._found = found
        self._session = session
        self._main = main
        self._certifying = Certifying(found.data)
        self._names: dict[str, str] = {}

    async def give(self, person: Person) -> None:
        """Delegate a bound seat's key by certificate, unless it is or the rules ask for none.

        Raises:
          ActRefused: the identity node or the rules refuse.
          SeatLeft: somebody else sits here now.
          Trouble: the authorities' files or the main venue's copy cannot be read.
        """
        (voice,) = await person.until(lambda view: (view.voice,))
        if voice is None or voice.stands == "given" or not self._found.shape.authorities:
            return
        held = await self.held(person)
        voiced = await self._voiced(person, held)
        made = voiced.disclosure
        content = DelegateSeatKey(voiced.means, made.digest, voiced.until, voiced.attestation)
        await person.act(SESSION_STAGE, content, (made,))
        await person.until(_given)

    async def held(self, person: Person) -> Held:
        """The certificate of who sits at a seat.

        Raises:
          SeatLeft: somebody else sits here now.
          Trouble: the authorities' files or the main venue's copy cannot be read.
        """
        return await self.certificate(await self._name(person), person.node.place.province)

    async def certificate(self, name: str, province: str) -> Held:
        """A certificate by the demonstration authority of a province.

        Raises:
          Trouble: the authority's files cannot be read or written.
        """
        return await self._certifying.of(name, province)

    async def _voiced(self, person: Person, held: Held) -> voices.Voiced:
        """Sign what the identity node asks for, anew where an answer was lost or an authority's came late."""
        for left in range(TRIES_MAX - 1, -1, -1):
            try:
                asked = voices.VoiceAsk(person.session, person.seat, person.key_text, "certificate")
                wanted = await person.ask(voices.VOICE_ASK, asked, voices.VoiceWanted)
                signed = await asyncio.to_thread(delegated, held, wanted, person.now_ms())
                text = canonical.encode(signed).decode()
                given = voices.VoiceGive(person.session, person.seat, person.key_text, text)
                return await person.ask(voices.VOICE_GIVE, given, voices.Voiced)
            except TurnedDown as error:
                if not left or error.refused.code not in _ANEW:
                    raise ActRefused(person.seat, "DelegateSeatKey", error.refused) from error
        raise AssertionError

    async def _name(self, person: Person) -> str:
        """Whose seat it is; a member's name is known to the main venue once people check in."""
        assert person.view is not None
        if any(one.seat == person.seat and one.role == "expert" for one in person.view.seats):
            await person.until(_at_the_door)
        while person.seat not in self._names:
            self._names |= await asyncio.to_thread(self._told)
            if person.seat not in self._names:  # the copy is behind what the person's own node has shown
                await asyncio.sleep(_AGAIN_S)
        return self._names[person.seat] or confirming.STAND_IN.format(seat=person.seat)

    def _told(self) -> dict[str, str]:
        """Seat → its person's name, empty where the record names nobody; withheld names are left out."""
        path = self._found.config(self._main).parent / "sessions" / f"{self._session}.copy"
        entries, disclosures = read_copy(path)
        state: State | None = None
        for raw in entries:
            state = apply(state, entry.decode(raw), raw)
        disclosed = Disclosed(disclosures)
        told = {}
        for one in state.seats.values() if state is not None else ():
            if not one.person:
                told[one.seat] = ""
            elif one.person in disclosed:
                told[one.seat] = str(disclosed.value(one.person, str))
        return told


def _at_the_door(view: View) -> View | None:
    return view if reached(SESSION_ORDER, view.phase, "CHECKIN") or view.phase == "FAILED" else None


def _given(view: View) -> VoiceView | None:
    return view.voice if view.voice is not None and view.voice.stands == "given" else None
