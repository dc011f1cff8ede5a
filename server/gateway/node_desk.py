"""What a node may ask of the coordinator, one method for each message (SPEC 10).

Owns nothing: hands on to sessions, followers and identity. Must not know sockets. A method answers
with the reply's struct, or with a refusal of the request itself; it may raise `NotDurable`.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from protocol.entering import EnterAsk, Entered, EnterGive, Entering, EnterWanted, Ways
from protocol.heads import HeadTold, HeadWanted
from protocol.papers import PaperAnswer, PaperAsk, PaperBoard, PaperDesk, PaperStands, PaperWish
from protocol.refusals import Refusal, refuse
from protocol.voices import (
    PasskeyBind,
    PasskeyBound,
    Scanning,
    VoiceAsk,
    Voiced,
    VoiceGive,
    VoiceScanned,
    VoiceWanted,
)
from protocol.wire import (
    Answer,
    Attested,
    Codes,
    Feed,
    FeedRequest,
    Hello,
    IssueCodes,
    LineMeasured,
    NodeNote,
    Proof,
    Pulse,
    Pulsed,
    SessionList,
    SignIn,
    Submit,
    Welcome,
)
from server.config import NodeSettings
from server.fanout.bus import Bus
from server.fanout.followers import Followers
from server.fanout.rooms import Occupant, Rooms
from server.gateway.entrance import Entrance
from server.gateway.identity import Identity
from server.gateway.paper_relay import PaperRelay
from server.gateway.scans import Whence
from server.gateway.voices import Voices
from server.senses import Senses
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import Store


class House(Struct, frozen=True):
    """What the desk hands on to; `nodes` is node → settings, `head` tells the newest of a session's log."""

    registry: Registry
    followers: Followers
    rooms: Rooms
    identity: Identity
    signer: Signer
    senses: Senses
    nodes: dict[str, NodeSettings]
    bus: Bus
    head: Callable[[str], Awaitable[str | None]]
    store: Store
    voices: Voices | None = None
    entrance: Entrance | None = None


