"""Bringing what nodes ask of pictures, the talk-room and a tender to where it is (SPEC 10.2, 30.11).

Owns who answers: this coordinator where it is the home, else the one that holds the session's lease (of a
tender, the one that receives); and the copies of rooms that are elsewhere. Must not know what a room or a
table holds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import Struct

from protocol import media, talk
from protocol.handed_in import TENDER_TOLD, TenderAsk, TenderTold
from protocol.media import MediaTell, MediaTold
from protocol.refusals import Refusal, refuse
from protocol.talk import TalkAct, TalkCalls, TalkFollow, TalkRoom, TalkRooms
from protocol.wire import Brought
from server import telemetry
from server.config import Settings
from server.fanout.rooms import Occupant
from server.gateway.media_desk import MediaDesk
from server.gateway.talk_desk import TalkDesk
from server.gateway.tender_desk import TenderDesk
from server.senses import Senses
from server.sessions.asked import MOVED
from server.sessions.reader import PeerAway
from server.sessions.registry import Registry
from server.store.contract import NotDurable

LOOK_MS: Final = 250
"""How often it is looked at whose rooms are to be followed where."""
LOOKED_UP_MAX: Final = 32
"""Sessions whose home is asked of the store in one look."""
_log = telemetry.logger("server.gateway")

T = TypeVar("T")
Asked = MediaTell | TalkAct | TalkCalls | TalkFollow | TenderAsk
_FORMS: Final[Mapping[str, type[Asked]]] = {
    media.MEDIA_TELL: MediaTell, talk.TALK_ACT: TalkAct, talk.TALK_CALLS: TalkCalls,
    talk.TALK_FOLLOW: TalkFollow, TENDER_TOLD: TenderAsk,
}  # fmt: skip


class Peers(Protocol):
    """The other coordinators of the installation."""

    async def meet(self, address: str, name: str, brought: Brought, form: type[T]) -> T | Refusal:
        """Bring a message to the coordinator at an address.

        Raises:
          PeerAway: it is not there, is not the home, or does not answer as it should.
        """


class _Asking(Struct):
    """A question that another coordinator holds open: of which sessions, and the task that waits."""

    sessions: frozenset[str]
    task: asyncio.Task[None]


class Meeting:
    """`media_tell`, `talk_act`, `talk_calls`, `talk_follow`, `tender_told`: wherever their answer lies."""

    def __init__(
        self, registry: Registry, desks: tuple[MediaDesk, TalkDesk], peers: Peers, keys: Mapping[str, str],
        tenders: TenderDesk,
    ) -> None:  # fmt: skip
        """Answer from these desks, or have peers answer; `keys` is node → its key."""
        self._registry, self._peers, self._keys, self._tenders = registry, peers, keys, tenders
        self._media, self._talk = desks
        self._asking: dict[str, _Asking] = {}

    @classmethod
    def of(
        cls, settings: Settings, registry: Registry, senses: Senses, peers: Peers,
        online: Callable[[], frozenset[str]], tenders: TenderDesk,
    ) -> "Meeting":  # fmt: skip
        """For a coordinator; `online` tells the nodes that any coordinator has a line to.

        Raises:
          OSError: the workers' secret cannot be read.
        """
        keys = {one.node: one.key for one in settings.nodes}
        rooms = TalkDesk(registry, senses.running_ms)

        def connected() -> frozenset[str]:
            return frozenset(keys[one] for one in online() if one in keys)

        desk = MediaDesk(settings.media, registry, senses, rooms, connected)
        return cls(registry, (desk, rooms), peers, keys, tenders)

    def handlers(self) -> dict[str, tuple[Any, Callable[..., Awaitable[Struct | Refusal]]]]:
        """The messages by name: their forms, and who answers."""
        return {
            media.MEDIA_TELL: (MediaTell, self.media_tell), talk.TALK_ACT: (TalkAct, self.talk_act),
            talk.TALK_CALLS: (TalkCalls, self.talk_calls), talk.TALK_FOLLOW: (TalkFollow, self.talk_follow),
            TENDER_TOLD: (TenderAsk, self.tender_told),
        }  # fmt: skip

    async def media_tell(self, who: Occupant, asked: MediaTell) -> MediaTold | Refusal:
        """Who of the node's place may ask the media workers of the session, and where they are."""
        address = await self._registry.find_home(asked.session)
        if not address:
            return await self._media.tell(who.node_key, asked)
        return await self._bring(address, media.MEDIA_TELL, who.node, asked, MediaTold)

    async def talk_act(self, who: Occupant, asked: TalkAct) -> TalkRoom | Refusal:
        """What a seat of the node's place does in the committee's talk-room."""
        address = await self._registry.find_home(asked.session)
        if not address:
            return await self._talk.act(who.node_key, asked)
        return self._noted(await self._bring(address, talk.TALK_ACT, who.node, asked, TalkRoom))

    async def talk_calls(self, who: Occupant, told: TalkCalls) -> TalkRoom | Refusal:
        """The calls for help of the node's place."""
        address = await self._registry.find_home(told.session)
        if not address:
            return await self._talk.calls(who.node_key, told)
        return self._noted(await self._bring(address, talk.TALK_CALLS, who.node, told, TalkRoom))

    async def talk_follow(self, who: Occupant, asked: TalkFollow) -> TalkRooms | Refusal:
        """The talk-rooms that have changed, as soon as one has; of rooms elsewhere from the copies here."""
        return await self._talk.follow(who.node_key, asked)

    async def tender_told(self, who: Occupant, asked: TenderAsk) -> TenderTold | Refusal:
        """How the tender of a session stands, as the coordinator that receives has it."""
        address = await self._tenders.bids.elsewhere()
        if not address:
            return await self._tenders.told(who.node, asked)
        return await self._bring(address, TENDER_TOLD, who.node, asked, TenderTold)

    async def brought(self, name: str, raw: bytes) -> Struct | Refusal:
        """What another coordinator brings.

        Returns:
          The answer; or the value `MOVED` where the home is not here.

        Raises:
          ValueError: it is out of form, or of no node.
        """
        found = msgspec.json.decode(raw, type=Brought)
        if name not in _FORMS or (found.node not in self._keys and (found.node or name != talk.TALK_FOLLOW)):
            raise ValueError(name)
        asked = msgspec.json.decode(found.asked, type=_FORMS[name])
        if isinstance(asked, TalkFollow):
            here = all(self._registry.home(one) == "" for one in asked.known)
            return await self._talk.follow("", asked) if here else MOVED
        if isinstance(asked, TenderAsk):
            return await self._tenders.told(found.node, asked)
        if await self._registry.find_home(asked.session):
            return MOVED
        key = self._keys[found.node]
        if isinstance(asked, MediaTell):
            return await self._media.tell(key, asked)
        if isinstance(asked, TalkAct):
            return await self._talk.act(key, asked)
        return await self._talk.calls(key, asked)

    async def run(self) -> None:
        """Tell the media workers, and follow the rooms that are elsewhere, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._media.run(), name="media workers")
                group.create_task(self._keep_looking(), name="rooms elsewhere")
        finally:
            tasks = [one.task for one in self._asking.values()]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_looking(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_MS / 1000)

    async def _look(self) -> None:
        """Have every home that is elsewhere asked for the rooms that are there."""
        wanted: dict[str, set[str]] = {}
        looked_up = 0
        for session in self._held():
            address = self._registry.home(session)
            if address is None and looked_up < LOOKED_UP_MAX:
                looked_up += 1
                try:
                    address = await self._registry.find_home(session)
                except NotDurable:
                    continue
            self._talk.settle(session)
            if address:
                wanted.setdefault(address, set()).add(session)
        for address in [one for one in self._asking if one not in wanted]:
            self._asking.pop(address).task.cancel()
        for address, sessions in wanted.items():
            before = self._asking.get(address)
            if before is not None and not before.task.done() and before.sessions == sessions:
                continue
            if before is not None:
                before.task.cancel()
            task = asyncio.create_task(self._follow(address, frozenset(sessions)), name=f"rooms {address}")
            self._asking[address] = _Asking(frozenset(sessions), task)

    def _held(self) -> Iterator[str]:
        """The sessions that are held, as far as they are in memory."""
        found = (one.session for one in self._registry.notes_awake() if one.phase in media.HELD)
        for _, session in zip(range(talk.ROOMS_MAX), found, strict=False):
            yield session

    async def _follow(self, address: str, sessions: frozenset[str]) -> None:
        """Ask one home again and again, until it does not answer."""
        while True:
            known = TalkFollow({one: self._talk.mark(one) for one in sorted(sessions)})
            found = await self._bring(address, talk.TALK_FOLLOW, "", known, TalkRooms)
            if isinstance(found, Refusal):
                for session in sessions:
                    self._registry.not_home(session, address)
                return
            for room in found.rooms:
                self._noted(room)

    async def _bring(self, address: str, name: str, node: str, asked: Asked, form: type[T]) -> T | Refusal:
        """Have a session's home answer; `LineDown` where it does not."""
        brought = Brought(node, msgspec.Raw(msgspec.json.encode(asked)))
        try:
            return await self._peers.meet(address, name, brought, form)
        except PeerAway as error:
            _log.info("media home silent", address=address, message=name, error=str(error))
            if not isinstance(asked, TalkFollow | TenderAsk):
                self._registry.not_home(asked.session, address)
            return refuse("LineDown")

    def _noted(self, room: TalkRoom | Refusal) -> TalkRoom | Refusal:
        if isinstance(room, TalkRoom):
            self._talk.copy(room)
        return room


Bring = Callable[[str, bytes], Awaitable[Struct | Refusal]]
"""Answers what another coordinator brings, by its name; `MOVED` where the home is not here."""
