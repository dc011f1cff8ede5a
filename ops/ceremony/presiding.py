"""The opening of a played session's bids: sealed, handed in, released, opened before check-in (SPEC 28).

Owns what the agent, the tenderee and the bidders do between the committee and the check-in, with everything
in between left to whom it belongs: venues offer their keys and open, custodians answer and release, the
coordinator enters and closes. Used by `act` and by a rehearsal. Must not know processes.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import custody, files, senses
from ops.ceremony import bidding
from ops.ceremony.bidding import Container, Papers
from ops.installation import Installation
from ops.people import agent
from ops.people.listener import ActRefused, Listener
from ops.people.person import Person
from ops.sample import facts
from ops.senses import Dice
from ops.trouble import Trouble
from protocol import entry, hidden
from protocol.commands import Content
from protocol.commands_ceremony import BeginOpening, RecordBidFailure
from protocol.plan.case import Case
from protocol.plan.stages import stages
from protocol.session.apply import apply_known
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.state import State, Track
from protocol.views import StageView
from protocol.words import Stage, track_name
from sub_venue.journal.replica import read_copy

RECEIVING_MS: Final = 20_000
"""How long bids of a played session are received."""
WINDOW_MS: Final = 60_000
AWAIT_MS: Final = 180_000
"""How long an opening may take to come to its end."""
LOOK_S: Final = 0.2
WAITING: Final = frozenset(
    {"GuardUnmet", "MilestoneAwaited", "CustodiansTooFew", "DigestsUnequal", "WrongPhase"}
)
"""Refusals that mean: somebody else's act comes first."""
FAILED: Final = "投标人未在规定时间内解密。"
_TENDEREE: Final = "tenderee"


class Copy:
    """The record as a venue's copy has it, folded as it grows."""

    def __init__(self, found: Installation, session: str) -> None:
        """The main venue's."""
        self._path = found.config(found.main.place.node).parent / "sessions" / f"{session}.copy"
        self._logs = found.logs
        self._state: State | None = None

    async def until(self, test: Callable[[State], bool]) -> State:
        """The session, once it passes a test.

        Raises:
          Trouble: it does not in time.
        """
        until = senses.running_ms() + AWAIT_MS
        while True:
            state = await asyncio.to_thread(self._read)
            if state is not None and test(state):
                return state
            if senses.running_ms() > until:
                raise Trouble(
                    f"开标没有进展。日志:{self._logs}", f"The opening does not go on. Logs: {self._logs}"
                )
            await asyncio.sleep(LOOK_S)

    def _read(self) -> State | None:
        try:
            entries, _ = read_copy(self._path)
        except FileNotFoundError:
            return None
        for raw in entries[0 if self._state is None else self._state.size :]:
            self._state = apply_known(self._state, entry.decode(raw), raw)
        return self._state


async def hold(found: Installation, case: Case, session: str, chair: Person, dice: Dice) -> None:
    """Open the first envelope of every lot, from the agent's appointment of custodians to the published bids.

    Args:
      found: the installation, whose stack runs.
      case: whose bids they are.
      session: its session, its committee known.
      chair: the agent.
      dice: for keys, salts and the challenge.

    Raises:
      Trouble: an act was refused, or nothing moves.
    """
    custody.tell(found.data, case.plan.tender)
    bids = await asyncio.to_thread(sealed, found, case, dice)
    receiving = asyncio.create_task(
        asyncio.to_thread(bidding.hand_in, found, case, session, bids, RECEIVING_MS, dice)
    )
    first = {lot: Stage(lot, envelope, 1) for lot, envelope in reversed(tuple(stages(case.plan)))}
    for stage in first.values():
        appointed = custody.appointment(found.data, found.shape.custodians, case.plan.tender, WINDOW_MS)
        await chair.act(stage, appointed)
    tenderee = presider(found, session, chair, dice)
    desk = asyncio.create_task(tenderee.desk.keep())
    try:
        await tenderee.bind(Codes(chair).fresh)
        await receiving
        for stage in first.values():
            await _open(found, session, stage, chair, tenderee, bids, dice)
    finally:
        receiving.cancel()
        desk.cancel()
        await asyncio.gather(desk, receiving, return_exceptions=True)


