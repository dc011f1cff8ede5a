"""Members sign the report from their own seats: the key stays with its person, the file at the main venue."""

import asyncio
import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from main_venue.papers import preparing
from main_venue.papers.making import Means
from main_venue.papers.room import MEANS, PaperRoom
from main_venue.papers.shelf import PaperShelf
from main_venue.signing import check
from main_venue.signing.check import Expected
from main_venue.signing.signer import HeldKey
from ops.ca import alliance
from ops.tsa import serve
from protocol import commands_signatures as acts
from protocol.entry import Entry
from protocol.papers import PaperAnswer, PaperAsk, PaperStands, PaperWish
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.words import SESSION_STAGE
from server.fanout.follower import Published
from server.gateway.paper_relay import PaperRelay
from server.store.contract import Store
from sub_venue.senses import Senses
from tests.house import ground
from tests.main_venue.signing import signing_house
from tests.main_venue.signing.signing_house import House
from tests.protocol.acting import Acting
from tests.protocol.world import key
from tests.server.store.places import KINDS, Place

MAIN = "hefei"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> House:
    return signing_house.build(tmp_path_factory.mktemp("signing") / "ca")


@cache
def signing() -> Acting:
    """A session of version 4 whose report is to be signed; made once."""
    found = read_case((ground.ROOT / "ops/sample/case.json").read_bytes())
    assert isinstance(found, Case)
    made = Acting(found, rules="4")
    made.to_scoring()
    made.to_ranked_from_scoring()
    made.to_signing()
    return made


class Session:
    """A session in SIGNING, two coordinators' relays over one store, and the main venue's room over them.

    Whoever asks comes to the other coordinator each time; of what the main venue asks every second answer is
    lost, as when a coordinator is killed once it has done what was asked.
    """

    def __init__(self, house: House, folder: Path, place: Place) -> None:
        base = signing()
        self.world = copy.copy(base)
        self.world.entries, self.world.held, self.world.seqs = [*base.entries], [*base.held], {**base.seqs}
        self.house, self.shelf = house, PaperShelf(folder / "papers")
        session = self

        class Registered:
            async def current(self, _: str) -> Published:
                return Published(session.world.at, session.world.disclosed, key("home"))

            def awake(self, _: str) -> Published:
                return Published(session.world.at, session.world.disclosed, key("home"))

        class Line:
            asked = 0

            async def ask(self, _event: str, message: Any, _reply: Any) -> Any:
                board = await session.relay.desk(key(f"node {MAIN}"), message)
                self.asked += 1
                return board if self.asked % 2 else None

        class Copied:
            def alive(self) -> Iterator[Any]:
                yield session.world.at

            def state(self, _: str) -> Any:
                return session.world.at

        class Told:
            node, data_dir = MAIN, folder

        class Foundation:
            settings, senses, copies, uplink = Told, Senses(), Copied(), Line()

        self._place, self._registry = place, cast(Any, Registered())
        self._stores: list[Store] = []
        self._turn = 0
        self.room = PaperRoom(cast(Any, Foundation), self.shelf)

    @property
    def relay(self) -> PaperRelay:
        """The next coordinator's; it remembers nothing."""
        self._turn += 1
        return PaperRelay(self._registry, self._stores[self._turn % len(self._stores)])

    def prepare(self, named: str = "") -> acts.PrepareReport:
        world = self.world
        made = preparing.prepare(world.at, world.disclosed, tuple(world.entries), named, self.shelf)
        assert isinstance(made, acts.PrepareReport), made
        world.must("agent", made)
        return made

    def node(self, seat: str) -> str:
        return key(f"node {self.world.at.seats[seat].venue}")

    def person(self, seat: str, province: str, name: str = "") -> HeldKey:
        by = alliance.named(self.house.folder, province)
        return signing_house.person(by, name or f"示例人员 {seat}", self.house.now_ms)

    async def until(self, seat: str, *stands: str) -> PaperStands:
        while True:
            asked = PaperAsk(self.world.session, seat, key(seat))
            found = await self.relay.ask(self.node(seat), asked)
            assert isinstance(found, PaperStands), found
            if found.stands in stands:
                return found
            await asyncio.sleep(0.05)

    async def wish(self, seat: str, signer: HeldKey, node: str = "") -> PaperStands | Refusal:
        certificates = (signer.own.raw, *(one.raw for one in signer.others))
        wish = PaperWish(self.world.session, seat, key(seat), certificates)
        return await self.relay.wish(node or self.node(seat), wish)

    async def signs(self, seat: str, signer: HeldKey, by: HeldKey | None = None) -> str:
        """A seat signs as its page does; the code of a refusal. `by` signs in the certificate's place."""
        assert isinstance(await self.wish(seat, signer), PaperStands)
        found = await self.until(seat, "question", "refused")
        if found.stands == "question":
            signature = (by or signer).sign(found.question)
            given = PaperAnswer(self.world.session, seat, key(seat), signature)
            await self.relay.answer(self.node(seat), given)
            found = await self.until(seat, "made", "refused")
        if found.refused is not None:
            return found.refused.code
        content = msgspec.json.decode(found.content, type=acts.SignPaper)
        assert found.disclosure is not None
        done = self.world.do(seat, content, SESSION_STAGE, (found.disclosure,))
        return "" if isinstance(done, Entry) else done.code

    async def served(self, work: Any) -> None:
        """While the time-stamping service and the room run."""
        stop = asyncio.Event()
        where: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve.serve(self.house.stamper, 0, stop, where.set_result))
        means = Means(await where, str(self.house.folder / alliance.FILE), (str(self.house.folder),))
        (self.shelf._folder.parent / MEANS).write_bytes(msgspec.json.encode(means))
        self._stores = [self._place.opened() for _ in range(2)]
        for store in self._stores:
            await store.prepare()
        self.room.start()
        try:
            await work()
        finally:
            await self.room.stop()
            for store in self._stores:
                await store.close()
            stop.set()
            await serving

    async def left(self) -> set[str]:
        """The seats of which something is kept still: what the record has is asked for no more."""
        store = self._place.opened()
        await store.prepare()
        try:
            return {row.seat for row in await store.papers(self.world.session)}
        finally:
            await store.close()

    def checked(self, pdf: bytes, *seals: bytes, deemed: frozenset[str] = frozenset()) -> check.Checked:
        wanted = Expected(prepared=self.world.at.signatures.prepared, deemed=deemed)
        return check.check(pdf, self.house.trusted, wanted, seals=seals)


