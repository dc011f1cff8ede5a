"""People who come with a certificate: real authorities over HTTP, a list on disk, challenges used once."""

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from ops import senses
from ops.ca import alliance
from ops.ca.keys import ALGORITHM, Key
from ops.ca.serve import application
from protocol import canonical, limits
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.seal.trust import certificate, spoken
from protocol.seal.trust.spoken import (
    Challenge,
    SeatDelegation,
    SignedDelegation,
    SignedSignIn,
    SignIn,
    Spoken,
)
from protocol.seal.trust.trust_list import Signers, Trusted
from server.gateway.certified import CHALLENGES_MAX, Certified, Challenges
from server.gateway.revocation import Fetcher
from server.gateway.trust_file import NoTrustList, TrustFile
from tests.attacks.province import OTHER_SIGNER, SIGNER

ORIGIN = "https://hefei.example"
PROVINCES = [province for province, _, _ in alliance.BOOKS]


class Hall:
    """A coordinator's desk for certificates beside four authorities."""

    def __init__(self, folder: Path, certified: Certified, challenges: Challenges, asked: list[str]) -> None:
        self.folder = folder
        self.certified = certified
        self.challenges = challenges
        self.asked = asked

    def challenged(self, asker: str = "browser") -> Challenge:
        found = self.challenges.send(asker, senses.now_ms())
        assert isinstance(found, Challenge)
        return found

    async def enters(self, raw: bytes, asker: str = "browser", late_ms: int = 0) -> str:
        found = await self.certified.sign_in(asker, raw, ORIGIN, senses.now_ms() + late_ms)
        return found.authority.id if isinstance(found, Spoken) else found.code


