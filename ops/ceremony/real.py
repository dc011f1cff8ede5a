"""An opening on a whole stack of real processes: coordinator, venues, custodians, bidders (SPEC 28).

From a session that is booked to one whose bids are opened: sealed and handed in by the bidders' own programs,
released over the line, opened at every venue. With `kills` processes die by SIGKILL on the way, each at a
moment of its own, and come back. At the end the coordinator's disk is searched for whatever it must not hold.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from ops import custody, files, installation, places, ports, senses
from ops.ceremony import bidding, canary, presiding, trouble_makers
from ops.ceremony.bidding import Container
from ops.ceremony.presiding import Codes, Copy
from ops.ceremony.trouble_makers import TooFew
from ops.installation import PORTS_SPAN, Installation, Shape
from ops.people import agent, notebook, script
from ops.people.listener import Listener
from ops.people.person import Person
from ops.people.play import Play
from ops.senses import Dice
from ops.stack import Stack
from protocol.commands import BidRef, Content, ReadOut
from protocol.commands_ceremony import BeginOpening, OpenBids, ReceiveBids, ReceivedBid
from protocol.plan.case import Case
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.state import State
from protocol.views import View
from protocol.words import Stage

RECEIVING_MS: Final = 30_000
"""How long bids are received; the session is booked and seated meanwhile."""
MEGABYTE_MS: Final = 200
"""So much longer for each megabyte of all bids: a busy machine hands in five a second."""
WINDOW_MS: Final = 60_000


class Reached(Struct, frozen=True):
    """How far it came: bids opened of how many, who answered and released, whether venues found the same.

    Times in ms until every venue had opened everything: from the last release of a bidder, as seen from
    outside (`opening_ms`); and from the last release of anybody, by the record (`readable_ms`).
    `killed` are the processes that died on the way; `leaked` what was found at the coordinator and must not
    be there, in words. `failed`: bid → why it was not opened; `words`: how often venues said what they found;
    `waited`: what the record said while custodians
    were too few, and by which codes it was not forced. `named`: venue → `bid custodian` of each false share.
    """

    bids: int
    opened: tuple[str, ...]
    answered: tuple[str, ...]
    released: tuple[str, ...]
    reports: tuple[str, ...]
    equal: bool
    phase: str
    entries: int
    opening_ms: int
    readable_ms: int
    killed: tuple[str, ...]
    leaked: tuple[str, ...]
    failed: dict[str, str] = {}
    words: int = 0
    waited: tuple[str, ...] = ()
    named: dict[str, tuple[str, ...]] = {}


class Plan(Struct, frozen=True, kw_only=True):
    """What is rehearsed: how large each dummy bid is, who dies, who does not release.

    With `few` fewer custodians than the threshold are there for a while, at the roll-call and at the release;
    with `faulty` the last bid was dealt badly, and a sub-venue's disk gives back another byte of the first.
    `modules`: custodian → the module that runs in the place of its service, for tests. `last` is a custodian
    that comes only when all others have released, and before it nothing may open; `sunk` ends there, where
    good shares are too few for ever.
    """

    bytes_each: int = 65_536
    custodians: int = 5
    cosigners: bool = False
    kills: bool = False
    late: frozenset[str] = frozenset()
    few: bool = False
    faulty: bool = False
    window_ms: int = WINDOW_MS
    seed: str = ""
    modules: dict[str, str] = {}
    last: str = ""
    sunk: bool = False


def _papers(folder: Path, plan: Plan) -> bidding.Papers:
    """Dummy papers, each with words of its own, so large."""

    def papers(bidder: str, lot: str, envelope: str) -> tuple[Path, ...]:
        path = files.make_folder(files.make_folder(folder) / bidder) / f"paper-{lot}-{envelope}.txt"
        words = canary.WORDS + f" {bidder} {lot} {envelope}\n".encode()
        files.write(path, words * (plan.bytes_each // len(words) + 1))
        return (path,)

    return papers


def told(reached: Reached) -> bytes:
    """How far it came, as JSON."""
    return msgspec.json.encode(reached)


def case_of(path: Path | None) -> Case:
    """A tender, or the sample, under rules version 4, its committee told and not drawn.

    Raises:
      Trouble: there is no such case, or it is not valid.
    """
    case = script.load(path or places.sample_case())
    script.require_committee(case)
    return replace(case, rules="4", drawing=UNSET, turns=())


async def hold(
    folder: Path, case: Case, plan: Plan, tell: Callable[[str, str], None] = lambda _zh, _en: None
) -> Reached:
    """Start a stack of its own in a folder, and hold an opening of a case on it.

    Raises:
      Trouble: whatever keeps it from getting there.
    """
    wanted = places.of_case(case)
    span = PORTS_SPAN + 2 * len(wanted) + len(custody.names(plan.custodians))
    found = installation.ensure(
        folder, now_ms=senses.now_ms(), places=wanted, ports_from=ports.free_base(span, Dice()),
        seed=plan.seed, shape=Shape(cosigners=plan.cosigners, custodians=plan.custodians),
    )  # fmt: skip
    custody.tell(found.data, case.plan.tender)
    dice = Dice(plan.seed)
    bids = await asyncio.to_thread(
        bidding.seal, found, case, found.data / bidding.FOLDER, _papers(found.data / "papers", plan), dice
    )
    if plan.faulty:
        last = bids[-1]
        policy = custody.sealing_policy(
            found.data, plan.custodians, case.plan.tender, last.lot, last.envelope
        )
        await asyncio.to_thread(trouble_makers.deal_badly, last, policy, dice)
    tell("标书已密封。", "The bids are sealed.")
    running = Stack(found, restart=True, tell=tell)
    running.parts = tuple(
        replace(part, module=plan.modules.get(part.name, part.module)) for part in running.parts
    )
    await running.start()
    try:
        return await running.unless_broken(_Opening(found, case, running, plan, bids, dice, tell).run())
    finally:
        await running.stop()


class _Opening:
    """One opening on a stack that runs."""

    def __init__(
        self, found: Installation, case: Case, running: Stack, plan: Plan, bids: tuple[Container, ...],
        dice: Dice, tell: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        self._found, self._case, self._running, self._plan = found, case, running, plan
        self._bids, self._dice, self._tell = bids, dice, tell
        self._session = notebook.new_session(found, case)
        self._copy = Copy(found, self._session)
        self._killed: list[str] = []
        self._waited: list[str] = []
        self._stage = Stage(bids[0].lot, bids[0].envelope, 1)

    async def run(self) -> Reached:
        """From the booking to the read-out."""
        lasts_ms = RECEIVING_MS + self._plan.bytes_each * len(self._bids) // 1_048_576 * MEGABYTE_MS
        receiving = asyncio.create_task(
            asyncio.to_thread(
                bidding.hand_in, self._found, self._case, self._session, self._bids, lasts_ms, self._dice
            )
        )
        play = Play(self._found, self._case, self._session, self._dice, listener=Listener())
        async with play.open():
            await agent.book(play.agent, self._case)
            await play.agent.follow_session()
            await agent.seat_committee(play.agent, self._case)
            appointed = custody.appointment(
                self._found.data, self._plan.custodians, self._case.plan.tender, self._plan.window_ms
            )
            await play.agent.act(self._stage, appointed)
            tenderee = presiding.presider(self._found, self._session, play.agent, self._dice)
            desk = asyncio.create_task(tenderee.desk.keep())
            try:
                await tenderee.bind(Codes(play.agent).fresh)
                await receiving
                return await self._open(play, tenderee)
            finally:
                desk.cancel()
                await asyncio.gather(desk, return_exceptions=True)

    async def _open(self, play: Play, tenderee: Person) -> Reached:
        await self._kill("hefei")
        if self._plan.last:
            self._running.keep_down(self._plan.last)
        # Whoever offers later reads what others opened: here every venue has a part.
        await self._copy.until(lambda state: len(state.ceremony.keys) == len(state.venues))
        few = TooFew(self._running, custody.names(self._plan.custodians)[:-1], self._case)
        if self._plan.few:
            few.kill()
        await presiding.act_in_time(
            tenderee, self._stage, lambda: BeginOpening(self._dice.bytes32("challenge"))
        )
        self._tell("开标已开始。", "The opening has begun.")
        if self._plan.few:
            there = {*few.there, custody.TENDEREE_KEY}
            await self._copy.until(lambda state: set(self._opening(state).answered) == there)
            received = tuple(ReceivedBid(one.bidder, one.bidder, bytes(32)) for one in self._bids)
            await self._wait(few, play, tenderee, "roll-call", ReceiveBids(received))
        await self._kill("centre-1")
        await self._reached("BIDDERS_RELEASE")
        self._tell("标书清单已接收,投标人解密中。", "The bids were received; bidders release.")
        await self._fetched()
        if self._plan.faulty:
            await self._damaged()
        released = [
            asyncio.create_task(
                asyncio.to_thread(bidding.release, self._found, self._session, one, self._dice)
            )
            for one in self._bids
            if one.bidder not in self._plan.late
        ]
        await self._kill("coordinator")
        if self._plan.few:
            few.kill()
        await asyncio.gather(*released)
        begun = senses.running_ms()
        self._tell("投标人已解密。", "The bidders have released.")
        await self._kill("centre-2")
        await self._reached("CUSTODIANS_RELEASE")
        await self._kill("nanjing")
        await self._kill("centre-3")
        if self._plan.few:
            there = {*few.there, custody.TENDEREE_KEY}
            await self._copy.until(lambda state: set(self._opening(state).custody) == there)
            await self._wait(few, play, tenderee, "release", OpenBids(_no_bids()))
            begun = senses.running_ms()
        if self._plan.last or self._plan.sunk:
            await self._false(play, tenderee, few)
            begun = senses.running_ms()
            if self._plan.sunk:
                return await self._told(0)
        state = await self._copy.until(lambda state: _alike(self._opening(state)))
        opening_ms = senses.running_ms() - begun
        self._tell(f"各会场已解密,{opening_ms} 毫秒。", f"Every venue has opened them, in {opening_ms} ms.")
        await self._publish(play, tenderee, state)
        return await self._told(opening_ms)

    async def _wait(self, few: TooFew, play: Play, tenderee: Person, moment: str, force: Content) -> None:
        """Custodians are too few: nobody can force it, the session is suspended, and goes on with them."""

        def short(view: View) -> tuple[str, ...] | None:
            here = next(one for one in view.stages if one.lot == self._stage.lot)
            return here.ceremony.short if here.ceremony is not None and here.ceremony.short else None

        missing = await tenderee.until(short)
        codes = [await trouble_makers.refused(one, self._stage, force) for one in (play.agent, tenderee)]
        await few.suspended(tenderee, self._dice, moment)
        state = await self._copy.until(lambda state: state.phase == "SUSPENDED")
        codes.append(await trouble_makers.refused(play.agent, self._stage, force))
        told = f"{moment}: {', '.join(missing)}; {state.phase}; {', '.join(codes)}"
        self._waited.append(told)
        self._killed += few.down
        self._tell(f"托管方不足,已中断:{told}", f"Custodians too few, suspended: {told}")
        await few.back()
        await few.resumed(play.agent)

    async def _false(self, play: Play, tenderee: Person, few: TooFew) -> None:
        """A threshold has released, and too few shares are good: no venue opens, and nobody forces it."""
        there = set(custody.names(self._plan.custodians)) - {self._plan.last}
        await self._copy.until(lambda state: set(self._opening(state).custody) == there)
        logs = [self._found.logs / f"{one.place.node}.log" for one in self._found.nodes]
        await self._copy.until(
            lambda _state: all("not opened yet" in path.read_text(encoding="utf-8") for path in logs)
        )
        force = OpenBids(_no_bids())
        codes = [await trouble_makers.refused(one, self._stage, force) for one in (play.agent, tenderee)]
        await few.suspended(tenderee, self._dice, "false shares")
        state = await self._copy.until(lambda state: state.phase == "SUSPENDED")
        codes.append(await trouble_makers.refused(play.agent, self._stage, force))
        self._waited.append(f"false shares: {state.phase}; {', '.join(codes)}")
        if self._plan.last:
            self._running.let_up(self._plan.last)
            await few.resumed(play.agent)

    async def _publish(self, play: Play, tenderee: Person, state: State) -> None:
        """Failures accounted for, names and prices published, read out."""
        await presiding.account(tenderee, self._stage, state, self._dice)
        await presiding.publish(play.agent, self._stage)
        state = await self._reached("OPENED")
        for opened in state.tracks[f"{self._stage.lot}/{self._stage.envelope}"].bids:
            await tenderee.act(self._stage, ReadOut(opened.bidder))

    async def _told(self, opening_ms: int) -> Reached:
        state = await self._copy.until(lambda _state: True)
        found = self._opening(state)
        gone = reading.unopened(found)
        # Of a bid that was dealt badly nobody can tell the keys.
        told = self._bids[:-1] if self._plan.faulty else self._bids
        leaked = await asyncio.to_thread(
            canary.search, self._found, self._session, told, self._running.pid("coordinator"),
            opened=bool(found.reports),
        )  # fmt: skip
        said = await asyncio.to_thread(self._copy.moments, "ReportDecryption")
        released = await asyncio.to_thread(self._copy.moments, "ReleaseCustody")
        return Reached(
            bids=len(found.received), opened=tuple(one.bid for one in found.received if one.bid not in gone),
            answered=found.answered, released=tuple(found.custody), reports=tuple(found.reports),
            equal=len({one.digest for one in found.reports.values()}) == 1,
            phase=state.tracks[f"{self._stage.lot}/{self._stage.envelope}"].phase, entries=state.size,
            opening_ms=opening_ms, readable_ms=max(said) - max(released) if said else 0,
            killed=tuple(self._killed),
            leaked=leaked, words=len(said),
            failed={bid: one.reason for bid, one in found.failures.items()}, waited=tuple(self._waited),
            named={
                venue: tuple(f"{one.bid} {one.custodian}" for one in report.false_shares)
                for venue, report in found.reports.items()
            },
        )  # fmt: skip

    async def _fetched(self) -> None:
        """Every venue has the ciphertext, before anything is released."""
        files_ = [
            trouble_makers.fetched(self._found, self._session, one.place.node, bid)
            for one in self._found.nodes for bid in self._bids
        ]  # fmt: skip
        await self._copy.until(lambda _state: all(path.exists() for path in files_))
        self._tell("各会场已取得密文。", "Every venue has the ciphertext.")

    async def _damaged(self) -> None:
        """A sub-venue's disk lies, once it has compared the ciphertext and before anything is released."""
        node = next(one.place.node for one in self._found.nodes if one.place.role != "main")
        await asyncio.to_thread(trouble_makers.damage, self._found, self._session, node, self._bids[0])
        self._tell(f"{node} 的磁盘已改动一字节。", f"A byte was changed on the disk of {node}.")

    async def _kill(self, name: str) -> None:
        """SIGKILL, where that is rehearsed; the stack starts it again. Who is kept down has died already."""
        parts = {part.name for part in self._running.parts if not self._running.is_down(part.name)}
        if self._plan.kills and name in parts:
            os.kill(self._running.pid(name), signal.SIGKILL)
            self._killed.append(name)
            self._tell(f"{name} 已被杀死。", f"{name} was killed.")

    async def _reached(self, phase: str) -> State:
        def there(state: State) -> bool:
            return phase in state.tracks[f"{self._stage.lot}/{self._stage.envelope}"].path

        return await self._copy.until(there)

    def _opening(self, state: State) -> StageCeremony:
        return presiding.opening_of(state, self._stage)


def _alike(found: StageCeremony) -> bool:
    """Whether every venue has reported, and found the same."""
    digests = {one.digest for one in found.reports.values()}
    return bool(found.to) and len(found.reports) == len(found.to) and len(digests) == 1


def _no_bids() -> tuple[BidRef, ...]:
    """As somebody would publish who cannot have opened anything."""
    return (BidRef("b1", "A", bytes(32), bytes(32), bytes(32)),)
