"""An opening over HTTP: ciphertext for the nodes of a session, and the door of its bidders (SPEC 28.9).

Owns routes and who may ask. Headers and containers go to the nodes of the session by their certificates, from
`BidsReceived` on. A bidder comes without an account: whoever can sign with the key that sealed a bid of the
opening is its bidder, gets its acts' key attested, and may release. Holds ciphertext and boxes, and nobody's
key. Must not know sockets.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from protocol import commands, limits
from protocol.commands_ceremony import ReceivedBid
from protocol.refusals import Refusal, refuse
from protocol.seal import at_opening, releasing, signing, suites
from protocol.seal.at_opening import AskContainer, AskKey, AskStage, BidStands, Headers, SealedHeader, Stands
from protocol.session.ceremony import reading
from protocol.session.state import State, Track, is_reached
from protocol.wire import Answer, Attested, Submit
from protocol.words import track_name
from server import telemetry
from server.bids.receiving import Receiving
from server.bids.tender import Handed
from server.fanout import audience
from server.fanout.follower import Published
from server.gateway.bid_page import BidPage
from server.gateway.bid_relay import BidRelay
from server.gateway.bidders import OUTSIDE
from server.gateway.identity import Identity
from server.gateway.pages import answer, refusal
from server.senses import Senses
from server.sessions.asked import Unread, read
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import NotDurable

MEANS: Final = "certificate"
"""By what a bidder was known: the key that sealed its bid."""
ACTS: Final = frozenset({"BindSeat", "ReleaseBid", "RaiseObjection", "AnswerClarification"})
"""What a bidder's program may do by itself."""
_ASKED_BYTES_MAX: Final = 16_384
_ACT_BYTES_MAX: Final = limits.COMMAND_BYTES_MAX + 2 * limits.DISCLOSURE_BYTES_MAX
_JSON: Final = "application/json"
_log = telemetry.logger("server.gateway")

T = TypeVar("T")