class NodeDesk:
    """The messages of the namespace `/node`."""

    def __init__(self, house: House) -> None:
        """Serve this house's nodes."""
        self._house = house
        self._papers = PaperRelay(house.registry, house.store)
        self._lines: dict[str, LineMeasured] = {}
        """Node → how its line is, as it last told; of nodes of the installation alone, so bounded."""

    async def hello(self, who: Occupant, asked: Hello) -> Welcome | Refusal:
        """Greet a node whose word agrees with its certificate, and tell it of its sessions."""
        if (asked.node, asked.node_key) != (who.node, who.node_key):
            return refuse("UnknownVenue", venue=asked.node)
        house = self._house
        # Before the list is made: what the node comes to be of meanwhile is given to it.
        house.followers.listing(who.sid)
        notes = await house.registry.notes_of(who.node, who.node_key)
        house.followers.tell(who.sid, frozenset(one.session for one in notes))
        return Welcome(house.signer.key, house.senses.now_ms(), notes, self.nodes())

    async def submit(self, who: Occupant, asked: Submit) -> Answer | Refusal:
        """Hand a signed command to its session; an opening must never come this far."""
        if asked.opening is not None:
            return refuse("Malformed", why="opening")
        return await self._house.registry.submit(asked, who.node)

    async def feed(self, who: Occupant, asked: FeedRequest) -> Feed | Refusal:
        """Entries since the node's cursor; what comes after is pushed."""
        return await self._house.followers.follow(who, asked.session, asked.since)

    async def sign_in(self, who: Occupant, asked: SignIn) -> Attested | Refusal:
        """A one-time code for a seat at this node."""
        return await self._house.identity.sign_in(self._house.nodes[who.node], asked)

    async def voice_ask(self, who: Occupant, asked: VoiceAsk) -> VoiceWanted | Refusal:
        """A challenge for a seat's key, to be given a person's voice."""
        voices = self._house.voices
        return refuse("NoTrustList") if voices is None else await voices.ask(_from(who), asked)

    async def voice_give(self, who: Occupant, given: VoiceGive) -> Voiced | Refusal:
        """A delegation signed by certificate."""
        voices = self._house.voices
        return refuse("NoTrustList") if voices is None else await voices.give(_from(who), given)

    async def voice_scanned(self, who: Occupant, asked: VoiceScanned) -> Scanning | Refusal:
        """How a scan stands."""
        voices = self._house.voices
        return refuse("NoTrustList") if voices is None else await voices.scanned(_from(who), asked)

    async def passkey_bind(self, who: Occupant, given: PasskeyBind) -> PasskeyBound | Refusal:
        """A passkey signed for by its certificate."""
        voices = self._house.voices
        if voices is None:
            return refuse("NoTrustList")
        return await voices.bind(_from(who), given)

    async def enter_ways(self, who: Occupant) -> Ways:  # noqa: ARG002 - every message tells who
        """By what people may sign in at a node."""
        return Ways(("code",) if self._house.entrance is None else ("certificate", "passkey", "code"))

    async def enter_ask(self, who: Occupant, asked: EnterAsk) -> EnterWanted | Refusal:
        """A challenge for somebody who signs in at this node by certificate or phone."""
        entrance = self._house.entrance
        return refuse("NoTrustList") if entrance is None else await entrance.ask(_from(who), asked)

    async def enter_give(self, who: Occupant, given: EnterGive) -> Entered | Refusal:
        """A sign-in signed by certificate."""
        entrance = self._house.entrance
        return refuse("NoTrustList") if entrance is None else await entrance.give(_from(who), given)

    async def enter_scanned(self, who: Occupant, proof: Proof) -> Entering | Refusal:
        """How a scan stands."""
        entrance = self._house.entrance
        return refuse("NoTrustList") if entrance is None else await entrance.scanned(_from(who), proof)

    async def paper_wish(self, who: Occupant, wish: PaperWish) -> PaperStands | Refusal:
        """A seat at this node wishes to sign the report by certificate."""
        return await self._papers.wish(who.node_key, wish)

    async def paper_ask(self, who: Occupant, asked: PaperAsk) -> PaperStands | Refusal:
        """How a seat's signature stands."""
        return await self._papers.ask(who.node_key, asked)

    async def paper_answer(self, who: Occupant, given: PaperAnswer) -> PaperStands | Refusal:
        """A seat's signature over what it was asked to sign."""
        return await self._papers.answer(who.node_key, given)

    async def paper_desk(self, who: Occupant, told: PaperDesk) -> PaperBoard | Refusal:
        """The main venue's word on signatures, for what waits for it."""
        return await self._papers.desk(who.node_key, told)

    async def issue_codes(self, who: Occupant, asked: IssueCodes) -> Codes | Refusal:
        """New codes, at the agent's signed request."""
        return await self._house.identity.issue(self._house.nodes[who.node], asked)

    async def sessions(self, who: Occupant) -> SessionList:
        """The sessions of this node."""
        return SessionList(await self._house.registry.notes_of(who.node, who.node_key))

    async def pulse(self, who: Occupant, asked: Pulse) -> Pulsed:
        """The time, which of the nodes asked for are connected, and how the lines of these are."""
        self._lines[who.node] = asked.line
        up = self._online()
        online = tuple(node for node in asked.nodes if node in up)
        lines = {node: self._lines[node] for node in online if node in self._lines}
        return Pulsed(self._house.senses.now_ms(), online, lines)

    async def head(self, who: Occupant, asked: HeadWanted) -> HeadTold:  # noqa: ARG002 - heads are for anybody
        """The newest signed head of a session's log, with the cosignatures that have come."""
        return HeadTold(asked.session, await self._house.head(asked.session) or "")

    def nodes(self) -> tuple[NodeNote, ...]:
        """All nodes of the installation, and which are connected."""
        online = self._online()
        return tuple(
            NodeNote(one.node, one.key, one.zh, one.en, one.province, one.node in online)
            for one in self._house.nodes.values()
            if one.role != "custodian"
        )

    def _online(self) -> frozenset[str]:
        return self._house.rooms.online() | self._house.bus.elsewhere()


def _from(who: Occupant) -> Whence:
    return Whence(who.node_key, who.node_key)
