"""Who a bidder is: a code or a certificate buys a cookie, and the cookie says whose page it is (SPEC 10.3).

Owns the rules of that sign-in, and which of a bidder's own acts come in by its page. The code is of the same
kind as a seat's (`identity`, `codes`): issued by the session's agent, kept slow-hashed, spent once, locked
after wrong tries. What spends it is the cookie's own hash, so that the cookie is good at every coordinator
and after a restart, there is one for each bidder, and a new code ends it; a configuration with
`bidders_by_code` false refuses it (`CodeNotEnough`). Whoever comes by certificate (`entrance`) has a cookie
kept in the same row, as if a code had been issued and spent that nobody knows.

A landing page that hands somebody a bidder's code opens `/bidder/#session=…&seat=<bidder>&code=…` at the
coordinator's page address: the fragment never leaves the browser for a server's log, and the page takes it
off its address before anything else.
"""

import asyncio
import base64
import hmac

from msgspec import Struct
from msgspec.structs import replace

from protocol import canonical, commands, limits
from protocol.commands import Command
from protocol.outside import BidderKey, BidderSeated, BidderSignIn
from protocol.projection.bidder import bidders
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session.state import State
from protocol.wire import Answer, Attested, Submit
from server.config import Bounds
from server.gateway import codes
from server.gateway.identity import MEANS, Authority, code_seat, wrong_code
from server.gateway.idle import Idle
from server.sessions.asked import Unread, read
from server.store.contract import CodeRow

SECRET_BYTES = 32
ACTS = frozenset(
    {"BindSeat", "DelegateSeatKey", "AnswerClarification", "RaiseObjection", "SignOpeningRecord"}
)
"""What a bidder may do by itself."""
OUTSIDE = "outside"
"""Whence a bidder's act comes, in the place of a node's name."""
_APART = "~"
"""Stands in no identifier and in no base64url."""
_MINUTE_MS = 60_000
_SPENT = {MEANS: "cookie", "certificate": "certificate", "passkey": "passkey"}
"""By what a bidder was identified, and what stands for that before a cookie's digest."""


class Cookie(Struct, frozen=True):
    """A fresh cookie's value, and whose page it makes."""

    value: str
    seated: BidderSeated


class _Kept(Struct, frozen=True):
    row: CodeRow
    means: str