@pytest.fixture(params=KINDS)
def session(request: pytest.FixtureRequest, authorities: House, tmp_path: Path) -> Session:
    kind = request.param
    where = str(tmp_path / "c.db") if kind == "sqlite" else request.getfixturevalue("database")
    return Session(authorities, tmp_path, Place(kind, where))


def test_everybody_signs_from_their_own_seat_in_the_pdf_or_beside_it_and_the_whole_is_valid(
    session: Session,
) -> None:
    session.prepare("witness-hefei")
    first, beside, *others = session.world.at.roster

    async def work() -> None:
        signers = {
            first: session.person(first, "anhui"),
            "witness-hefei": session.person("witness-hefei", "jiangsu", "见证"),
        }
        codes = await asyncio.gather(*(session.signs(seat, one) for seat, one in signers.items()))
        assert set(codes) == {""}
        assert await session.signs(beside, session.person(beside, "shanghai")) == ""
        again = await session.wish(first, signers[first])
        assert isinstance(again, Refusal)
        assert again.code == "AlreadySigned"

    asyncio.run(session.served(work))
    own = session.world.at.signatures
    assert asyncio.run(session.left()) <= {beside}
    assert own.signed[beside].beside
    pdf = session.shelf.get(session.world.session, own.document)
    seal = session.shelf.get(session.world.session, own.signed[beside].digest, "p7s")
    assert pdf is not None
    assert seal is not None
    found = session.checked(pdf, seal, deemed=frozenset(others))
    assert found.outcome == "valid", found.findings
    assert {one.seat for one in found.signatures} == {first, beside, "witness-hefei"}
    broken = bytearray(pdf)
    broken[len(pdf) // 3] ^= 1
    assert session.checked(bytes(broken), seal, deemed=frozenset(others)).outcome == "invalid"


def test_a_signature_by_another_key_or_under_another_name_is_neither_kept_nor_handed_on(
    session: Session,
) -> None:
    session.prepare()
    seat, other = session.world.at.roster[:2]

    async def work() -> None:
        own, foreign = session.person(seat, "anhui"), session.person(other, "anhui")
        assert await session.signs(seat, own, by=foreign) == "PaperNotMade"
        assert await session.signs(seat, foreign) == "PaperNotMade"
        strange = await session.wish(seat, own, node=key("node nobody"))
        assert isinstance(strange, Refusal)
        assert strange.code == "WrongVenue"
        assert await session.signs(seat, own) == ""

    asyncio.run(session.served(work))
    assert set(session.world.at.signatures.signed) == {seat}


def test_a_dissent_that_was_recorded_is_an_annex_and_the_record_says_who_need_not_sign(
    session: Session,
) -> None:
    dissenter = session.world.at.roster[1]
    session.world.dissent(dissenter)
    made = session.prepare("witness-hefei")
    pdf = session.shelf.get(session.world.session, made.prepared)
    assert pdf is not None
    found = session.checked(pdf)
    assert found.manifest is not None
    assert [one.name for one in found.manifest.annexes] == [f"dissent-{dissenter}.pdf"]
    assert [one.seat for one in found.manifest.fields] == [*session.world.at.roster, "witness-hefei"]
    unknown = preparing.prepare(
        session.world.at, session.world.disclosed, tuple(session.world.entries), "M9", session.shelf
    )
    assert isinstance(unknown, Refusal)


def test_the_agent_says_who_signs_besides_the_members_or_that_nobody_does(session: Session) -> None:
    roster = [*session.world.at.roster]
    both = session.prepare("tenderee,witness-hefei")
    signed = [(one.seat, one.role) for one in both.places[len(roster) :]]
    assert signed == [("tenderee", "tenderee"), ("witness-hefei", "witness")]
    assert [one.seat for one in session.prepare(",").places] == roster