class Holder:
    """Somebody with a certificate and its key."""

    def __init__(self, folder: Path, province: str) -> None:
        self.own = alliance.named(folder, province)
        self.raw, self.key = self.own.issue("张三", "sign", senses.now_ms())
        found = certificate.read(self.raw)
        assert not isinstance(found, Refusal)
        self.certificate = found

    def sig(self, statement: SignIn | SeatDelegation, by: Key | None = None) -> str:
        made = (by or self.key).sign(spoken.signed_bytes(statement))
        return f"{ALGORITHM[self.key.kind]}:{base64.b64encode(made).decode()}"

    def signed_in(self, challenge: Challenge, by: Key | None = None) -> bytes:
        statement = SignIn(
            at=senses.now_ms(),
            audience=ORIGIN,
            certificate=self.certificate.fingerprint,
            nonce=challenge.nonce,
        )
        return canonical.encode(
            SignedSignIn(
                statement=statement,
                certificate=self.raw,
                others=(self.own.issuing.raw,),
                sig=self.sig(statement, by),
            )
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authorities") / "all"
    alliance.make(folder, senses.now_ms())
    return folder


@pytest.fixture
async def hall(made: Path) -> AsyncIterator[Hall]:
    asked: list[str] = []

    @web.middleware
    async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked.append(request.path)
        return await handler(request)

    app = application(made)
    app.middlewares.append(watched)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    alliance.publish(made, senses.now_ms(), address=f"http://127.0.0.1:{runner.addresses[0][1]}")
    async with aiohttp.ClientSession() as session:
        challenges = Challenges(lambda size: senses.Dice().bytes32()[:size])
        fetcher = Fetcher(session, lambda size: senses.Dice().bytes32()[:size])
        certified = Certified(TrustFile(made / alliance.FILE), fetcher, challenges)
        yield Hall(made, certified, challenges, asked)
    await runner.cleanup()


@pytest.mark.parametrize("province", PROVINCES)
async def test_whoever_holds_a_provinces_certificate_signs_in(hall: Hall, province: str) -> None:
    holder = Holder(hall.folder, province)
    assert await hall.enters(holder.signed_in(hall.challenged())) == province
    holder.own.revoke(holder.certificate.serial, senses.now_ms() - 1000, "key-compromise")
    assert await hall.enters(holder.signed_in(hall.challenged())) == "CertificateRevoked"


async def test_a_challenge_is_answered_once_by_the_one_who_was_asked_and_within_a_minute(hall: Hall) -> None:
    """Had: an answer that was overheard.

    Tried: to use it again, from elsewhere, or late. Stopped by: one use.
    """
    holder = Holder(hall.folder, "jiangsu")
    answer = holder.signed_in(hall.challenged())
    assert await hall.enters(answer, asker="another browser") == "ChallengeStale"
    assert await hall.enters(answer) == "jiangsu"
    assert await hall.enters(answer) == "ChallengeStale"
    hall.challenged()
    assert await hall.enters(answer) == "StatementMismatch"
    late = holder.signed_in(hall.challenged())
    assert await hall.enters(late, late_ms=limits.CHALLENGE_MS + 1) == "ChallengeStale"
    # A new challenge ends the one before it.
    first, _ = hall.challenged(), hall.challenged()
    assert await hall.enters(holder.signed_in(first)) == "StatementMismatch"


async def test_nothing_is_fetched_for_one_who_does_not_hold_the_key(hall: Hall) -> None:
    """Had: somebody's certificate.

    Tried: to have this machine call at its authority. Stopped by: the order of work.
    """
    holder, thief = Holder(hall.folder, "shanghai"), Holder(hall.folder, "shanghai")
    assert await hall.enters(holder.signed_in(hall.challenged(), by=thief.key)) == "StatementForged"
    for garbage in (b"", b"{}", b'{"v":1}', holder.raw):
        hall.challenged()
        assert await hall.enters(garbage) == "Malformed"
    assert hall.asked == []
    assert await hall.enters(holder.signed_in(hall.challenged())) == "shanghai"
    assert len(hall.asked) == 4


async def test_a_seats_key_is_delegated_as_it_was_shown(hall: Hall) -> None:
    holder = Holder(hall.folder, "zhejiang")
    challenge = hall.challenged("seat M2")
    wanted = SeatDelegation(
        at=senses.now_ms(),
        certificate=holder.certificate.fingerprint,
        key=signing.public_text(SIGNER),
        nonce=challenge.nonce,
        role="expert",
        seat="M2",
        session="S-1",
        until=senses.now_ms() + 86_400_000,
    )
    for said, expected in (
        (wanted, "zhejiang"),
        (msgspec.structs.replace(wanted, key=signing.public_text(OTHER_SIGNER)), "StatementMismatch"),
    ):
        raw = canonical.encode(
            SignedDelegation(
                statement=said,
                certificate=holder.raw,
                others=(holder.own.issuing.raw,),
                sig=holder.sig(said),
            )
        )
        found = await hall.certified.delegate("seat M2", raw, wanted, senses.now_ms())
        assert (found.authority.id if isinstance(found, Spoken) else found.code) == expected
        hall.challenges._out["seat M2"] = challenge


def test_no_more_challenges_are_out_than_the_bound() -> None:
    challenges = Challenges(bytes)
    for asker in range(CHALLENGES_MAX):
        assert isinstance(challenges.send(str(asker), 1_000), Challenge)
    refused = challenges.send("one more", 1_000)
    assert isinstance(refused, Refusal)
    assert refused.code == "TooBusy"
    assert isinstance(challenges.send("0", 1_000), Challenge)
    assert isinstance(challenges.send("one more", 1_000 + limits.CHALLENGE_MS), Challenge)
    assert isinstance(challenges.take("7"), Refusal)


def test_a_machine_that_has_seen_a_list_does_not_go_back_after_a_restart(made: Path, tmp_path: Path) -> None:
    """Had: an older list, well signed.

    Tried: to have a machine go by it again. Stopped by: what is on its disk.
    """
    first = alliance.publish(made, senses.now_ms())
    second = alliance.publish(made, senses.now_ms())
    raws = [(made / f"trust-{one.list.version}.json").read_bytes() for one in (first, second)]
    path = tmp_path / "trust.json"
    path.write_bytes(raws[0])
    held = TrustFile(path)
    assert held.offer(raws[1]) == second
    assert path.read_bytes() == raws[1]
    for machine in (held, TrustFile(path)):
        refused = machine.offer(raws[0])
        assert isinstance(refused, Refusal)
        assert refused.code == "TrustListOlder"
        assert machine.trusted.digest == second.digest
        assert machine.offer(raws[1]) is machine.trusted
    assert isinstance(held.offer(b"garbage"), Refusal)


def test_a_list_that_the_disk_does_not_take_is_not_gone_by(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = alliance.publish(made, senses.now_ms()), alliance.publish(made, senses.now_ms())
    path = tmp_path / "trust.json"
    path.write_bytes((made / f"trust-{first.list.version}.json").read_bytes())
    held = TrustFile(path)

    def full(_: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        held.offer((made / f"trust-{second.list.version}.json").read_bytes())
    assert held.trusted.digest == first.digest
    monkeypatch.undo()
    again = TrustFile(path)
    assert again.trusted.digest == first.digest
    assert [one.name for one in tmp_path.iterdir()] == ["trust.json"]


def test_a_machine_does_not_start_without_a_list_that_may_be_used(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    for raw in (None, b"", b"{}"):
        if raw is not None:
            path.write_bytes(raw)
        with pytest.raises(NoTrustList):
            TrustFile(path)
    path.write_bytes((made / alliance.FILE).read_bytes())
    with pytest.raises(NoTrustList, match="TrustListForeign"):
        TrustFile(path, Signers((signing.public_text(SIGNER),), 1))
    assert isinstance(TrustFile(path).trusted, Trusted)