async def _open(
    found: Installation, session: str, stage: Stage, chair: Person, tenderee: Person,
    bids: tuple[Container, ...], dice: Dice,
) -> None:  # fmt: skip
    """One stage: begun, released, published."""
    copy = Copy(found, session)
    # Whoever offers later reads what others opened: here every venue has a part.
    await copy.until(lambda state: len(state.ceremony.keys) == len(state.venues))
    await act_in_time(tenderee, stage, lambda: BeginOpening(dice.bytes32("challenge", session, stage.lot)))
    here = [one for one in bids if (one.lot, one.envelope) == (stage.lot, stage.envelope)]
    await asyncio.gather(*(asyncio.to_thread(bidding.release, found, session, one, dice) for one in here))
    state = await copy.until(lambda state: _all_reported(opening_of(state, stage)))
    await account(tenderee, stage, state, dice)
    await publish(chair, stage)
    await chair.until(lambda view: _is_open(view.stages, stage))


def presider(found: Installation, session: str, chair: Person, dice: Dice) -> Person:
    """The tenderee, by a key of the opening's own: who sits there afterwards binds another."""
    assert chair.view is not None
    seat = next(one for one in chair.view.seats if one.role == _TENDEREE)
    key = Ed25519PrivateKey.from_private_bytes(dice.bytes32("opening key", session, seat.seat))
    return Person(found.node(seat.venue), session, seat.seat, key, dice, listener=Listener())


async def account(tenderee: Person, stage: Stage, state: State, dice: Dice) -> None:
    """Every bid that was not opened is accounted for: its bidder did not release it."""
    for bid in reading.unopened(opening_of(state, stage)):
        text = hidden.disclose("statement", dice.bytes32("statement", bid, state.session), FAILED)
        content = RecordBidFailure(bid, "revoked", "not_released", "none", text.digest)
        await tenderee.act(stage, content, (text,))


async def publish(chair: Person, stage: Stage) -> None:
    """The agent publishes what was opened, as soon as it may."""
    until = senses.running_ms() + AWAIT_MS
    while True:
        try:
            await chair.act_prepared("OpenBids", stage)
        except ActRefused as error:
            if error.refused.code not in WAITING or senses.running_ms() > until:
                raise
            await asyncio.sleep(LOOK_S)
        else:
            return


async def act_in_time(person: Person, stage: Stage, content: Callable[[], Content]) -> None:
    """An act whose moment comes."""
    until = senses.running_ms() + AWAIT_MS
    while True:
        try:
            await person.act(stage, content())
        except ActRefused as error:
            if error.refused.code not in WAITING or senses.running_ms() > until:
                raise
            await asyncio.sleep(LOOK_S)
        else:
            return


def opening_of(state: State, stage: Stage) -> StageCeremony:
    """How far a stage's opening is."""
    return reading.of(state, track_of(state, stage))


def track_of(state: State, stage: Stage) -> Track:
    """A stage's track."""
    return state.tracks[track_name(stage.lot, stage.envelope)]


def sealed(found: Installation, case: Case, dice: Dice) -> tuple[Container, ...]:
    """Every bid of a case, sealed: the sample's own papers, or of another case a page that says whose it is.

    Raises:
      Trouble: a paper cannot be made, or the disk would not take it.
    """
    own = facts.load().case
    folder = found.data / "papers"
    papers: Papers
    if (case.plan.title, case.bidders) == (own.plan.title, own.bidders):
        from ops.sample import sealed_papers  # noqa: PLC0415 - the typesetter is slow to load

        papers = sealed_papers.lay_out(folder)
    else:
        papers = _plain(folder)
    return bidding.seal(found, case, found.data / "bidders", papers, dice)


class Codes:
    """One-time codes, fresh for whoever asks."""

    def __init__(self, asker: Person) -> None:
        """Ask as the agent."""
        self._asker = asker

    async def fresh(self, seat: str) -> str:
        """A code for a seat."""
        (one,) = await agent.issue_codes(self._asker, (seat,))
        return one.code


def _plain(folder: Path) -> Papers:
    def papers(bidder: str, lot: str, envelope: str) -> tuple[Path, ...]:
        path = files.make_folder(files.make_folder(folder) / bidder) / f"bid-{lot}-{envelope}.txt"
        files.write(path, f"投标文件(虚构示例) {bidder} {lot}/{envelope}\n".encode())
        return (path,)

    return papers


def _all_reported(found: StageCeremony) -> bool:
    return bool(found.to) and len(found.reports) == len(found.to)


def _is_open(places: tuple[StageView, ...], stage: Stage) -> bool | None:
    here = next(one for one in places if (one.lot, one.envelope) == (stage.lot, stage.envelope))
    return True if here.phase == "OPENED" else None
