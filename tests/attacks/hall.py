"""A coordinator's identity node beside one province's authority, and a seat that asks to be given a voice."""

import copy
from pathlib import Path
from typing import Any, cast

import msgspec

from protocol import canonical
from protocol.commands import BindSeat
from protocol.entering import EnterAsk, Entered, EnterGive, EnterWanted
from protocol.hidden import Disclosed, disclose
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.spoken import PasskeyBinding, SignedBinding, SignedDelegation
from protocol.voices import (
    PasskeyBind,
    PasskeyBound,
    ScanDone,
    ScanShown,
    VoiceAsk,
    VoiceGive,
    VoiceScanned,
    VoiceWanted,
)
from protocol.wire import Proof
from server.fanout.follower import Published
from server.gateway.certified import Certified, Challenges
from server.gateway.entrance import Entrance
from server.gateway.lockout import Lockout
from server.gateway.passkey_book import PasskeyBook
from server.gateway.scans import Whence
from server.gateway.voices import Voices, Wiring
from server.sessions.signer import Signer
from server.store.sqlite import SqliteStore
from server.telemetry import Meters
from tests.attacks.person import sig
from tests.attacks.phone import Phone
from tests.attacks.province import AT, read
from tests.protocol import voicing
from tests.protocol.world import World, key, private_key, salt

ORIGIN = "https://coordinator.example"
PAGE = "https://hefei.example"
"""The origin of a venue's page."""


class Clock:
    """Senses that a test moves."""

    def __init__(self) -> None:
        self.now = AT
        self.drawn = 0

    def now_ms(self) -> int:
        return self.now

    def running_ms(self) -> int:
        return self.now - AT

    def secret(self, size: int) -> bytes:
        self.drawn += 1
        return canonical.sha256(b"secret %d" % self.drawn)[:size]


_SEATED: dict[str, World] = {}


def seated(case: Case) -> World:
    """A session of version 4 in which two members have keys by codes; made once."""
    if case.id not in _SEATED:
        world = World(case, rules="4")
        world.to_check_in()
        for seat in world.members()[:2]:
            world.must(seat, BindSeat(seat, "code", world.attest(seat, seat)))
        _SEATED[case.id] = world
    return _SEATED[case.id]


