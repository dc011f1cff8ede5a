"""The one file that knows every room of the coordinator and puts them together.

Starts from the bottom (store) to the door (listeners), and stops from the door down: no new node,
every mailbox finished, every answer sent, then the store closed. Killed instead at any moment,
nothing that was acknowledged is lost: the store says so, not this file.
"""

# tidy: long because it is the one file that wires all rooms of a coordinator.

import asyncio
import contextlib
import errno
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from protocol.commands import Command
from protocol.ledger import quorum
from protocol.ledger.note import read_vkey
from protocol.session.milestones.due import proposed
from protocol.session.state import State
from server import telemetry
from server.bids.keeping import Around
from server.bids.receiving import Receiving
from server.config import Settings
from server.fanout.bus import Bus, LocalBus
from server.fanout.followers import Followers
from server.fanout.outside import Outside
from server.fanout.rooms import Rooms
from server.gateway.app import Front, Health, Listeners, node_tls
from server.gateway.bid_page import BidPage
from server.gateway.bid_relay import BidRelay
from server.gateway.bidder_entrance import BidderEntrance
from server.gateway.bidder_heads import BidderHeads
from server.gateway.bidder_page import BidderPage
from server.gateway.bidder_voices import BidderVoices
from server.gateway.bidders import OUTSIDE, BidderDoor
from server.gateway.engine import socket_server
from server.gateway.identity import Authority, Identity
from server.gateway.identity_node import IdentityNode
from server.gateway.log_page import LogPage
from server.gateway.meeting import Meeting
from server.gateway.node_desk import House, NodeDesk
from server.gateway.observer import House as Observed
from server.gateway.observer import Observer
from server.gateway.opening_clerk import OpeningClerk
from server.gateway.opening_page import OpeningPage
from server.gateway.overview import Overview
from server.gateway.overview_page import OverviewPage
from server.gateway.pages import Pages
from server.gateway.peers import PeerDesk, PeerLines, peer_tls
from server.gateway.scan_page import ScanPage
from server.gateway.sockets import NodeSockets
from server.gateway.tender_desk import TenderDesk
from server.ledger.asking import Party
from server.ledger.cosigning import Cosigning
from server.ledger.logs import Altered, Logs
from server.ledger.logs import load as load_log
from server.senses import Senses
from server.sessions.actor import Surroundings
from server.sessions.admission import INSTALLATION, Admission
from server.sessions.agents import Agents
from server.sessions.registry import Registry
from server.sessions.shared import Member, SharedRegistry
from server.sessions.signer import load
from server.starting import stopped
from server.store.contract import DamagedEntry, Store
from server.store.sqlite import SqliteStore
from server.telemetry import Meters

DATABASE = "coordinator.db"
_WEB = Path(__file__).resolve().parent / "web"
PAGES = {name: _WEB / name / "dist" for name in ("bidder", "overview", "scan")}
"""What the coordinator serves to people outside any venue."""
_RUN_BYTES = 4

_log = telemetry.logger("server")


