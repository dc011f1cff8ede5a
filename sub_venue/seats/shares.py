"""Shares (随机数): what this node gives to a draw for its province, committed first, then revealed.

Owns the node's own two acts in a draw: 32 bytes of this machine, under a key of the session's, whose
commitment it hands in when it is named as a party, and which it reveals when all parties have committed. The
share goes up the line only then, and lies on this disk sealed. Must not know who is in the pool.
Source: SPEC 15.1, 15.3.
"""

import asyncio

import structlog

from protocol import canonical, chance, hidden, limits
from protocol.commands import Content
from protocol.commands_draw import CommitDrawSeed, RevealDrawSeed
from protocol.hidden import Disclosure
from protocol.session.state import State
from protocol.words import SESSION_STAGE
from sub_venue.journal.journal import Act
from sub_venue.keys import SealBroken
from sub_venue.seats import own_hand
from sub_venue.seats.own_hand import Rooms, Wanted

REFUSED_TRIES_MAX = 3
"""How often the node hands in the same after a refusal; then people must look."""
_SHARE_BYTES = 4_096
_log = structlog.get_logger("sub_venue.seats")


class Shares:
    """What this node gives to draws."""

    def __init__(self, rooms: Rooms) -> None:
        """Hear of every session that grows, and join a share to its revealing when that goes up."""
        self._by = rooms
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._enclose = rooms.uplink.enclose
        rooms.uplink.enclose = self.enclose
        rooms.copies.listen(self.look)
        rooms.journal.listen(lambda kept, _answer: self.look(kept.session))

    def enclose(self, act: Act) -> tuple[Disclosure, ...] | None:
        """The disclosures that go up with an act; None when its share cannot be opened any more."""
        if act.type != "RevealDrawSeed" or act.author_key != self._by.node_key.text:
            return self._enclose(act)
        found = self._open(act.session, act.seat, act.opening_of)
        return None if found is None else (found,)

    def look(self, session: str) -> None:
        """See whether a draw asks something of this node now; at most one task for each session."""
        state = self._by.copies.state(session)
        if state is None or session in self._at_work or self._asked(state) is None:
            return
        task = asyncio.ensure_future(self._work(session))
        self._at_work[session] = task
        task.add_done_callback(lambda done: self._worked(session, done))

    async def stop(self) -> None:
        """End whatever is under way; what is kept is kept."""
        tasks = tuple(self._at_work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, session: str) -> None:
        state = self._by.copies.state(session)
        wanted = None if state is None else self._asked(state)
        if state is None or wanted is None:
            return
        party, act = wanted
        content: Content
        if act == "CommitDrawSeed":
            share = self._make(state, party)
            sealed = await self._by.disk.do(lambda: self._seal(session, party, share))
            content = CommitDrawSeed(_draw(state), share.digest)
            await own_hand.keep(
                self._by, session, Wanted(SESSION_STAGE, party, content, share.digest, sealed)
            )
            return
        commitment = state.drawn.commitments[party]
        content = RevealDrawSeed(_draw(state), commitment)
        await own_hand.keep(
            self._by, session, Wanted(SESSION_STAGE, party, content, commitment, opening_of=commitment)
        )

    def _worked(self, session: str, done: asyncio.Task[None]) -> None:
        del self._at_work[session]
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            _log.error("no share for the draw", session=session, error=repr(error))
        else:
            self.look(session)

    def _asked(self, state: State) -> tuple[str, str] | None:
        """As which party this node is awaited, and for what; None while it is for nothing."""
        frozen, drawn = state.drawn.frozen, state.drawn
        who = state.keys.get(self._by.node_key.text)
        if frozen is None or drawn.drawn or who is None or who.role != "venue":
            return None
        if who.seat not in {one.party for one in frozen.parties}:
            return None
        if who.seat not in drawn.commitments:
            act = "CommitDrawSeed"
        elif len(drawn.commitments) == len(frozen.parties) and who.seat not in drawn.revealed:
            act = "RevealDrawSeed"
        else:
            return None
        return (who.seat, act) if self._may(state, act) else None

    def _may(self, state: State, type_: str) -> bool:
        """Not while the same is on its way, nor before our copy shows it, nor after several refusals."""
        refused = 0
        for kept in self._by.journal.of_author(state.session, self._by.node_key.text):
            if kept.type != type_:
                continue
            if kept.answer is None or kept.answer.seq >= state.size:
                return False
            refused += kept.answer.status == "refused"
        return refused < REFUSED_TRIES_MAX

    def _make(self, state: State, party: str) -> Disclosure:
        """A share of fresh bytes and its salt: nothing of it comes from a seed."""
        frozen = state.drawn.frozen
        assert frozen is not None
        senses = self._by.senses
        share = chance.Share(
            draw=frozen.draw, party=party, random=senses.secret(32), session=state.session,
            subject=frozen.subject,
        )  # fmt: skip
        return hidden.disclose("draw_share", senses.secret(limits.SALT_BYTES), share)

    def _seal(self, session: str, party: str, share: Disclosure) -> bytes:
        return self._by.keys.seal(session, party, _purpose(share.digest), canonical.encode(share))

    def _open(self, session: str, party: str, commitment: bytes) -> Disclosure | None:
        """The share behind a commitment; None when it cannot be had any more."""
        for kept in self._by.journal.of_author(session, self._by.node_key.text):
            if (kept.type, kept.commitment) != ("CommitDrawSeed", commitment):
                continue
            try:
                sealed = self._by.journal.body(kept).sealed
                raw = self._by.keys.open(session, party, _purpose(commitment), sealed)
                return canonical.decode(raw, Disclosure, _SHARE_BYTES)
            except (SealBroken, canonical.NotCanonical) as error:
                _log.error("a share cannot be opened", session=session, party=party, error=repr(error))
        return None


def _draw(state: State) -> str:
    frozen = state.drawn.frozen
    assert frozen is not None
    return frozen.draw


def _purpose(commitment: bytes) -> str:
    return f"share {commitment.hex()}"
