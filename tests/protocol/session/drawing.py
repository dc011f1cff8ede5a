"""A session of rules version 3 whose committee is drawn: pools, shares, and everybody at the door."""

from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_turns as turns
from protocol import hidden
from protocol.canonical import sha256
from protocol.chance import Share
from protocol.commands_draw import DrawnMember, DrawParty, OpenedShare, SeatWanted
from protocol.content import SeatRef, VenueRef
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.plan.stages import scheme_of, stages
from protocol.pool import roll
from protocol.pool.conflict import Sieve
from protocol.pool.expert import Expert, Leave, Party, Penalty, Post
from protocol.pool.roll import Listed, Roll
from protocol.refusals import Refusal
from protocol.session import draw
from protocol.words import SESSION_STAGE, SeatRole
from tests.protocol import turning
from tests.protocol.acting import Acting
from tests.protocol.world import SESSION, key, salt

PROVINCES = ("anhui", "jiangsu", "shanghai")
PARTIES = (
    *(DrawParty(f"node-{p}", p, "venue") for p in PROVINCES),
    DrawParty("office", "anhui", "supervisor"),
)
VENUES = (
    VenueRef("hefei", "anhui", "main", key("node-anhui")),
    VenueRef("nanjing", "jiangsu", "sub", key("node nanjing")),
    VenueRef("suzhou", "jiangsu", "sub", key("node suzhou")),
    VenueRef("pudong", "shanghai", "sub", key("node pudong")),
)
SEATS = (
    SeatWanted("M1", "main", "A08"),
    SeatWanted("M2", "sub-1", "A08"),
    SeatWanted("M3", "sub-1", "B01"),
    SeatWanted("M4", "sub-2", "A08"),
)
CONCERNED = (Party("bidder", "安徽建工集团股份有限公司"), Party("tenderee", "合肥市重点工程建设管理局"))
SIEVE = Sieve(day="2026-11-26")
EACH = 9
"""Experts of every speciality and province that are written into the pool."""


def experts() -> list[Expert]:
    """Per province and speciality nine experts: one works for a bidder, one is away, one under a penalty."""
    found = []
    for province in PROVINCES:
        for speciality in ("A08", "B01"):
            for number in range(EACH):
                name = f"{province}-{speciality}-{number}"
                employer = "安徽建工合肥分公司" if number == 0 else f"{province}第{number}设计院"
                found.append(
                    Expert(
                        id=name, name=f"专家{name}", province=province, specialities=(speciality,),
                        posts=(Post(employer),),
                        leaves=(Leave("2026-11-20", "2026-11-30"),) if number == 1 else (),
                        penalties=(Penalty("2025-01-01", "", "示例1号"),) if number == 2 else (),
                    )
                )  # fmt: skip
    return found


