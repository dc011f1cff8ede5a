"""Heads: this node's own look at the signed heads of its sessions' logs, and receipts for its pages.

Owns asking the coordinator, the trees grown from this node's own copies, and what was made of each head. A
head that contradicts a copy stops that copy; both heads are kept beside it as proof. Pages are handed heads
as they came: each verifies them itself. Source: SPEC 27.1. Must not know sockets.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from protocol import entry, heads
from protocol.heads import HeadTold, HeadWanted, ReceiptTold, ReceiptWanted
from protocol.ledger import quorum, trust
from protocol.ledger.levels import Levels
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Policy
from protocol.ledger.receipt import Receipt
from protocol.ledger.watcher import Contradiction, Watcher
from protocol.refusals import Refusal, refuse
from sub_venue.config import Bounds
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import NotDurable
from sub_venue.journal.replica import Replica
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink

CODE = "HeadContradicts"
"""Why a copy has stopped: the log has signed a head that is not of what this node was given."""
_log = structlog.get_logger("sub_venue.seats")


class _Watched(Struct):
    """One session's log as this node sees it; `text` is the newest head as it came."""

    watcher: Watcher
    tree: Levels
    text: str = ""


class Heads:
    """The heads of this node's sessions."""

    def __init__(
        self, policy: Policy | None, copies: Copies, uplink: Uplink, bounds: Bounds, senses: Senses
    ) -> None:
        """Look at nothing yet; `policy` is of the installation's logs, None where none was handed over."""
        self._policy = policy
        self._copies = copies
        self._uplink = uplink
        self._bounds = bounds
        self._senses = senses
        self._watched: dict[str, _Watched] = {}

    async def run(self) -> None:
        """Look again and again until cancelled; nothing where there is no policy."""
        while self._policy is not None:
            await asyncio.sleep(self._bounds.head_look_ms / 1000)
            wanting = [one.session for one in self._copies.going_on() if self._wants(one)]
            for session in wanting[: self._bounds.heads_looked_at_max]:
                await self.look(session)

    async def look(self, session: str) -> None:
        """Ask for the newest head of a session's log and weigh it against this node's copy."""
        replica = self._copies.get(session)
        if replica is None or replica.state is None or self._policy is None or not self._uplink.online:
            return
        told = await self._uplink.ask(heads.HEAD, HeadWanted(session), HeadTold)
        if isinstance(told, HeadTold) and told.session == session and told.checkpoint:
            await self._weigh(replica, told.checkpoint)

    def told(self, session: str) -> HeadTold:
        """The newest head of a session as it came, and this node's policy for it."""
        if self._policy is None:
            return HeadTold(session, "")
        policy = trust.text(trust.of_session(self._policy, session))
        return HeadTold(session, self._of(session).text, policy)

    def receipt(self, replica: Replica, raw: bytes, seq: int) -> str:
        """The receipt of an entry under the newest verified head; empty while none covers it."""
        if self._policy is None:
            return ""
        watched = self._of(replica.session)
        self._grow(watched, replica)
        last = watched.watcher.last
        if last is None or seq >= last.head.size:
            return ""
        return Receipt(seq, watched.tree.inclusion(seq, last.head.size), last.text, raw).text

    def _wants(self, replica: Replica) -> bool:
        """Whether there may be something new: the session has grown, or somebody owes a line."""
        if replica.state is None or replica.fault is not None:
            return False
        last = self._of(replica.session).watcher.last
        if last is None or last.head.size != replica.size:
            return True
        return self._policy is not None and len(last.times) < len(self._policy.cosigners)

    async def _weigh(self, replica: Replica, text: str) -> None:
        watched = self._of(replica.session)
        self._grow(watched, replica)
        try:
            weighed = watched.watcher.take(text, watched.tree)
        except NoteError as error:
            _log.error("no head of this log", session=replica.session, why=str(error))
            return
        if isinstance(weighed, Contradiction):
            watched.text = text
            await self._stop(replica, weighed)
        elif weighed is not None:
            watched.text = weighed.text

    async def _stop(self, replica: Replica, found: Contradiction) -> None:
        if replica.fault is not None:
            return
        proof = "" if found.proof is None else found.proof.raw.decode()
        given = msgspec.json.encode({"head": found.text, "before": found.before, "proof": proof}).decode()
        _log.error("two histories of one log", session=replica.session, head=found.text, before=found.before)
        try:
            await self._copies.stop(
                replica.session, CODE, max(0, replica.size - 1), self._senses.now_ms(), given
            )
        except NotDurable as error:
            _log.error("the proof of two histories is not durable", session=replica.session, why=str(error))

    def _of(self, session: str) -> _Watched:
        found = self._watched.get(session)
        if found is None:
            assert self._policy is not None
            watcher = Watcher(trust.of_session(self._policy, session))
            found = self._watched[session] = _Watched(watcher, Levels())
        return found

    @staticmethod
    def _grow(watched: _Watched, replica: Replica) -> None:
        for leaf in replica.leaves(watched.tree.size):
            watched.tree.append(leaf)


class HeadDesk(Struct, frozen=True):
    """The messages of `/desk` that are about heads; `standing` says who speaks on a page."""

    heads: Heads
    copies: Copies
    standing: Callable[[Page], Seated | None]

    async def head(self, page: Page, asked: HeadWanted) -> HeadTold | Refusal:
        """The newest signed head of the page's session, and the policy to check it with."""
        seated = self.standing(page)
        if seated is None or seated.session != asked.session or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        return self.heads.told(asked.session)

    async def receipt(self, page: Page, asked: ReceiptWanted) -> ReceiptTold | Refusal:
        """The receipt of an entry that the page's own key has signed; nobody else's entry is given."""
        seated = self.standing(page)
        if seated is None or seated.session != asked.session or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        replica = self.copies.get(asked.session)
        if replica is None or asked.seq >= replica.size:
            return refuse("SeenUnknown", size=asked.seq)
        entries = await asyncio.to_thread(replica.entries)
        raw = entries[asked.seq]
        if entry.decode(raw).command.author_key != seated.key:
            return refuse("NotAllowed", role=seated.role, type="Receipt", allowed="author")
        return ReceiptTold(asked.session, asked.seq, self.heads.receipt(replica, raw, asked.seq))


def read_policy(path: Path | None) -> Policy | None:
    """The trust policy in a file; None where none is named.

    Raises:
      OSError: the file cannot be read.
      ValueError: it is no policy; the text names the line.
    """
    return None if path is None else quorum.read(path.read_bytes())