class OpeningPage:
    """The routes of openings, for nodes and for bidders."""

    def __init__(
        self, bids: Receiving, registry: Registry, identity: Identity, signer: Signer, senses: Senses,
        page: BidPage, relay: BidRelay,
    ) -> None:  # fmt: skip
        """Serve the openings of these sessions; `page` reads what bidders ask, `relay` hands on."""
        self._bids = bids
        self._registry = registry
        self._identity = identity
        self._signer = signer
        self._senses = senses
        self._page, self._relay = page, relay

    def node_routes(self) -> tuple[web.RouteDef, ...]:
        """On the listener for nodes."""
        return (
            web.post(at_opening.HEADERS, self._headers),
            web.post(at_opening.CONTAINER, self._container),
        )

    def routes(self) -> tuple[web.RouteDef, ...]:
        """On the listener for pages."""
        return (
            web.post(at_opening.STANDS, self._answering(AskContainer, _ASKED_BYTES_MAX, self.stands)),
            *self._relay.front(self.received_routes()),
            web.post(at_opening.ACT, self._answering(Submit, _ACT_BYTES_MAX, self.act)),
        )

    def received_routes(self) -> tuple[web.RouteDef, ...]:
        """Those that need what was received, for bidders."""
        return (web.post(at_opening.ATTEST, self._answering(AskKey, _ASKED_BYTES_MAX, self.attest)),)

    # --- bidders ------------------------------------------------------------------------------------------

    async def stands(self, asked: AskContainer) -> Stands | Refusal:
        """How the opening of a bid stands: told to whoever can name one, once the bids were received.

        Raises:
          NotDurable: the session cannot be read now.
        """
        found = await self._opening(asked)
        if isinstance(found, Refusal):
            return found
        state, here = found
        opening = reading.of(state, here)
        bids = tuple(
            BidStands(one.bid, one.bidder, one.mark, one.bid in opening.released) for one in opening.received
        )
        return Stands(
            at=self._senses.now_ms(), bids=bids, envelope=here.envelope, lot=here.lot, phase=here.phase,
            reached=is_reached(state, "bids_received", here.lot, here.envelope), round=here.round,
            session=state.session, suite=opening.suite, to=tuple(one.public for one in opening.to),
            until=reading.until(state, here),
        )  # fmt: skip

    async def attest(self, asked: AskKey) -> Attested | Refusal:
        """Vouch for the key of a bidder's acts, at the word of the key that sealed its bid.

        Raises:
          NotDurable: session or bid cannot be read now.
        """
        found = await self._opening(asked)
        if isinstance(found, Refusal):
            return found
        state, here = found
        if not signing.is_key(asked.key):
            return refuse("Malformed", why="key")
        handed = await self._handed(state, here)
        if isinstance(handed, Refusal):
            return handed
        one = next((one for one in handed if one.received.bid == asked.bid), None)
        if one is None or not at_opening.vouched(suites.get(one.mark.bid.suite), asked, one.mark):
            return refuse("BadSignature")
        bidder = _received(state, here, asked.bid).bidder
        sig = self._signer.attest(state.session, bidder, asked.key, MEANS)
        return Attested(state.session, bidder, asked.key, MEANS, sig)

    async def act(self, asked: Submit) -> Answer | Refusal:
        """Hand a bidder's own act to its session; nothing else comes in by this door.

        Raises:
          NotDurable: the session cannot be read now.
        """
        found = read(asked, None)
        if isinstance(found, Unread):
            return found.refusal
        command = found.command
        if asked.opening is not None or command.type not in ACTS:
            allowed = ", ".join(sorted(ACTS))
            return refuse("NotAllowed", role="bidder", type=command.type, allowed=allowed)
        published = await self._registry.current(command.session)
        if published is None:
            return refuse("UnknownSession", session=command.session)
        state = published.state
        if isinstance(command.content, commands.BindSeat):
            known = {one.bidder for each in state.ceremony.stages.values() for one in each.received}
            speaks = command.content.seat in known
        else:
            who = state.keys.get(command.author_key)
            speaks = who is not None and who.role == "bidder"
        return await self._registry.submit(asked, OUTSIDE) if speaks else refuse("UnknownAuthor")

    def _answering(
        self, form: type[T], bytes_max: int, do: Callable[[T], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return await self._page.done(await self._page.asked(request, form, bytes_max), do)

        return handle

    async def _opening(self, asked: AskContainer | AskKey) -> tuple[State, Track] | Refusal:
        """The stage in which a bid was received; nobody learns from a refusal whether there is a session."""
        published = await self._registry.published(asked.session)
        here = (
            None if published is None else published.state.tracks.get(track_name(asked.lot, asked.envelope))
        )
        if published is None or here is None:
            return refuse("UnknownBid", bid=asked.bid)
        if all(one.bid != asked.bid for one in reading.of(published.state, here).received):
            return refuse("UnknownBid", bid=asked.bid)
        return published.state, here

    # --- nodes --------------------------------------------------------------------------------------------

    async def _headers(self, request: web.Request) -> web.StreamResponse:
        found = await self._asked(request, AskStage)
        if not isinstance(found, tuple):
            return found
        away = await self._relay.away(request, await request.read())
        if away is not None:
            return away
        _, state, here = found
        handed = await self._handed(state, here)
        if isinstance(handed, Refusal):
            return refusal(handed)
        return answer(Headers(tuple(SealedHeader(one.mark, one.header) for one in handed)))

    async def _container(self, request: web.Request) -> web.StreamResponse:
        found = await self._asked(request, AskContainer)
        if not isinstance(found, tuple):
            return found
        away = await self._relay.away(request, await request.read())
        if away is not None:
            return away
        asked, state, here = found
        handed = await self._handed(state, here)
        if isinstance(handed, Refusal):
            return refusal(handed)
        one = next((one for one in handed if one.received.bid == asked.bid), None)
        if one is None:
            return refusal(refuse("UnknownBid", bid=asked.bid))
        reply = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        await reply.prepare(request)
        # A fault in the middle ends the line: what has come is no whole container, and is asked for again.
        async for piece in self._bids.pieces(state.session, one.received):
            await reply.write(piece)
        await reply.write_eof()
        return reply

    async def _asked(
        self, request: web.Request, form: type[T]
    ) -> tuple[T, State, Track] | web.StreamResponse:
        """What a node of the session asks of an opening whose bids were received; or how it is answered."""
        try:
            asked: Any = msgspec.json.decode(await request.read(), type=form)
        except (msgspec.MsgspecError, UnicodeError) as error:
            return refusal(refuse("Malformed", why=str(error)[:200]))
        transport = request.transport
        peer = None if transport is None else transport.get_extra_info("peercert")
        node = self._identity.node_of(peer) if peer else None
        try:
            published = await self._registry.published(asked.session)
        except NotDurable:
            return refusal(refuse("NotDurable"))
        # Another coordinator has seen for itself whose node asks.
        may = self._relay.is_peer(request) or (
            node is not None and published is not None and _follows(published, node.key)
        )
        if published is None or not may:
            return refusal(refuse("UnknownSession", session=asked.session))
        here = published.state.tracks.get(track_name(asked.lot, asked.envelope))
        if here is None or not reading.of(published.state, here).received:
            return refusal(refuse("UnknownStage", stage=track_name(asked.lot, asked.envelope)))
        return asked, published.state, here

    async def _handed(self, state: State, here: Track) -> tuple[Handed, ...] | Refusal:
        """The bids of the record, in its order, as they lie here."""
        try:
            found = await self._bids.handed(state.session, here.lot, here.envelope)
        except NotDurable:
            return refuse("NotDurable")
        if isinstance(found, Refusal):
            return found
        by_mark = {releasing.mark_digest(one.mark): one for one in found}
        received = reading.of(state, here).received
        if any(one.mark not in by_mark for one in received):
            _log.error("received bids are not those that lie here", session=state.session, stage=here.name)
            return refuse("NotDurable")
        return tuple(by_mark[one.mark] for one in received)


def _follows(published: Published, key: str) -> bool:
    return key in audience.node_keys(published.state, published.home_key)


def _received(state: State, here: Track, bid: str) -> ReceivedBid:
    return next(one for one in reading.of(state, here).received if one.bid == bid)
