"""The talk-rooms of a node's sessions, as its pages are told of them; and its own place's calls for help.

Owns the copy of what the coordinator keeps (SPEC 30.10), and the calls of this place, which go on while the
line is cut. With the line cut every room is closed here: this node cannot know whether somebody scores. None
is on a disk. Must not know pages: who listens is told which session has changed.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from protocol import media, talk
from protocol.refusals import Refusal, refuse
from protocol.session.state import Speaker, State
from protocol.talk import HelpCall, TalkAct, TalkCalls, TalkDo, TalkFollow, TalkRoom, TalkRooms
from protocol.wire import Refused
from sub_venue.journal.copies import Copies
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink

SESSIONS_MAX: Final = 1_000
"""Sessions that are followed at once, the coordinator's bound as well."""
PAUSE_MS: Final = 1_000
"""How long the coordinator is left alone where it did not answer, or nothing is to be followed."""


class Talking:
    """The rooms of one node."""

    def __init__(self, node_key: str, copies: Copies, uplink: Uplink, senses: Senses) -> None:
        """Know no room yet; nothing is asked before `run`."""
        self._node_key, self._copies, self._uplink, self._senses = node_key, copies, uplink, senses
        self._rooms: dict[str, TalkRoom] = {}
        self._calls: dict[str, tuple[HelpCall, ...]] = {}
        self._untold: set[str] = set()
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Hear which session's room has changed."""
        self._listeners.append(listener)

    def room(self, state: State) -> TalkRoom:
        """How a session's room stands here."""
        session = state.session
        told = self._rooms.get(session, TalkRoom(session=session))
        found = talk.stands(told, state)
        if not self._uplink.online:
            found = talk.silenced(found, "line")
        elif found.open and not told.open:
            found = talk.silenced(found, told.why)  # the coordinator's record is ahead of this copy
        here = state.keys[self._node_key].venue if self._node_key in state.keys else ""
        others = tuple(one for one in found.calls if one.venue != here)
        return replace(found, calls=(*self._calls.get(session, ()), *others))

    def line_changed(self) -> None:
        """The line has come up or gone down: rooms open or close with it."""
        for state in self._here():
            self._untold.add(state.session)
            self._tell(state.session)

    async def act(self, state: State, seat: str, asked: TalkDo) -> TalkRoom | Refusal | Refused:
        """What a seat of this place does."""
        found = state.seats.get(seat)
        if found is None:
            return refuse("UnknownSeat", seat=seat)
        who = Speaker(found.role, found.seat, found.venue)
        if asked.act in ("help", "answer"):
            own = self._help(state, who, asked)
            if own is not None:
                return own if isinstance(own, Refusal) else await self._told(state)
        message = TalkAct(asked.session, seat, asked.act, asked.target)
        answer = await self._uplink.ask(talk.TALK_ACT, message, TalkRoom)
        if isinstance(answer, Refused):
            return answer
        self._take(answer)
        return self.room(self._copies.state(asked.session) or state)

    async def run(self) -> None:
        """Ask the coordinator for what has changed, again and again, until cancelled."""
        while True:
            states = {state.session: state for state in self._here()}
            self._forget(frozenset(states))
            for session in sorted(self._untold & states.keys()):
                await self._told(states[session])
            known = {one: self._mark(one) for one in states}
            asked_ms = self._senses.running_ms()
            found = await self._uplink.ask(talk.TALK_FOLLOW, TalkFollow(known), TalkRooms) if known else None
            rooms = found.rooms if isinstance(found, TalkRooms) else ()
            for room in rooms:
                self._take(room)
            if not rooms and self._senses.running_ms() - asked_ms < talk.FOLLOW_HOLD_MS // 2:
                await asyncio.sleep(PAUSE_MS / 1000)

    def _help(self, state: State, who: Speaker, asked: TalkDo) -> tuple[HelpCall, ...] | Refusal | None:
        """This place's calls after one more, or one that was answered; None where it is another place's."""
        session = state.session
        calls = self._calls.get(session, ())
        now = self._senses.now_ms()
        if asked.act == "help":
            done = talk.called(calls, who, now)
        elif any(one.seat == asked.target for one in calls):
            done = talk.answered(calls, who, asked.target, now)
        else:
            return None
        if not isinstance(done, Refusal):
            self._calls[session] = done
            self._untold.add(session)
            self._tell(session)
        return done

    async def _told(self, state: State) -> TalkRoom:
        """Tell the coordinator of this place's calls; told again by `run` where it does not hear."""
        session = state.session
        calls = TalkCalls(session, self._calls.get(session, ()))
        if calls.calls:
            answer = await self._uplink.ask(talk.TALK_CALLS, calls, TalkRoom)
            if isinstance(answer, TalkRoom):
                self._untold.discard(session)
                self._take(answer)
        else:
            self._untold.discard(session)
        return self.room(state)

    def _take(self, room: TalkRoom) -> None:
        """A room as the coordinator has it; what it says of this place's calls is taken where it is new."""
        session = room.session
        if self._mark(session) == talk.mark(room):
            return
        self._rooms[session] = room
        told = {(one.seat, one.at): one for one in room.calls if one.answered_by}
        calls = self._calls.get(session, ())
        after = tuple(one if one.answered_by else told.get((one.seat, one.at), one) for one in calls)
        known = {(one.seat, one.at) for one in room.calls}
        if after != calls or any((one.seat, one.at) not in known for one in calls):
            self._calls[session] = after
            self._untold.add(session)  # answered there, or the home is another one and has not heard of it
        self._tell(session)

    def _mark(self, session: str) -> str:
        room = self._rooms.get(session)
        return "" if room is None else talk.mark(room)

    def _forget(self, held: frozenset[str]) -> None:
        for kept in (self._rooms, self._calls):
            for session in [one for one in kept if one not in held]:
                del kept[session]
        self._untold &= held

    def _here(self) -> list[State]:
        """The sessions that are held with this node in their roster."""
        mine = []
        for state in self._copies.alive():
            who = state.keys.get(self._node_key)
            if who is not None and who.role == "venue" and state.phase in media.HELD:
                mine.append(state)
        return mine[:SESSIONS_MAX]

    def _tell(self, session: str) -> None:
        for listener in self._listeners:
            listener(session)