class BidderDoor:
    """Signs bidders in and out, and tells whose a cookie is."""

    def __init__(self, authority: Authority, bounds: Bounds, *, by_code: bool) -> None:
        """Take codes of this installation, or none at all."""
        self._by = authority
        self._bounds = bounds
        self._by_code = by_code
        self._idle = Idle(bounds.bidder_idle_ms, authority.senses.running_ms)
        self._at_once = 0
        self._minute = 0
        self._this_minute = 0

    async def sign_in(self, asked: BidderSignIn) -> Cookie | Refusal:
        """Spend a bidder's code for a cookie.

        A session or bidder that does not exist is refused as a wrong code: who asks from outside learns from
        this neither that there is one nor who bid.

        Raises:
          NotDurable: the store cannot count the try.
        """
        if not self._by_code:
            return refuse("CodeNotEnough")
        if not self.has_room():
            return refuse("TooBusy")
        self._at_once += 1
        try:
            return await self._judge(asked)
        finally:
            self._at_once -= 1

    async def admit(self, session: str, bidder: str, means: str) -> Cookie | Refusal:
        """A cookie for a bidder that was identified by certificate or passkey; any other of it ends.

        Raises:
          NotDurable: it cannot be kept.
        """
        now = self._by.senses.now_ms()
        before = await self._by.store.code(session, code_seat(bidder))
        at = now if before is None else max(now, before.requested_at + 1)
        secret, nobodys = self._by.senses.secret(SECRET_BYTES), self._by.senses.secret(SECRET_BYTES)
        row = CodeRow(
            session, code_seat(bidder), self._by.senses.secret(codes.SALT_BYTES), nobodys, at,
            now + limits.CODE_LIFETIME_MS, used_by=_spent_by(session, bidder, secret, means),
        )  # fmt: skip
        if not await self._by.store.put_codes((row,), at):
            return refuse("TooBusy")
        return _cookie(session, bidder, secret, row.expires_at)

    async def whose(self, cookie: str) -> BidderSeated | Refusal:
        """Whose page a cookie makes: `NotSignedIn` for none, `BidderSignedOut` for one that was good.

        Raises:
          NotDurable: the store does not say.
        """
        kept = await self._kept(cookie)
        if isinstance(kept, Refusal):
            return kept
        session, bidder, _ = cookie.split(_APART)
        return BidderSeated(session, bidder, kept.row.expires_at)

    async def here(self, cookie: str) -> BidderSeated | Refusal:
        """The page's word that its person is at work.

        Raises:
          NotDurable: the store does not say whose cookie it is.
        """
        seated = await self.whose(cookie)
        if not isinstance(seated, Refusal):
            self._idle.worked(cookie)
        return seated

    async def sign_out(self, cookie: str) -> None:
        """Void a cookie, and the code that it spent.

        Raises:
          NotDurable: it could not be made durable.
        """
        kept = await self._kept(cookie)
        if not isinstance(kept, Refusal):
            await self._void(kept)

    async def _void(self, kept: _Kept) -> None:
        row, nobodys = kept.row, self._by.senses.secret(SECRET_BYTES)
        void = replace(row, hash=nobodys, requested_at=row.requested_at + 1, expires_at=0, used_by="")
        await self._by.store.put_codes((void,), void.requested_at)

    async def attest(self, cookie: str, asked: BidderKey) -> Attested | Refusal:
        """Vouch for the key that a bidder's page has made.

        Raises:
          NotDurable: the store does not say whose cookie it is.
        """
        kept = await self._kept(cookie)
        if isinstance(kept, Refusal):
            return kept
        if not signing.is_key(asked.key):
            return refuse("Malformed", why="key")
        self._idle.worked(cookie)
        session, bidder, _ = cookie.split(_APART)
        sig = self._by.signer.attest(session, bidder, asked.key, kept.means)
        return Attested(session, bidder, asked.key, kept.means, sig)

    async def act(self, cookie: str, asked: Submit) -> Answer | Refusal:
        """Hand a bidder's own act to its session; nothing else comes in by this door.

        Raises:
          NotDurable: the store does not say whose cookie it is.
        """
        seated = await self.whose(cookie)
        if isinstance(seated, Refusal):
            return seated
        self._idle.worked(cookie)
        published = await self._by.registry.current(seated.session)
        if published is None or asked.opening is not None:
            return refuse("UnknownSession", session=seated.session)
        found = read(asked, published.state)
        if isinstance(found, Unread):
            return found.refusal
        command = found.command
        if command.type not in ACTS:
            return refuse("NotAllowed", role="bidder", type=command.type, allowed=", ".join(sorted(ACTS)))
        if command.session != seated.session or not _speaks(published.state, seated.bidder, command):
            return refuse("UnknownAuthor")
        return await self._by.registry.submit(asked, OUTSIDE)

    def has_room(self) -> bool:
        """Whether another sign-in is taken now; one that is counts."""
        minute = self._by.senses.running_ms() // _MINUTE_MS
        if minute != self._minute:
            self._minute, self._this_minute = minute, 0
        if (
            self._this_minute >= self._bounds.bidder_sign_ins_per_minute_max
            or self._at_once >= self._bounds.bidder_sign_ins_at_once_max
        ):
            return False
        self._this_minute += 1
        return True

    async def _judge(self, asked: BidderSignIn) -> Cookie | Refusal:
        now = self._by.senses.now_ms()
        tried = await self._by.store.try_code(
            asked.session, code_seat(asked.bidder), now, limits.CODE_ATTEMPTS_MAX, limits.CODE_LOCK_MS
        )
        if tried is None:
            return refuse("BadCode", left=0)
        # A refusal names the seat; the bidder knows itself by its id.
        row = tried.row
        told = replace(row, seat=asked.bidder)
        if not tried.allowed:
            return wrong_code(replace(told, attempts=limits.CODE_ATTEMPTS_MAX))
        secret = self._by.senses.secret(SECRET_BYTES)
        good = await asyncio.to_thread(codes.matches, row.salt, row.hash, asked.code)
        spent_by = _spent_by(asked.session, asked.bidder, secret, MEANS)
        if not good or row.expires_at <= now or not await self._by.store.use_code(row, spent_by, None):
            return wrong_code(told)
        if not await self._has_bid(asked):
            return refuse("UnknownBidder", bidder=asked.bidder)
        return _cookie(asked.session, asked.bidder, secret, row.expires_at)

    async def _has_bid(self, asked: BidderSignIn) -> bool:
        published = await self._by.registry.published(asked.session)
        return published is not None and asked.bidder in bidders(published.state)

    async def _kept(self, cookie: str) -> "_Kept | Refusal":
        """The code that a cookie has spent, and by what its bidder was identified; idleness ends both."""
        parts = cookie.split(_APART)
        if len(parts) != 3 or not all(parts) or max(map(len, parts)) > limits.ID_CHARS_MAX:
            return refuse("NotSignedIn")
        session, bidder, text = parts
        try:
            secret = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return refuse("NotSignedIn")
        row = await self._by.store.code(session, code_seat(bidder))
        if row is None or row.expires_at <= self._by.senses.now_ms():
            return refuse("BidderSignedOut")
        for means in _SPENT:
            told = _spent_by(session, bidder, secret, means)
            if hmac.compare_digest(row.used_by.encode(), told.encode()):
                if means == MEANS and not self._by_code:
                    return refuse("CodeNotEnough")
                kept = _Kept(row, means)
                if self._idle.is_over(cookie):
                    await self._void(kept)
                    return refuse("SignInIdle", minutes=-(-self._idle.bound_ms // _MINUTE_MS))
                return kept
        return refuse("BidderSignedOut")


def _speaks(state: State, bidder: str, command: Command) -> bool:
    """Whether an act is of this bidder: by its own key, or the binding of one."""
    if isinstance(command.content, commands.BindSeat):
        return command.content.seat == bidder
    who = state.keys.get(command.author_key)
    return who is not None and (who.role, who.seat) == ("bidder", bidder)


def _cookie(session: str, bidder: str, secret: bytes, until: int) -> Cookie:
    text = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    return Cookie(_APART.join((session, bidder, text)), BidderSeated(session, bidder, until))


def _spent_by(session: str, bidder: str, secret: bytes, means: str) -> str:
    """What is kept of a cookie, in the place of the key that spent the code."""
    digest = canonical.tagged_digest("bidder-cookie/v1", [session, bidder, secret]).hex()
    return f"{_SPENT[means]}:{digest}"
