"""Who is speaking: a certificate's node, and the person behind a one-time code.

Owns the rules by which the identity node vouches for a seat's new key. A code alone signs nothing:
it buys an attestation over {session, seat, key, means}, and the key itself then signs `BindSeat`
(SPEC 5.3). Codes die when used, expire, and lock after wrong tries; the enrolment code of the
installation stands, since it belongs to the house and not to a seat.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from protocol import canonical, limits
from protocol.projection.bidder import bidders
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session.state import AGENT_SEAT, State
from protocol.wire import Attested, Codes, IssueCodes, SeatCode, SignIn
from server.config import NodeSettings
from server.fanout import audience
from server.fanout.follower import Published
from server.gateway import codes
from server.gateway.peers import names
from server.senses import Senses
from server.sessions.admission import INSTALLATION
from server.sessions.agents import Agents
from server.sessions.registry import Registry
from server.sessions.signer import Signer
from server.store.contract import CodeRow, Store

MEANS = "code"
HOST_SUFFIX = ".localhost"
_BEIJING = timedelta(hours=8)


class Authority(Struct, frozen=True):
    """What identity draws on."""

    registry: Registry
    store: Store
    signer: Signer
    agents: Agents
    senses: Senses
    codes_skew_ms: int
    bidders_by_code: bool = True


class Identity:
    """The installation's identity node."""

    def __init__(self, authority: Authority, nodes: Iterable[NodeSettings]) -> None:
        """Know these nodes by their certificates' names."""
        self._by = authority
        self._nodes = {one.node: one for one in nodes}

    async def open_enrolment(self, code: str) -> None:
        """Let agents enrol with the installation's code, in place of any code before.

        Raises:
          NotDurable: it could not be kept.
        """
        row = await asyncio.to_thread(self._row, INSTALLATION, AGENT_SEAT, code, 0, limits.INTEGER_MAX)
        await self._by.store.put_codes((row,), limits.INTEGER_MAX)

    def node_of(self, peer: Mapping[str, Any] | None) -> NodeSettings | None:
        """The node that a verified certificate names, or None.

        Args:
          peer: the certificate as `ssl` gives it after it has verified it under the installation's CA.
        """
        told = names(peer)
        found = [one for one in self._nodes.values() if one.node + HOST_SUFFIX in told]
        return found[0] if len(found) == 1 else None

    async def sign_in(self, node: NodeSettings, asked: SignIn) -> Attested | Refusal:
        """Take a one-time code for a seat at the asking node, and vouch for the key that came with it.

        The same key may come again with the code it has spent, and gets the same attestation: the
        answer to its first try may have been lost.

        Raises:
          NotDurable: the store cannot count the try.
        """
        if not signing.is_key(asked.key):
            return refuse("Malformed", why="key")
        if asked.session == INSTALLATION:
            return await self._enrol(node, asked)
        published = await self._by.registry.current(asked.session)
        if published is None:
            return refuse("UnknownSession", session=asked.session)
        fault = misplaced(published, node.key, asked.seat, asked.key)
        if fault is not None:
            return fault
        now = self._by.senses.now_ms()
        row = await self._try(asked, now)
        if isinstance(row, Refusal):
            return row
        good = await asyncio.to_thread(codes.matches, row.salt, row.hash, asked.code)
        agent_at = now if asked.seat == AGENT_SEAT else None
        if good and row.expires_at > now and await self._by.store.use_code(row, asked.key, agent_at):
            if agent_at is not None:
                self._by.agents.enrolled(asked.key)
            return self._attested(asked)
        return wrong_code(row)

    async def issue(self, node: NodeSettings, asked: IssueCodes) -> Codes | Refusal:
        """Make new codes for seats or bidders, at the signed request of the session's agent; old ones die.

        Raises:
          NotDurable: they could not be kept.
        """
        published = await self._by.registry.current(asked.session)
        if published is None:
            return refuse("UnknownSession", session=asked.session)
        now = self._by.senses.now_ms()
        refusal = _not_the_agent(published, node, asked) or self._clock(asked.at, now)
        if refusal is not None:
            return refusal
        expires = now + limits.CODE_LIFETIME_MS
        made = self._make(published.state, asked, expires)
        if isinstance(made, Refusal):
            return made

        def rows() -> tuple[CodeRow, ...]:
            return tuple(self._row(asked.session, _kept_as(one), one.code, asked.at, expires) for one in made)

        if not await self._by.store.put_codes(await asyncio.to_thread(rows), asked.at):
            return refuse("OutOfOrder", given=asked.at, last=asked.at)
        return Codes(asked.session, made)

    def _make(self, state: State, asked: IssueCodes, expires: int) -> tuple[SeatCode, ...] | Refusal:
        """Fresh codes for those asked for, or who among them can have none."""
        if bool(asked.seats) == bool(asked.bidders):
            return refuse("Malformed", why="seats or bidders")
        if asked.bidders and not self._by.bidders_by_code:
            return refuse("CodeNotEnough")
        names = asked.seats or asked.bidders
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            return refuse("DuplicateId", id=twice)
        made: list[SeatCode] = []
        known = bidders(state) if asked.bidders else frozenset()
        for name in names:
            seat = None if asked.bidders else state.seats.get(name)
            if asked.bidders and name not in known:
                return refuse("UnknownBidder", bidder=name)
            if asked.seats and seat is None:
                return refuse("UnknownSeat", seat=name)
            if seat is not None and seat.reserve:
                return refuse("SeatReserve", seat=name)
            code = codes.make(self._by.senses.secret(codes.CODE_ENTROPY_BYTES))
            venue, role = ("", "bidder") if seat is None else (seat.venue, seat.role)
            made.append(SeatCode(name, venue, role, code, expires))
        return tuple(made)

    async def _enrol(self, node: NodeSettings, asked: SignIn) -> Attested | Refusal:
        """An agent's key before any session; at a main venue, with the installation's own code."""
        if asked.seat != AGENT_SEAT:
            return refuse("UnknownSeat", seat=asked.seat)
        if node.role != "main":
            return refuse("WrongVenue", seat=asked.seat, venue=node.node)
        now = self._by.senses.now_ms()
        row = await self._try(asked, now)
        if isinstance(row, Refusal):
            return row
        if not await asyncio.to_thread(codes.matches, row.salt, row.hash, asked.code):
            return wrong_code(row)
        await self.open_enrolment(asked.code)
        await self._by.agents.enrol(asked.key, now)
        return self._attested(asked)

    async def _try(self, asked: SignIn, now: int) -> CodeRow | Refusal:
        """Count the try before it is judged; refuses a locked seat and one without a code."""
        tried = await self._by.store.try_code(
            asked.session, asked.seat, now, limits.CODE_ATTEMPTS_MAX, limits.CODE_LOCK_MS
        )
        if tried is None:
            return refuse("BadCode", left=0)
        return tried.row if tried.allowed else _locked(tried.row)

    def _attested(self, asked: SignIn) -> Attested:
        sig = self._by.signer.attest(asked.session, asked.seat, asked.key, MEANS)
        return Attested(asked.session, asked.seat, asked.key, MEANS, sig)

    def _row(self, session: str, seat: str, code: str, requested_at: int, expires_at: int) -> CodeRow:
        salt = self._by.senses.secret(codes.SALT_BYTES)
        return CodeRow(session, seat, salt, codes.hashed(salt, code), requested_at, expires_at)

    def _clock(self, at: int, now: int) -> Refusal | None:
        """A request is fresh, so that an old one cannot be played again to kill codes in use."""
        if abs(at - now) <= self._by.codes_skew_ms:
            return None
        return refuse("ClockTooFar", limit_h=self._by.codes_skew_ms / 3_600_000)


