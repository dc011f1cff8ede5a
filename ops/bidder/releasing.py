"""A bidder's release at an opening, over the line: its key proved by the one that sealed the bid (SPEC 28.9).

Waits until the list of bids stands under its milestone, sees that its own bid is the one that was received,
boxes its own key for the venues of the opening, and hands that in once. A release is final; one whose answer
was lost is sent again as the same act, and one that was taken before counts as done.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from ops import certificates, senses
from ops.bidder.line import Cut, Line, Refused, trouble
from ops.bids import reading
from ops.bids.reading import told
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import canonical, entry, hidden, wire
from protocol.commands import NO_HEAD, BindSeat, Command, Content
from protocol.commands_ceremony import ReleaseBid
from protocol.hidden import Disclosure
from protocol.refusals import refuse
from protocol.seal import at_opening, container, releasing, signing, suites
from protocol.seal.at_opening import AskContainer, Stands
from protocol.seal.releasing import Mark
from protocol.words import SESSION_STAGE, Stage

PATIENCE_S: Final = 600.0
"""How long the opening is awaited, and a line that is cut."""
LOOK_S: Final = 0.5
_AGAIN: Final = frozenset(
    {"TooBusy", "NotDurable", "ReceivingElsewhere", "LineDown", "Stopping", "MilestoneAwaited", "UnknownBid"}
)
"""What may be otherwise in a while; that a bid is unknown, until the list of bids is entered."""
_DONE: Final = frozenset({"AlreadyReleased"})

T = TypeVar("T")


class Released(Struct, frozen=True):
    """What was released: to how many venues, and until when (ms) it could have been."""

    bid: str
    bidder: str
    to: int
    until: int


def release(
    path: Path, key: str, line: Line, session: str, dice: Dice, patience_s: float = PATIENCE_S
) -> Released:
    """Release the bidder's own key of a sealed bid to the venues of its opening.

    Args:
      path: the container.
      key: the key that sealed it: a file, or a token's URI.
      line: to the coordinator.
      session: the tender's session.
      dice: for the salt.
      patience_s: how long the opening is awaited.

    Raises:
      Trouble: the container is damaged or another than was received, the window is over, the coordinator
        refuses, or the opening does not come in time.
    """
    found = reading.inspected(path)
    if found.header is None or found.seal is None or not found.whole:
        raise reading.trouble_of(refuse("ContainerBroken", part=", ".join(found.damaged) or "signature"))
    with told():
        suite = suites.get(found.header.bid.suite)
    mark = releasing.mark_of(found.header, found.header_digest, found.seal)
    asking = _Asking(line, patience_s)
    with reading.own_key(suite, key) as held:
        stands = _awaited(asking, session, mark)
        own = next(one for one in stands.bids if one.bid == mark.bid.bid)
        done = Released(own.bid, own.bidder, len(stands.to), stands.until)
        if own.released:
            return done
        with told():
            plain = container.unlock(suite, found.header, held)
            unlocking = container.release(suite, found.header, found.header_digest, plain, stands.to)
            value = releasing.release_bid(suite, session, mark, unlocking, held)
        author = certificates.ensure_signing_key(path.with_name(f"{path.name}.act.key").absolute())
        bidder = _Bidder(asking, session, author)
        bidder.bind(at_opening.ask_key(suite, session, mark, bidder.key, held))
    shown = hidden.disclose("bid_release", dice.bytes32("bid release", session, own.bid), value)
    stage = Stage(stands.lot, stands.envelope, stands.round)
    bidder.act(stage, ReleaseBid(own.bid, shown.digest), (shown,), done=_DONE)
    return done


class _Asking:
    """Asks again what may be otherwise in a while, for so long."""

    def __init__(self, line: Line, patience_s: float) -> None:
        self._line = line
        self._until_ms = senses.running_ms() + round(patience_s * 1000)

    def post(self, path: str, make: Callable[[], Any], form: type[T]) -> T:
        while True:
            try:
                return self._line.post(path, make(), form)
            except Cut as error:
                self.pause(trouble(error))
            except Refused as error:
                if error.refusal.code not in _AGAIN:
                    raise
                self.pause(trouble(error))

    def pause(self, why: Trouble) -> None:
        if senses.running_ms() >= self._until_ms:
            raise why
        threading.Event().wait(LOOK_S)


class _Bidder:
    """A bidder's acts in the record, by a key of its own."""

    def __init__(self, asking: _Asking, session: str, author: Ed25519PrivateKey) -> None:
        self._asking = asking
        self._session = session
        self._author = author
        self.key = signing.public_text(author)

    def bind(self, asked: at_opening.AskKey) -> None:
        """Have the key speak for the bidder; one that does already is left as it is."""
        try:
            attested = self._asking.post(at_opening.ATTEST, lambda: asked, wire.Attested)
        except Refused as error:
            raise trouble(error) from error
        content = BindSeat(attested.seat, attested.means, attested.attestation)  # type: ignore[arg-type]
        self.act(SESSION_STAGE, content, (), done=frozenset({"KeyTaken"}))

    def act(
        self, stage: Stage, content: Content, disclosures: tuple[Disclosure, ...], done: frozenset[str]
    ) -> None:
        """An act, sent until it is answered; a refusal that says that it is done is none."""

        def made() -> wire.Submit:
            now = senses.now_ms()
            command = Command(
                session=self._session, type=type(content).__name__, command_id=f"bidder-{now}",
                author_key=self.key, author_at=now, author_seq=now, seen=NO_HEAD, stage=stage,
                content=content,
            )  # fmt: skip
            sig = signing.sign(self._author, entry.signed_bytes(command))
            return wire.Submit(command=canonical.encode(command).decode(), sig=sig, disclosures=disclosures)

        while True:
            try:
                answer = self._asking.post(at_opening.ACT, made, wire.Answer)
            except Refused as error:
                raise trouble(error) from error
            refused = answer.refused
            if refused is None or refused.code in done:
                return
            why = Trouble(f"{refused.zh}[{refused.code}]", f"{refused.en} [{refused.code}]")
            if refused.code not in _AGAIN:
                raise why
            self._asking.pause(why)


def _awaited(asking: _Asking, session: str, mark: Mark) -> Stands:
    """How the opening stands, once the bid is on its list and that list is held fast.

    Raises:
      Trouble: the list has another container under this id, or the window is over.
    """
    of = mark.bid
    asked = AskContainer(session, of.lot, of.envelope, of.bid)
    while True:
        try:
            stands = asking.post(at_opening.STANDS, lambda: asked, Stands)
        except Refused as error:
            raise trouble(error) from error
        own = next(one for one in stands.bids if one.bid == of.bid)
        if own.mark != releasing.mark_digest(mark):
            raise reading.trouble_of(refuse("ReleaseForeign", why="bid"))
        if own.released or (stands.reached and stands.phase == "BIDDERS_RELEASE"):
            return stands
        if stands.phase != "BIDDERS_RELEASE":
            raise reading.trouble_of(refuse("WindowOver", bid=of.bid))
        asking.pause(reading.trouble_of(refuse("MilestoneAwaited", milestone="bids_received")))