class Hall:
    """A session of version 4 whose first member sits with a code, and `person`, who is that member."""

    def __init__(self, case: Case, folder: Path) -> None:
        base = seated(case)
        self.world = copy.copy(base)
        self.world.entries, self.world.held, self.world.seqs = [*base.entries], [*base.held], {**base.seqs}
        self.seat, self.other = self.world.members()[:2]
        self.person = copy.copy(voicing.person())
        self.clock = Clock()
        self.origin = ORIGIN
        self.evidence: Evidence = self.person.evidence
        trusted = self.person.trusted
        hall = self

        class Fetched:
            async def evidence(self, *_: Any) -> Evidence:
                return hall.evidence

        class Listed:
            pass

        Listed.trusted = trusted  # type: ignore[attr-defined]

        class Registered:
            async def current(self, session: str) -> Published | None:
                if session != hall.world.session:
                    return None
                return Published(hall.world.at, hall.disclosed, key("home"))

        class Enrolled:
            async def enrol(self, key: str, at: int) -> None:
                hall.enrolled.append(key)

        self.enrolled: list[str] = []
        self.entered: list[Entered] = []
        challenges = Challenges(self.clock.secret)
        certified = Certified(cast(Any, Listed()), cast(Any, Fetched()), challenges)
        self.store = SqliteStore(folder / "identity.db", Meters(), 1)
        self.book = PasskeyBook(self.store)
        wiring = Wiring(
            registry=cast(Any, Registered()), signer=Signer(private_key("installation")),
            senses=cast(Any, self.clock), certified=certified, challenges=challenges, book=self.book,
            lockout=Lockout(), audience=lambda: self.origin, agents=cast(Any, Enrolled()),
        )  # fmt: skip
        self.voices, self.entrance = Voices(wiring), Entrance(wiring)
        self.disclosed = self.world.disclosed
        self.named(self.seat, "张三")
        self.named(self.other, "李四")

    def named(self, seat: str, name: str) -> None:
        """Let the record tell whose seat it is."""
        made = disclose("person", salt(f"name {seat}"), name)
        seats = self.world.at.seats
        renamed = msgspec.structs.replace(seats[seat], person=made.digest)
        self.world.state = msgspec.structs.replace(self.world.at, seats={**seats, seat: renamed})
        self.disclosed = (
            Disclosed((*self.world.held, made)) if seat == self.seat else self.disclosed.plus((made,))
        )

    def unnamed(self, seat: str) -> None:
        """Let the record tell nothing of whose seat it is."""
        seats = self.world.at.seats
        nobodys = msgspec.structs.replace(seats[seat], person=b"")
        self.world.state = msgspec.structs.replace(self.world.at, seats={**seats, seat: nobodys})

    def delegated(self, seat: str) -> None:
        """The seat's key was delegated by the person's certificate, and the record has it."""
        self.world.now = AT
        before = len(self.world.held)
        self.world.disclosed = Disclosed(self.world.held)
        voicing.delegate(self.world, seat)
        self.disclosed = self.disclosed.plus(tuple(self.world.held[before:]))

    def bidder_named(self, bidder: str, name: str) -> None:
        """Let a bid have been read out with this name."""
        made = disclose("bidder_name", salt(f"name {bidder}"), name)
        tracks = {
            one.name: msgspec.structs.replace(
                one,
                bids=tuple(
                    msgspec.structs.replace(bid, name=made.digest) if bid.bidder == bidder else bid
                    for bid in one.bids
                ),
            )
            for one in self.world.at.tracks.values()
        }
        self.world.state = msgspec.structs.replace(self.world.at, tracks=tracks)
        self.disclosed = self.disclosed.plus((made,))

    def node(self, seat: str = "") -> Whence:
        found = self.world.at.venues[self.world.at.seats[seat or self.seat].venue].node_key
        return Whence(found, found)

    def asked(self, way: Any, seat: str = "") -> VoiceAsk:
        seat = seat or self.seat
        return VoiceAsk(self.world.session, seat, key(seat), way)

    async def wanted(self, way: Any, seat: str = "") -> VoiceWanted:
        found = await self.voices.ask(self.node(seat), self.asked(way, seat))
        assert isinstance(found, VoiceWanted), found
        return found

    async def gives(self, wanted: VoiceWanted, **changes: Any) -> str:
        """The person signs a delegation with their certificate; the code of what comes of it."""
        said = self.person.wanted(
            key=wanted.key, nonce=wanted.nonce, role=wanted.role, seat=wanted.seat, session=wanted.session,
            until=wanted.until,
        )  # fmt: skip
        said = msgspec.structs.replace(said, **changes)
        signed = SignedDelegation(
            statement=said, certificate=self.person.certificate, others=(self.person.province.issuing,),
            sig=sig(self.person.province.person_key, said),
        )  # fmt: skip
        given = VoiceGive(wanted.session, wanted.seat, wanted.key, canonical.encode(signed).decode())
        return code(await self.voices.give(self.node(wanted.seat), given))

    def shown(self, wanted: VoiceWanted) -> ScanShown:
        found = self.voices.scans.shown(wanted.nonce, ORIGIN)
        assert isinstance(found, ScanShown), found
        return found

    async def stands(self, wanted: VoiceWanted) -> str:
        asked = VoiceScanned(wanted.session, wanted.seat, wanted.key, wanted.nonce)
        found = await self.voices.scanned(self.node(wanted.seat), asked)
        return found.code if isinstance(found, Refusal) else found.stands

    async def bound(self, phone: Phone, **changes: Any) -> str:
        """The person's passkey, made on a phone and bound with their certificate."""
        wanted = await self.wanted("enrol")
        made = self.voices.enrol(phone.enrols(self.shown(wanted), wanted.compare, **changes))
        if isinstance(made, Refusal):
            return made.code
        scan = self.voices.scans.find(wanted.nonce)
        assert scan is not None
        said = PasskeyBinding(
            at=self.clock.now, audience=ORIGIN, certificate=read(self.person.certificate).fingerprint,
            credential=scan.credential, nonce=wanted.nonce, spki=scan.spki,
        )  # fmt: skip
        signed = SignedBinding(
            statement=said, certificate=self.person.certificate, others=(self.person.province.issuing,),
            sig=sig(self.person.province.person_key, said),
        )  # fmt: skip
        text = canonical.encode(signed).decode()
        given = PasskeyBind(wanted.session, wanted.seat, wanted.key, wanted.nonce, text)
        return code(await self.voices.bind(self.node(), given))

    # --- signing in -------------------------------------------------------------------------------

    async def asks(self, way: Any, seat: str = "", by: str = "fresh", **changes: Any) -> EnterWanted:
        """A page that has just made the key of `by` asks to be let in."""
        seat = seat or self.seat
        asked = EnterAsk(session=self.world.session, seat=seat, key=key(by), way=way, audience=PAGE)
        found = await self.entrance.ask(self.node(seat), msgspec.structs.replace(asked, **changes))
        assert isinstance(found, EnterWanted), found
        return found

    async def enters(self, wanted: EnterWanted, **changes: Any) -> str:
        """The person signs in with their certificate; the code of what comes of it."""
        return await self.enters_from(self.node(wanted.seat), wanted, **changes)

    async def enters_from(self, whence: Whence, wanted: Any, **changes: Any) -> str:
        """As `enters`, from anywhere."""
        assert isinstance(wanted, EnterWanted), wanted
        said = {"audience": wanted.audience, "nonce": wanted.nonce, "at": self.clock.now, **changes}
        text = canonical.encode(self.person.signed_in(**said)).decode()
        given = EnterGive(wanted.session, wanted.seat, wanted.key, text)
        found = await self.entrance.give(whence, given)
        self.entered += [found] if isinstance(found, Entered) else []
        return code(found)

    def seen(self, wanted: EnterWanted) -> ScanShown:
        found = self.entrance.shown(wanted.nonce)
        assert isinstance(found, ScanShown), found
        return found

    def proof(self, wanted: EnterWanted, by: str = "fresh") -> Proof:
        """What the page signs to be told how its scan stands."""
        told: dict[str, Any] = {
            "session": wanted.session, "seat": wanted.seat, "key": wanted.key, "nonce": wanted.nonce,
        }  # fmt: skip
        message = canonical.tag("prove/v1") + canonical.encode(told)
        return Proof(**told, sig=signing.sign(private_key(by), message))

    async def scans_in(self, phone: Phone, seat: str = "", by: str = "fresh", **changes: Any) -> str:
        """A scanned sign-in from beginning to end; the code of what the phone is told."""
        wanted = await self.asks("passkey", seat, by)
        return code(await self.entrance.sign(phone.signs(self.seen(wanted), wanted.compare, **changes)))


def code(found: Any) -> str:
    """The code of a refusal, or what somebody got."""
    if isinstance(found, Refusal):
        return found.code
    told: dict[type, str] = {PasskeyBound: "bound", Entered: "entered", ScanDone: "done"}
    return next((text for kind, text in told.items() if isinstance(found, kind)), "voiced")