class DrawWorld(Acting):
    """A world whose committee is drawn from three provinces' pools."""

    def __init__(self, case: Case, regime: str = "", session: str = SESSION) -> None:
        plan = case.plan if not regime else replace(case.plan, regime=regime)
        super().__init__(replace(case, plan=plan), session)
        self.parties = hidden.disclose("parties", salt("parties"), CONCERNED)
        self.facts: list[Disclosure] = []
        self.people: list[Disclosure] = []
        self.roll = self.make_roll()
        self.pool = hidden.disclose("pool", salt("pool"), self.roll)
        self.draw_id = "draw-1"
        self.bound: set[str] = set()

    def make_roll(self) -> Roll:
        listed = []
        for one in experts():
            person = hidden.disclose("person", salt(f"person {one.id}"), one.name)
            facts = hidden.disclose("facts", salt(f"facts {one.id}"), one)
            self.people.append(person)
            self.facts.append(facts)
            listed.append(Listed(one, person.digest, facts.digest))
        return roll.freeze(listed, ("A08", "B01"), CONCERNED, self.parties.digest, SIEVE)

    # --- the acts -----------------------------------------------------------------------

    def book_content(self) -> tuple[cmd.BookSession, Disclosure]:
        content, plan = super().book_content()
        nodes = tuple(cmd.NodeKey(one.party, key(one.party)) for one in PARTIES)
        return replace(content, node_keys=nodes), plan

    def freeze_content(self) -> form.FreezePool:
        return form.FreezePool(
            draw=self.draw_id, pool=self.pool.digest, root=roll.root(self.roll),
            sieved_by=self.parties.digest, strata=roll.strata(self.roll), venues=VENUES, subs=2,
            seats=SEATS, parties=PARTIES,
        )  # fmt: skip

    def freeze(self, content: form.FreezePool | None = None) -> Entry | Refusal:
        told = (self.pool, self.parties, *self.facts)
        return self.do("agent", content or self.freeze_content(), SESSION_STAGE, told)

    def share(self, party: str) -> Share:
        frozen = self.at.drawn.frozen
        assert frozen is not None
        random = sha256(f"random {frozen.draw} {party}".encode())
        return Share(frozen.draw, party, random, self.session, frozen.subject)

    def told_share(self, party: str) -> Disclosure:
        return hidden.disclose("draw_share", salt(f"share {party}"), self.share(party))

    def commit(self, party: str) -> Entry | Refusal:
        return self.do(party, form.CommitDrawSeed(self.draw_id, self.told_share(party).digest))

    def reveal(self, party: str) -> Entry | Refusal:
        told = self.told_share(party)
        return self.do(party, form.RevealDrawSeed(self.draw_id, told.digest), SESSION_STAGE, (told,))

    def hosts(self) -> tuple[SeatRef, ...]:
        roles: tuple[tuple[str, SeatRole], ...] = (
            ("agent", "agent"),
            ("tenderee", "tenderee"),
            ("witness-hefei", "witness"),
            ("supervisor-hefei", "supervisor"),
            ("keeper", "keeper"),
        )
        found = [
            SeatRef(seat, role, "hefei", "none", False, self.hide("person", f"p {seat}", seat).digest)
            for seat, role in roles
        ]
        rep = self.hide("person", "p R1", "代表").digest
        return (*found, SeatRef("R1", "expert", "hefei", "tenderee_rep", False, rep))

    def draw(self, lot: str, envelope: str) -> None:
        """The rates of a lot, by the main venue's own people: no other seat is known yet."""
        stage = self.stage(lot, envelope)
        seats = ("tenderee", "witness-hefei", "supervisor-hefei")
        for rate in scheme_of(self.plan, lot).rates:
            for seat in seats:
                if rate.candidates and not self.at.seats[seat].key:
                    self.bind(seat)
            if rate.candidates:
                self.must("agent", turns.BeginDrawK(rate.id, rate.candidates), stage)
                for seat in seats:
                    self.must(seat, turning.commitment(self, seat, rate.id, lot, envelope), stage)
                for seat in seats:
                    self.must(seat, turning.reveal(seat, rate.id), stage)

    def to_drawn(self) -> None:
        """Booked, frozen, all shares in, drawn; nobody knows who."""
        self.book()
        assert isinstance(self.freeze(), Entry)
        for one in PARTIES:
            assert isinstance(self.commit(one.party), Entry)
        for one in PARTIES:
            assert isinstance(self.reveal(one.party), Entry)
        self.must("agent", form.DrawVenues(self.draw_id))
        self.must("agent", form.DrawCommittee(self.draw_id, self.hosts()))

    def to_published(self) -> None:
        self.to_drawn()
        for lot, envelope in stages(self.plan):
            self.open_bids(lot, envelope)
            self.draw(lot, envelope)
        self.must("agent", cmd.OpenCheckIn())
        self.must("agent", self.publish_content())
        if not self.at.seats["tenderee"].key:
            self.bind("tenderee")

    def seed(self) -> bytes:
        frozen = self.at.drawn.frozen
        assert frozen is not None
        return draw.seed_of(self.session, frozen, self.opened())

    def opened(self) -> tuple[OpenedShare, ...]:
        return tuple(
            OpenedShare(one.party, self.share(one.party).random, salt(f"share {one.party}"))
            for one in PARTIES
        )

    def shown(self, takes: tuple[SeatWanted, ...]) -> dict[str, DrawnMember]:
        """Seat → the leaf that was drawn for it, with its proof."""
        frozen = self.at.drawn.frozen
        assert frozen is not None
        picked = draw.seated(draw.picks(self.seed(), frozen, takes))
        hashes = roll.leaf_hashes(self.roll)
        found = {}
        for seat, pick in picked.items():
            place = draw.leaf_place(frozen, pick)
            proof = tree.inclusion_proof(hashes, place, len(hashes))
            found[seat] = DrawnMember(seat, self.roll.eligible[place], proof)
        return found

    def publish_content(self) -> form.PublishDraw:
        members = self.shown(self.at.drawn.takes)
        frozen = self.at.drawn.frozen
        assert frozen is not None
        seats = []
        for venue in draw.venues_drawn(self.seed(), frozen)[1:]:
            for role in ("witness", "keeper"):
                name = f"{role}-{venue.venue}"
                person = self.hide("person", f"p {name}", name).digest
                seats.append(SeatRef(name, role, venue.venue, "none", False, person))
        return form.PublishDraw(
            self.draw_id, self.opened(), tuple(members[seat] for seat in sorted(members)), tuple(seats)
        )

    def next_for(self, seat: str, of: str = "") -> DrawnMember:
        """Who follows for a seat; for a successor `of` is the seat that it follows."""
        takes = self.at.drawn.takes
        wanted = next(take for take in takes if take.seat == (of or seat))
        return self.shown((*takes, SeatWanted(seat, wanted.place, wanted.speciality)))[seat]

    def members(self) -> list[str]:
        """The members who sit now, in order."""
        roster = self.at.roster or tuple(
            s.seat
            for s in self.at.seats.values()
            if s.role == "expert" and s.seat not in self.at.drawn.replaced
        )
        return sorted(roster)

    def seat_in(self, seat: str) -> None:
        """Through the door: signed in, identified, checked in."""
        self.bind(seat)
        venue = self.at.seats[seat].venue
        officer = "keeper" if venue == "hefei" else f"keeper-{venue}"
        if officer not in self.bound:
            self.bind(officer)
            self.bound.add(officer)
        self.must(officer, form.ConfirmIdentity(seat, "desk", b""))
        self.must(seat, self.check_in_content())

    def to_locked(self) -> None:
        self.to_published()
        for seat in self.members():
            self.seat_in(seat)
        self.must("agent", cmd.LockRoster())

    def to_chaired(self) -> None:
        self.to_locked()
        self.must("agent", form.OpenChairBallot(secret=False))
        for seat in self.members()[:3]:
            self.must(seat, form.ElectChair("M1", b""))

    def to_sheets(self) -> None:
        self.to_chaired()
        for lot, envelope in stages(self.plan):
            self.preliminary(lot, envelope)
