"""The committee's talk-rooms where all places meet: hands, mutes, words granted, calls (SPEC 30.10).

Owns what is transient of a room, in memory: a new start forgets it, and the record says again whether a room
is open. A node speaks for the seats of its own place alone. Who may do what is `protocol.talk`'s. Nothing is
pushed: a node asks what has changed, and is kept waiting until something has. Of sessions whose home is
another coordinator there are copies here, from which a successor goes on (SPEC 30.11).
"""

import asyncio
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from protocol import media, talk
from protocol.refusals import Refusal, refuse
from protocol.session.state import Speaker, State
from protocol.talk import HelpCall, TalkAct, TalkCalls, TalkFollow, TalkRoom, TalkRooms
from server import telemetry
from server.sessions.registry import Registry

SESSIONS_MAX: Final = talk.ROOMS_MAX
"""Sessions whose rooms are kept at once."""
LOOK_MS: Final = 100
"""How often the record is looked at for a room that has opened or closed, while a node waits."""
_log = telemetry.logger("server.gateway")


class TalkDesk:
    """The messages `talk_act`, `talk_calls` and `talk_follow`."""

    def __init__(self, registry: Registry, running_ms: Callable[[], int]) -> None:
        """Keep no room yet."""
        self._registry, self._running_ms = registry, running_ms
        self._rooms: dict[str, TalkRoom] = {}
        self._calls: dict[str, dict[str, tuple[HelpCall, ...]]] = {}
        """Session → venue → its calls, as its node tells them."""
        self._answers: dict[tuple[str, str, int], HelpCall] = {}
        """Session, seat and when it called → how the agent answered, until its node says so itself."""
        self._copies: dict[str, TalkRoom] = {}
        """Rooms whose home is elsewhere, as it told them last."""
        self._changed = asyncio.Event()

    def copy(self, room: TalkRoom) -> None:
        """Keep a room as its home tells it."""
        if not self._registry.writes(room.session) and self._copies.get(room.session) != room:
            if room.session not in self._copies and len(self._copies) >= SESSIONS_MAX:
                return
            self._copies[room.session] = room
            self._stir()

    def mark(self, session: str) -> str:
        """The mark of a copy; empty for none."""
        found = self._copies.get(session)
        return "" if found is None else talk.mark(found)

    def settle(self, session: str) -> None:
        """Go on from the copy where this coordinator has become the home; keep one where it is no more."""
        if self._registry.writes(session):
            copy = self._copies.pop(session, None)
            if copy is not None:
                _log.info("media home", session=session)
                self._rooms[session] = replace(copy, calls=())
                calls: dict[str, tuple[HelpCall, ...]] = {}
                for one in copy.calls:
                    calls[one.venue] = (*calls.get(one.venue, ()), one)
                self._calls[session] = calls
        elif self._registry.home(session) and (session in self._rooms or session in self._calls):
            _log.info("media home no more", session=session)
            self._rooms.pop(session, None)
            self._calls.pop(session, None)
            for key in [one for one in self._answers if one[0] == session]:
                del self._answers[key]

    def room(self, state: State) -> TalkRoom:
        """A session's room as the record has it now."""
        session = state.session
        self.settle(session)
        found = talk.stands(self._rooms.get(session, TalkRoom(session=session)), state)
        calls = tuple(
            self._answers.get((session, one.seat, one.at), one)
            for _, several in sorted(self._calls.get(session, {}).items())
            for one in several
        )
        return replace(found, calls=calls)

    async def act(self, node_key: str, asked: TalkAct) -> TalkRoom | Refusal:
        """What a seat of a node's place does in its room."""
        state = await self._state(node_key, asked.session)
        if isinstance(state, Refusal):
            return state
        seat = state.seats.get(asked.seat)
        if seat is None or seat.venue != state.keys[node_key].venue:
            return refuse("NotAllowed", role="venue", type=talk.TALK_ACT, allowed=asked.seat)
        speaker = Speaker(seat.role, seat.seat, seat.venue)
        room = self.room(state)
        if asked.act == "answer":
            return self._answer(room, speaker, asked.target, state)
        done = talk.act(room, speaker, asked.act, asked.target, state)
        if isinstance(done, Refusal):
            return done
        if asked.session not in self._rooms and len(self._rooms) >= SESSIONS_MAX:
            return refuse("TooBusy")
        self._rooms[asked.session] = done
        self._stir()
        return self.room(state)

    async def calls(self, node_key: str, told: TalkCalls) -> TalkRoom | Refusal:
        """A place's calls for help, as its node has them."""
        state = await self._state(node_key, told.session)
        if isinstance(state, Refusal):
            return state
        venue = state.keys[node_key].venue
        if told.session not in self._calls and len(self._calls) >= SESSIONS_MAX:
            return refuse("TooBusy")
        mine = tuple(one for one in told.calls if one.venue == venue and _is_of(state, one.seat, venue))
        self._calls.setdefault(told.session, {})[venue] = mine
        for one in mine:
            if one.answered_by:
                self._answers.pop((told.session, one.seat, one.at), None)
        self._stir()
        return self.room(state)

    async def follow(self, node_key: str, asked: TalkFollow) -> TalkRooms | Refusal:
        """The rooms of a node that are others than it knows; it waits until there is one.

        Another coordinator, whose key is empty, may follow any.
        """
        mine = list(asked.known)
        if node_key:
            states = {one: await self._state(node_key, one) for one in asked.known}
            mine = [one for one, state in states.items() if not isinstance(state, Refusal)]
        until = self._running_ms() + talk.FOLLOW_HOLD_MS
        while True:
            changed = self._changed
            found = [self._awake(one) for one in mine]
            rooms = tuple(
                one for one in found if one is not None and talk.mark(one) != asked.known[one.session]
            )
            left_ms = until - self._running_ms()
            if rooms or left_ms <= 0:
                return TalkRooms(rooms)
            try:
                async with asyncio.timeout(min(LOOK_MS, left_ms) / 1000):
                    await changed.wait()
            except TimeoutError:
                continue

    def _answer(self, room: TalkRoom, who: Speaker, target: str, state: State) -> TalkRoom | Refusal:
        """The agent has answered a call of another place; its node hears of it with the room."""
        at = next((one.at for one in room.calls if one.seat == target), 0)
        calls = talk.answered(room.calls, who, target, max(at, state.at))
        if isinstance(calls, Refusal):
            return calls
        for one in calls:
            if one.seat == target and one.answered_by:
                self._answers[room.session, one.seat, one.at] = one
                while len(self._answers) > SESSIONS_MAX:
                    del self._answers[next(iter(self._answers))]
        self._stir()
        return self.room(state)

    def _awake(self, session: str) -> TalkRoom | None:
        published = self._registry.awake(session)
        if published is None:
            return None
        if published.state.phase not in media.HELD:
            for kept in (self._rooms, self._calls, self._copies):
                kept.pop(session, None)
        elif not self._registry.writes(session):
            return self._copies.get(session)
        return self.room(published.state)

    async def _state(self, node_key: str, session: str) -> State | Refusal:
        published = await self._registry.published(session)
        if published is None:
            return refuse("UnknownSession", session=session)
        node = published.state.keys.get(node_key)
        if node is None or node.role != "venue":
            return refuse("NotAllowed", role="-", type=talk.TALK, allowed="venue")
        return published.state

    def _stir(self) -> None:
        """Wake whoever waits; each looks anew."""
        before, self._changed = self._changed, asyncio.Event()
        before.set()


def _is_of(state: State, seat: str, venue: str) -> bool:
    found = state.seats.get(seat)
    return found is not None and found.venue == venue