class Coordinator:
    """A whole coordinator in this process."""

    def __init__(self, settings: Settings, senses: Senses | None = None) -> None:
        """Open the store and wire the rooms; must be called within a running loop.

        Raises:
          OSError: a certificate or key cannot be read.
          ValueError: the installation's key file holds no Ed25519 key.
          NotDurable: the database cannot be opened.
        """
        self._settings = settings
        self.cosigning: Cosigning | None = None
        bounds = settings.bounds
        self.senses = senses or Senses(settings.seed)
        self.meters = Meters()
        self.signer = load(settings.installation_key)
        tls = node_tls(settings.ca, settings.cert, settings.key)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store = self._open_store()
        self.agents = Agents(settings.agent_keys, self.store)
        self.bids = self._make_receiving()
        # A name for this run alone: after a restart the leases of the last run are not taken for ours.
        holder = f"{settings.name}/{self.senses.secret(_RUN_BYTES).hex()}"
        self.bus = self._make_bus(holder)
        node_keys = {one.node: one.key for one in settings.nodes}
        admission = Admission(
            self.signer.key, node_keys.values(), self.agents.known, settings.office_keys,
            imports=not settings.production,
        )  # fmt: skip
        around = Surroundings(
            self.store, self.senses, self.signer, admission, node_keys, self.bus, self.meters, bounds,
            self._propose,
        )  # fmt: skip
        peer_tls_ = peer_tls(settings.ca, settings.cert, settings.key)
        self._peers = PeerLines(settings.peer_name, peer_tls_, bounds)
        self._member = Member(holder, self._peers, self.agents.load)
        self.registry = Registry(around)
        if settings.database is not None:
            self.registry = SharedRegistry(around, self._member)
        server = socket_server(bounds, self.senses.running_ms, self.meters)
        self.rooms = Rooms(self.meters)
        self.followers = Followers(self.registry, self.rooms, self.bus, self.meters, self.senses, bounds)
        self._outside = Outside(self.registry, self.bus, self.meters, bounds)
        self._member.followed = lambda: self.followers.sessions() | self._outside.sessions()
        authority = Authority(
            self.registry, self.store, self.signer, self.agents, self.senses, bounds.codes_request_skew_ms,
            settings.takes_bidders_codes,
        )  # fmt: skip
        self.identity = Identity(authority, (*settings.nodes, *settings.custodians))
        nodes = {one.node: one for one in (*settings.nodes, *settings.custodians)}
        self._meeting = Meeting.of(
            settings, self.registry, self.senses, self._peers,
            lambda: self.rooms.online() | self.bus.elsewhere(),
            TenderDesk(self.bids, self.registry, self.senses, nodes, self._origin),
        )  # fmt: skip
        self._showing: asyncio.Task[None] | None = None
        self.identity_node = IdentityNode.of(
            settings, self.registry, self.store, self.signer, self.senses, self.agents, self._origin
        )
        self._voices = None if self.identity_node is None else self.identity_node.voices
        self._entrance = None if self.identity_node is None else self.identity_node.entrance
        house = House(
            self.registry, self.followers, self.rooms, self.identity, self.signer, self.senses, nodes,
            self.bus, self._head, self.store, self._voices, self._entrance,
        )  # fmt: skip
        self._desk = NodeDesk(house)
        self._server = server
        self._sockets = NodeSockets(
            server, self._desk, self.identity, self.rooms, self.followers, bounds, self.senses.now_ms,
            self._meeting.handlers(),
        )  # fmt: skip
        self._observer = self._make_observer()
        self.clerk = OpeningClerk(self.bids, self.registry, self.signer, self.senses, bounds)
        pages = Pages(settings, PAGES)
        bid_page = BidPage(pages, self.bids, bounds)
        self._relay = BidRelay(self.bids, pages, settings.peer_name, peer_tls_, bounds)
        opening = OpeningPage(
            self.bids, self.registry, self.identity, self.signer, self.senses, bid_page, self._relay
        )
        self._front = self._make_front(
            authority, pages, (*self._relay.front(bid_page.routes()), *opening.routes())
        )
        received = (*bid_page.routes(), *opening.received_routes(), *opening.node_routes())
        self.listeners = Listeners(
            server, tls, self.meters, self.health, self._front,
            (*self._peer_routes(received), *opening.node_routes()), bounds.frame_bytes_max,
        )  # fmt: skip
        self._ready = False

    def _make_receiving(self) -> Receiving:
        settings = self._settings
        folder = settings.bids_dir or settings.data_dir / "bids"
        free_bytes_min = settings.bounds.disk_free_bytes_min
        return Receiving(
            Around(
                folder, self.signer, self.senses, self.agents.known, free_bytes_min,
                lambda: self._member.address,
            )
        )  # fmt: skip

    def _peer_routes(self, received: Iterable[web.RouteDef]) -> Iterable[web.RouteDef]:
        """Where other coordinators bring what is this one's."""
        settings = self._settings
        if not isinstance(self.registry, SharedRegistry):
            return ()
        whence = *(one.node for one in (*settings.nodes, *settings.custodians)), INSTALLATION, OUTSIDE
        desk = PeerDesk(settings.peer_name, whence, self.registry.submit_here, self._meeting.brought)
        return (*desk.routes(), *self._relay.behind(received))

    def _open_store(self) -> Store:
        settings = self._settings
        group_max = settings.bounds.group_batches_max
        if settings.database is not None:
            # Its driver takes a while to read, and most houses have a file.
            from server.store.postgres import PostgresStore  # noqa: PLC0415

            return PostgresStore(settings.database.get_secret_value(), self.meters, group_max)
        database = settings.data_dir / DATABASE
        database.touch(mode=0o600)
        return SqliteStore(database, self.meters, group_max)

    def _make_bus(self, holder: str) -> Bus:
        settings = self._settings
        if settings.redis is None:
            return LocalBus()
        from server.fanout.redis_bus import RedisBus, channel_of  # noqa: PLC0415 - as above

        return RedisBus(
            settings.redis.get_secret_value(), channel_of(self.signer.key), holder, self.senses,
            settings.bounds, self.meters,
        )  # fmt: skip

    def _make_observer(self) -> Observer:
        settings = self._settings
        return Observer(
            Observed(
                name=settings.name,
                installation_key=self.signer.key,
                data_dir=settings.data_dir,
                database=None if settings.database is not None else settings.data_dir / DATABASE,
                registry=self.registry,
                rooms=self.rooms,
                followers=self.followers,
                senses=self.senses,
                meters=self.meters,
                bounds=settings.bounds,
                nodes=self._desk.nodes,
                bus=lambda: self.bus.stands,
                ready=lambda: self.health().ready,
                durable=lambda: self.store.durable,
                held=lambda: len(self.registry.held()) if isinstance(self.registry, SharedRegistry) else 0,
                watching=self._outside.watching,
                owed=lambda: () if self.cosigning is None else self.cosigning.all_owed(),
            )
        )

    def _make_front(self, authority: Authority, pages: Pages, bids: tuple[web.RouteDef, ...]) -> Front:
        settings, bounds = self._settings, self._settings.bounds
        secure = settings.scheme == "https"
        door = BidderDoor(authority, bounds, by_code=settings.takes_bidders_codes)
        return Front(
            pages,
            BidderPage(
                pages,
                door,
                BidderVoices(door, self._voices),
                BidderEntrance(door, self._entrance, by_code=settings.takes_bidders_codes),
                self._outside,
                self.senses,
                bounds,
                BidderHeads(self._head, settings.trust_policy).told,
                secure=secure,
            ),
            OverviewPage(
                pages, self._observer.look, self.senses, bounds, settings.operator_token, secure=secure
            ),
            (*bids, *self._scans(pages)),
            self._make_log(),
        )

    def _scans(self, pages: Pages) -> list[web.RouteDef]:
        """The phone's page, where people come by certificate."""
        if self.identity_node is None:
            return []
        return ScanPage(pages, self.identity_node.voices, self.identity_node.entrance).routes()

    def _origin(self) -> str:
        """The origin at which people and phones see this coordinator."""
        settings = self._settings
        own = f"{settings.scheme}://{settings.http_name}:{self.listeners.plain_port}"
        return settings.http_origin or own

    def _make_log(self) -> tuple[web.RouteDef, ...]:
        """Sign, serve and have cosigned what the sessions' entries are, where there is a key for it."""
        settings = self._settings
        if settings.log_key is None:
            return ()
        logs = Logs(self.registry, settings.log_name, load_log(settings.log_key), settings.bounds.trees_max)
        parties = tuple(
            Party(one.name, tuple(map(read_vkey, one.vkeys)), one.url) for one in settings.cosigners
        )
        self.cosigning = Cosigning(
            logs,
            self.store,
            parties,
            settings.bounds,
            self.senses.now_ms,
            self.registry.writes,
            lambda: ((one.session, one.size) for one in self.registry.notes_awake()),
            None if settings.trust_policy is None else quorum.read(settings.trust_policy.read_bytes()),
            self.registry.nudge,
        )
        self.bus.listen(self.cosigning.hear)
        keys = {one.node: one.key for one in settings.nodes}
        cosigners = {one.certificate: keys.get(one.node, "") for one in settings.cosigners if one.certificate}
        page = LogPage(
            logs, self.cosigning, self.registry, self.identity, cosigners, settings.bounds.feed_bytes_max
        )
        return tuple(page.routes())

    def _propose(self, state: State, at: int) -> Command | None:
        """What the lines that have come give cause to: a milestone reached, one that was owed."""
        return None if self.cosigning is None else proposed(state, at, self.cosigning.found(state.session))

    async def _head(self, session: str) -> str | None:
        """The newest head of a session's log; None where there is no log, or it is silent."""
        if self.cosigning is None:
            return None
        try:
            return await self.cosigning.newest(session)
        except (Altered, DamagedEntry) as error:
            _log.error("the log is not served", session=session, error=str(error))
            return None

    def overview(self) -> Overview:
        """How the house stands now."""
        return self._observer.look()

    def health(self) -> Health:
        """Whether it takes acts now."""
        return Health(self._ready and self.store.durable, self.bus.stands)

    async def start(self) -> None:
        """Listen, and wake what goes on.

        Raises:
          OSError: a port is taken.
          NotDurable: the store cannot be read or written.
        """
        settings = self._settings
        await self.store.prepare()
        await self.agents.load()
        if settings.enrolment_code is not None:
            await self.identity.open_enrolment(settings.enrolment_code.get_secret_value())
        await self.listeners.start(
            (settings.node_host, settings.node_port), (settings.http_host, settings.http_port)
        )
        here = f"{settings.node_host}:{self.listeners.node_port}"
        self._member.address = settings.peer_address or here
        self.bus.start(self.rooms.online)
        self.registry.start()
        self.bids.start()
        self.clerk.start()
        if self.identity_node is not None:
            await self.identity_node.start()
        if self.cosigning is not None:
            self.cosigning.start()
        self._showing = asyncio.create_task(self._meeting.run(), name="pictures and talk")
        self._ready = True
        _log.info("ready", node_port=self.listeners.node_port, http_port=self.listeners.plain_port)

    async def failed(self) -> None:
        """Wait until the database's disk has failed; raises it.

        What is on that disk is known only to a new start.
        """
        what = await self.store.failed()
        raise OSError(errno.EIO, "the database's disk has failed; look at it before anything else", what)

    async def stop(self) -> None:
        """Finish what was taken, answer it, and let go of everything; may be called after a failed start."""
        self._ready = False
        await self.listeners.close_door()
        self._outside.stop()
        self._front.overview.stop()
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)
        if self.identity_node is not None:
            await self.identity_node.stop()
        await self.clerk.stop()
        await self.registry.stop()
        if self.cosigning is not None:
            await self.cosigning.stop()
        await self.followers.close()
        await self._sockets.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.bounds.stop_wait_ms / 1000):
                await self.rooms.emptied()
        self._sockets.cut()
        await self._server.shutdown()
        await self.listeners.stop()
        await self.bids.stop()
        await self._peers.close()
        await self._relay.close()
        await self.bus.stop()
        await self.store.close()
        _log.info("stopped")


async def run(settings: Settings) -> None:
    """Run a coordinator until SIGTERM or SIGINT; returns when it has stopped in order.

    Raises:
      OSError, ValueError, NotDurable: it could not start, or cannot go on; the text says why.
    """
    senses = Senses(settings.seed)
    telemetry.configure(settings.log_level, senses.now_ms)
    told = stopped()
    coordinator = Coordinator(settings, senses)
    waiting: list[asyncio.Task[Any]] = []
    try:
        await coordinator.start()
        waiting = [asyncio.create_task(told.wait()), asyncio.create_task(coordinator.failed())]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        _log.info("stopping")
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await coordinator.stop()
