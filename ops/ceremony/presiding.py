"""The opening of a played session's bids: sealed, handed in, released, opened before check-in (SPEC 28).

Owns what the agent, the tenderee and the bidders do between the committee and the check-in, with everything
in between left to whom it belongs: venues offer their keys and open, custodians answer and release, the
coordinator enters and closes. Every step is read off the record and the disk, so that whoever was ended in
the middle of it goes on where it stood. Used by `act` and by a rehearsal. Must not know processes.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import custody, files, senses
from ops.ceremony import bidding
from ops.ceremony.bidding import Container, Papers
from ops.installation import Installation
from ops.people import agent
from ops.people.listener import ActRefused, Listener
from ops.people.person import Person
from ops.people.roles.tenderee import REASONS, UNOPENED, UNRELEASED
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
WINDOW_MS: Final = 300_000
"""How long bidders may release; over as soon as all have, and it outlasts a stack that is started again."""
AWAIT_MS: Final = 180_000
"""How long an opening may take to come to its end."""
LOOK_S: Final = 0.2
WAITING: Final = frozenset(
    {"GuardUnmet", "MilestoneAwaited", "CustodiansTooFew", "DigestsUnequal", "WrongPhase"}
)
"""Refusals that mean: somebody else's act comes first."""
_TENDEREE: Final = "tenderee"


class Copy:
    """The record as a venue's copy has it, folded as it grows."""

    def __init__(self, found: Installation, session: str) -> None:
        """The main venue's."""
        self._path = found.config(found.main.place.node).parent / "sessions" / f"{session}.copy"
        self._logs = found.logs
        self._state: State | None = None

    async def until(self, test: Callable[[State], bool], await_ms: int | None = AWAIT_MS) -> State:
        """The session, once it passes a test; without `await_ms` however long that takes.

        Raises:
          Trouble: it does not in time.
        """
        until = None if await_ms is None else senses.running_ms() + await_ms
        while True:
            state = await asyncio.to_thread(self._read)
            if state is not None and test(state):
                return state
            if until is not None and senses.running_ms() > until:
                raise Trouble(
                    f"开标没有进展。日志:{self._logs}", f"The opening does not go on. Logs: {self._logs}"
                )
            await asyncio.sleep(LOOK_S)

    def moments(self, type_: str) -> tuple[int, ...]:
        """When each entry of a type that the copy has was entered, ms."""
        entries, _ = read_copy(self._path)
        every = (entry.decode(raw) for raw in entries)
        return tuple(one.at for one in every if one.command.type == type_)

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

    Later envelopes are sealed and handed in with them, and opened when their moment comes (`releasing`).

    Args:
      found: the installation, whose stack runs.
      case: whose bids they are.
      session: its session, its committee known; an opening that has begun goes on.
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
    copy = Copy(found, session)
    state = await copy.until(lambda state: bool(state.tracks))
    for lot, envelope in stages(case.plan):
        stage = Stage(lot, envelope, 1)
        if not opening_of(state, stage).groups:
            appointed = custody.appointment(found.data, found.shape.custodians, case.plan.tender, WINDOW_MS)
            await chair.act(stage, appointed)
    tenderee = presider(found, session, chair, dice)
    beside = [receiving, asyncio.create_task(tenderee.desk.keep())]
    try:
        await tenderee.bind(Codes(chair).fresh)
        await receiving
        bidders = asyncio.create_task(releasing(found, case, session, dice))
        beside.append(bidders)
        first = {lot: Stage(lot, envelope, 1) for lot, envelope in reversed(tuple(stages(case.plan)))}
        for stage in first.values():
            await _unless_failed(bidders, _open(copy, stage, chair, tenderee, dice))
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def releasing(found: Installation, case: Case, session: str, dice: Dice) -> None:
    """The bidders' part, for as long as it is let: whatever was received of theirs is released in its time.

    Of a later envelope only who passed is on its list; nobody else's program is even asked. Whose window went
    by while nobody was here is too late, and accounted for as anybody else.

    Raises:
      Trouble: the coordinator refuses.
    """
    copy = Copy(found, session)
    bids = {(one.lot, one.envelope, one.bidder): one for one in bidding.kept(found, case)}
    done: set[tuple[str, str, str]] = set()

    def waits(state: State) -> bool:
        return bool(due(state, bids, done))

    while True:
        now = due(await copy.until(waits, None), bids, done)
        await asyncio.gather(*(asyncio.to_thread(bidding.release, found, session, one, dice) for one in now))
        done |= {(one.lot, one.envelope, one.bidder) for one in now}


def due(
    state: State, bids: Mapping[tuple[str, str, str], Container], done: set[tuple[str, str, str]]
) -> list[Container]:
    """The bids, by lot, envelope and bidder, that are to be released now and are not yet."""
    return [
        bids[name]
        for here in state.tracks.values()
        if here.phase == "BIDDERS_RELEASE" and senses.now_ms() <= reading.until(state, here)
        for one in reading.of(state, here).received
        if (name := (here.lot, here.envelope, one.bid)) in bids and name not in done
        and one.bid not in reading.of(state, here).released
    ]  # fmt: skip


async def _unless_failed(beside: "asyncio.Task[None]", work: Coroutine[Any, Any, None]) -> None:
    """Some work, ended by the fault of what goes on beside it."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task, beside}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await beside
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _open(copy: Copy, stage: Stage, chair: Person, tenderee: Person, dice: Dice) -> None:
    """One stage: begun, released by its bidders, published; from wherever it stands."""
    # Whoever offers later reads what others opened: here every venue has a part.
    state = await copy.until(lambda state: len(state.ceremony.keys) == len(state.venues))
    if track_of(state, stage).phase == "AWAITED":
        challenge = dice.bytes32("challenge", state.session, stage.lot)
        await act_in_time(tenderee, stage, lambda: BeginOpening(challenge))
    state = await copy.until(lambda state: _all_reported(opening_of(state, stage)))
    if track_of(state, stage).phase == "CUSTODIANS_RELEASE":
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
    """Every bid that was not opened is accounted for: not released by its bidder, or as the venues found."""
    opening = opening_of(state, stage)
    for bid in reading.unopened(opening):
        if bid in opening.failures:
            continue
        first = next(iter(opening.reports.values()))
        found = next((one.result for one in first.bids if one.bid == bid), "")
        reason = REASONS.get(found, "other") if found else "not_released"
        words = UNOPENED if found else UNRELEASED
        text = hidden.disclose("statement", dice.bytes32("statement", bid, state.session), words)
        content = RecordBidFailure(bid, "revoked", reason, "none", text.digest)
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
    return bidding.seal(found, case, found.data / bidding.FOLDER, papers, dice)


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