def codes_bytes(session: str, seats: tuple[str, ...], key: str, at: int) -> bytes:
    """What an agent signs to ask for codes of seats (SPEC 3: `issue-codes/v1`)."""
    asked = {"session": session, "seats": seats, "key": key, "at": at}
    return canonical.tag("issue-codes/v1") + canonical.encode(asked)


def bidder_codes_bytes(session: str, bidders: tuple[str, ...], key: str, at: int) -> bytes:
    """What an agent signs to ask for codes of bidders (SPEC 3: `issue-bidder-codes/v1`)."""
    asked = {"session": session, "bidders": bidders, "key": key, "at": at}
    return canonical.tag("issue-bidder-codes/v1") + canonical.encode(asked)


def code_seat(bidder: str) -> str:
    """Under what name a bidder's code is kept: in no way a seat's, and short enough for the store.

    >>> code_seat("b1")
    'bidder:7dc96f776c8423e57a2785489a3f9c43fb6e756876d6ad9a9cac4aa4'
    """
    return "bidder:" + canonical.sha256(bidder.encode()).hex()[:56]


def _kept_as(one: SeatCode) -> str:
    """A seat's code under the seat's name, which holds no colon; a bidder's under one of its own."""
    return code_seat(one.seat) if one.role == "bidder" and not one.venue else one.seat


def _not_the_agent(published: Published, node: NodeSettings, asked: IssueCodes) -> Refusal | None:
    state = published.state
    who = state.keys.get(asked.key)
    if who is None:
        return refuse("UnknownAuthor")
    if who.seat != AGENT_SEAT:
        return refuse("NotAllowed", role=who.role, type="IssueCodes", allowed="agent")
    if "agent" not in audience.roles_at(state, published.home_key, node.key):
        return refuse("WrongVenue", seat=AGENT_SEAT, venue=node.node)
    told = (
        bidder_codes_bytes(asked.session, asked.bidders, asked.key, asked.at)
        if asked.bidders
        else codes_bytes(asked.session, asked.seats, asked.key, asked.at)
    )
    return None if signing.verify(asked.key, told, asked.sig) else refuse("BadSignature")


def misplaced(published: Published, node_key: str, name: str, key: str) -> Refusal | None:
    """Why a seat cannot be entered at a node with this key: at its own venue alone, with a fresh key."""
    state: State = published.state
    seat = state.seats.get(name)
    if seat is None:
        return refuse("UnknownSeat", seat=name)
    if seat.reserve:
        return refuse("SeatReserve", seat=name)
    venue = state.venues.get(seat.venue)
    at = published.home_key if venue is None else venue.node_key
    if at != node_key:
        here = next((one.venue for one in state.venues.values() if one.node_key == node_key), seat.venue)
        return refuse("WrongVenue", seat=name, venue=here)
    taken = state.keys.get(key)
    if taken is not None and taken.seat == name and seat.key == key:
        return None  # It signs in again: its own code, a new one, or its certificate shows its person.
    if taken is not None or key == state.installation_key or key in state.author_seqs:
        return refuse("KeyTaken", seat=name if taken is None else taken.seat)
    return None


def wrong_code(row: CodeRow) -> Refusal:
    """How a wrong code is refused, after its try was counted."""
    left = limits.CODE_ATTEMPTS_MAX - row.attempts
    return refuse("BadCode", left=left) if left > 0 else _locked(row)


def _locked(row: CodeRow) -> Refusal:
    until = datetime.fromtimestamp(row.locked_until / 1000, UTC) + _BEIJING
    return refuse("CodeLocked", seat=row.seat, until=until.strftime("%H:%M:%S"))
